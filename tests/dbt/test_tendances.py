"""A series, its verdict: a table of cases, read by the SQL of `mart_tendances`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import duckdb
import jinja2
import pytest

DBT = Path(__file__).resolve().parents[2] / "dbt_project"


@dataclass(frozen=True)
class Serie:
    """Figures by year; `incertains` are no points. Between two of them, `marge` is half the interval.

    `coupures`: the last year before each cut, and why (`reforme` and `serie` are reserves, others refusals).
    """

    chiffres: Mapping[int, float]
    marge: float = 0
    incertains: Sequence[int] = ()
    coupures: Mapping[int, str] = field(default_factory=dict)
    recensement: bool = False
    niveau: str = "epci"
    methode: str = "ratio"
    decimales: int = 1


def suite(*valeurs: float, debut: int = 2017) -> dict[int, float]:
    return {debut + rang: float(v) for rang, v in enumerate(valeurs)}


RECENSEMENTS = {a: float(a) for a in (2006, 2008, 2011, 2013, 2016, 2018, 2022)}

HAUSSE_5 = "en hausse depuis 2017, sur 5 années"
SANS_5, SANS_6 = (f"sans tendance établie depuis 2017, sur {n} années" for n in (5, 6))

CAS = [
    # what is told, or the code of why nothing is
    (Serie(suite(10, 11, 12, 13, 14)), HAUSSE_5, None),
    (Serie(suite(14, 13, 12, 11, 10)), "en baisse depuis 2017, sur 5 années", None),
    # Of five years, one pair that goes the other way is enough; of six, two are needed.
    (Serie(suite(10, 12, 11, 13, 14)), SANS_5, "sans_regularite"),
    (Serie(suite(10, 12, 11, 13, 14, 15)), "en hausse depuis 2017, sur 6 années", None),
    (
        Serie(suite(10, 12, 11, 14, 13, 15)),
        SANS_6,
        "sans_regularite",
    ),
    # Two years that print alike are a tie: one of five leaves a rise, two do not.
    (Serie(suite(10, 11, 11.04, 13, 14)), HAUSSE_5, None),
    (
        Serie(suite(10, 11, 11.04, 13, 13)),
        SANS_5,
        "sans_regularite",
    ),
    (Serie(suite(10, 10, 10, 10, 10)), SANS_5, "sans_regularite"),
    # Years need not follow each other.
    (Serie({2010: 1, 2011: 2, 2015: 3, 2020: 4, 2024: 5}), "en hausse depuis 2010, sur 5 années", None),
    (Serie(suite(10, 11, 12, 13)), None, "trop_peu_d_annees"),
    # A move of 4 between two figures that may each be off: beyond its interval, then within it.
    (Serie(suite(10, 11, 12, 13, 14), marge=3.9), HAUSSE_5, None),
    (
        Serie(suite(10, 11, 12, 13, 14), marge=4),
        SANS_5,
        "mouvement_incertain",
    ),
    # A figure that is no point is no year of a trend; where it is the last one, the trend says where it ends.
    (Serie(suite(10, 11, 5, 12, 13, 14), incertains=[2019]), HAUSSE_5, None),
    (Serie(suite(10, 11, 12, 13, 14, 5), incertains=[2022]), "en hausse de 2017 à 2021, sur 5 années", None),
    (Serie(suite(10, 11, 12, 13, 14), incertains=[2019]), None, "annees_incertaines"),
    # What comes after the last cut is read, whatever was before.
    (
        Serie(suite(99, 10, 11, 12, 13, 14), coupures={2017: "sources_differentes"}),
        "en hausse depuis 2018, sur 5 années",
        None,
    ),
    (Serie(suite(10, 11, 12, 13, 14), coupures={2017: "sources_differentes"}), None, "sources_differentes"),
    (Serie(suite(10, 11, 12, 13, 14), coupures={2018: "reforme"}), None, "reforme"),
    (Serie(suite(10, 11, 12, 13, 14), coupures={2018: "serie"}), None, "serie"),
    (
        Serie(suite(10, 11, 12, 13, 14), coupures={2017: "definition_modifiee", 2019: "perimetre_inconnu"}),
        None,
        "perimetre_inconnu",
    ),
    # A reserve that only informs cuts nothing.
    (
        Serie(suite(10, 11, 12, 13, 14), coupures={2018: "perimetre_deduit"}),
        HAUSSE_5,
        None,
    ),
    # Of seven censuses, four share no survey: 2022, 2016, 2011, 2006. Two more would do.
    (Serie(RECENSEMENTS, recensement=True), None, "recensements_trop_proches"),
    (
        Serie(RECENSEMENTS | {1999: 1999.0}, recensement=True),
        "en hausse depuis 1999, sur 5 années",
        None,
    ),
    # What a plan states is no series, nor is a commune of no convention followed.
    (Serie(suite(10, 11, 12, 13, 14), methode="specifique"), None, "absente"),
    (Serie(suite(10, 11, 12, 13, 14), niveau="commune"), None, "absente"),
]
_RESERVES = ("reforme", "serie", "perimetre_deduit")


def _enquetes(annee: int) -> set[int]:
    """The five surveys of a census: none was held in 2021, and those around it reach a year further back."""
    autour = {a for a in range(annee - 2, annee + 3)}
    return autour - {2021} | {annee - 3} if 2021 in autour else autour


def _evolutions(serie: Serie) -> list[dict[str, object]]:
    lignes = []
    for a, b in combinations(sorted(serie.chiffres), 2):
        code = next((c for avant, c in sorted(serie.coupures.items()) if a <= avant < b), None)
        if code is None and serie.recensement and _enquetes(a) & _enquetes(b):
            code = "recensements_trop_proches"
        refusee = code is not None and code not in _RESERVES
        ecart = serie.chiffres[b] - serie.chiffres[a]
        lignes.append(
            {
                "territoire_id": "t",
                "indicateur_id": "i",
                "millesime_debut": a,
                "millesime_fin": b,
                "statut": "refusee" if refusee else "observe",
                "motif_code": code if refusee else None,
                "motif": f"parce que {code}" if refusee else None,
                "reserve_code": None if refusee else code,
                "reserve": f"à savoir : {code}" if code and not refusee else None,
                "evolution": None if refusee else ecart,
                "evolution_basse": None if refusee else ecart - serie.marge,
                "evolution_haute": None if refusee else ecart + serie.marge,
                "evolution_affichee": "na" if refusee else f"{ecart:+}",
                "evolution_lecture": None if refusee else "favorable",
                "lecture_motif_code": None,
            }
        )
    return lignes


def _rendu() -> str:
    macros = "".join(
        (DBT / "macros" / f"{nom}.sql").read_text(encoding="utf-8")
        for nom in ("affichage", "sources", "tendance")
    )
    modele = (DBT / "models/marts/comparaisons/mart_tendances.sql").read_text(encoding="utf-8")
    environnement = jinja2.Environment(extensions=["jinja2.ext.do"])
    return environnement.from_string(macros + modele).render(ref=lambda nom: nom)


_REQUETE = _rendu()


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    seed = DBT / "seeds" / "parametres.csv"
    con.execute(f"create table parametres as from read_csv('{seed}', header=true, delim=',')")
    con.execute("create table int_ctg_bases (niveau varchar, code varchar)")
    con.execute(
        "create table mart_evolutions (territoire_id varchar, indicateur_id varchar, millesime_debut integer,"
        " millesime_fin integer, statut varchar, motif_code varchar, motif varchar, reserve_code varchar,"
        " reserve varchar, evolution double, evolution_basse double, evolution_haute double,"
        " evolution_affichee varchar, evolution_lecture varchar, lecture_motif_code varchar)"
    )
    return con


@pytest.mark.parametrize(("serie", "dite", "code"), CAS)
def test_une_serie_et_son_verdict(
    con: duckdb.DuckDBPyConnection, serie: Serie, dite: str | None, code: str | None
) -> None:
    con.execute("delete from mart_evolutions")
    for ligne in _evolutions(serie):
        con.execute(f"insert into mart_evolutions values ({', '.join('?' * len(ligne))})", [*ligne.values()])
    con.execute(
        "create or replace table dim_territoire as select 't' as territoire_id, $1 as niveau, 't' as code",
        [serie.niveau],
    )
    con.execute(
        "create or replace table dim_indicateur as select 'i' as indicateur_id, 'I' as libelle,"
        f" 'favorable' as polarite, {serie.decimales} as decimales, false as prevu"
    )
    con.execute(
        "create or replace table fct_indicateurs as select 't' as territoire_id, $niveau as niveau,"
        " 't' as code, 'T' as libelle, 'i' as indicateur_id, 'theme' as theme, 'pourcent' as unite,"
        " false as demonstration, $methode as methode, unnest($annees) as millesime,"
        " unnest($valeurs)::double as valeur, unnest($lisibilites) as lisibilite",
        {
            "niveau": serie.niveau,
            "methode": serie.methode,
            "annees": list(serie.chiffres),
            "valeurs": list(serie.chiffres.values()),
            "lisibilites": ["intervalle" if a in serie.incertains else "point" for a in serie.chiffres],
        },
    )
    lues = con.execute(
        f"select tendance_dite, motif_code, tendance_lecture, motif from ({_REQUETE})"
    ).fetchall()
    if code == "absente":
        assert lues == []
        return
    ((dite_lue, code_lu, lecture, motif),) = lues
    assert (dite_lue, code_lu) == (dite, code), motif
    # A colour goes with a rise or a fall, a reason with everything else.
    assert (lecture is None) == (code is not None) == (motif is not None)


def test_ce_qui_coupe_est_dit(con: duckdb.DuckDBPyConnection) -> None:
    serie = Serie(suite(10, 11, 12, 13, 14), coupures={2018: "reforme"})
    test_une_serie_et_son_verdict(con, serie, None, "reforme")
    ((motif,),) = con.execute(f"select motif from ({_REQUETE})").fetchall()
    assert motif == "3 années se comparent, il en faut 5 ; à savoir : reforme"
