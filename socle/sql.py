"""Quoting of SQL: a text or a name that comes from outside goes into a query through here alone."""


def texte_sql(texte: object) -> str:
    """Return a text as an SQL literal."""
    return "'" + str(texte).replace("'", "''") + "'"


def nom_sql(nom: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + nom.replace('"', '""') + '"'
