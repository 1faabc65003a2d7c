"""How a release and its figures are quoted, the same in every format.

Belongs here: the name of the observatoire, the sentence that says how to quote, the reference of a figure.
Does not: how a format sets them out.
"""

OBSERVATOIRE = "Observatoire des conventions territoriales globales"


def citation(release_id: str, jour: str | None = None) -> str:
    """Return the sentence that says how to quote a figure of a release; `jour`: its day, as it is printed."""
    publication = f"{release_id} du {jour}" if jour else release_id
    return (
        f"Observatoire CTG, publication {publication} : citer l'indicateur, le territoire, le millésime et la"
        " publication."
    )


def reference(indicateur_id: str, territoire_id: str, millesime: int) -> str:
    """Name a figure: `nb_eaje|epci:200068229|2022`. The scan of a release compares what is printed by it."""
    return f"{indicateur_id}|{territoire_id}|{millesime}"


def lire_reference(texte: str) -> tuple[str, str, int]:
    """Return the indicateur, the territory and the millésime that a reference names."""
    indicateur_id, territoire_id, millesime = texte.split("|")
    return indicateur_id, territoire_id, int(millesime)
