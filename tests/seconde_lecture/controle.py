"""Rows drawn of a release, and what the second reading says of each.

Bounds, statuts and refusals are not judged: an evolution, a rank, a comparator is where the release gives it,
and what is printed is that of its bounds.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from tests.seconde_lecture import ecarts
from tests.seconde_lecture.dites import Dites
from tests.seconde_lecture.fichiers import Fichiers, HorsDePortee
from tests.seconde_lecture.geographie import NIVEAUX
from tests.seconde_lecture.impression import imprimer
from tests.seconde_lecture.indicateurs import Indicateurs
from tests.seconde_lecture.semblables import Semblables

PRECISION = 1e-9
_CLE = ["territoire_id", "millesime", "indicateur_id"]
# Insee rounds these to whole points at this level.
ENTIERS = {("taux_pauvrete_60", "commune")}
_LUES = ["valeur", "numerateur", "denominateur", "borne_basse", "borne_haute", "lisibilite"]
_LUES += ["ecart_type_arrondi", "motif_code", "source_ids"]
# What is drawn of each table, and what must be in it: at least one row of each of these.
TIRAGES = {
    "fct_indicateurs": (2000, "valeur", ("indicateur_id", "niveau", "source_ids", "millesime")),
    "mart_evolutions": (500, "evolution", ("indicateur_id", "niveau")),
    "mart_evolutions_dites": (2000, "forme", ("indicateur_id", "niveau", "mouvement", "forme")),
    "mart_comparaisons": (500, "valeur", ("indicateur_id", "niveau")),
}


@dataclass
class Bilan:
    """What was judged, what is wrong, and what is out of reach, by reason then by indicateur and level."""

    lus: int = 0
    faux: list[str] = field(default_factory=list)
    hors: dict[str, Counter[str]] = field(default_factory=dict)

    def part_hors(self, raison: str) -> float:
        return self.hors.get(raison, Counter()).total() / max(self.lus, 1)

    def __str__(self) -> str:
        hors = "; ".join(f"{r}: {dict(c)}" for r, c in self.hors.items()) or "none"
        return f"{self.lus} read, {len(self.faux)} wrong, out of reach: {hors}"


def lire(release: Path, table: str) -> pd.DataFrame:
    """A whole table."""
    return pd.read_parquet(release / "parquet" / f"{table}.parquet")


def tirer(release: Path, table: str, graine: int, tout: bool = False) -> pd.DataFrame:
    """Rows of a table that have a value, at least one of each stratum (TIRAGES); or all of them."""
    combien, valeur, strates = TIRAGES[table]
    lignes = lire(release, table)
    lignes = lignes[lignes[valeur].notna()].sample(frac=1, random_state=graine)
    une_par_strate = lignes.drop_duplicates(list(strates))
    autres = lignes.drop(une_par_strate.index)
    if not tout:
        autres = autres.head(max(combien - len(une_par_strate), 0))
    return pd.concat([une_par_strate, autres]).assign(code=lambda t: t.territoire_id.str.partition(":")[2])


class Controle:
    """The second reading of one release, whose territories are those that have peers and are some."""

    def __init__(self, release: Path, reel: Path) -> None:
        self.release = release
        self.indicateurs = Indicateurs(Fichiers(reel))
        self.geo = self.indicateurs.fichiers.geo
        self.semblables, self._groupe = Semblables(self.indicateurs), cache(self._grouper)
        self.perimetre = {*lire(release, "dim_territoire").territoire_id}
        mots = ["suffixe", "ecart_singulier", "ecart_pluriel"]
        unites = lire(release, "dim_unite")[["unite", "nature", "signee", *mots]].fillna(
            dict.fromkeys(mots, "")
        )
        noms = ("mart_evolutions", "mart_tendances", "mart_derniers_chiffres")
        self.dites = Dites(*(lire(release, nom) for nom in noms))
        self.dictionnaire = (
            lire(release, "dim_indicateur").merge(unites, on="unite").set_index("indicateur_id")
        )

    def juger(self, table: str, lignes: pd.DataFrame) -> Bilan:
        """Compare each row with what the raw files say."""
        juger = {
            "fct_indicateurs": self._chiffre,
            "mart_evolutions": self._evolution,
            "mart_evolutions_dites": self._dite,
            "mart_comparaisons": self._comparaison,
        }[table]
        bilan = Bilan()
        for ligne in lignes.itertuples():
            bilan.lus += 1
            try:
                bilan.faux.extend(juger(ligne))
            except HorsDePortee as raison:
                compte = bilan.hors.setdefault(str(raison), Counter())
                compte[f"{ligne.indicateur_id} ({ligne.niveau})"] += 1
        return bilan

    def _lire(self, indicateur: str, niveau: str, code: str, millesime: int) -> tuple[float | None, str]:
        valeurs, fichier = self.indicateurs.valeurs(indicateur, niveau, millesime)
        return valeurs.get(code), fichier

    def _chiffre(self, x) -> Iterator[str]:
        lu, fichier = self._lire(x.indicateur_id, x.niveau, x.code, x.millesime)
        yield from _ecart(x, x.millesime, "valeur", x.valeur, lu, fichier)
        base = self.indicateurs.base(x.indicateur_id, x.niveau, x.millesime)
        if base is not None:
            yield from _ecart(x, x.millesime, "denominateur", x.denominateur, base.get(x.code), fichier)
            if x.denominateur_haut < x.denominateur:
                yield f"{x.territoire_id} {x.millesime} {x.indicateur_id}: its denominator exceeds its bound"
        indicateur = self.dictionnaire.loc[x.indicateur_id]
        if (x.indicateur_id, x.niveau) in ENTIERS:
            indicateur = indicateur.copy()
            indicateur["decimales"] = 0
        attendu = imprimer(x, indicateur)
        if (x.lisibilite, x.valeur_affichee) != attendu:
            dit = f"{x.lisibilite}, {x.valeur_affichee} in the release, {attendu} by its bounds"
            yield f"{x.territoire_id} {x.millesime} {x.indicateur_id}: {dit}"

    def _evolution(self, x) -> Iterator[str]:
        debut, fichier_debut = self._lire(x.indicateur_id, x.niveau, x.code, x.millesime_debut)
        fin, fichier_fin = self._lire(x.indicateur_id, x.niveau, x.code, x.millesime_fin)
        quand, fichiers = f"{x.millesime_debut}-{x.millesime_fin}", f"{fichier_debut} then {fichier_fin}"
        ecart = None if debut is None or fin is None else fin - debut
        # A difference is as exact as its ends are.
        echelle = max(abs(debut or 0), abs(fin or 0))
        yield from _ecart(x, quand, "evolution", x.evolution, ecart, fichiers, echelle)
        if ecart is not None:
            relative = 100 * ecart / debut if debut > 0 else None
            echelle = 100 * echelle / debut if debut > 0 else 1
            yield from _ecart(
                x, quand, "evolution_relative", x.evolution_relative, relative, fichiers, echelle
            )

    def _dite(self, x) -> Iterator[str]:
        yield from self.dites.juger(x, self.dictionnaire.loc[x.indicateur_id])

    def _comparaison(self, x) -> Iterator[str]:
        yield from self.ecarts(x)
        for niveau in NIVEAUX[1:]:
            donne = getattr(x, f"valeur_{niveau}")
            if pd.notna(donne):
                parent = self.geo.parent(x.niveau, x.code, niveau)
                lu, fichier = self._lire(x.indicateur_id, niveau, parent or "", x.millesime)
                yield from _ecart(x, x.millesime, f"valeur_{niveau} ({parent})", donne, lu, fichier)
        _, fichier = self.indicateurs.valeurs(x.indicateur_id, x.niveau, x.millesime)
        valeurs = self.indicateurs.pairs(x.indicateur_id, x.niveau, x.millesime)
        if x.niveau == "epci":
            # Wherever they are: those of the scope have no more right to be like it.
            semblables = self.semblables.de(x.code)
            groupe = {x.code, *semblables} if semblables else set()
        else:
            groupe = self._groupe(x.niveau, self.geo.parent(x.niveau, x.code, "epci"))
        pairs = valeurs[valeurs.index.isin(groupe)]
        autres = pairs.drop(x.code, errors="ignore")
        yield from _ecart(x, x.millesime, "nb_pairs", x.nb_pairs, len(pairs), fichier)
        yield from _ecart(x, x.millesime, "valeur_pairs", x.valeur_pairs, autres.median(), fichier)
        if pd.notna(x.rang):
            # 5 in 7 is 75 in 105, whatever quotients leave beyond the ninth decimal.
            ordre = -pairs.round(9)
            sien = ordre.get(x.code)
            rang = None if sien is None else 1 + (ordre < sien).sum()
            yield from _ecart(x, x.millesime, "rang", x.rang, rang, fichier)
            egaux = None if sien is None else (ordre == sien).sum() - 1
            yield from _ecart(x, x.millesime, "nb_ex_aequo", x.nb_ex_aequo, egaux, fichier)

    @cached_property
    def _chiffres(self) -> dict[tuple[str, int, str], Any]:
        lignes = lire(self.release, "fct_indicateurs")[[*_CLE, *_LUES]]
        lignes = lignes[lignes.valeur.notna()]
        return {(x.territoire_id, x.millesime, x.indicateur_id): x for x in lignes.itertuples()}

    def ecarts(self, x) -> Iterator[str]:
        """How the gaps of a row of comparisons read, from the figures of both and by the rule re-typed."""
        i = self.dictionnaire.loc[x.indicateur_id]
        ici = self._chiffres[x.territoire_id, x.millesime, x.indicateur_id]
        for c in ecarts.COMPARATEURS:
            la_bas = self._comparateur(x, c)
            attendu: tuple[str | None, str | None] = (None, None)
            if la_bas is not None and i.comparable:
                muet = pd.notna(getattr(x, f"reserve_{c}_code")) or (
                    c == "pairs" and pd.isna(x.rang_au_mieux)
                )
                attendu = ecarts.lire(ici, la_bas, i, muet)
            dit = tuple(
                v if pd.notna(v := getattr(x, f"ecart_{c}_{n}")) else None for n in ("dit", "lecture")
            )
            if dit != attendu:
                yield (
                    f"{x.territoire_id} {x.millesime} {x.indicateur_id}: beside {c}, {dit} in the release,"
                    f" {attendu} by the second reading"
                )

    def _comparateur(self, x, c: str) -> Any:
        """The figure that a row is set beside; that of peers is their median, rounded by nobody."""
        if c != "pairs":
            parent = self.geo.parent(x.niveau, x.code, c)
            return self._chiffres.get((f"{c}:{parent}", x.millesime, x.indicateur_id)) if parent else None
        if pd.isna(x.valeur_pairs):
            return None
        return SimpleNamespace(
            valeur=x.valeur_pairs,
            borne_basse=x.valeur_pairs_borne_basse,
            borne_haute=x.valeur_pairs_borne_haute,
            lisibilite=x.valeur_pairs_lisibilite,
            **{"ecart_type_arrondi": 0, "motif_code": None, "numerateur": None},
        )

    def _grouper(self, niveau: str, epci: str | None) -> set[str]:
        """Codes of the peers that the release holds: communes of an EPCI, départements."""
        reference = self.geo.reference
        if niveau == "commune":
            codes = reference.index[reference.epci == epci]
        else:
            codes = reference.departement.unique() if niveau == "departement" else []
        return {code for code in codes if f"{niveau}:{code}" in self.perimetre}


def _ecart(
    x, quand: object, colonne: str, dit: float, lu: float | None, fichier: str, echelle: float = 0
) -> Iterator[str]:
    """What is wrong in a column, in one line; nothing where both say the same, or that there is nothing."""
    dit, lu = (None if v is None or pd.isna(v) else float(v) for v in (dit, lu))
    if dit is None or lu is None:
        juste = dit is lu
    else:
        juste = abs(dit - lu) <= PRECISION * max(abs(dit), abs(lu), echelle)
    if not juste:
        yield (
            f"{x.territoire_id} {quand} {x.indicateur_id}: {colonne} is {dit} in the release, "
            f"{lu} by the second reading of {fichier}"
        )
