"""Statistical confidentiality: persons are rounded once, when their file is first counted.

Belongs here: the rule, the rounding, the certificate. Does not: counting (`dbt_project`), keeping
(`orchestration`).
"""
