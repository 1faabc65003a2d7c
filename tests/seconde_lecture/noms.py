"""Names of communes and what they are compared by, and their postal codes, read by code of its own."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from tests.seconde_lecture.geographie import REFERENCE, Geographie

RACINE = Path(__file__).parents[2]
# Insee's codes of the end of that year.
POSTAUX, COG_DES_POSTAUX = "laposte/019HexaSmal_2023.csv", 2023
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})


def compare(nom: str) -> str:
    """How a name is compared: no accent, no article, « st » for « saint »."""
    dits = _plat(nom)
    gardes = [mot for mot in dits if mot not in _vides()] or dits
    return " ".join({"saint": "st", "sainte": "ste"}.get(mot, mot) for mot in gardes)


@cache
def _vides() -> set[str]:
    lu = yaml.safe_load((RACINE / "publication/lecture/vocabulaire.yml").read_text("utf-8"))
    return {*_plat(lu["vides"])}


def _plat(texte: str) -> list[str]:
    decompose = unicodedata.normalize("NFKD", texte.translate(LIGATURES).casefold())
    lettres = (
        c if c.isascii() and c.isalnum() else "" if unicodedata.combining(c) else " " for c in decompose
    )
    return "".join(lettres).split()


class Noms:
    """What the table of names is to say of each commune of the reference."""

    def __init__(self, geo: Geographie, perimetre: set[str], population: pd.Series) -> None:
        liste = geo.liste(REFERENCE)
        assert liste is not None
        self.communes = liste[liste.TYPECOM == "COM"].set_index("COM")
        self.reunies = liste[liste.TYPECOM.isin(["COMD", "COMA"])]
        self.perimetre, self.population = perimetre, population
        self.postaux = self._postaux(geo)

    @staticmethod
    def _postaux(geo: Geographie) -> set[tuple[str, str]]:
        """Each postal code with each commune that has it; of what was divided, where it had one code."""
        lus = pd.read_csv(geo.dossier.parents[1] / POSTAUX, sep=";", dtype=object)
        lus["origine"] = geo.villes(lus.Code_commune_INSEE)
        lus = lus.drop_duplicates(["origine", "Code_postal"])
        lus["plusieurs"] = lus.origine.duplicated(keep=False)
        suite = geo.heritiers(COG_DES_POSTAUX)
        suite = suite.assign(divisee=suite.origine.duplicated(keep=False)).merge(lus, on="origine")
        suite = suite[~(suite.divisee & suite.plusieurs)]
        return {*zip(suite.Code_postal, "commune:" + suite.commune, strict=True)}

    def faux(self, noms: pd.DataFrame, graine: int, combien: int = 2000) -> Iterator[str]:
        """Each row that says otherwise, and what has no row."""
        propres = noms[(noms.nature == "commune") & (noms.forme == "entiere")].set_index("code")
        for code in self.communes.index.symmetric_difference(propres.index):
            yield f"{code}: a commune of one of the two alone"
        tires = propres.sample(min(combien, len(propres)), random_state=graine)
        for code, x in tires.iterrows():
            lu = self.communes.loc[code]
            habitants = self.population.get(code)
            attendu = {
                "libelle": lu.LIBELLE,
                "departement": lu.DEP,
                "cle": compare(lu.LIBELLE),
                "dans_la_publication": f"commune:{code}" in self.perimetre,
                "population": None if habitants is None or pd.isna(habitants) else int(habitants),
            }
            dit = {nom: x[nom] for nom in attendu}
            dit["population"] = None if pd.isna(x.population) else int(x.population)
            if dit != attendu:
                yield f"{code}: {dit} in the release, {attendu} by the second reading"
        postaux = noms[noms.nature == "code_postal"]
        for code, territoire in self.postaux ^ {*zip(postaux.cle, postaux.territoire_id, strict=True)}:
            yield f"{code}: a postal code of {territoire} by one of the two alone"
        anciens = {*zip(noms.code, noms.cle, noms.territoire_id, strict=True)}
        for x in self.reunies.itertuples():
            if (x.COM, compare(x.LIBELLE), f"commune:{x.COMPARENT}") not in anciens:
                yield f"{x.COM}: {x.LIBELLE} does not lead to {x.COMPARENT}"
