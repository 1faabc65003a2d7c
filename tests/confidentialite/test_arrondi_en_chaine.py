"""The rounding, as a specification: small files, what is printed of them, and what always holds."""

from dataclasses import replace

import pytest

from confidentialite.arrondi_en_chaine import IMPRIME, TROP_PETIT
from tests.confidentialite.mondes import REGLES, Fichier, chaine_de, lire, tirer

FAMILLES = "familles_allocataires"


def _petit(*comptes: float, epci: str = "aaaa", mesure: str = FAMILLES) -> Fichier:
    """One département: a count by commune, in the order of the codes; the letter of each is its EPCI."""
    communes = {f"26{n:03}": ("26", e) for n, e in zip(range(1, len(comptes) + 1), epci, strict=False)}
    return Fichier(communes, {mesure: dict(zip(communes, comptes, strict=True))})


def _au_depart(fichier: Fichier, u: int, **options) -> list[float | None]:
    """What is printed of the communes, in the order of their codes, from a start."""
    valeurs = lire(fichier.arrondir(tire=lambda m, d, modulo: u, **options))
    (mesure,) = fichier.comptes
    return [valeurs[mesure, c] for c in sorted(fichier.communes)]


@pytest.mark.parametrize(
    ("u", "imprime"),
    [
        # 21 (4) first, then 3 (2) and 1 (3) by code, 20 (1) last: running sums from the start 21 24 25 45.
        (0, [20, 0, 5, 20]),
        # 23 26 27 47
        (2, [20, 5, 0, 20]),
        # 25 28 29 49
        (4, [20, 0, 0, 25]),
    ],
)
def test_the_rounded_running_sum_goes_from_one_commune_to_the_next(u: int, imprime: list[float]) -> None:
    assert _au_depart(_petit(20, 3, 1, 21), u) == imprime


@pytest.mark.parametrize(
    ("tailles", "epci", "ordre"),
    [
        # One EPCI: its largest first, its second largest last, the others by code.
        ([3, 50, 2, 40], "aaaa", "2134"),
        # Two: that of the largest first, 70 5 40; the other ends on its own, 50 9 60.
        ([9, 50, 70, 40, 5, 60], "bbaaab", "354216"),
        # No EPCI is one like another.
        ([1, 2, 3], [None, None, None], "312"),
    ],
)
def test_the_order_of_a_chain(tailles: list[int], epci: str, ordre: str) -> None:
    fichier = _petit(*tailles, epci=epci)
    suite = sorted(chaine_de(fichier.arrondir()).to_pylist(), key=lambda c: c["rang"])
    assert "".join(c["code"][-1] for c in suite) == ordre


def test_a_departement_whose_ends_hold_less_than_two_steps_is_not_published() -> None:
    arrondi = _petit(9, 1, 200).arrondir()
    assert set(lire(arrondi).values()) == {None}
    assert set(lire(arrondi, colonne="marque").values()) == {TROP_PETIT}


def test_each_departement_has_its_chain_and_an_epci_over_two_is_in_both() -> None:
    communes = {c: (c[:2], "e") for c in ("26001", "26002", "26003", "84001", "84002", "84003")}
    fichier = Fichier(communes, {FAMILLES: dict(zip(communes, (30, 2, 40, 50, 3, 60), strict=True))})
    # 26: 40 (3) 2 (2) 30 (1), from 1: 41 43 73. 84: 60 (3) 3 (2) 50 (1), from 3: 63 66 116.
    valeurs = lire(fichier.arrondir(tire=lambda m, d, modulo: {"26": 1, "84": 3}[d]))
    assert [valeurs[FAMILLES, c] for c in sorted(communes)] == [30, 0, 40, 50, 5, 60]
    rangs = lire(fichier.arrondir(), colonne="rang")
    assert sorted(rangs[FAMILLES, c] for c in communes if c.startswith("26")) == [1, 2, 3]
    assert sorted(rangs[FAMILLES, c] for c in communes if c.startswith("84")) == [1, 2, 3]


def test_what_cnaf_prints_is_rounded_to_five_at_each_level_apart() -> None:
    fichier = _petit(7, 8, 2, 3, mesure="foyers_allocataires")
    arrondi = fichier.arrondir()
    assert [lire(arrondi)["foyers_allocataires", c] for c in sorted(fichier.communes)] == [5, 10, 0, 5]
    assert lire(arrondi, "epci")["foyers_allocataires", "a"] == 20
    assert set(lire(arrondi, "epci", "amplitude").values()) == {2}


def test_what_cnaf_prints_by_commune_that_year_starts_at_the_epci() -> None:
    fichier = _petit(33, 21, 2, 55, 40, 31, epci="abaabb", mesure="enfants")
    arrondi = fichier.arrondir(2018)
    assert set(lire(arrondi, colonne="marque").values()) == {IMPRIME}
    parts, epci = lire(arrondi, "part"), lire(arrondi, "epci")
    assert parts == epci
    assert all(abs(epci["enfants", e] - vrai) < 10 for e, vrai in {"a": 90, "b": 92}.items())
    assert lire(arrondi, "departement")["enfants", "26"] == sum(epci.values())
    assert lire(fichier.arrondir(2022), "part") == {}


def test_a_blank_keeps_its_reason_and_adds_nothing() -> None:
    fichier = _petit(30, 4, 2, 60)
    troue = replace(
        fichier,
        comptes={FAMILLES: {**fichier.comptes[FAMILLES], "26002": None}},
        marques={(FAMILLES, "26002"): "manquant"},
    )
    assert lire(troue.arrondir())[FAMILLES, "26002"] is None
    assert lire(troue.arrondir(), colonne="marque")[FAMILLES, "26002"] == "manquant"
    sans = replace(fichier, comptes={FAMILLES: {**fichier.comptes[FAMILLES], "26002": 0}})
    for code in ("26001", "26003", "26004"):
        assert lire(troue.arrondir())[FAMILLES, code] == lire(sans.arrondir())[FAMILLES, code]


@pytest.mark.parametrize("graine", range(5))
def test_a_sum_is_as_near_as_one_commune_is(graine: int) -> None:
    fichier = tirer(graine, departements=2, communes=40)
    arrondi = fichier.arrondir()
    valeurs, amplitudes = lire(arrondi), lire(arrondi, colonne="amplitude")
    territoires: dict[str, set[str]] = {}
    for code, (departement, epci) in fichier.communes.items():
        for t in (code, departement, str(epci)):
            territoires.setdefault(t, set()).add(code)
    for mesure, regle in REGLES.items():
        if regle.regle == "chaine":
            amplitude = regle.pas - (0.01 if regle.montant else 1)
            for communes in territoires.values():
                erreur = sum(valeurs[mesure, c] - fichier.comptes[mesure][c] for c in communes)
                assert abs(erreur) <= amplitude + 1e-6
            assert {valeurs[mesure, c] % regle.pas for c in fichier.communes} == {0}
            assert {amplitudes[mesure, c] for c in fichier.communes} == {amplitude}


@pytest.mark.parametrize("graine", range(5))
def test_revisions_move_what_changed_alone_and_stay_near(graine: int) -> None:
    fichier = tirer(graine, departements=2)
    avant = fichier.arrondir()
    for n, combien in enumerate((200, 50, 3), 1):
        change = dict(fichier.comptes[FAMILLES])
        touchees = [c for c in sorted(change) if hash((c, n, graine)) % 7 == 0]
        for k, code in enumerate(touchees):
            change[code] = max(0, change[code] + (combien // len(touchees) + 1) * (-1) ** k)
        fichier = replace(fichier, comptes={**fichier.comptes, FAMILLES: change}, nom=f"revision {n}")
        apres = fichier.arrondir(avant=avant)
        anciennes, nouvelles = lire(avant), lire(apres)
        amplitude = lire(apres, colonne="amplitude")
        for cle, valeur in nouvelles.items():
            assert valeur >= 0
            if cle[1] not in touchees or cle[0] != FAMILLES:
                assert valeur == anciennes[cle]
        for code in fichier.communes:
            assert abs(nouvelles[FAMILLES, code] - change[code]) <= amplitude[FAMILLES, code]
        for departement in ("0000", "0001"):
            siennes = [c for c, (d, _) in fichier.communes.items() if d == departement]
            erreur = sum(nouvelles[FAMILLES, c] - change[c] for c in siennes)
            assert abs(erreur) <= max(amplitude[FAMILLES, c] for c in siennes)
        avant = apres


def test_a_count_that_falls_to_nobody_is_never_printed_below_zero() -> None:
    fichier = _petit(30, 4, 4, 4, 4, 60, epci="aaaaaa")
    parti = replace(
        fichier,
        comptes={
            FAMILLES: {**fichier.comptes[FAMILLES], **dict.fromkeys(("26002", "26003", "26004", "26005"), 0)}
        },
        nom="b",
    )
    for u in range(5):
        avant = fichier.arrondir(tire=lambda m, d, modulo, u=u: u)
        for v in range(5):
            apres = lire(parti.arrondir(avant=avant, tire=lambda m, d, modulo, v=v: v))
            assert min(apres.values()) >= 0
            assert abs(sum(apres.values()) - 90) <= 4 + 4 + 5


def test_a_new_commune_is_never_an_end_of_a_chain_that_is_revised() -> None:
    fichier = _petit(30, 4, 60)
    avant = fichier.arrondir()
    plus = _petit(30, 4, 60, 900)
    rangs = lire(plus.arrondir(avant=avant), colonne="rang")
    assert [rangs[FAMILLES, c] for c in sorted(plus.communes)] == [4, 2, 1, 3]


def test_the_same_file_is_rounded_alike_and_another_key_or_file_otherwise() -> None:
    fichier = tirer(3)
    assert fichier.arrondir().arrondis.equals(fichier.arrondir().arrondis)
    envers = replace(fichier, comptes={m: dict(reversed(v.items())) for m, v in fichier.comptes.items()})
    assert envers.arrondir().arrondis.equals(fichier.arrondir().arrondis)
    assert lire(fichier.arrondir(cle=b"autre")) != lire(fichier.arrondir())
    assert lire(replace(fichier, nom="b").arrondir()) != lire(fichier.arrondir())


def test_one_foyer_more_moves_each_cell_by_one_step_at_most() -> None:
    fichier = tirer(5)
    avant = lire(fichier.arrondir())
    for code in list(fichier.communes)[::5]:
        plus = {**fichier.comptes[FAMILLES], code: fichier.comptes[FAMILLES][code] + 1}
        apres = lire(
            replace(fichier, comptes={**fichier.comptes, FAMILLES: plus}).arrondir(ordre=fichier.ordre)
        )
        assert max(abs(apres[cle] - avant[cle]) for cle in avant) <= 5
