"""Drawn tables of persons, with the mesures and steps of the dictionary: an extract, two registers."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from confidentialite.regle import lire
from orchestration.nuit.base import MESURES
from tests.confidentialite.mondes import Fichier

COMMUNES, EPCI = 24, 3
TABLES = ("caf_extrait_allocataires", "caf_accueil", "epci_guichet_unique")
REGLES = lire(MESURES)
Comptes = dict[str, np.ndarray]


def tirer(
    table: str,
    graine: int,
    departements: int,
    communes: int = COMMUNES,
    epci: int = EPCI,
    villages: tuple[float, float] = (0.5, 5.5),
) -> Fichier:
    """Draw départements of villages, with a town and a bourg by EPCI.

    `villages`: logarithms of the least and the greatest population; by default many have one foyer.
    """
    de = np.random.default_rng([graine, TABLES.index(table)])
    rangs = np.tile(np.arange(communes), departements)
    habitants = np.where(
        rangs < epci,
        de.integers(2000, 6000, rangs.size),
        np.where(
            rangs < 2 * epci,
            de.integers(900, 2000, rangs.size),
            np.exp(de.uniform(*villages, rangs.size)).astype(int),
        ),
    )
    comptes = {
        "caf_extrait_allocataires": _extrait,
        "caf_accueil": _accueil,
        "epci_guichet_unique": _guichet,
    }[table](de, habitants)
    codes = [f"{n // communes:04}{n % communes:03}" for n in range(rangs.size)]
    return Fichier(
        {c: (c[:4], f"{c[:4]}e{r % epci}") for c, r in zip(codes, rangs, strict=True)},
        {m: dict(zip(codes, map(int, valeurs), strict=True)) for m, valeurs in comptes.items()},
        populations=dict(zip(codes, map(int, habitants), strict=True)),
        regles={m: REGLES[m] for m in comptes},
    )


def _guichet(de: np.random.Generator, habitants: np.ndarray) -> Comptes:
    return {"demandes_accueil_non_satisfaites": de.poisson(habitants * 0.012)}


def _accueil(de: np.random.Generator, habitants: np.ndarray) -> Comptes:
    declarations = de.poisson(habitants * 0.3)
    return {
        "contacts_caf": de.poisson(habitants * 0.25),
        "rendez_vous_droits": de.poisson(habitants * 0.01),
        "declarations": declarations,
        "declarations_en_ligne": de.binomial(declarations, 0.9),
    }


def _extrait(de: np.random.Generator, habitants: np.ndarray) -> Comptes:
    """Draw foyers one by one: what one is, another mesure says of it too."""
    # The year's foyers; those of December are a part of them.
    annee = de.binomial(habitants, 0.09)
    commune = np.repeat(np.arange(habitants.size), annee)
    n = commune.size

    def part(de_qui: np.ndarray, taux: float) -> np.ndarray:
        return de_qui & (de.random(n) < taux)

    tous = np.ones(n, dtype=bool)
    decembre = part(tous, 0.93)
    connu = part(decembre, 0.95)
    moins_800 = part(connu, 0.5)
    familles = part(decembre, 0.55)
    enfants = np.where(familles, de.integers(1, 5, n), 0)
    mono = part(familles, 0.35)
    reference = part(decembre, 0.8)
    bas = part(reference, 0.35)
    fragiles = part(reference & ~bas, 0.25)
    dependance_50 = part(reference, 0.3)
    dependance_75 = part(dependance_50, 0.7)
    logement = part(decembre, 0.45)
    foyers = {
        "allocataires_annee": tous,
        "foyers_allocataires": decembre,
        "foyers_extrait": decembre,
        "foyers_qf_connu": connu,
        "foyers_qf_moins_800": moins_800,
        "foyers_qf_moins_400": part(moins_800, 0.4),
        "foyers_rsa": part(decembre, 0.12),
        "foyers_aide_logement": logement,
        "foyers_apl": part(logement, 0.6),
        "foyers_effort_logement": part(logement, 0.9),
        "foyers_sans_courriel": part(decembre, 0.05),
        "impayes_loyer": part(decembre, 0.02),
        "familles_allocataires": familles,
        "familles_monoparentales_allocataires": mono,
        "familles_nombreuses_allocataires": familles & (enfants >= 3),
        "allocataires_reference": reference,
        "allocataires_bas_revenus": bas,
        "allocataires_fragiles": fragiles,
        "monoparentales_reference": mono & reference,
        "monoparentales_bas_revenus": mono & bas,
        "allocataires_dependance_50": dependance_50,
        "allocataires_dependance_75": dependance_75,
        "allocataires_dependance_100": part(dependance_75, 0.6),
    }
    comptes = {m: np.bincount(commune[qui], minlength=habitants.size) for m, qui in foyers.items()}
    personnes = {
        "personnes_couvertes": np.where(decembre, 1 + enfants, 0),
        "enfants_reference": np.where(reference, enfants, 0),
        "enfants_bas_revenus": np.where(bas, enfants, 0),
    }
    for m, combien in personnes.items():
        comptes[m] = np.bincount(commune, combien, minlength=habitants.size).astype(int)
    return comptes


def changer(fichier: Fichier, graine: int, communes: int = 2) -> Fichier:
    """Return the same file, some communes of each département changed in all mesures."""
    de = np.random.default_rng([graine, 77])
    par_departement: dict[str, list[str]] = {}
    for code, (departement, _) in fichier.communes.items():
        par_departement.setdefault(departement, []).append(code)
    facteur = {c: 2 for codes in par_departement.values() for c in de.choice(codes, communes, replace=False)}
    comptes: dict[str, Mapping[str, float | None]] = {
        m: {c: (v or 0) * facteur.get(c, 1) for c, v in valeurs.items()}
        for m, valeurs in fichier.comptes.items()
    }
    return replace(fichier, comptes=comptes, nom=f"{fichier.nom}+{graine}")
