"""Attacks that put mesures together: one count under two names, parts that are more than what is left of
wholes.

Drawn worlds are masked by the engine with and without what `relations.csv` says, and attacked by rational
elimination (`oracle.py`) and by the auditor, which must find by itself what the engine without it lets out.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from petits_marts import EXIGENCES, Marts
from petits_marts import Indicateur as Montre

from confidentialite.preuve.constats import Constats
from confidentialite.regle.parametres import Relations
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import MILLESIME, SANS_RELATION, Indicateur, Monde, masquer

Juger = Callable[..., Constats]
NOMS = (
    Indicateur("nb_foyers", "foyers_allocataires"),
    Indicateur("part_rsa", "foyers_rsa", "foyers_allocataires"),
    Indicateur("part_sans_courriel", "foyers_sans_courriel", "foyers_extrait"),
)
IDENTITE = Relations({"foyers_extrait": ("foyers_allocataires",)}, ())
# Families are foyers, and so are allocataires of reference, who are poor, or nearly so, but never both.
COMPTES = tuple(
    Indicateur(f"nb_{m}", m) for m in ("foyers", "familles", "reference", "bas_revenus", "fragiles")
)
MAJORATIONS = Relations(
    {},
    (),
    (
        (("foyers",), ("familles",)),
        (("foyers",), ("reference",)),
        (("reference",), ("bas_revenus", "fragiles")),
    ),
)


def _monde(valeurs: dict[str, dict[str, int]], indicateurs: tuple[Indicateur, ...]) -> Monde:
    communes = sorted(set().union(*valeurs.values()))
    coupe = len(communes) // 2
    return Monde(
        {(MILLESIME, m): v for m, v in valeurs.items()},
        {
            **{("commune", c): [c] for c in communes},
            ("epci", "x"): communes[:coupe],
            ("epci", "y"): communes[coupe:],
            ("departement", "26"): communes,
        },
        indicateurs,
    )


def deux_noms(graine: int) -> Monde:
    alea = np.random.default_rng([graine, 6])
    valeurs: dict[str, dict[str, int]] = {
        m: {} for m in ("foyers_allocataires", "foyers_extrait", "foyers_rsa", "foyers_sans_courriel")
    }
    for k in range(6):
        n = int(alea.integers(1, 16))
        valeurs["foyers_allocataires"][f"c{k}"] = valeurs["foyers_extrait"][f"c{k}"] = n
        for m in ("foyers_rsa", "foyers_sans_courriel"):
            valeurs[m][f"c{k}"] = int(alea.binomial(n, alea.uniform(0, 1)))
    return _monde(valeurs, NOMS)


def comptes(graine: int) -> Monde:
    alea = np.random.default_rng([graine, 7])
    valeurs: dict[str, dict[str, int]] = {i.numerateur: {} for i in COMPTES}
    for k in range(6):
        n = int(alea.integers(1, 13))
        reference = int(alea.binomial(n, 0.85))
        bas = int(alea.binomial(reference, 0.6))
        lus = n, int(alea.binomial(n, 0.8)), reference, bas, int(alea.binomial(reference - bas, 0.8))
        for m, v in zip(valeurs, lus, strict=True):
            valeurs[m][f"c{k}"] = v
    return _monde(valeurs, COMPTES)


def sous_un_nom(monde: Monde) -> Monde:
    """The same rows, read by who knows that the two names are one."""
    return replace(
        monde,
        indicateurs=[
            replace(
                i,
                denominateur=i.denominateur
                and i.denominateur.replace("foyers_extrait", "foyers_allocataires"),
            )
            for i in monde.indicateurs
        ],
    )


def trahis(monde: Monde, masques: oracle.Masques) -> bool:
    """Whether a row of somebody, or what must not be computed, is a combination of what is shown."""
    lu = sous_un_nom(monde)
    numerateurs = {i.indicateur_id: i.numerateur for i in lu.indicateurs}
    # A share of nobody, once its whole is known, tells of nobody.
    return bool(
        oracle.exactes([(lu, masques)], oracle.primaires(lu))
        or any(
            lu.somme(numerateurs[indicateur_id], *territoire_id.split(":"))
            for territoire_id, _, indicateur_id in oracle.lignes_recalculables([(lu, masques)])
        )
    )


def marts(monde: Monde, masques: oracle.Masques) -> Marts:
    """The marts of a world under these masks."""
    return Marts(
        {c: e for (n, e), siennes in monde.territoires.items() if n == "epci" for c in siennes},
        {(m, annee): v for (annee, m), v in monde.valeurs.items()},
        {
            i.indicateur_id: Montre(
                "ratio" if i.denominateur else "somme",
                i.numerateur,
                i.denominateur,
                part=bool(i.denominateur),
            )
            for i in monde.indicateurs
        },
        masques,
        niveaux=("commune", "epci", "departement"),
    )


def _attaquer_deux_noms(mondes: range, juger: Juger) -> tuple[int, int, int]:
    """How many worlds give something away without the identity, how many the auditor finds, with it."""
    avant = trouves = apres = 0
    exigences = replace(EXIGENCES, relations={t: "+".join(p) for t, p in IDENTITE.sommes.items()})
    for graine in mondes:
        monde = deux_noms(graine)
        sans, avec = (masquer(monde, relations=liens) for liens in (SANS_RELATION, IDENTITE))
        apres += trahis(monde, avec)
        if trahis(monde, sans):
            avant += 1
            echecs = juger(marts(monde, sans), exigences=exigences).echecs
            trouves += "exacte" in {c.nature for c in echecs}
            assert not juger(marts(monde, avec), exigences=exigences).echecs
    return avant, trouves, apres


def test_one_count_under_two_names_is_one_cell(juger: Juger) -> None:
    avant, trouves, apres = _attaquer_deux_noms(range(30), juger)
    assert avant >= 3 and trouves and apres == 0


@pytest.mark.drill
def test_one_count_under_two_names_is_one_cell_at_length(juger: Juger) -> None:
    avant, trouves, apres = _attaquer_deux_noms(range(3_000), juger)
    assert avant > 100 and trouves and apres == 0


def _attaquer_les_majorations(mondes: range, juger: Juger) -> tuple[int, int]:
    avant = apres = 0
    exigences = replace(EXIGENCES, majorations=MAJORATIONS.majorations)
    for graine in mondes:
        monde = comptes(graine)
        for liens in (SANS_RELATION, MAJORATIONS):
            echecs = juger(marts(monde, masquer(monde, relations=liens)), exigences=exigences).echecs
            if liens is SANS_RELATION:
                avant += bool(echecs)
            else:
                apres += bool(echecs)
    return avant, apres


def test_what_wholes_leave_does_not_pin_a_hidden_count(juger: Juger) -> None:
    avant, apres = _attaquer_les_majorations(range(30), juger)
    assert avant and apres == 0


@pytest.mark.drill
def test_what_wholes_leave_does_not_pin_a_hidden_count_at_length(juger: Juger) -> None:
    avant, apres = _attaquer_les_majorations(range(1_000), juger)
    assert avant > 30 and apres == 0
