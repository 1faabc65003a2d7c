"""What each indicateur is made of, re-typed from the definitions of the domain, and its values by level."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd

from tests.seconde_lecture import anct, cnaf, insee
from tests.seconde_lecture.fichiers import SANS_DEFINITION, SANS_FICHIER, Fichiers, HorsDePortee, Lue
from tests.seconde_lecture.impression import ASSISE

Lecteur = Callable[[Fichiers, int], Lue]

MESURES: dict[str, Lecteur] = {
    "population": insee.population,
    **{
        c: insee.comparateur(f"P18_{c}")
        for c in ("LOG", "RP", "RSECOCC", "LOGVAC", "RP_PROP", "CHOM1564", "ACT1564")
    },
    **{
        c: cnaf.cafdata(c)
        for c in (
            *("indfoy_ndur", "indnbp_ndur", "indfoy_ndurpaje", "indfoy_af"),
            *("indfoy_ndural", "indfoy_rsa", "indfoy_ppa"),
        )
    },
    "structures_france_services": anct.structures,
}

# One mesure, taken as published or added up.
SIMPLES: dict[str, Lecteur] = {
    "population_municipale": insee.population,
    "nb_communes": insee.communes,
    "nb_foyers_allocataires": MESURES["indfoy_ndur"],
    "personnes_couvertes_caf": MESURES["indnbp_ndur"],
    "nb_foyers_af": MESURES["indfoy_af"],
    "nb_communes_petites_villes_de_demain": anct.petites_villes,
    "nb_france_services": anct.france_services,
    "nb_structures_france_services": anct.structures,
    "mediane_niveau_vie": insee.filosofi("Q2{}", "MED21", "MED19"),
    "taux_pauvrete_60": insee.filosofi(de_2021="TP6021", du_comparateur="TP6019"),
    "rapport_interdecile": insee.filosofi("RD"),
    "part_prestations_sociales_revenu": insee.filosofi("PPSOC{}"),
    "nb_menages_fiscaux": insee.filosofi("NBMEN{}"),
    "taux_couverture_petite_enfance": cnaf.petite_enfance(cnaf.TAUX),
    "taux_couverture_eaje": cnaf.petite_enfance(cnaf.TAUX, "_eaje"),
    "taux_couverture_eaje_psu": cnaf.petite_enfance(cnaf.TAUX, "_psu_col"),
    "taux_couverture_eaje_hors_psu": cnaf.petite_enfance(cnaf.TAUX, "_hors_psu_col"),
    "taux_couverture_assistants_maternels": cnaf.petite_enfance(cnaf.TAUX, "_am_ind"),
    "taux_couverture_prescolarisation": cnaf.petite_enfance(cnaf.TAUX, "_prescol"),
    "taux_couverture_domicile": cnaf.petite_enfance(cnaf.TAUX, "_gad_ind"),
    "nb_places_offre_totale": cnaf.petite_enfance(cnaf.OFFRE),
}


@dataclass(frozen=True)
class Rapport:
    """A ratio: sums of mesures, factor, years between its two terms."""

    numerateur: tuple[str, ...]
    denominateur: str
    facteur: int = 100
    decalage: int = 0


RAPPORTS = {
    "part_population_couverte_caf": Rapport(("indnbp_ndur",), "population"),
    "part_allocataires_rsa": Rapport(("indfoy_rsa",), "indfoy_ndur"),
    "part_allocataires_prime_activite": Rapport(("indfoy_ppa",), "indfoy_ndur"),
    "part_foyers_paje": Rapport(("indfoy_ndurpaje",), "indfoy_ndur"),
    "part_allocataires_aide_logement": Rapport(("indfoy_ndural",), "indfoy_ndur"),
    "taux_chomage_rp": Rapport(("CHOM1564",), "ACT1564"),
    "part_residences_secondaires": Rapport(("RSECOCC",), "LOG"),
    "part_logements_vacants": Rapport(("LOGVAC",), "LOG"),
    "part_hors_residence_principale": Rapport(("RSECOCC", "LOGVAC"), "LOG"),
    "part_proprietaires": Rapport(("RP_PROP",), "RP"),
    "france_services_10000_hab": Rapport(("structures_france_services",), "population", 10_000, -2),
}
# A change between two years of a count, in percent: the count, and how many years.
CHANGEMENTS = {"evolution_population_6_ans": ("population", 6)}
# Ratios of the census: under this denominator Insee asks for care, and they are no peer of others.
DU_RECENSEMENT, EFFECTIF_MINIMAL = {"LOG", "RP", "ACT1564"}, 200
# Shares of a whole rest on what they leave too; what counts structures rests on none.
D_AUTRE_CHOSE, DE_STRUCTURES = {"part_population_couverte_caf"}, {"france_services_10000_hab"}
# What a count that Cnaf rounds may be above what it prints, commune by commune.
AU_DESSUS = {"indfoy_ndur": 2}


class Indicateurs:
    """Values of indicateurs, from the raw files."""

    def __init__(self, fichiers: Fichiers) -> None:
        self.fichiers = fichiers
        self._lues: dict[tuple[Lecteur, int], Lue] = {}
        self.valeurs, self.pairs = cache(self._valeurs), cache(self._pairs)

    def _lire(self, lecteur: Lecteur, niveau: str, millesime: int) -> tuple[pd.Series, str]:
        if (lecteur, millesime) not in self._lues:
            self._lues[lecteur, millesime] = lecteur(self.fichiers, millesime)
        lue = self._lues[lecteur, millesime]
        if niveau not in lue.niveaux:
            raise HorsDePortee(SANS_FICHIER)
        return lue.niveaux[niveau], lue.fichiers[niveau]

    def _valeurs(self, indicateur: str, niveau: str, millesime: int) -> tuple[pd.Series, str]:
        """Values by code, and the file that they come from. Raises HorsDePortee."""
        if indicateur in SIMPLES:
            return self._lire(SIMPLES[indicateur], niveau, millesime)
        if indicateur in CHANGEMENTS:
            mesure, ans = CHANGEMENTS[indicateur]
            apres, fichier = self._lire(MESURES[mesure], niveau, millesime)
            avant, ancien = self._lire(MESURES[mesure], niveau, millesime - ans)
            return (100 * (apres - avant) / avant[avant > 0]).dropna(), f"{fichier} / {ancien}"
        if indicateur not in RAPPORTS:
            raise HorsDePortee(SANS_DEFINITION)
        rapport = RAPPORTS[indicateur]
        termes = [self._lire(MESURES[m], niveau, millesime) for m in rapport.numerateur]
        diviseur, fichier = self._lire(MESURES[rapport.denominateur], niveau, millesime + rapport.decalage)
        numerateur = sum((t for t, _ in termes[1:]), start=termes[0][0])
        quotients = (rapport.facteur * numerateur / diviseur[diviseur > 0]).dropna()
        return quotients, " / ".join(dict.fromkeys([*(chemin for _, chemin in termes), fichier]))

    def base(self, indicateur: str, niveau: str, millesime: int) -> pd.Series | None:
        """What a share or an evolution rests on, by code; None of what is neither. Raises HorsDePortee."""
        if indicateur in CHANGEMENTS:
            mesure, ans = CHANGEMENTS[indicateur]
            return self._lire(MESURES[mesure], niveau, millesime - ans)[0]
        if (rapport := RAPPORTS.get(indicateur)) is None:
            return None
        return self._lire(MESURES[rapport.denominateur], niveau, millesime + rapport.decalage)[0]

    def _pairs(self, indicateur: str, niveau: str, millesime: int) -> pd.Series:
        """Values that others may be set beside: none of too few. Raises HorsDePortee."""
        valeurs, _ = self.valeurs(indicateur, niveau, millesime)
        diviseur, rapport = self.base(indicateur, niveau, millesime), RAPPORTS.get(indicateur)
        if diviseur is None:
            return valeurs
        diviseur = diviseur.reindex(valeurs.index)
        # Wider territories are of more, and their bound with them.
        plus = AU_DESSUS.get(rapport.denominateur, 0) if rapport else 0
        assez = valeurs[(diviseur + plus >= ASSISE) | (niveau != "commune")]
        if rapport is None or indicateur in DE_STRUCTURES:
            return assez
        numerateur = sum(self._lire(MESURES[m], niveau, millesime)[0] for m in rapport.numerateur)
        if rapport.denominateur not in DU_RECENSEMENT:
            laisse = numerateur if indicateur in D_AUTRE_CHOSE else diviseur - numerateur
            moindre = pd.concat([laisse, numerateur], axis=1).min(axis=1)
            return assez[moindre.reindex(assez.index) >= ASSISE]
        moindre = pd.concat([diviseur, numerateur], axis=1).min(axis=1)
        return valeurs[moindre.reindex(valeurs.index) >= EFFECTIF_MINIMAL]
