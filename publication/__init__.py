"""What readers are given: exports, workbooks, portraits, the site, releases, explanations of a figure.

Knows no Dagster and reads no source file: it starts from the marts of a built warehouse. Its floors, from the
ground up: `commun`, `classeurs`, `exports`, `portraits` and `controle_documents`,
`site`, `releases`, `explication`.
"""
