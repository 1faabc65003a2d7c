"""Drawn départements, and files to round."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from confidentialite.arrondi_en_chaine import (
    ARRONDIS,
    COMMUNES,
    EXACTS,
    LARGES,
    ORDRE,
    Arrondi,
    Depart,
    arrondir,
    ordonner,
    prolonger,
)
from confidentialite.cle import CLE_PUBLIQUE, depart
from confidentialite.regle import Regle

REGLES = {
    "foyers_allocataires": Regle("foyers_allocataires", "cnaf", 5),
    "familles_allocataires": Regle("familles_allocataires", "chaine", 5),
    "enfants": Regle("enfants", "chaine", 10, iris=(2016, 2020)),
    "montants": Regle("montants", "chaine", 1000, montant=True),
}
TEXTE = pa.string()


@dataclass(frozen=True)
class Fichier:
    """A file of persons: its communes by département and EPCI, its true counts by mesure and commune.

    `populations`: where they are not given, ten times the largest count of the commune.
    """

    communes: Mapping[str, tuple[str, str | None]]
    comptes: Mapping[str, Mapping[str, float | None]]
    nom: str = "a"
    marques: Mapping[tuple[str, str], str] = field(default_factory=dict)
    populations: Mapping[str, int] | None = None
    regles: Mapping[str, Regle] = field(default_factory=lambda: REGLES)

    @property
    def exacts(self) -> pa.Table:
        """The counts as the rounding takes them."""
        lignes = [
            {"code": c, "mesure_id": m, "valeur": v, "marque": self.marques.get((m, c))}
            for m, valeurs in self.comptes.items()
            for c, v in valeurs.items()
        ]
        types = [("code", TEXTE), ("mesure_id", TEXTE), ("valeur", pa.float64()), ("marque", TEXTE)]
        return pa.Table.from_pylist(lignes, schema=pa.schema(types)).cast(EXACTS)

    @property
    def communales(self) -> pa.Table:
        """The communes to order."""
        habitants = self.populations or {
            c: 10 * int(max((valeurs.get(c) or 0 for valeurs in self.comptes.values()), default=0))
            for c in self.communes
        }
        lignes = [
            {"code": c, "departement": d, "epci": e, "population": habitants[c], "population_millesime": 2022}
            for c, (d, e) in self.communes.items()
        ]
        return pa.Table.from_pylist(lignes, schema=COMMUNES)

    @property
    def larges(self) -> pa.Table:
        """The territories that each commune is in."""
        return pa.Table.from_pylist(
            [
                {"code_origine": c, "niveau": n, "code": t}
                for c, (d, e) in self.communes.items()
                for n, t in {"epci": e, "departement": d, "france": "FR"}.items()
                if t
            ],
            schema=LARGES,
        )

    @property
    def ordre(self) -> pa.Table:
        """Its chains, when it is the first of its month."""
        return ordonner(self.communales)

    def arrondir(
        self,
        millesime: int = 2022,
        avant: Arrondi | None = None,
        ordre: pa.Table | None = None,
        tire: Depart | None = None,
        cle: bytes = CLE_PUBLIQUE,
    ) -> Arrondi:
        """Round it, under the public key or a start that is given."""
        tire = tire or (lambda m, d, modulo: depart(cle, self.nom, m, d, modulo))
        if ordre is None:
            ordre = prolonger(chaine_de(avant), self.ordre) if avant else self.ordre
        arrondis = arrondir(self.exacts, ordre, self.larges, self.regles, millesime, tire, avant)
        return Arrondi(self.exacts, arrondis)


def chaine_de(arrondi: Arrondi) -> pa.Table:
    """The chain that a file was rounded along."""
    communes = arrondi.arrondis.filter(pc.field("niveau") == "commune").select(ORDRE.names)
    return (
        communes.group_by(ORDRE.names)
        .aggregate([])
        .sort_by([("departement", "ascending"), ("rang", "ascending")])
    )


def lire(arrondi: Arrondi, niveau: str = "commune", colonne: str = "valeur") -> dict[tuple[str, str], Any]:
    """A column of rounded counts, by mesure and code."""
    assert arrondi.arrondis.schema.equals(ARRONDIS)
    return {
        (ligne["mesure_id"], ligne["code"]): (
            float(ligne[colonne]) if isinstance(ligne[colonne], Decimal) else ligne[colonne]
        )
        for ligne in arrondi.arrondis.to_pylist()
        if ligne["niveau"] == niveau
    }


def tirer(graine: int, departements: int = 1, communes: int = 24, epci: int = 3) -> Fichier:
    """Draw départements of villages, where counts are often 0 to 4; each EPCI has a town and a bourg."""
    de = random.Random(graine)
    appartenance: dict[str, tuple[str, str | None]] = {}
    tailles: dict[str, int] = {}
    for d in range(departements):
        dep = f"{d:04}"
        for n in range(communes):
            code = f"{dep}{n:03}"
            appartenance[code] = (dep, f"{dep}e{n % epci}")
            # The first two of each EPCI are its town and its bourg.
            tailles[code] = de.randrange(400, 4000) if n < 2 * epci else de.randrange(0, 90)
    comptes = {
        "foyers_allocataires": {c: t for c, t in tailles.items()},
        "familles_allocataires": {c: sum(de.random() < 0.08 for _ in range(t)) for c, t in tailles.items()},
        "enfants": {c: sum(de.random() < 0.15 for _ in range(t)) for c, t in tailles.items()},
        "montants": {c: round(t * de.uniform(3, 60), 2) for c, t in tailles.items()},
    }
    return Fichier(appartenance, comptes)
