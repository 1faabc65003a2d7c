"""Communes through time, and the territories they make: Insee's lists and movements, the list of the DGCL."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pandas as pd

# The newest COG of the mirror, and its newest composition of EPCI.
REFERENCE, COMPOSITION = 2026, 2025
NIVEAUX = ("commune", "epci", "departement", "region", "france")
# Values by code, of each level.
ParNiveau = dict[str, pd.Series]
# Kinds of movements that only change a code: on one day they come before mergers under the new one.
CHANGEMENTS_DE_CODE = {"41", "50"}


class Geographie:
    """Where each commune of any COG counts today. Codes are text, as Python objects."""

    def __init__(self, reel: Path) -> None:
        self.dossier = reel / "insee" / "cog"
        self.communes = cache(self._communes)
        self.heritiers = cache(self._heritiers)
        self.parent = cache(self._parent)
        self._rattachees, self._incomplets = cache(self._rattacher), cache(self._completer)
        mouvements = pd.read_csv(self.dossier / f"v_mvt_commune_{REFERENCE}.csv", dtype=object)
        communes = mouvements.TYPECOM_AV.eq("COM") & mouvements.TYPECOM_AP.eq("COM")
        self._mouvements = mouvements[communes].assign(suite=lambda m: ~m.MOD.isin(CHANGEMENTS_DE_CODE))
        liste = self._liste(REFERENCE)
        self._villes = liste[liste.TYPECOM == "ARM"].set_index("COM").COMPARENT
        self.reference = liste[liste.TYPECOM == "COM"].set_index("COM")[["DEP", "REG"]]
        self.reference.columns = ["departement", "region"]
        self.reference["commune"] = self.reference.index
        self.reference["france"] = "FR"
        self.reference["epci"] = self._epci(reel / "dgcl" / f"epcicom{COMPOSITION}.xlsx")

    def _fichier(self, annee: int) -> Path:
        return self.dossier / (f"communes-{annee}.csv" if annee < 2021 else f"v_commune_{annee}.csv")

    def _liste(self, annee: int) -> pd.DataFrame:
        return pd.read_csv(self._fichier(annee), dtype=object).rename(columns=str.upper)

    def liste(self, cog: int) -> pd.DataFrame | None:
        """Communes and arrondissements of a COG; None where the mirror has no list of that year."""
        return self._liste(cog) if self._fichier(cog).exists() else None

    def _communes(self, cog: int) -> pd.Index | None:
        """Codes of the communes of a COG; None where the mirror has no list of that year."""
        if (liste := self.liste(cog)) is None:
            return None
        return pd.Index(liste.COM[liste.TYPECOM == "COM"])

    def villes(self, codes: pd.Series) -> pd.Series:
        """Codes with arrondissements of Paris, Lyon and Marseille read as the city."""
        return codes.map(self._villes).fillna(codes)

    def _deplacees(self, cog: int) -> tuple[dict[str, set[str]], set[str]]:
        """What each code that moved since 1 January `cog` became; the codes that several became."""
        dates = self._mouvements.DATE_EFF
        depuis = self._mouvements[dates.gt(f"{cog}-01-01") & dates.le(f"{REFERENCE}-01-01")]
        devenus = {code: {code} for code in depuis.COM_AV}
        fusions: set[str] = set()
        for _, pas in depuis.groupby(["DATE_EFF", "suite"]):
            vers, venus = defaultdict(set), defaultdict(set)
            for avant, apres in zip(pas.COM_AV, pas.COM_AP, strict=True):
                vers[avant].add(apres)
                venus[apres].add(avant)
            portes = set().union(*devenus.values())
            # What merged before goes on being a merger under the code it takes.
            fusions = {a for avant in fusions for a in vers.get(avant, {avant})}
            fusions |= {apres for apres, avants in venus.items() if len(avants & portes) > 1}
            devenus = {code: {a for c in codes for a in vers.get(c, {c})} for code, codes in devenus.items()}
        return devenus, fusions

    def _heritiers(self, cog: int) -> pd.DataFrame:
        """One line per commune of a COG and commune of the reference it became: origine, commune, fusion."""
        devenus, fusions = self._deplacees(cog)
        codes = self.communes(cog)
        if codes is None:
            # Without its list, the communes that moved since and those that never did.
            codes = self.reference.index.union(list(devenus))
        lignes = [(c, h) for c in codes for h in devenus.get(c, (c,))]
        suite = pd.DataFrame(lignes, columns=["origine", "commune"], dtype=object)
        suite["fusion"] = suite.commune.isin(fusions)
        return suite[suite.commune.isin(self.reference.index)]

    def _epci(self, fichier: Path) -> pd.Series:
        """EPCI of each commune of the reference: that of its code, else the one that all its parts had."""
        membres = pd.read_excel(fichier, dtype=str, usecols=["siren", "insee"], engine="openpyxl")
        epci = membres.astype(object).set_index("insee").siren
        suite = self.heritiers(COMPOSITION).assign(epci=lambda s: s.origine.map(epci))
        parts = suite.dropna(subset="epci").drop_duplicates(["commune", "epci"])
        accord = parts.drop_duplicates("commune", keep=False).set_index("commune").epci
        return epci.reindex(self.reference.index).fillna(accord)

    def sommes(self, parts: pd.Series, cog: int, couverture: str) -> ParNiveau:
        """Sums at every level of what communes of a COG count, where nothing of the territory is left out.

        `couverture`: `france`, `france_hors_mayotte` (which makes a France all the same) or `departement:NN`.
        A commune that split counts where all its heirs are; other territories of its heirs have no sum.
        """
        niveaux: ParNiveau = {}
        for niveau in NIVEAUX:
            entiers, partages = self._rattachees(cog, niveau)
            somme = parts.reindex(entiers.index).groupby(entiers).sum(min_count=1).dropna()
            exclus = partages | self._incomplets(niveau, couverture)
            niveaux[niveau] = somme.drop(list(exclus), errors="ignore")
        return niveaux

    def _rattacher(self, cog: int, niveau: str) -> tuple[pd.Series, set[str]]:
        """Territory of each commune of a COG that is whole in one; territories between which others split."""
        suite = self.heritiers(cog)[["origine", "commune"]]
        suite = suite.assign(territoire=suite.commune.map(self.reference[niveau]))
        suite = suite.drop_duplicates(["origine", "territoire"])
        plusieurs = suite.origine.duplicated(keep=False)
        entiers = suite[~plusieurs].dropna().set_index("origine").territoire
        return entiers, set(suite.territoire[plusieurs].dropna())

    def _completer(self, niveau: str, couverture: str) -> set[str]:
        """Territories with a commune that a file leaves out."""
        genre, _, code = couverture.partition(":")
        departement = self.reference.departement
        dehors = {
            "france": departement.isna(),
            "france_hors_mayotte": departement.eq("976") & (niveau != "france"),
            "departement": departement.ne(code),
        }[genre]
        return set(self.reference.loc[dehors, niveau].dropna())

    def publies(self, valeurs: pd.Series, cog: int) -> pd.Series:
        """Figures that do not add up, of the communes that are today what they were in that COG."""
        suite = self.heritiers(cog)
        seuls = suite[~suite.fusion & ~suite.origine.duplicated(keep=False)]
        return pd.Series(valeurs.reindex(seuls.origine).to_numpy(), index=seuls.commune).dropna()

    def _parent(self, niveau: str, code: str, au_dessus: str) -> str | None:
        """The one territory of a wider level that holds all of another; None: there is none, or several."""
        if NIVEAUX.index(au_dessus) <= NIVEAUX.index(niveau):
            return None
        trouves = self.reference.loc[self.reference[niveau].eq(code), au_dessus].unique()
        return str(trouves[0]) if len(trouves) == 1 and pd.notna(trouves[0]) else None
