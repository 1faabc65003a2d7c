"""How the gap between two figures reads, re-typed from the rule: a side, close or nothing, and a colour."""

import math

import pandas as pd

from tests.seconde_lecture.impression import ASSISE, COMPTES_UN_PAR_UN

COMPARATEURS = ("epci", "departement", "region", "france", "pairs")
# Under that, two figures are close: in their unit, and as a share of the larger one.
LARGEURS = {
    "pourcent": 0.5,
    "evolution en pourcent": 0.5,
    "élèves par classe": 0.5,
    "places pour 100 enfants": 1,
    "contacts pour 100 foyers": 1,
    "heures par enfant": 1,
    "rapport": 0.2,
    "structures pour 10 000 habitants": 0.2,
}
PART_DU_PLUS_GRAND = 0.02
ECARTS_TYPES = 2.576
# Of so many inhabitants: what the numerator counts is structures, places or euros of structures, not people.
DE_STRUCTURES = {
    "france_services_10000_hab",
    "structures_avs_10000_hab",
    "places_alsh_100_enfants",
    "financement_caf_par_habitant",
}
DU_RECENSEMENT, EFFECTIF_DU_RECENSEMENT = ("insee_rp_", "insee_comparateur", "insee_populations_legales"), 200


def repose_sur_peu(f, i) -> bool:
    """Whether fewer than twenty are counted, or left of the whole."""
    if i.methode != "ratio" or i.univers in COMPTES_UN_PAR_UN or i.name in DE_STRUCTURES:
        return False
    if pd.isna(f.numerateur):
        return False
    return f.numerateur < ASSISE or (i.part_d_un_tout and f.denominateur - f.numerateur < ASSISE)


def lire(a, b, i, muet: bool) -> tuple[str | None, str | None]:
    """The side of `b` that `a` is on, and the colour of the gap. `muet`: whether no side may be told."""
    if "liste_incomplete" in (a.motif_code, b.motif_code) or pd.isna(a.valeur) or pd.isna(b.valeur):
        return None, None
    ecart = round(a.valeur - b.valeur, 9)
    largeur = max(LARGEURS.get(i.unite, 0), PART_DU_PLUS_GRAND * max(abs(a.valeur), abs(b.valeur)))
    # Printed decimals are of halves away from zero, and a gap under half of the last one is none.
    proche = abs(ecart) < largeur or abs(ecart) < 0.5 * 10.0 ** -int(i.decimales) - 1e-10
    etabli = _plus_grand(a, b) or _plus_grand(b, a)
    sur = a.lisibilite == b.lisibilite == "point" and not (repose_sur_peu(a, i) or repose_sur_peu(b, i))
    cote = None
    if sur and not muet and (proche or etabli):
        cote = "proche" if proche else "au_dessus" if ecart > 0 else "au_dessous"
    if not etabli:
        return cote, "non_significatif"
    compte = all(source.startswith(DU_RECENSEMENT) for source in a.source_ids.split("+"))
    if compte and i.methode == "ratio" and min(a.numerateur, a.denominateur) < EFFECTIF_DU_RECENSEMENT:
        return cote, "neutre"
    if proche or not sur or i.polarite == "neutre":
        return cote, "neutre"
    return cote, "favorable" if (ecart > 0) == (i.polarite == "favorable") else "defavorable"


def _plus_grand(a, b) -> bool:
    """Whether `a` is above `b` whatever their roundings are."""
    if pd.isna(a.borne_basse) or pd.isna(b.borne_haute):
        return False
    sous, sur = abs(a.valeur - a.borne_basse), abs(b.borne_haute - b.valeur)
    if a.ecart_type_arrondi or b.ecart_type_arrondi:
        bruits = [ECARTS_TYPES * e for e in (a.ecart_type_arrondi, b.ecart_type_arrondi)]
        certain = sum(max(largeur - bruit, 0) for largeur, bruit in zip((sous, sur), bruits, strict=True))
        return a.valeur - b.valeur > min(sous + sur, certain + math.sqrt(sum(b * b for b in bruits)))
    return a.borne_basse > b.borne_haute
