"""What a reader who uses all that is published finds in drawn départements: nothing, and much where the rule
is broken. `make drills` draws thousands.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from confidentialite.arrondi_en_chaine import Arrondi
from confidentialite.relations import relations
from tests.confidentialite.attaquant import (
    ColonneInconnue,
    Lecteur,
    Trouvailles,
    ordre_refait,
    par_l_ordre,
    trouver,
)
from tests.confidentialite.mondes import Fichier, chaine_de, lire
from tests.confidentialite.tables import COMMUNES, REGLES, TABLES, changer, tirer
from tests.profondeur import PROFONDEUR

LOT = 100
"""Départements drawn at a time."""
GUICHET, MESURE = "epci_guichet_unique", "demandes_accueil_non_satisfaites"
DECLAREES = [(r.tout, r.parties) for r in relations()]


@cache
def tire(table: str, graine: int = 0) -> tuple[Fichier, Arrondi]:
    fichier = tirer(table, graine, LOT)
    return fichier, fichier.arrondir()


def _lecteur(fichier: Fichier, *publies: Arrondi, **options: object) -> Lecteur:
    return Lecteur(fichier.regles, [p.arrondis for p in publies], fichier.comptes, **options)


@pytest.mark.profond
@pytest.mark.parametrize("graine", range(PROFONDEUR.mondes // LOT))
@pytest.mark.parametrize("table", TABLES)
def test_a_reader_of_everything_finds_no_count_of_1_to_4(table: str, graine: int) -> None:
    """With exact totals of départements, what Cafdata prints, every mesure beside those that contain it."""
    fichier, publie = tire(table, graine)
    lecteur = _lecteur(fichier, publie, inclusions=[*DECLAREES, *_tenues(fichier)])
    seules = trouver({m: lecteur.poids(m) for m in fichier.regles}, fichier.regles)
    assert (seules.certaines, seules.probables, seules.sous_le_pas) == (0, 0, 0)
    ensemble = trouver(lecteur.tout_lire(), fichier.regles)
    assert (ensemble.certaines, ensemble.probables) == (0, 0)
    assert seules.lues == ensemble.lues > LOT * 4
    assert ordre_refait(publie.arrondis)


def _tenues(fichier: Fichier) -> list[tuple[tuple[str], tuple[str]]]:
    """Mesures that are never under another one, in any commune that was drawn."""
    valeurs = {m: np.array([*c.values()], dtype=float) for m, c in fichier.comptes.items()}
    return [((a,), (b,)) for a, x in valeurs.items() for b, y in valeurs.items() if a != b and (x >= y).all()]


@pytest.mark.parametrize("table", TABLES)
def test_inclusions_that_hold_in_the_data_are_declared(table: str) -> None:
    """The rounding looks at those of relations.csv alone; enough is drawn for none to hold by chance."""
    fichier = tirer(table, 0, 1500)
    dessous: dict[str, set[str]] = {m: {m} for m in fichier.regles}
    for _ in fichier.regles:
        for tout, parties in DECLAREES:
            if len(tout) == 1 and tout[0] in dessous:
                dessous[tout[0]] |= {m for p in parties for m in dessous.get(p, ())}
    tues = [(a, b) for (a,), (b,) in _tenues(fichier) if b not in dessous[a]]
    assert tues == []


def test_a_column_that_the_attacker_does_not_use_is_refused() -> None:
    fichier, publie = tire(GUICHET)
    plus = Arrondi(publie.exacts, publie.arrondis.append_column("median", publie.arrondis["rang"]))
    with pytest.raises(ColonneInconnue, match="median"):
        _lecteur(fichier, plus)


def test_exact_totals_of_epci_whose_ends_hold_two_steps_tell_nothing() -> None:
    fichier, publie = tire("caf_accueil")
    lecteur = _lecteur(fichier, publie, epci=True)
    x = _vrais(lecteur, "declarations")
    bouts = np.ones(x.shape, dtype=bool)
    bouts[:, 1:-1] = (lecteur.blocs[:, 1:-1] != lecteur.blocs[:, :-2]) | (
        lecteur.blocs[:, 1:-1] != lecteur.blocs[:, 2:]
    )
    tenus = np.where(bouts, x >= 10, True).all(axis=1)
    poids = lecteur.poids("declarations")[tenus]
    assert len(poids) > LOT / 2
    assert trouver({"declarations": poids}, fichier.regles) == Trouvailles(0, 0, 0, poids.shape[0] * COMMUNES)


def _vrais(lecteur: Lecteur, mesure: str) -> np.ndarray:
    return np.array([[lecteur.vrais[mesure][c] for c in ligne] for ligne in lecteur.codes])


def test_who_knows_that_he_is_there_is_left_four_values() -> None:
    fichier, publie = tire(GUICHET)
    lecteur = _lecteur(fichier, publie)
    x = _vrais(lecteur, MESURE)
    de = np.random.default_rng(1)
    bas = np.zeros(x.shape)
    for monde, ligne in enumerate(x):
        petites = np.flatnonzero((ligne >= 1) & (ligne <= 4))
        if len(petites):
            bas[monde, de.choice(petites)] = 1
    poids = lecteur.poids(MESURE, (bas, np.full(x.shape, np.inf)))
    laisses = (poids > 0).sum(axis=2)[(bas > 0) & poids.any(axis=2)]
    assert laisses.size > LOT / 3 and laisses.min() >= 4
    assert trouver({MESURE: poids}, fichier.regles).certaines == 0


@pytest.mark.profond
@pytest.mark.parametrize("graine", range(PROFONDEUR.mondes // LOT))
@pytest.mark.parametrize("table", TABLES)
def test_a_revision_tells_what_it_changes_and_nothing_of_what_was(table: str, graine: int) -> None:
    """Other counts that print the same, changed by as much: up to five releases print the same ever after.

    So whoever knows every change to the unit learns nothing of a count beyond what its first release says.
    """
    fichier, publie = tire(table, graine)
    chaines = {m: r for m, r in fichier.regles.items() if r.regle == "chaine"}
    fichier = replace(fichier, regles=chaines, comptes={m: fichier.comptes[m] for m in chaines})
    publie = fichier.arrondir()
    autre = _autre_verite(fichier, publie, graine)
    assert autre.comptes != fichier.comptes
    avant, d_une_autre = publie, Arrondi(autre.exacts, publie.arrondis)
    for n in range(1 + graine % 4):
        suivant = changer(fichier, n)
        # The same differences, to other counts.
        decale = replace(autre, nom=suivant.nom, comptes=_decaler(autre, fichier, suivant))
        fichier, autre = suivant, decale
        avant, d_une_autre = suivant.arrondir(avant=avant), decale.arrondir(avant=d_une_autre)
        assert avant.arrondis.equals(d_une_autre.arrondis)
        lues = lire(avant)
        assert all(v is None or v >= 0 for v in lues.values())


def _decaler(de_base: Fichier, avant: Fichier, apres: Fichier) -> Mapping[str, Mapping[str, float | None]]:
    return {
        m: {c: v + apres.comptes[m][c] - avant.comptes[m][c] for c, v in valeurs.items()}
        for m, valeurs in de_base.comptes.items()
    }


def _autre_verite(fichier: Fichier, publie: Arrondi, graine: int) -> Fichier:
    """Counts that print the same: residues moved at random, ends left as they are."""
    de, printed = np.random.default_rng([graine, 3]), lire(publie)
    suites: dict[str, list[str]] = {}
    for ligne in chaine_de(publie).to_pylist():
        suites.setdefault(ligne["departement"], []).append(ligne["code"])
    comptes = {}
    for m, regle in fichier.regles.items():
        valeurs = dict(fichier.comptes[m])
        for codes in suites.values():
            if printed[m, codes[0]] is None:
                continue
            r = [int(printed[m, c]) for c in codes]
            u = next(u for u in range(regle.pas) if _imprime([valeurs[c] for c in codes], u, regle.pas) == r)
            p = [u]
            for i, c in enumerate(codes):
                p.append(p[i] + int(valeurs[c]) - r[i])
            for i in de.permutation(np.arange(1, len(codes))):
                bas = p[i - 1] if r[i - 1] == 0 else 0
                haut = p[i + 1] if r[i] == 0 else regle.pas - 1
                p[i] = int(de.integers(bas, haut + 1))
            valeurs |= {c: r[i] + p[i + 1] - p[i] for i, c in enumerate(codes)}
        comptes[m] = valeurs
    return replace(fichier, comptes=comptes)


def _imprime(x: list[float | None], u: int, pas: int) -> list[int]:
    sommes = np.concatenate([[0], np.cumsum(np.array(x, dtype=int))]) + u
    return np.diff(pas * (sommes // pas)).tolist()


def test_the_minimal_case_of_an_order_made_from_counts() -> None:
    """An EPCI printed all 0, whose second largest stands last after a commune of a greater code."""
    communes = {"26001": ("26", "a"), "26005": ("26", "b"), "26004": ("26", "b"), "26003": ("26", "b")}
    communes |= {"26009": ("26", "c")}
    comptes = {MESURE: {"26001": 30, "26005": 2, "26004": 1, "26003": 0, "26009": 30}}
    comptes[MESURE] |= {"26006": 0}
    communes["26006"] = ("26", "b")
    habitants = {"26001": 900, "26003": 80, "26004": 50, "26005": 20, "26006": 90, "26009": 800}
    fichier = Fichier(communes, comptes, populations=habitants, regles={MESURE: REGLES[MESURE]})
    publie = fichier.arrondir(tire=lambda m, d, modulo: 0)
    suite = chaine_de(publie).to_pylist()
    imprimes = lire(publie)
    assert {imprimes[MESURE, c] for c in ("26003", "26004", "26005", "26006")} == {0}
    # By counts: 26005 (2), 26003 (0), 26006 (0), 26004 (1); the last is more than 26003 of a lesser code.
    ensembles = par_l_ordre([0, 0, 0, 0], ["26005", "26003", "26006", "26004"], 5)
    assert ensembles[3] == {1}
    assert [c["code"] for c in suite if c["epci"] == "b"] == ["26006", "26004", "26005", "26003"]
    assert ordre_refait(publie.arrondis), "what placed a commune is printed, and is no count"


# Controls: each breaks one rule, and the same reader finds many.


def _a_la_main(fichier: Fichier, mesure: str, de: np.random.Generator, *, ordre: str) -> pa.Table:
    """A table as a release prints it, rounded here: its communes in any order, or in that of their codes."""
    suites: dict[str, list[str]] = {}
    for code, (departement, _) in fichier.communes.items():
        suites.setdefault(departement, []).append(code)
    lignes = []
    for departement, codes in suites.items():
        if ordre == "hasard":
            de.shuffle(codes)
        r = _imprime([fichier.comptes[mesure][c] for c in codes], int(de.integers(5)), 5)
        lignes += [
            {"niveau": "commune", "code": c, "mesure_id": mesure, "departement": departement}
            | {"epci": fichier.communes[c][1], "rang": n, "valeur": r[n]}
            for n, c in enumerate(codes)
        ]
    return pa.Table.from_pylist(lignes)


def test_control_ends_left_to_chance() -> None:
    fichier, _ = tire(GUICHET)
    lecteur = Lecteur(
        fichier.regles,
        [_a_la_main(fichier, MESURE, np.random.default_rng(2), ordre="hasard")],
        fichier.comptes,
    )
    assert trouver({MESURE: lecteur.poids(MESURE)}, fichier.regles).sous_le_pas > 20


def test_control_each_file_rounds_again_the_years_that_it_repeats() -> None:
    fichier, _ = tire(GUICHET)
    de = np.random.default_rng(3)
    releases = [_a_la_main(fichier, MESURE, de, ordre="code") for _ in range(3)]
    trouve = []
    for n in (1, 2, 3):
        lecteur = Lecteur(fichier.regles, releases[:n], fichier.comptes)
        trouve.append(trouver({MESURE: lecteur.poids(MESURE)}, fichier.regles))
    assert trouve[0].certaines == 0 < trouve[1].certaines < trouve[2].certaines
    assert trouve[2].probables > trouve[2].certaines


def test_control_a_mesure_that_cafdata_prints_is_put_on_the_chain() -> None:
    """Cafdata says 5, hence 3 to 7; the chain says 0, hence 0 to 4: 3 or 4, and neighbours say which."""
    fichier, publie = tire(GUICHET)
    lecteur = _lecteur(fichier, publie)
    cafdata = 5 * ((_vrais(lecteur, MESURE) + 2) // 5)
    bornes = np.maximum(0, cafdata - 2).astype(float), (cafdata + 2).astype(float)
    assert trouver({MESURE: lecteur.poids(MESURE, bornes)}, fichier.regles).certaines > 0


def test_control_inclusions_that_nobody_declared() -> None:
    """The same extract, rounded without looking at them: the joint reader finds counts."""
    fichier, _ = tire("caf_extrait_allocataires")
    seules = [
        replace(fichier, regles={m: r}, comptes={m: fichier.comptes[m]}) for m, r in fichier.regles.items()
    ]
    ensemble = pa.concat_tables([f.arrondir().arrondis for f in seules])
    lecteur = _lecteur(
        fichier, Arrondi(tire("caf_extrait_allocataires")[1].exacts, ensemble), inclusions=DECLAREES
    )
    assert trouver(lecteur.tout_lire(), fichier.regles).certaines > 0
