"""Drawn départements, and the rounding of one as the specification says it, without the code's SQL."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

from confidentialite.chaine import EXACTS, LARGES, Arrondi, arrondir, ordonner
from confidentialite.cle import CLE_PUBLIQUE, depart
from confidentialite.regle import Regle

REGLES = {
    "foyers_allocataires": Regle("foyers_allocataires", "cnaf", 5),
    "familles": Regle("familles", "chaine", 5),
    "enfants": Regle("enfants", "chaine", 10, iris=(2016, 2020)),
    "montants": Regle("montants", "chaine", 1000, montant=True),
}


@dataclass
class Monde:
    """A département: its communes with their EPCI, and its true counts by mesure and commune."""

    communes: dict[str, str | None]
    comptes: dict[str, dict[str, float]]
    departements: dict[str, str] = field(default_factory=dict)

    @property
    def exacts(self) -> pa.Table:
        lignes = [
            {"code": code, "mesure_id": mesure, "valeur": valeur, "marque": None}
            for mesure, valeurs in self.comptes.items()
            for code, valeur in valeurs.items()
        ]
        types = pa.schema([("code", pa.string()), ("mesure_id", pa.string()), ("valeur", pa.float64()), ("marque", pa.string())])
        return pa.Table.from_pylist(lignes, schema=types).cast(EXACTS)

    @property
    def communales(self) -> pa.Table:
        return pa.Table.from_pylist(
            [
                {"code": c, "departement": self.departements.get(c, c[:2]), "epci": e}
                for c, e in self.communes.items()
            ],
            schema=pa.schema([("code", pa.string()), ("departement", pa.string()), ("epci", pa.string())]),
        )

    @property
    def larges(self) -> pa.Table:
        lignes = []
        for c, e in self.communes.items():
            departement = self.departements.get(c, c[:2])
            territoires = {"epci": e, "departement": departement, "france": "FR"}
            lignes += [{"code_origine": c, "niveau": n, "code": t} for n, t in territoires.items() if t]
        return pa.Table.from_pylist(lignes, schema=LARGES)

    def arrondir(
        self,
        millesime: int = 2022,
        fichier: str = "a",
        avant: Arrondi | None = None,
        ordre: pa.Table | None = None,
        tire: Callable[[str, str, int], int] | None = None,
        cle: bytes = CLE_PUBLIQUE,
    ) -> Arrondi:
        ordre = ordre or ordonner(self.communales, self.exacts, REGLES)
        tire = tire or (lambda m, d, modulo: depart(cle, fichier, m, d, modulo))
        return Arrondi(
            self.exacts, arrondir(self.exacts, ordre, self.larges, REGLES, millesime, tire, avant)
        )


def tirer(graine: int, communes: int = 40, epci: int = 5, mesures: tuple[str, ...] = tuple(REGLES)) -> Monde:
    """Draw a département: a city or two, many villages, whose small mesures are often 0 to 4."""
    de = random.Random(graine)
    codes = [f"26{n:03}" for n in range(1, communes + 1)]
    appartenance = {c: f"epci{de.randrange(epci)}" for c in codes}
    tailles = {c: int(de.paretovariate(0.9) * 12) for c in codes}
    for c in de.sample(codes, 4):
        tailles[c] += 3000
    comptes: dict[str, dict[str, float]] = {}
    for mesure in mesures:
        part = {"foyers_allocataires": 0.6, "familles": 0.05, "enfants": 0.1, "montants": 40}[mesure]
        comptes[mesure] = {c: round(de.gauss(1, 0.2) * part * t) for c, t in tailles.items()}
    return Monde(appartenance, {m: {c: max(0, v) for c, v in vs.items()} for m, vs in comptes.items()})


def lire(arrondi: Arrondi, niveau: str = "commune", colonne: str = "valeur") -> dict[tuple[str, str], float | None]:
    """Read a column of rounded counts, by mesure and code."""
    return {
        (ligne["mesure_id"], ligne["code"]): None if ligne[colonne] is None else float(ligne[colonne])
        for ligne in arrondi.arrondis.to_pylist()
        if ligne["niveau"] == niveau
    }
