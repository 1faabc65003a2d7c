"""A figure has one printed form: the cases that go wrong elsewhere, and the SQL that prints the same."""

import csv
import math
from datetime import date, timedelta

import duckdb
import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.racine import RACINE
from socle.affichage import (
    LIMITE,
    MARQUES,
    Unite,
    afficher,
    afficher_ecart,
    afficher_relative,
    arrondi,
    compter,
    date_longue,
    intervalle,
    nombre,
)

DBT = RACINE / "dbt_project"
with (DBT / "seeds" / "unites.csv").open(encoding="utf-8", newline="") as fichier:
    UNITES = {ligne["unite"]: Unite.lire(ligne) for ligne in csv.DictReader(fichier)}


@pytest.mark.parametrize(
    ("valeur", "unite", "decimales", "attendu"),
    [
        (57.2, "pourcent", 1, "57,2\u202f%"),
        # The doubles lie below the tie that their decimals write.
        (2.675, "rapport", 2, "2,68"),
        (31.45, "pourcent", 1, "31,5\u202f%"),
        (-2.5, "places", 0, "−3"),
        (-0.04, "pourcent", 1, "0,0\u202f%"),
        (-0.0, "places", 0, "0"),
        (5e-324, "places", 0, "0"),
        (15.999999, "pourcent", 1, "16,0\u202f%"),
        # What a quotient of doubles leaves of 68.75, and a figure that lies below it.
        (68.74999999999997, "pourcent", 1, "68,8\u202f%"),
        (68.7499999, "pourcent", 1, "68,7\u202f%"),
        (18464843.2, "EUR", 0, "18\u202f464\u202f843\u202f€"),
        (4481.756, "EUR par allocataire", 2, "4\u202f481,76\u202f€"),
        (20908, "personnes", 0, "20\u202f908"),
        (37.5, "evolution en pourcent", 1, "+37,5\u202f%"),
        (-20.0, "evolution en pourcent", 1, "−20,0\u202f%"),
        (0.04, "evolution en pourcent", 1, "0,0\u202f%"),
        (24.0, "evolution en places", 0, "+24"),
        (64.3, "places pour 100 enfants", 1, "64,3"),
        (2019.0, "annee", 0, "2019"),
        (1.0, "booleen", 0, "oui"),
        (0.0, "booleen", 0, "non"),
        ("oui", "booleen", 0, "oui"),
        ("2025-01-01", "date", 0, "1er janvier 2025"),
        ("2029-12-31", "date", 0, "31 décembre 2029"),
        ("2025-2029", "periode", 0, "2025-2029"),
    ],
)
def test_un_chiffre_s_ecrit_d_une_seule_facon(
    valeur: float | str, unite: str, decimales: int, attendu: str
) -> None:
    assert afficher(valeur, UNITES[unite], decimales, "observe") == attendu
    assert _sql(valeur, UNITES[unite], decimales, "observe") == attendu


@pytest.mark.parametrize(("statut", "marque"), MARQUES.items())
def test_sous_un_statut_qui_masque_rien_n_est_lu(statut: str, marque: str) -> None:
    for valeur in (None, 12.0):
        assert afficher(valeur, UNITES["pourcent"], 1, statut) == marque
        assert _sql(valeur, UNITES["pourcent"], 1, statut) == marque


@pytest.mark.parametrize("valeur", [math.nan, math.inf, -math.inf, 1e15, 999999999999999.9, -1e300])
def test_ce_qui_n_est_pas_un_chiffre_est_refuse(valeur: float) -> None:
    with pytest.raises(ValueError, match="no figure"):
        nombre(valeur, 0)
    with pytest.raises(duckdb.Error):
        _sql(valeur, UNITES["places"], 0, "observe")


def test_rien_a_ecrire_n_est_pas_un_blanc() -> None:
    with pytest.raises(ValueError, match="no value under statut observe"):
        afficher(None, UNITES["pourcent"], 1, "observe")


def test_le_sql_n_invente_pas_de_decimale() -> None:
    with pytest.raises(duckdb.Error, match="at most 2 decimals, not 3"):
        _sql(1.2345, UNITES["rapport"], 3, "observe")


@pytest.mark.parametrize(
    ("ecart", "unite", "decimales", "attendu"),
    [
        (3.4, "pourcent", 1, "+3,4\u00a0points"),
        (-1.94, "pourcent", 1, "−1,9\u00a0point"),
        (1.95, "pourcent", 1, "+2,0\u00a0points"),
        (-0.04, "pourcent", 1, "0,0\u00a0point"),
        (-1250.4, "EUR", 0, "−1\u202f250\u202f€"),
        (12.0, "places", 0, "+12"),
        (2.0, "annee", 0, "+2\u00a0ans"),
    ],
)
def test_un_ecart_a_son_signe_et_son_mot(ecart: float, unite: str, decimales: int, attendu: str) -> None:
    assert afficher_ecart(ecart, UNITES[unite], decimales) == attendu
    assert _sql_ecart(ecart, UNITES[unite], decimales) == attendu


def test_un_chiffre_se_compte_dans_une_phrase() -> None:
    assert compter(3250, UNITES["foyers"], 0) == "3\u202f250\u00a0foyers"
    assert compter(1.44, UNITES["heures par enfant"], 1) == "1,4\u00a0heure par enfant"
    assert compter(57.2, UNITES["pourcent"], 1) == "57,2\u202f%"
    assert compter(3.4, UNITES["rapport"], 1) == "3,4"


def test_une_evolution_relative() -> None:
    assert [afficher_relative(x) for x in (12.0, -3.25, 0.01)] == [
        "+12,0\u202f%",
        "−3,3\u202f%",
        "0,0\u202f%",
    ]


def test_un_intervalle_ne_se_dit_que_s_il_ajoute_au_chiffre() -> None:
    foyers, part = UNITES["foyers"], UNITES["pourcent"]
    assert intervalle(3138, 3518, foyers, 0) == "entre 3\u202f130 et 3\u202f520"
    assert intervalle(11.8, 12.34, part, 1) == "entre 11,8 et 12,4\u202f%"
    assert intervalle(11.81, 11.84, part, 1) is None
    assert intervalle(3138, None, foyers, 0) == "au moins 3\u202f138"
    assert intervalle(None, 4, foyers, 0) == "au plus 4"
    assert intervalle(None, None, foyers, 0) is None
    evolution = UNITES["evolution en pourcent"]
    assert intervalle(-2.0, 3.4, evolution, 1) == "entre −2,0 et +3,4\u202f%"


def test_une_publication_plus_ancienne_n_a_pas_de_signe() -> None:
    ancienne = {c: getattr(UNITES["pourcent"], c) for c in Unite.__dataclass_fields__ if c != "signee"}
    assert Unite.lire(ancienne) == UNITES["pourcent"] and not UNITES["pourcent"].signee


def test_le_nom_d_une_unite_s_accorde() -> None:
    assert [UNITES["places"].libelle(n) for n in (0, 1, 1.9, 2, -3)] == [
        "place",
        "place",
        "place",
        "places",
        "places",
    ]


FIGURES = st.one_of(
    st.floats(-LIMITE + 1, LIMITE - 1),
    # Ties, written as producers write them.
    st.tuples(st.integers(-(10**7), 10**7), st.integers(0, 4)).map(lambda t: float(f"{t[0]}5e-{t[1]}")),
    st.floats(-0.01, 0.01),
    st.integers(-(10**14), 10**14).map(float),
    # Where SQL reads a number into 64 bits, and into 128.
    st.floats(1e9 - 1, 1e9 + 1),
)
NOMBRES = [u for u in UNITES.values() if u.nature in ("nombre", "booleen")]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(FIGURES, st.sampled_from(NOMBRES), st.integers(0, 2)), min_size=1, max_size=60))
@example(
    [(999999999999999.0, UNITES["EUR"], 2), (-0.005, UNITES["rapport"], 2), (0.05, UNITES["pourcent"], 1)]
)
@example([(v, UNITES["EUR"], d) for v in (-999999999.9999999, 999999999.995, 1e9) for d in range(3)])
def test_sql_et_python_ecrivent_le_meme_texte(lignes: list[tuple[float, Unite, int]]) -> None:
    for valeur, unite, decimales in lignes:
        texte = afficher(valeur, unite, decimales, "observe")
        assert unite.nature == "booleen" or "-" not in texte
        if unite.nature == "nombre" and not unite.suffixe:
            relu = float(texte.replace("\u202f", "").replace(",", ".").replace("−", "-"))
            assert relu == arrondi(valeur, decimales)
            assert relu or math.copysign(1, relu) > 0
    assert _sqls(lignes) == [(afficher(v, u, d, "observe"), afficher_ecart(v, u, d)) for v, u, d in lignes]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(FIGURES, FIGURES, st.sampled_from(NOMBRES), st.integers(0, 2)), min_size=1, max_size=40
    )
)
@example([(0.04, 14.3, UNITES["pourcent"], 1), (0.0, 12.0, UNITES["evolution en pourcent"], 1)])
@example([(0.0, 2.0, UNITES["foyers"], 0), (-2.0, 4.0, UNITES["evolution en places"], 0)])
def test_sql_et_python_ecrivent_le_meme_intervalle(
    lignes: list[tuple[float, float, Unite, int]],
) -> None:
    # A bound is printed outwards: one near the limit would leave it.
    ordonnees = [(*sorted(b / 100 if abs(b) > 1e12 else b for b in x[:2]), *x[2:]) for x in lignes]
    distinctes = [x for x in ordonnees if arrondi(x[0], x[3]) != arrondi(x[1], x[3])]
    attendus = [afficher(0, u, d, "observe", "intervalle", (bas, haut)) for bas, haut, u, d in distinctes]
    ecrits = _sqls([(haut, u, d) for _, haut, u, d in distinctes], basses=[bas for bas, *_ in distinctes])
    assert [texte for texte, _ in ecrits] == attendus
    points = [afficher(haut, u, d, "observe", "point", (bas, haut)) for bas, haut, u, d in ordonnees]
    bas = [bas for bas, *_ in ordonnees]
    ecrits = _sqls([(haut, u, d) for _, haut, u, d in ordonnees], basses=bas, lisibilite="point")
    assert [texte for texte, _ in ecrits] == points


@settings(max_examples=50, deadline=None)
@given(st.dates())
@example(date(2025, 1, 1) - timedelta(days=1))
def test_sql_et_python_ecrivent_le_meme_jour(jour: date) -> None:
    assert _sql(jour.isoformat(), UNITES["date"], 0, "observe") == date_longue(jour)


# dbt's macros are Jinja: rendered by themselves, they give the SQL of the marts.
_MACROS = (DBT / "macros" / "affichage.sql").read_text(encoding="utf-8")
_RENDU = jinja2.Environment().from_string(
    _MACROS
    + "{{ valeur_affichee('l.valeur', 'l.texte', 'l.statut', 'u', 'l.lisibilite', 'l.ecrits') }},"
    + "{{ ecart_affiche('l.valeur', 'l.statut', 'l.decimales', 'u', 'null', 'null', 'null') }}"
)
_ECRITS = jinja2.Environment().from_string(
    _MACROS + "{{ nombres_ecrits('valeur', 'decimales', 'lisibilite', 'basse', 'valeur') }}"
)
_REQUETE = f"""
    select {_RENDU.render()}
    from (
        select *, {_ECRITS.render()} as ecrits from (
        select unnest($rang) as rang, unnest($valeur::varchar[])::double as valeur,
            unnest($texte::varchar[]) as texte, unnest($statut) as statut, unnest($decimales) as decimales,
            unnest($unite) as unite, unnest($basse::varchar[])::double as basse,
            unnest($lisibilite) as lisibilite
        )
    ) as l
    inner join unites as u on l.unite = u.unite
    order by l.rang
"""
_CON = duckdb.connect()
_CON.execute(
    f"create table unites as from read_csv('{DBT / 'seeds' / 'unites.csv'}', header=true, delim=',')"
)


def _sqls(
    lignes: list[tuple[float | str | None, Unite, int]],
    statut: str = "observe",
    basses: list[float] | None = None,
    lisibilite: str = "intervalle",
) -> list[tuple[str, str]]:
    """What SQL writes of these figures and of these differences; with `basses`, of what goes up to them."""
    colonnes = {
        "rang": list(range(len(lignes))),
        "valeur": [None if v is None or isinstance(v, str) else repr(v) for v, _, _ in lignes],
        "texte": [v if isinstance(v, str) else None for v, _, _ in lignes],
        "statut": [statut] * len(lignes),
        "decimales": [d for _, _, d in lignes],
        "unite": [u.unite for _, u, _ in lignes],
        "basse": [None] * len(lignes) if basses is None else [repr(basse) for basse in basses],
        "lisibilite": ["point" if basses is None else lisibilite] * len(lignes),
    }
    return _CON.execute(_REQUETE, colonnes).fetchall()


def _sql(valeur: float | str | None, unite: Unite, decimales: int, statut: str) -> str:
    return _sqls([(valeur, unite, decimales)], statut)[0][0]


def _sql_ecart(ecart: float, unite: Unite, decimales: int) -> str:
    return _sqls([(ecart, unite, decimales)])[0][1]
