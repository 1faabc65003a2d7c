"""Benefits, resources and rents of the invented foyers. Scales are orders of magnitude, not the texts."""

import numpy as np

from demonstration.hasard import Alea, Drapeaux, Entiers
from demonstration.population import Foyers

FAMILLES = ("aides_logement", "precarite", "familiales", "handicap")
PRESTATIONS = {
    "af": "familiales",
    "cf": "familiales",
    "asf": "familiales",
    "ars": "familiales",
    "paje_naissance": "familiales",
    "paje_base": "familiales",
    "paje_cmg": "familiales",
    "paje_prepare": "familiales",
    "aah": "handicap",
    "aeeh": "handicap",
    "ajpa": "handicap",
    "ajpp": "handicap",
    "rsa": "precarite",
    "prime_activite": "precarite",
    "apl": "aides_logement",
    "alf": "aides_logement",
    "als": "aides_logement",
}
# Monthly scales in cents, by the first year they serve: orders of magnitude, not the texts.
_BAREMES: dict[int, dict[str, int]] = {
    2015: {
        "af": 12986, "af_enfant": 16638, "af_14": 6493, "cf": 16905, "asf": 10965, "ars": 38000,
        "paje": 18462, "naissance": 92308, "prepare": 39289, "aah": 81090, "aeeh": 13035, "rsa": 54549,
        "forfait": 6500, "ajpp": 95000,
    },
    2022: {
        "af": 13983, "af_enfant": 17917, "af_14": 6992, "cf": 18200, "asf": 18441, "ars": 40000,
        "paje": 18200, "naissance": 100395, "prepare": 40589, "aah": 95637, "aeeh": 13957, "rsa": 59854,
        "forfait": 7182, "ajpp": 128000,
    },
}  # fmt: skip


def _bareme(annee: int) -> dict[str, int]:
    return _BAREMES[max((a for a in _BAREMES if a <= annee), default=min(_BAREMES))]


def valoriser(foyers: Foyers, annee: int, alea: Alea) -> None:
    """Give the foyers their rents, resources and monthly amounts, on the scales of `annee`."""
    n, d = len(foyers), foyers.droits
    bareme = _bareme(annee)
    couple, mono, enfants = foyers.couple, foyers.monoparentale, foyers.nb_enfants
    pauvre = 1.0 - foyers.aisance
    logement = d["apl"] | d["alf"] | d["als"]

    loyer = np.interp(alea.uniforme(n), [0, 0.1, 0.5, 0.9, 1], [190, 265, 340, 440, 580])
    loyer += 55.0 * np.minimum(foyers.nb_personnes - 1, 5)
    foyers.loyer = np.where(logement, (100 * loyer).astype(np.int64), 0)
    foyers.charges = np.where(logement, 5500 + 1250 * np.minimum(foyers.nb_personnes - 1, 6), 0)
    foyers.impaye = logement & (alea.uniforme(n) < 0.015 + 0.06 * pauvre)
    foyers.courriel = alea.uniforme(n) < 0.965 - 0.05 * pauvre - 0.15 * ~foyers.reference

    foyers.ressources = _ressources(foyers, alea)
    res = foyers.ressources
    m = {nom: np.zeros(n, np.int64) for nom in PRESTATIONS}
    moins_de_20 = ((foyers.ages >= 0) & (foyers.ages < 20)).sum(axis=1)
    grands = ((foyers.ages >= 14) & (foyers.ages < 20)).sum(axis=1)
    af = bareme["af"] + bareme["af_enfant"] * np.maximum(moins_de_20 - 2, 0)
    af += bareme["af_14"] * np.minimum(grands, moins_de_20 - 1 + (moins_de_20 >= 3))
    m["af"] = _si(d["af"], af // np.where(foyers.aisance > 0.95, 4, np.where(foyers.aisance > 0.88, 2, 1)))
    m["cf"] = _si(d["cf"], np.where(pauvre > 0.6, bareme["cf"] * 3 // 2, bareme["cf"]))
    m["asf"] = _si(d["asf"], bareme["asf"] * np.maximum(1, enfants - (alea.uniforme(n) < 0.2)))
    m["paje_naissance"] = _si(d["paje_naissance"], np.full(n, bareme["naissance"]))
    m["paje_base"] = _si(d["paje_base"], bareme["paje"] // np.where(foyers.aisance > 0.7, 2, 1))
    cmg = np.interp(alea.uniforme(n), [0, 0.2, 0.6, 0.9, 1], [6000, 18000, 34000, 62000, 110000])
    m["paje_cmg"] = _si(d["paje_cmg"], cmg.astype(np.int64))
    prepare = bareme["prepare"] * np.interp(alea.uniforme(n), [0, 0.4, 0.401, 1], [1, 1, 0.65, 0.38])
    m["paje_prepare"] = _si(d["paje_prepare"], prepare.astype(np.int64))
    m["aah"] = _si(d["aah"], np.maximum(bareme["aah"] - res * 35 // 100, 8000))
    complement = np.interp(alea.uniforme(n), [0, 0.6, 0.601, 0.9, 1], [0, 0, 10000, 45000, 120000])
    m["aeeh"] = _si(d["aeeh"], bareme["aeeh"] * foyers.nb_aeeh + complement.astype(np.int64))
    m["ajpp"] = _si(d["ajpp"], np.full(n, bareme["ajpp"]))
    m["ajpa"] = _si(d["ajpa"], np.full(n, bareme["ajpp"] // 2))
    parts = 20 + 9 * couple + 5 * np.minimum(enfants, 2) + 7 * np.maximum(enfants - 2, 0)
    socle = bareme["rsa"] * parts // 20
    m["rsa"] = _si(d["rsa"], np.maximum(socle - res - logement * bareme["forfait"], 3000))
    prime = np.interp(alea.uniforme(n), [0, 0.15, 0.5, 0.85, 1], [1500, 8000, 18000, 29000, 48000])
    m["prime_activite"] = _si(d["prime_activite"], (prime * np.where(couple, 1.1, 1.0)).astype(np.int64))
    plafond = np.minimum(foyers.loyer, 32000 + 6000 * np.minimum(foyers.nb_personnes - 1, 6))
    taux = np.clip(0.88 - res / (190_000.0 * foyers.uc / 10), 0.12, 0.86)
    aide = np.maximum((plafond * taux).astype(np.int64), 1500)
    for genre in ("apl", "alf", "als"):
        m[genre] = _si(d[genre], aide)
    m["rsa"] = np.where(mono & d["asf"] & d["rsa"], np.maximum(m["rsa"] - m["asf"], 3000), m["rsa"])
    foyers.montants = m


def _si(droit: Drapeaux, montant: Entiers) -> Entiers:
    return np.where(droit, montant, 0)


def _ressources(foyers: Foyers, alea: Alea) -> Entiers:
    """Resources without benefits, cents a month, that go with the rights."""
    n, d = len(foyers), foyers.droits
    u, a, couple = alea.uniforme(n), foyers.aisance, foyers.couple
    enfants = foyers.nb_enfants > 0
    # A working foyer's income follows how well off it is, with some noise.
    rang = 0.7 * a + 0.3 * u
    salaire = np.interp(rang, [0, 0.2, 0.5, 0.8, 0.95, 1], [1000, 1600, 2350, 3400, 5600, 12000])
    salaire *= np.where(couple, 1.8, 1.0) * np.where(enfants & ~couple, 1.05, 1.0)
    seul = np.interp(u, [0, 0.15, 0.5, 0.85, 1], [350, 800, 1100, 1400, 1700]) * np.where(couple, 2.1, 1.0)
    etudiant = np.interp(u, [0, 0.55, 0.9, 1], [0, 0, 450, 800])
    prime = np.interp(u, [0, 0.1, 0.35, 0.8, 1], [500, 950, 1300, 1600, 1950])
    prime *= np.where(couple, 2.05, 1.0) * np.where(enfants, 1.05, 1.0)
    aah = np.interp(u, [0, 0.3, 0.6, 1], [0, 0, 620, 1250]) + np.where(couple, 900 + 900.0 * a, 0.0)
    rsa = np.interp(u, [0, 0.62, 1], [0, 0, 420]) * np.where(couple, 1.3, 1.0)
    logement = d["apl"] | d["alf"] | d["als"]
    euros = np.where(logement & ~enfants, seul, salaire)
    euros = np.where(logement & enfants, np.minimum(salaire, 1250 + 1350 * couple + 900 * a), euros)
    euros = np.where(
        logement & ~enfants & ~couple & ~foyers.reference & ~d["aah"] & (a < 0.75), etudiant, euros
    )
    euros = np.where(d["prime_activite"], prime, euros)
    euros = np.where(d["aah"], aah, euros)
    euros = np.where(d["rsa"], rsa, euros)
    return (100 * euros).astype(np.int64)


def annualiser(foyers: Foyers, annee: int, alea: Alea, sortis: bool = False) -> None:
    """Give the amounts paid from January to December; `sortis`: no right lasted the whole year."""
    n, d, ages = len(foyers), foyers.droits, foyers.ages
    bareme = _bareme(annee)
    annuels = {famille: np.zeros(n, np.int64) for famille in FAMILLES}
    mois = {}
    for famille in FAMILLES:
        entiere = alea.uniforme(n) < (0.0 if sortis else 0.9 if famille == "handicap" else 0.72)
        mois[famille] = np.where(entiere, 12, alea.entier(1, 8 if sortis else 11, n))
    for nom, famille in PRESTATIONS.items():
        # The birth grant is paid once.
        annuels[famille] += foyers.montants[nom] * (1 if nom == "paje_naissance" else mois[famille])
    scolarises = ((ages >= 6) & (ages <= 17)).sum(axis=1)
    modeste = d["rsa"] | d["prime_activite"] | d["apl"] | d["alf"] | d["als"] | (foyers.aisance < 0.35)
    annuels["familiales"] += np.where(modeste, bareme["ars"] * scolarises, 0)
    # A right lost before December: a prime d'activité or a housing benefit of some months.
    perdue = ~d["rsa"] & ~d["prime_activite"] & (foyers.aisance < 0.7) & (alea.uniforme(n) < 0.10)
    annuels["precarite"] += np.where(perdue, alea.entier(6000, 24000, n) * alea.entier(1, 9, n), 0)
    perdu = ~(d["apl"] | d["alf"] | d["als"]) & (foyers.aisance < 0.6) & (alea.uniforme(n) < 0.06)
    annuels["aides_logement"] += np.where(perdu, alea.entier(5000, 26000, n) * alea.entier(1, 9, n), 0)
    foyers.annuels = annuels


def clore_les_droits(foyers: Foyers) -> None:
    """Turn foyers into ones paid during the year and without a right in December: the month's amounts go."""
    n = len(foyers)
    foyers.droit_versable = np.zeros(n, np.bool_)
    foyers.montants = {nom: np.zeros(n, np.int64) for nom in PRESTATIONS}
    foyers.nb_aeeh = np.zeros(n, np.int64)
    foyers.loyer = np.zeros(n, np.int64)
    foyers.charges = np.zeros(n, np.int64)
    foyers.impaye = np.zeros(n, np.bool_)
