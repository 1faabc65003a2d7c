"""What the files of a release are called, where more than one floor names them."""

BASE = "ctg.duckdb"
CERTIFICAT = "validation/certificat_secret.json"
"""Where a release keeps its certificate of confidentiality."""
