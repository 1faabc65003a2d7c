"""What the attacker finds in a thousand drawn départements: nothing, and much where the rule is broken."""

import random
from dataclasses import replace

import pytest

from confidentialite.chaine import Arrondi
from tests.confidentialite.attaquant import possibles, residus_d_une_revision, trouvailles
from tests.confidentialite.mondes import Fichier, chaine_de, lire, tirer

MONDES = 1000
MESURE = "familles_allocataires"


@pytest.fixture(scope="module")
def fichier() -> Fichier:
    return tirer(7, departements=MONDES)


@pytest.fixture(scope="module")
def publie(fichier: Fichier) -> Arrondi:
    return fichier.arrondir()


@pytest.fixture(scope="module")
def petit() -> Fichier:
    """Fewer, for what is rounded several times."""
    return tirer(8, departements=50)


def _chaines(fichier: Fichier, arrondi: Arrondi, mesure: str = MESURE):
    """Each département: its communes in the order of the chain, what is printed, what is true."""
    ordre: dict[str, list[tuple[int, str]]] = {}
    for ligne in chaine_de(arrondi).to_pylist():
        ordre.setdefault(ligne["departement"], []).append((ligne["rang"], ligne["code"]))
    printed = lire(arrondi)
    for suite in ordre.values():
        codes = [code for _, code in sorted(suite)]
        r = [printed[mesure, c] for c in codes]
        if None not in r:
            yield codes, [int(v) for v in r], [int(fichier.comptes[mesure][c]) for c in codes]


def _totaux(fichier: Fichier, codes: list[str], vrais: list[int]) -> dict[int, int]:
    """The exact running sums that the exact totals of EPCI give, one after the other."""
    fins, cumul = {}, 0
    for i, (code, v) in enumerate(zip(codes, vrais, strict=True), 1):
        cumul += v
        if i == len(codes) or fichier.communes[codes[i]][1] != fichier.communes[code][1]:
            fins[i] = cumul
    return fins


def _trouve(fichier: Fichier, arrondi: Arrondi, mesure: str = MESURE, combien: int = MONDES) -> int:
    """How many counts of 1 to 4 are known to the reader who has the exact total of the département."""
    n = 0
    for codes, r, vrais in list(_chaines(fichier, arrondi, mesure))[:combien]:
        ensembles = possibles(r, 5, {len(codes): sum(vrais)})
        assert all(v in e for v, e in zip(vrais, ensembles, strict=True))
        n += len(trouvailles(ensembles))
    return n


def test_the_exact_total_of_the_departement_gives_no_count_away(fichier: Fichier, publie: Arrondi) -> None:
    assert _trouve(fichier, publie) == 0


def test_nor_do_those_of_all_its_epci_whose_two_largest_communes_hold_two_steps(
    fichier: Fichier, publie: Arrondi
) -> None:
    for codes, r, vrais in _chaines(fichier, publie):
        reperes = _totaux(fichier, codes, vrais)
        bouts = {0, len(codes) - 1, *reperes} | {i - 1 for i in reperes}
        if all(vrais[i] >= 10 for i in bouts if i < len(codes)):
            ensembles = possibles(r, 5, reperes)
            assert not trouvailles(ensembles)
            assert min(len(e) for e in ensembles) >= 5


def test_nor_does_who_lives_there_and_knows_the_total(fichier: Fichier, publie: Arrondi) -> None:
    de = random.Random(1)
    for codes, r, vrais in _chaines(fichier, publie):
        petits = [i for i, v in enumerate(vrais) if 1 <= v <= 4]
        if petits:
            moi = de.choice(petits)
            ensembles = possibles(r, 5, {len(codes): sum(vrais)}, au_moins={moi: 1})
            assert not trouvailles(ensembles) and len(ensembles[moi]) >= 4


def test_nor_do_cafdata_s_foyers_of_which_families_are_a_part(fichier: Fichier, publie: Arrondi) -> None:
    cafdata = lire(publie)
    retenues = {c for (m, c), r in lire(publie, colonne="retenue").items() if m == MESURE and r}
    n = 0
    for codes, r, vrais in _chaines(fichier, publie):
        plafonds = {i: int(cafdata["foyers_allocataires", c]) + 2 for i, c in enumerate(codes)}
        trouves = trouvailles(possibles(r, 5, {len(codes): sum(vrais)}, au_plus=plafonds))
        n += len([i for i in trouves if codes[i] not in retenues])
    assert n == 0


def test_a_revision_tells_nothing_of_the_communes_that_it_leaves(petit: Fichier) -> None:
    suite, avant = petit, petit.arrondir()
    (premieres, *_), *_ = _chaines(petit, avant)
    for n in range(1, 5):
        suite = _un_foyer_de_plus(suite, premieres[0], f"revision {n}")
        apres = suite.arrondir(avant=avant)
        avant_lu = lire(avant)
        changees = {k for k, v in lire(apres).items() if v != avant_lu[k] and k[0] == MESURE}
        assert changees <= {(MESURE, premieres[0])}
        avant = apres


def _un_foyer_de_plus(fichier: Fichier, commune: str, nom: str) -> Fichier:
    familles = {**fichier.comptes[MESURE], commune: fichier.comptes[MESURE][commune] + 1}
    return replace(fichier, comptes={**fichier.comptes, MESURE: familles}, nom=nom)


# Controls: each breaks one rule, and the same reader finds many.


def test_control_ends_left_to_chance(fichier: Fichier) -> None:
    """Who lives alone in the first or the last commune learns it from the total of the département."""
    n = 0
    for codes, r, vrais in _a_la_main(fichier):
        for bout in (0, len(codes) - 1):
            if vrais[bout] >= 1:
                ensembles = possibles(r, 5, {len(codes): sum(vrais)}, au_moins={bout: 1})
                n += bout in trouvailles(ensembles)
    assert n > 2


def test_control_a_start_that_everybody_knows(fichier: Fichier) -> None:
    """With ends left to chance, as above, it gives five times as many away."""
    n = 0
    for codes, r, vrais in _a_la_main(fichier, 0):
        for bout in (0, len(codes) - 1):
            if vrais[bout] >= 1:
                total = {len(codes): sum(vrais)}
                n += bout in trouvailles(possibles(r, 5, total, au_moins={bout: 1}, connu=0))
    assert n > 20


def _a_la_main(fichier: Fichier, connu: int | None = None):
    """Chains in any order, rounded without looking at their ends, which the code would refuse."""
    suites: dict[str, list[str]] = {}
    for code, (dep, _) in fichier.communes.items():
        suites.setdefault(dep, []).append(code)
    for dep, codes in suites.items():
        de = random.Random(dep)
        de.shuffle(codes)
        vrais = [int(fichier.comptes[MESURE][c]) for c in codes]
        u, s, r = de.randrange(5) if connu is None else connu, 0, []
        for v in vrais:
            r.append(5 * ((s + v + u) // 5) - 5 * ((s + u) // 5))
            s += v
        yield codes, r, vrais


def test_control_a_revision_that_is_rounded_anew(petit: Fichier) -> None:
    n, publie, meme_nom = 0, petit.arrondir(), petit
    anews: list[Arrondi] = []
    for _ in range(4):
        comptes = dict(meme_nom.comptes[MESURE])
        for codes, *_ in _chaines(petit, publie):
            comptes[codes[0]] += 1
        meme_nom = replace(meme_nom, comptes={**meme_nom.comptes, MESURE: comptes})
        anews.append(meme_nom.arrondir(ordre=petit.ordre))
    suites = [dict((c[0], r) for c, r, _ in _chaines(petit, a)) for a in anews]
    for codes, r, vrais in _chaines(petit, publie):
        residus = residus_d_une_revision(r, [s[codes[0]] for s in suites], 5)
        for i in range(1, len(codes)):
            if residus[i] is not None and residus[i - 1] is not None:
                dit = r[i] + residus[i] - residus[i - 1]
                assert dit == vrais[i]
                n += 1 <= dit <= 4
    assert n > 200


def test_control_a_mesure_that_cafdata_prints_is_put_on_the_chain(fichier: Fichier) -> None:
    """Cafdata says 5, hence 3 to 7; the chain says 0, hence 0 to 4:

    it is 3 or 4, and neighbours say which.
    """
    deux = replace(fichier, comptes={MESURE: fichier.comptes[MESURE]})
    chaine = deux.arrondir()
    n = 0
    for codes, r, vrais in _chaines(deux, chaine):
        cafdata = [5 * ((v + 2) // 5) for v in vrais]
        bas = {i: max(0, v - 2) for i, v in enumerate(cafdata)}
        haut = {i: v + 2 for i, v in enumerate(cafdata)}
        n += len(trouvailles(possibles(r, 5, {len(codes): sum(vrais)}, bas, haut)))
    assert n > 20


def test_the_start_need_not_be_secret_for_one_file(fichier: Fichier) -> None:
    """Where the ends hold two steps, a start that everybody knows gives nothing away:

    revisions ask for it.
    """
    connu = fichier.arrondir(tire=lambda m, d, modulo: 0)
    for codes, r, vrais in _chaines(fichier, connu):
        assert not trouvailles(possibles(r, 5, {len(codes): sum(vrais)}, connu=0))
