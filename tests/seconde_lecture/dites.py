"""What is said of evolutions, worded again from the pairs of years and the trends of the release.

Refusals, intervals and trends are where the release gives them; the start, the number, the word and the
colour are found again by this code alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pandas as pd

from tests.seconde_lecture.impression import chiffre_sur, ecrire, neuf_decimales

MONTRES = ("observe", "arrondi", "partiel")
# Years that follow each other without a move, for a series to be stable; width of a percentage that is said.
ANNEES, LARGEUR = 2, 10


def _vide(v: Any) -> Any:
    return None if v is None or pd.isna(v) else v


class Dites:
    """The pairs of each series, by territory and indicateur."""

    def __init__(self, evolutions: pd.DataFrame, tendances: pd.DataFrame, derniers: pd.DataFrame) -> None:
        self.paires: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for e in evolutions.sort_values("millesime_debut").itertuples():
            self.paires[e.territoire_id, e.indicateur_id].append(e)
        self.tendances = {(t.territoire_id, t.indicateur_id): t for t in tendances.itertuples()}
        self.bases = {
            (d.territoire_id, d.indicateur_id): _vide(d.annee_base_ctg) for d in derniers.itertuples()
        }

    def juger(self, x: Any, i: Any) -> Iterator[str]:
        """What is wrong in a row. `i`: that of its indicateur, with its unit."""
        for colonne, attendu in self._attendu(x, i).items():
            dit = _vide(getattr(x, colonne))
            if dit != attendu:
                yield (
                    f"{x.territoire_id} {x.millesime_debut} {x.indicateur_id}: {colonne} is {dit} in the"
                    f" release, {attendu} by the second reading of mart_evolutions"
                )

    def _attendu(self, x: Any, i: Any) -> dict[str, Any]:
        toutes = self.paires[x.territoire_id, x.indicateur_id]
        finales = [
            e for e in toutes if e.millesime_fin == x.millesime_fin and e.statut in (*MONTRES, "refusee")
        ]
        (e,) = (e for e in finales if e.millesime_debut == x.millesime_debut)
        stable = self._stable(toutes, finales, x.millesime_fin)
        forme, texte = self._texte(e, i)
        mouvement = self._mouvement(e, forme, stable)
        couleur = None
        if _lue(e):
            dit = e.evolution_lecture if mouvement in ("hausse", "baisse") else "neutre"
            couleur = dit if dit in ("favorable", "defavorable") else "neutre"
        return {
            **self._depart(x, finales),
            **{"forme": forme, "evolution_affichee": texte, "mouvement": mouvement, "couleur": couleur},
            "stable_depuis": stable if mouvement in ("stable", "deux_niveaux") else None,
        }

    def _depart(self, x: Any, finales: list[Any]) -> dict[str, Any]:
        """Which years a start answers, and whether it is told unasked."""
        rompue = max(
            (
                e.millesime_debut
                for e in finales
                if e.statut == "refusee" and e.motif_code != "recensements_trop_proches"
            ),
            default=0,
        )

        def qualite(e: Any) -> tuple[int, bool]:
            if e.statut == "refusee":
                return 3, False
            if e.lisibilite == "trop_peu":
                return 2, False
            return ("point", "intervalle").index(e.lisibilite), e.millesime_debut <= rompue

        meilleure = min(map(qualite, finales))
        departs = [e.millesime_debut for e in finales if qualite(e) == meilleure]
        rang = departs.index(x.millesime_debut)
        de = departs[rang - 1] + 1 if rang else None
        a = departs[rang] if rang + 1 < len(departs) else None
        base = (
            self.bases[x.territoire_id, x.indicateur_id] if x.niveau in ("commune", "epci", "ctg") else None
        )
        demandee = departs[0] if base is None else base
        return {
            **{"depuis_de": de, "depuis_a": a},
            "choisie": (de is None or demandee >= de) and (a is None or demandee <= a),
        }

    def _stable(self, toutes: list[Any], finales: list[Any], fin: int) -> int | None:
        """The first of the last years, two at least, from none of which anything moved."""
        par_annees = {(e.millesime_debut, e.millesime_fin): e for e in toutes}
        annees = [e.millesime_debut for e in finales]
        calmes: list[int] = []
        for annee, suivante in reversed([*zip(annees, [*annees[1:], fin], strict=True)]):
            if not (_calme(par_annees[annee, fin]) and _calme(par_annees.get((annee, suivante)))):
                break
            calmes.append(annee)
        return calmes[-1] if len(calmes) >= ANNEES else None

    def _texte(self, e: Any, i: Any) -> tuple[str, str]:
        if e.statut == "refusee":
            return "refusee", "non lisible"
        if e.lisibilite == "trop_peu":
            return "trop_peu", "trop peu"
        if e.evolution_basse == 0 == e.evolution_haute:
            return "inchangee", "inchangé"
        if e.evolution_lecture == "non_significatif":
            return "non_significative", "non significative"
        if e.lisibilite == "intervalle":
            return "intervalle", e.evolution_affichee
        largeur = e.evolution_relative_haute - e.evolution_relative_basse
        if (
            not i.comparable
            and pd.notna(e.evolution_relative)
            and not largeur > LARGEUR
            and e.lecture_motif_code != "depart_trop_faible"
        ):
            bouts = e.evolution_relative_basse, e.evolution_relative_haute
            nombre, apres = _signer(e.evolution_relative, bouts, 1), "\u202f%"
        else:
            nombre, apres = _signer(e.evolution, (e.evolution_basse, e.evolution_haute), i.decimales), ""
            if i.ecart_pluriel and i.ecart_pluriel == i.suffixe:
                apres = f"\u202f{i.suffixe}"
            elif i.ecart_pluriel:
                rond = abs(float(nombre.strip("+−").replace("\u202f", "").replace(",", ".")))
                apres = f"\u00a0{i.ecart_singulier if rond < 2 else i.ecart_pluriel}"
        if not any(c in "123456789" for c in nombre):
            return "stable", "stable"
        return "mesuree", nombre + apres

    def _mouvement(self, e: Any, forme: str, stable: int | None) -> str:
        if not _lue(e):
            return "non_lisible"
        if e.reserve_code in ("serie", "reforme", "perimetre"):
            return "reservee"
        if stable is not None and e.millesime_debut >= stable:
            return "stable"
        if forme != "mesuree":
            return "sans_mouvement"
        t = self.tendances.get((e.territoire_id, e.indicateur_id))
        sens = "hausse" if e.evolution > 0 else "baisse"
        if (
            t is not None
            and (t.tendance, t.millesime_fin) == (sens, e.millesime_fin)
            and t.millesime_debut <= e.millesime_debut
            and e.lecture_motif_code != "mouvement_trop_faible"
        ):
            return sens
        return "deux_niveaux"


def _lue(e: Any) -> bool:
    return e.statut in MONTRES and e.lisibilite == "point"


def _calme(e: Any) -> bool:
    if e is None or not _lue(e) or e.reserve_code in ("serie", "reforme", "perimetre"):
        return False
    return e.evolution_lecture == "non_significatif" or e.lecture_motif_code == "mouvement_trop_faible"


def _signer(valeur: float, bouts: tuple[float, float], decimales: int) -> str:
    """A number with its sign, on the digits that its interval knows."""
    largeur = Decimal(0) if pd.isna(bouts[1] - bouts[0]) else neuf_decimales(bouts[1] - bouts[0])
    signe = SimpleNamespace(nature="nombre", decimales=decimales, signee=True)
    return ecrire(valeur, signe, chiffre_sur(largeur))
