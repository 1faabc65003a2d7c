"""Is a figure shown that the rule hides?"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from confidentialite.memoire.lecture import termes, texte
from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier

_LIEU = ["niveau", "code"]
_MESURE = re.compile(r"[a-z0-9_]+")
Masque = npt.NDArray[np.bool_]


def comptes_montres(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the protected cells that show a count below the threshold, directly or as a complement.

    Under a threshold of 5, of foyers with RSA among the foyers of a commune:
        A shows 3: few, a finding, `primaire`
        B shows 38 of 40: the 2 without it are few, a finding
        C shows 40 of 40: everybody has the RSA, which says it of each: a finding
    Of the 5 foyers that Cafdata prints, 0 with the AAH may be shown: a whole of its producer was never ours.
    """
    p = dossier.exigences
    lues = dossier.lignes
    lues = lues[(lues["rang"] == 0) & lues["statut"].isin(["observe", "arrondi", "partiel"])]
    publics = lues.loc[
        (lues["methode"] == "somme")
        & ~lues["micro"].astype(bool)
        & ~_dit(lues["formule_numerateur"], p.registres),
        [*_LIEU, "millesime", "formule_numerateur", "valeur"],
    ].set_axis([*_LIEU, "millesime_second", "formule_denominateur", "denominateur"], axis=1)
    lues = lues[
        lues["micro"].astype(bool)
        | _dit(lues["formule_numerateur"], p.registres)
        | _dit(lues["formule_denominateur"], p.registres)
    ]
    if lues.empty:
        return
    mesures = _mesures_micro(dossier) | p.registres
    num, den = (lues[c].to_numpy(float) for c in ("numerateur", "denominateur"))
    num_connu, den_connu = (_connue(lues[c], mesures) for c in ("formule_numerateur", "formule_denominateur"))
    sans_den = lues["formule_denominateur"].isna().to_numpy(bool)
    # A mesure may be of the micro-data in a year or a commune, and of its producer's own file in another: the
    # whole is the producer's where the row says so, and prints the very figure of the producer.
    autres = [bool({*(texte(s) or "").split("+")} - dossier.micro) for s in lues["source_ids"]]
    den_connu = den_connu & ~(np.asarray(autres, bool) & _parmi(lues, publics))
    monnaie = lues["unite"].isin(list(p.monnaies)).to_numpy(bool)
    methode = lues["methode"]
    somme, ratio = (methode == "somme").to_numpy(bool), (methode == "ratio").to_numpy(bool)
    deux_termes = methode.isin(["ratio", "evolution", "difference"]).to_numpy(bool)
    parts = lues["part_d_un_tout"].to_numpy(bool) & (lues["statut"] == "observe").to_numpy(bool)
    de_groupe = lues["formule_numerateur"].isin(list(p.groupe)).to_numpy(bool)
    # None of a public whole leaves all of it, which was never ours.
    entame = (num > 0) | den_connu
    complement = _petit(den - num, p.seuil) | ((num == den) & (num > 0) & de_groupe)
    montrees = np.select(
        [somme, ratio & monnaie, deux_termes],
        [
            ~monnaie & _petit(lues["valeur"].to_numpy(float), p.seuil),
            _petit(den, p.seuil) & den_connu,
            (_petit(num, p.seuil) & num_connu)
            | (_petit(den, p.seuil) & (den_connu | sans_den))
            | (parts & entame & complement),
        ],
        default=False,
    )
    for niveau, code, indicateur, millesime in lues.loc[
        montrees, ["niveau", "code", "indicateur_id", "millesime"]
    ].itertuples(index=False):
        yield Constat("primaire", Cellule(f"{niveau}:{code}", indicateur, int(millesime)))


def montants_montres(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the amounts that this build shows although too few contribute to them, or one makes them.

    Amounts of RSA, under a threshold of 5:
        A shows 1 200 EUR of 3 foyers: few, a finding, `primaire`
        B shows 9 000 EUR of 7 foyers, 8 500 of them one's own: that one makes 94 %, a finding
        C shows 4 000 EUR of 8 foyers, none above 900: no finding
    """
    modele, table = dossier.modele, dossier.agregats.sensibles
    if table is None:
        return
    noms = modele.indicateurs_des_sommes
    for millesime, niveau, code, mesure in zip(
        *(table[c].to_pylist() for c in ("millesime", "niveau", "code", "formule")), strict=True
    ):
        territoire = dossier.territoires.get((niveau, code))
        if territoire is None or mesure not in modele.montants:
            continue
        forme = modele.forme_connue({mesure: 1}, millesime, territoire)
        if forme is not None and modele.imprimee(forme, ici=True):
            yield Constat("primaire", Cellule(f"{niveau}:{code}", noms.get(mesure, mesure), int(millesime)))


def _mesures_micro(dossier: Dossier) -> set[str]:
    """Return the mesures that micro-data give: those of the rows they alone give."""
    lignes = dossier.lignes[["source_ids", "formule_numerateur", "formule_denominateur"]].drop_duplicates()
    seules = [set((texte(s) or "").split("+")) <= dossier.micro for s in lignes["source_ids"]]
    formules = lignes.loc[seules, ["formule_numerateur", "formule_denominateur"]]
    return {m for c in formules for formule in formules[c].dropna() for m in termes(formule)}


def _parmi(lignes: pd.DataFrame, connues: pd.DataFrame) -> Masque:
    """Whether each row is one of these, in the columns that these have."""
    cles = pd.MultiIndex.from_frame(lignes[[*connues.columns]])
    return np.asarray(cles.isin(pd.MultiIndex.from_frame(connues)), bool)


def _petit(valeurs: npt.NDArray[np.float64], seuil: int) -> Masque:
    arrondies = np.round(valeurs, 6)
    return (arrondies > 0) & (arrondies < seuil)


def _dit(formules: "pd.Series[Any]", mesures: frozenset[str]) -> "pd.Series[bool]":
    """Whether each formula has one of these mesures."""
    return formules.isin([f for f in formules.dropna().unique() if termes(f).keys() & mesures])


def _connue(formules: "pd.Series[Any]", mesures: set[str]) -> Masque:
    """Whether all the mesures of each formula are among these."""
    connues = [f for f in formules.dropna().unique() if mesures.issuperset(_MESURE.findall(f))]
    return formules.isin(connues).to_numpy(bool)
