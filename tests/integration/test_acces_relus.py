"""Access times of the demonstration, read again in pandas from the raw Parquet; the criteria made of them."""

import pandas as pd
import pytest
from commande import DEMONSTRATION, Observatoire

TYPES = {
    "eaje": ["D502"],
    "rpe": ["D504"],
    "pmi": ["D115"],
    "alsh": ["D505"],
    "ecole": ["C108", "C109"],
    "france_services": ["A128"],
    "medecin": ["D265"],
}


@pytest.fixture(scope="module")
def carreaux(demonstration: Observatoire) -> pd.DataFrame:
    """The lines of both régions, each under the commune of today, its EPCI and its département."""
    dossier = DEMONSTRATION / "miroir" / "insee" / "acces_equipements"
    lus = pd.concat(map(pd.read_parquet, sorted(dossier.glob("*.parquet"))))
    devenues = dict(
        demonstration.requete(
            "select code_origine, code_reference from passage_communes where cog_millesime = 2024"
        )
    )
    lieux = {
        code: (epci, departement)
        for code, epci, departement in demonstration.requete(
            "select code, epci, departement from dim_territoire where niveau = 'commune'"
        )
    }
    commune = lus.depcom.map(lambda code: devenues.get(code, code))
    return lus.assign(
        commune=commune,
        epci=commune.map(lambda code: lieux[code][0]),
        departement=commune.map(lambda code: lieux[code][1]),
    )


@pytest.mark.parametrize("service", TYPES)
def test_every_share_is_what_the_raw_lines_give(
    demonstration: Observatoire, carreaux: pd.DataFrame, service: str
) -> None:
    cle = ["commune", "epci", "departement", "depcom", "idSrc", "iris"]
    siens = carreaux[carreaux.typeeq_id.isin(TYPES[service])].groupby(cle, as_index=False)
    proches = siens.agg(duree=("duree", "min"), tous=("pop", "first"))
    proches["loin"] = proches.tous.where(proches.duree > 15, 0.0)
    attendues = {
        f"{niveau}:{code}": 100 * somme.loin / somme.tous
        for niveau in ("commune", "epci", "departement")
        for code, somme in proches.groupby(niveau)[["loin", "tous"]].sum().iterrows()
    }
    publiees = dict(
        demonstration.requete(
            "select territoire_id, valeur from fct_indicateurs where indicateur_id = ? and valeur is not null"
            " and niveau <> 'ctg'",
            f"part_population_plus_15_min_{service}",
        )
    )
    assert len(publiees) > 500 and "region:84" not in publiees
    assert publiees == pytest.approx({t: attendues[t] for t in publiees}, abs=1e-9)


def test_a_commune_meets_the_criteria_that_its_figures_meet(demonstration: Observatoire) -> None:
    dossier = demonstration.courante / "parquet"
    zones = pd.read_parquet(dossier / "zones_sous_dotees.parquet")
    chiffres = pd.read_parquet(dossier / "fct_indicateurs.parquet")
    for indicateur, critere, seuil, decimales, rempli in (
        ("nb_enfants_moins_3_ans", "enfants", 10, 0, lambda v: v >= 10),
        ("part_population_plus_15_min_eaje", "acces", 50, 1, lambda v: v > 50),
    ):
        lues = zones[zones.critere == critere].set_index("territoire_id")
        assert lues.seuil.unique() == [seuil]
        siens = chiffres[(chiffres.indicateur_id == indicateur) & (chiffres.niveau == "commune")]
        derniers = siens.sort_values("millesime").groupby("territoire_id").last()
        surs = derniers[derniers.lisibilite == "point"]
        # As they are printed: half a child more makes ten of nine.
        imprimes = (surs.valeur * 10**decimales + 0.5) // 1 / 10**decimales
        attendus = imprimes.map(rempli).map({True: "oui", False: "non"})
        assert lues.verdict[surs.index].equals(attendus.rename("verdict"))
        reste = lues.drop(surs.index)
        assert set(reste.verdict) <= {"non jugé"} and reste.motif.notna().all()
