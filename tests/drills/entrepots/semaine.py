"""A week of nights of one warehouse, and what its operator reads each morning.

Belongs here: what happens each day, and the commands. Does not: what is read, which `docs/week.md` shows.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from tests.drills.entrepots.epreuve import apporter
from tests.drills.entrepots.monde import REVISE, Monde, Sortie, boite, decaler

POPULATIONS = Path("insee", "populations", "donnees_communes_pop2022.csv")
AUTRE_ANNEE = POPULATIONS.with_name("donnees_communes_pop2021_cog2023.csv")
PRESTATIONS = Path("cnaf", "cafdata", "s_ben_com_f.csv")


def vivre(monde: Monde, reel: Path) -> Iterator[tuple[str, list[Sortie]]]:
    """Yield each day, and what the commands of its night and of its morning said."""
    gardes = {
        f: (monde.miroir / f).read_bytes()
        for f in (REVISE, PRESTATIONS, POPULATIONS / "donnees_communes_pop2022.csv")
    }

    def nouveau() -> None:
        apporter(monde, reel)

    def revise() -> None:
        octets = gardes[REVISE].replace(b";2", b";3")
        (monde.miroir / REVISE).write_bytes(octets)

    def accepter_puis_retirer() -> None:
        octets = (monde.miroir / REVISE).read_bytes()
        monde.ctg(
            "sources", "accept", "cnaf_taux_couverture_epci", "courant", "2023", sha256(octets).hexdigest()
        )
        (monde.miroir / PRESTATIONS).unlink()

    def casser() -> None:
        (monde.miroir / PRESTATIONS).write_bytes(gardes[PRESTATIONS])
        octets = gardes[POPULATIONS]
        (monde.miroir / POPULATIONS).write_bytes(octets[: len(octets) // 2])

    def vider() -> None:
        monde.miroir.rename(monde.dossier / "partage")
        monde.miroir.mkdir()

    def autre_annee() -> None:
        monde.miroir.rmdir()
        (monde.dossier / "partage").rename(monde.miroir)
        for fichier in (POPULATIONS, AUTRE_ANNEE):
            (monde.miroir / fichier).write_bytes(gardes[POPULATIONS])

    def rien() -> None:
        (monde.miroir / AUTRE_ANNEE).unlink()

    jours: tuple[tuple[str, Callable[[], None], float], ...] = (
        ("Monday", nouveau, 0),
        ("Tuesday", revise, 0),
        ("Wednesday", accepter_puis_retirer, 0),
        ("Thursday", casser, 0),
        ("Friday", vider, 0),
        ("Saturday", autre_annee, 0),
        ("Sunday", rien, -2),
        ("Monday again", lambda: None, 0),
    )
    with boite(monde):
        for jour, faire, decalage in jours:
            faire()
            nuit = monde.refresh(avant=decaler(decalage) if decalage else lambda: None)
            yield jour, [nuit, monde.ctg("doctor")]
