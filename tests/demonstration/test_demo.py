"""The demonstration files: same bytes at every run, targets reached, facts equal to the producers'."""

import io
import os
import re
import subprocess
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
import yaml

import ingestion
from demonstration import ecrire_miroir
from demonstration.faits import epci, fusions
from demonstration.invention import repartir, tirage
from ingestion.acquisition import Acquisition, Profil, dans_l_ordre
from ingestion.contrats import charger_contrats

BARONNIES = "200068229"
FAITS = ("insee/cog/", "insee/populations/", "dgcl/", "anct/ngeo-")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mirror")
    ecrire_miroir(folder)
    return folder


def lire(chemin: Path, separateur: str = ";", encodage: str = "utf-8") -> pd.DataFrame:
    return pd.read_csv(chemin, sep=separateur, dtype=str, encoding=encodage, keep_default_na=False)


def texte(chemin: Path) -> str:
    """A text file, or the data member of the comparateur."""
    if chemin.suffix != ".zip":
        return chemin.read_text(encoding="utf-8-sig")
    with ZipFile(chemin) as archive:
        return archive.read("base_cc_comparateur.CSV").decode()


def comparateur(mirror: Path) -> pd.DataFrame:
    contenu = texte(mirror / "insee/comparateur/base_cc_comparateur_csv.zip")
    return pd.read_csv(io.StringIO(contenu), sep=";", dtype=str, keep_default_na=False)


def membres(folder: Path, annee: int) -> pd.DataFrame:
    return pd.read_excel(folder / f"dgcl/epcicom{annee}.xlsx", dtype=str, engine="calamine")


@cache
def baronnies(mirror: Path) -> frozenset[str]:
    composition = membres(mirror, 2024)
    return frozenset(composition[composition["siren"] == BARONNIES]["insee"])


def octets(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_same_bytes_in_another_process(mirror: Path, tmp_path: Path) -> None:
    programme = "import sys; from pathlib import Path; from demonstration import ecrire_miroir; "
    subprocess.run(
        [sys.executable, "-c", programme + "ecrire_miroir(Path(sys.argv[1]))", str(tmp_path)],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"},
        cwd=Path(ingestion.__file__).parent.parent,
    )
    assert octets(tmp_path) == octets(mirror)


def test_writes_small_files_where_contracts_look_for_them(mirror: Path) -> None:
    contrats = Path(ingestion.__file__).parent / "sources"
    attendus = {
        millesime["mirror"]
        for contrat in contrats.glob("*.yml")
        for ressource in yaml.safe_load(contrat.read_text(encoding="utf-8"))["ressources"].values()
        for millesime in ressource["millesimes"].values()
        if "mirror" in millesime
    }
    ecrits = octets(mirror)
    assert ecrits.keys() <= attendus
    # Observations are long: RP2022 alone is a fifth of it.
    assert sum(map(len, ecrits.values())) < 6_000_000


@pytest.mark.parametrize(
    ("drome", "secondaires", "avec_vacants", "chomage"),
    [(False, 31.45, 38.0, 15.58), (True, 8.03, 16.66, 13.70)],
)
def test_comparateur_reaches_its_targets(
    mirror: Path, drome: bool, secondaires: float, avec_vacants: float, chomage: float
) -> None:
    communes = comparateur(mirror)
    garde = communes["CODGEO"].str.startswith("26") if drome else communes["CODGEO"].isin(baronnies(mirror))
    somme = communes[garde].filter(regex="^P18").replace("", "0").astype(float).sum()
    assert round(100 * somme["P18_RSECOCC"] / somme["P18_LOG"], 4) == secondaires
    hors_principales = somme["P18_RSECOCC"] + somme["P18_LOGVAC"]
    assert round(100 * hors_principales / somme["P18_LOG"], 4) == avec_vacants
    assert round(100 * somme["P18_CHOM1564"] / somme["P18_ACT1564"], 4) == chomage


def test_each_commune_of_the_comparateur_is_coherent(mirror: Path) -> None:
    communes = comparateur(mirror)
    nombres = communes.filter(regex="^P18").replace("", "0").astype(float)
    parts = nombres["P18_RP"] + nombres["P18_RSECOCC"] + nombres["P18_LOGVAC"]
    assert (nombres["P18_LOG"] - parts).abs().max() < 1e-6
    assert (nombres["P18_RP_PROP"] < nombres["P18_RP"]).all()
    assert (nombres["P18_CHOM1564"] < nombres["P18_ACT1564"]).all()
    filosofi = lire(mirror / "insee/filosofi/FILO2019_DISP_COM.csv", encodage="utf-8-sig")
    medianes = communes.merge(filosofi, on="CODGEO", how="left").fillna("")
    assert (medianes["MED19"] == medianes["Q219"]).all()


def allocataires(mirror: Path) -> pd.DataFrame:
    """The fields that the demonstration fills."""
    lignes = lire(mirror / "cnaf/cafdata/s_ben_com_f.csv")
    lignes = lignes.loc[:, (lignes != "").all()]
    return lignes.astype(dict.fromkeys(lignes.columns[3:], int))


def test_allocataires_reach_the_deck(mirror: Path) -> None:
    decembre = allocataires(mirror).query("dtreffre == '2022-12'")
    du_ctg = decembre[decembre["numcomdo"].isin(baronnies(mirror))]
    assert len(du_ctg) == 67
    somme = du_ctg.sum(numeric_only=True)
    assert somme["indfoy_ndur"] == 3230
    assert (somme["indfoy_rsa"], round(100 * somme["indfoy_rsa"] / 3230, 1)) == (410, 12.7)
    assert (somme["indfoy_ndural"], round(100 * somme["indfoy_ndural"] / 3230, 1)) == (1480, 45.8)
    assert somme["indnbp_ndur"] == 6770
    drome = decembre[decembre["numcomdo"].str.startswith("26")].sum(numeric_only=True)
    assert round(100 * drome["indfoy_rsa"] / drome["indfoy_ndur"], 1) == 10.4


def test_each_level_has_its_own_figure(mirror: Path) -> None:
    dossier = mirror / "cnaf/cafdata"
    communes = allocataires(mirror).groupby("dtreffre").sum(numeric_only=True)
    epci = lire(dossier / "s_ben_epci_f.csv").set_index(["dtreffre", "numepci"])
    du_ctg = epci.loc["2022-12", BARONNIES].astype(int)
    assert (du_ctg["indfoy_ndur"], du_ctg["indnbp_ndur"]) == (3230, 6770)
    assert (du_ctg["indfoy_rsa"], du_ctg["indfoy_ndural"]) == (410, 1480)
    # What the portal is said to hold beside: an EPCI twice, a technical line of one foyer, no EPCI.
    assert epci.index.duplicated().sum() == 10
    assert (epci["indfoy_ndur"] == "1").sum() == 5 and "XX" in epci.loc["2022-12"].index
    drome = lire(dossier / "s_ben_dep.csv").set_index("dtreffre")
    assert {"2022-06", "2022-12"} < set(drome.index)
    foyers, rsa, aeeh = drome.loc["2022-12", ["indfoy_ndur", "indfoy_rsa", "indben_aeeh"]].astype(int)
    assert foyers % 5 and round(100 * rsa / foyers, 1) == 10.4 and aeeh
    assert foyers < communes.loc["2022-12", "indfoy_ndur"]


def test_quotient_familial_shares_out_the_foyers(mirror: Path) -> None:
    classes = lire(mirror / "cnaf/cafdata/ndur_s_qf_400_com_f.csv").astype({"indfoy_ndur": int})
    # Of communes that merged since, what they make together: the parts are rounded file by file.
    d_aujourd_hui = {
        (f"{annee}-12", avant): apres
        for annee in range(2020, 2025)
        for avant, apres in fusions(annee + 1).items()
    }

    def par_commune(lignes: pd.DataFrame) -> pd.Series:
        codes = [d_aujourd_hui.get(k, k[1]) for k in zip(lignes["dtreffre"], lignes["numcomdo"], strict=True)]
        sommes: pd.Series = lignes.groupby(["dtreffre", codes])["indfoy_ndur"].sum()
        return sommes[sommes > 0]

    assert par_commune(classes).equals(par_commune(allocataires(mirror)))
    assert (classes["indfoy_ndur"] >= 0).all() and classes["qf_400"].nunique() == 8


def test_places_follow_the_rates(mirror: Path) -> None:
    dossier = mirror / "cnaf/cafdata"
    places = lire(dossier / "nbpla_pe_epci.csv").set_index(["annee", "numepci"])
    modes = places[["pl_eaje_epci", "pl_prescol_epci", "pl_ind_epci"]].astype(int).sum(axis=1)
    assert (modes == places["tot_offre_epci"].astype(int)).all()
    # 57.2 places for 100 of the 433 children of the deck.
    assert places["tot_offre_epci"]["2022", BARONNIES] == "248"
    taux = lire(dossier / "txcouv_pe_dep.csv").set_index("annee")
    assert taux["txcouv_dep"]["2022"] == "61.8"


def test_the_other_producers(mirror: Path) -> None:
    frr = pd.read_excel(mirror / "dgcl/frr_2025.xlsx", dtype=str, engine="calamine").set_index("Code_insee")
    classement = frr.iloc[:, -1]
    assert set(classement[sorted(baronnies(mirror) & set(frr.index))]) == {"FRR socle"}
    assert "Non classée" in set(classement)
    arrete = set(lire(mirror / "dgcl/frr_2024.csv")["code_insee"])
    assert baronnies(mirror) <= arrete
    # Classed the year after: those of 2024, in the communes of the year after.
    socle = set(classement[classement.isin(["FRR socle", "FRR+"])].index)
    assert socle <= arrete and not arrete & set(classement[classement == "Non classée"].index)
    fibre = lire(mirror / "arcep/commune_techno_2024_T4.csv").astype({"nbr": int, "elig_ftth": int})
    assert (fibre["elig_ftth"] <= fibre["nbr"]).all()
    inscrits = lire(mirror / "dares/dares_defm_communales-brutes.csv")
    assert (inscrits["nombre_de_demandeurs_d_emploi"].astype(int) % 5 == 0).all()
    assert set(inscrits["date"]) == {f"{annee}-T4" for annee in range(2020, 2025)}


def test_taux_de_couverture(mirror: Path) -> None:
    dossier = mirror / "cnaf/cafdata"
    courant, historique = (lire(dossier / f"txcouv_pe_{nom}.csv") for nom in ("epci", "epci_hist"))
    modes = ["txcouv_eaje_epci", "txcouv_am_ind_epci", "txcouv_prescol_epci", "txcouv_gad_ind_epci"]
    for table in (courant, historique):
        parts = table[modes].astype(float).sum(axis=1)
        assert (parts - table["txcouv_epci"].astype(float)).abs().max() < 0.1
    cles = ["annee", "numepci"]
    totaux = courant.merge(historique, on=cles, how="outer", suffixes=("", "_hist")).set_index(cles)
    assert totaux["txcouv_epci_hist"]["2019", BARONNIES] == "46.2"
    assert totaux["txcouv_epci"]["2022", BARONNIES] == "57.2"
    du_ctg = totaux.xs(("2023", BARONNIES))
    assert du_ctg[[*modes, "txcouv_epci"]].tolist() == ["30.0", "30.7", "3.1", "0.5", "64.3"]
    deux_fois = totaux.loc[["2022"]]
    assert len(deux_fois) == 16
    assert (deux_fois["txcouv_epci"] != deux_fois["txcouv_epci_hist"]).sum() == 1
    france = lire(dossier / "txcouv_pe_nat.csv").set_index("annee")
    assert france["txcouv_nat"]["2023"] == "60.9"
    villes = lire(dossier / "txcouv_pe_com_hist.csv")
    assert set(villes["annee"]) == {str(annee) for annee in range(2017, 2023)}
    assert villes["numcom"].nunique() > 3


def test_census_and_equipments_reach_the_deck(mirror: Path) -> None:
    enfants = {}
    for rp in (2017, 2021):
        iris = lire(mirror / f"insee/recensement/base-ic-evol-struct-pop-{rp}_csv.zip")
        assert (iris["IRIS"].str[:5] == iris["COM"]).all() and (iris["TYP_IRIS"] == "H").any()
        nombres = iris.set_index("COM")[f"P{rp % 100}_POP0002"].map(Decimal)
        enfants[rp] = sum(n for code, n in nombres.items() if code in baronnies(mirror))
        enfants[rp, "drome"] = sum(n for code, n in nombres.items() if code.startswith("26"))
    assert (enfants[2017], enfants[2021]) == (487, 433)
    assert enfants[2021, "drome"] / enfants[2017, "drome"] == Decimal("0.9")

    with ZipFile(mirror / "insee/recensement/base-cc-logement-2021_csv.zip") as archive:
        logement = pd.read_csv(archive.open("base-cc-logement-2021.CSV"), sep=";", dtype={"CODGEO": str})
    assert (logement["P21_MAISON"] <= logement["P21_LOG"]).all()
    for codes, part in (
        (logement["CODGEO"].isin(baronnies(mirror)), 73.7),
        (logement["CODGEO"].str.startswith("26"), 63.9),
    ):
        somme = logement[codes].sum(numeric_only=True)
        assert round(100 * somme["P21_MAISON"] / somme["P21_LOG"], 4) == part

    equipements = lire(mirror / "insee/bpe/DS_BPE_CSV_FR.zip")
    du_ctg = equipements[equipements["GEO"].isin(baronnies(mirror))]
    types = du_ctg.groupby("FACILITY_TYPE")["OBS_VALUE"].apply(lambda v: v.astype(int).sum())
    attendus = {"D502": 7, "D503": 1, "D504": 1, "D505": 13, "D506": 2, "A128": 4}
    assert {code: types[code] for code in attendus} == attendus


def test_the_newest_census_is_written_as_observations(mirror: Path) -> None:
    """Each level is there, the wider ones as their communes sum; the targets of RP2022 are reached."""
    with ZipFile(mirror / "insee/recensement/DS_RP_LOGEMENT_PRINC_2022_CSV_FR.zip") as archive:
        lues = pd.read_csv(archive.open("DS_RP_LOGEMENT_PRINC_2022_data.csv"), sep=";", dtype={"GEO": str})
    assert set(lues["TIME_PERIOD"]) == {2011, 2016, 2022}
    lues = lues[
        (lues["TIME_PERIOD"] == 2022) & (lues["NOR"] == "_T") & (lues["TSH"] == "_T") & (lues["TDW"] == "_T")
    ]
    nombres = lues.pivot_table(index=["GEO_OBJECT", "GEO"], columns="OCS", values="OBS_VALUE", aggfunc="sum")
    communes = nombres.loc["COM"]
    du_ctg, de_la_drome = communes.index.isin(baronnies(mirror)), communes.index.str.startswith("26")
    for place, codes, secondaires, avec_vacants in (
        (("EPCI", BARONNIES), du_ctg, 30.25, 37.75),
        (("DEP", "26"), de_la_drome, 7.91, 16.20),
    ):
        ici = nombres.loc[place]
        assert (ici - communes[codes].sum()).abs().max() < 1e-3
        hors_principales = ici["DW_SEC_DW_OCC"] + ici["DW_VAC"]
        assert round(100 * ici["DW_SEC_DW_OCC"] / ici["_T"], 3) == secondaires
        assert round(100 * hors_principales / ici["_T"], 3) == avec_vacants
    assert {"REG", "FRANCE", "ZE2020", "BV2022"} < set(nombres.index.get_level_values("GEO_OBJECT"))


def test_filosofi_hides_the_small_communes(mirror: Path) -> None:
    for annee, publiee in ((2016, "18640"), (2017, "18720"), (2019, "19650")):
        epci = lire(mirror / f"insee/filosofi/FILO{annee}_DISP_EPCI.csv", encodage="utf-8-sig")
        assert epci.set_index("CODGEO")[f"Q2{annee % 100}"][BARONNIES] == publiee
        assert epci.columns.str.startswith("Unnamed").sum() == (69 if annee == 2017 else 0)
    communes = lire(mirror / "insee/filosofi/FILO2019_DISP_COM.csv", encodage="utf-8-sig")
    du_ctg = communes[communes["CODGEO"].isin(baronnies(mirror))]
    assert 0 < len(du_ctg) < 67
    assert 0 < (du_ctg["RD"] != "").sum() < len(du_ctg)
    assert du_ctg["NBMEN19"].astype(int).sum() < 9998


def test_france_services(mirror: Path) -> None:
    chemin = mirror / "anct/liste-fs-20240801.csv"
    points = lire(chemin, ",")
    assert points["insee_com"].isin(baronnies(mirror)).sum() == 4
    assert (points["insee_dep"] == "26").sum() == 28
    assert points["id_fs"].is_unique
    assert len(chemin.read_text(encoding="utf-8").splitlines()) > len(points) + 1
    assert (points["mail"] + points["telephone"] == "").all()


def memes_lignes(demo: pd.DataFrame, reel: pd.DataFrame, cles: list[str]) -> None:
    pd.testing.assert_frame_equal(
        demo.sort_values(cles, ignore_index=True), reel.sort_values(cles, ignore_index=True)
    )


@pytest.mark.parametrize("annee", [2019, *range(2021, 2026)])
def test_cog_is_the_producer_s(mirror: Path, shared: Path, annee: int) -> None:
    nom = "insee/cog/communes-2019.csv" if annee == 2019 else f"insee/cog/v_commune_{annee}.csv"
    demo, reel = lire(mirror / nom, ","), lire(shared / "real" / nom, ",")
    com, parente = ("com", "comparent") if annee == 2019 else ("COM", "COMPARENT")
    codes = set(membres(mirror, 2020)["insee"])
    memes_lignes(demo, reel[reel[com].isin(codes) | reel[parente].isin(codes)], [demo.columns[0], com])


@pytest.mark.parametrize("annee", range(2023, 2026))
def test_mouvements_are_the_producer_s(mirror: Path, shared: Path, annee: int) -> None:
    nom = f"insee/cog/v_mvt_commune_{annee}.csv"
    demo, reel = lire(mirror / nom, ","), lire(shared / "real" / nom, ",")
    # Some déléguées of 2019 have left the COG since.
    codes = set(lire(mirror / "insee/cog/communes-2019.csv", ",")["com"])
    recents = reel[(reel["DATE_EFF"] >= "2016") & (reel["COM_AV"].isin(codes) | reel["COM_AP"].isin(codes))]
    memes_lignes(demo, recents, ["DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP"])


@pytest.mark.parametrize("annee", [2020, 2023, 2024])
def test_epci_are_the_producer_s(mirror: Path, shared: Path, annee: int) -> None:
    demo, reel = membres(mirror, annee), membres(shared / "real", annee)
    assert set(reel[reel["dep_com"] == "26"]["siren"]) <= set(epci(annee))
    reel = reel[reel["siren"].isin(set(epci(annee)))]
    memes_lignes(demo.drop(columns="siren_membre"), reel.drop(columns="siren_membre"), ["insee"])


@pytest.mark.parametrize("nom", ["pop2019_cog2021", "pop2020", "pop2021_cog2023", "pop2022"])
def test_populations_are_the_producer_s(mirror: Path, shared: Path, nom: str) -> None:
    chemin = f"insee/populations/donnees_communes_{nom}.csv"
    demo, reel = lire(mirror / chemin), lire(shared / "real" / chemin)

    def par_code(table: pd.DataFrame) -> pd.DataFrame:
        code = table["CODDEP"] + table["CODCOM"] if "CODCOM" in table and "DEP" not in table else table["COM"]
        return table.set_index(code)[["PMUN", "PCAP", "PTOT"]]

    codes = par_code(demo).index
    pd.testing.assert_frame_equal(par_code(demo), par_code(reel).loc[codes])
    assert set(membres(mirror, 2023)["insee"]) <= set(codes)


def test_programmes_are_the_anct_s(mirror: Path, shared: Path) -> None:
    nom = "anct/ngeo-anct-cog2023.csv"
    demo, reel = lire(mirror / nom, ","), lire(shared / "real" / nom, ",")
    assert list(demo) == list(reel)
    colonnes = ["insee_com", "id_pvd", "id_acv", "id_va"]
    reel = reel[reel["insee_com"].isin(demo["insee_com"])]
    assert demo[colonnes].values.tolist() == reel[colonnes].values.tolist()


def test_no_statistic_is_copied(mirror: Path, shared: Path) -> None:
    """Beyond the facts, no line is the producer's, but for villages whose few foyers coincide by chance."""

    compares = 0
    for nom in octets(mirror):
        reel = shared / "real" / nom
        if nom.startswith(FAITS) or not reel.exists():
            continue
        compares += 1
        memes = set(texte(mirror / nom).splitlines()[1:]) & set(texte(reel).splitlines()[1:])
        valeurs = [ligne.split(";", 3)[-1] for ligne in memes]
        assert [v for v in valeurs if re.search(r"\d\d\.?\d", v)] == []
    assert compares


def test_contracts_accept_every_file(mirror: Path, tmp_path: Path) -> None:
    contrats = charger_contrats()
    night = Acquisition(tmp_path, contrats, Profil("demo", str(mirror), "epci_de_departement:26"))
    ecartes = []
    for source in dans_l_ordre(contrats):
        recu, normalise = night.recevoir(source), night.normaliser(source)
        assert [str(refus) for refus in (*recu.refus, *normalise.refus)] == []
        ecartes += [(e.source, e.motif, e.codes) for e in normalise.ecartes]
    assert ecartes == [
        # The EPCI that the file writes twice, as the portal's is said to.
        ("cnaf_allocataires_epci", "ligne_repetee", ["200040459"]),
        # RP2022 keeps a line of the commune merged on 1 January 2025.
        ("insee_comparateur", "hors_cog", ["26371"]),
    ]
    retenus = night.fichiers_retenus()
    lus = {night.contrats[f.source].ressources[f.ressource].millesimes[f.millesime].mirror for f in retenus}
    assert lus == octets(mirror).keys()


def test_repartir_sums_exactly_and_tirage_stays_in_bounds() -> None:
    assert repartir(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert repartir(7, {"a": 0, "b": 5, "c": 3}) == {"a": 0, "b": 4, "c": 3}
    assert {tirage(str(n), 2, 4) for n in range(50)} == {2, 3, 4}


def plan(mirror: Path, table: str) -> pd.DataFrame:
    return lire(mirror / f"ctg/plan_actions/2024/{table}.csv", encodage="utf-8-sig")


def test_the_ctg_of_the_baronnies_is_as_its_documents_state_it(mirror: Path) -> None:
    axes, orientations = plan(mirror, "axes"), plan(mirror, "orientations")
    assert (axes["convention_id"] == "baronnies-2025").sum() == 20
    assert len(orientations) == 67 and (orientations["hors_competence_caf"] == "oui").sum() == 1
    assert set(orientations["axe_id"]) == set(axes.query("convention_id == 'baronnies-2025'")["axe_id"])
    perimetres = plan(mirror, "perimetres").groupby("convention_id")["code"].agg(set)
    assert perimetres["baronnies-2019"] == perimetres["baronnies-2025"] == baronnies(mirror)
    touches = membres(mirror, 2024).query("insee in @perimetres['demonstration-2023']")
    assert touches["siren"].nunique() == 2
    # No action, target, meeting, amount nor cost that the documents do not state.
    for table in ("actions", "reunions", "financements"):
        assert (
            plan(mirror, table).astype(str).apply(" ".join, axis=1).str.contains("demonstration-2023").all()
        )
    cibles = plan(mirror, "indicateurs_cibles")
    enoncees = cibles[~cibles["objet_id"].str.contains("demonstration-2023")]
    assert set(enoncees["objet_id"]) <= set(axes["axe_id"])
    assert set(enoncees["cible"]) == set(enoncees["echeance"]) == {"nd"}
    assert enoncees.set_index("indicateur_id")[["valeur_depart", "periode_depart"]].T.to_dict("list") == {
        "nb_places_eaje": ["94", "2019"],
        "taux_couverture_petite_enfance": ["46,2", "2019"],
    }
    calendrier = plan(mirror, "calendrier")
    assert set(calendrier["cout_previsionnel"]) == {"nd"}
    ajouts = calendrier.query("nature in ('extension', 'ouverture')")
    assert ajouts.groupby("financement")["places"].agg(lambda p: p.astype(int).sum()).to_dict() == {
        "psu": 9,
        "paje": 12,
    }


def test_the_observations_of_the_evaluation_are_all_there_in_other_words(mirror: Path, shared: Path) -> None:
    """Facts carry over, sentences do not: no run of six words of the document."""
    constats = plan(mirror, "constats")
    assert constats["theme_id"].value_counts().to_dict() == {
        "nd": 9, "acces_droits": 4, "petite_enfance": 6, "enfance_jeunesse": 5, "parentalite": 4,
        "animation_vie_sociale": 5, "logement": 3,
    }  # fmt: skip
    document = (shared / "domain" / "presentation_ctg_baronnies.txt").read_text(encoding="utf-8")
    mots = re.findall(r"\w+", document.lower())
    suites = {tuple(mots[i : i + 6]) for i in range(len(mots))}
    for texte_du_constat in constats["texte"]:
        siens = re.findall(r"\w+", texte_du_constat.lower())
        assert not suites & {tuple(siens[i : i + 6]) for i in range(len(siens) - 5)}, texte_du_constat


def test_structures_of_the_baronnies_reach_the_deck(mirror: Path) -> None:
    structures = lire(mirror / "caf/equipements/2024/structures.csv")
    du_ctg = structures[structures["code"].isin(baronnies(mirror))]
    assert du_ctg.query("annee == '2024'")["type"].value_counts().to_dict() == {
        "alsh": 13, "eaje": 7, "accueil_jeunes": 2, "clas": 2, "centre_social": 2, "evs": 2,
        "mam": 1, "rpe": 1, "laep": 1, "fjt": 1, "permanence_caf": 1, "point_numerique_caf": 1,
    }  # fmt: skip
    eaje = du_ctg.query("type == 'eaje'")
    assert eaje["places"].astype(int).groupby(eaje["annee"]).sum().to_dict() == {"2019": 94, "2024": 118}
    assert (eaje["avip"] == "oui").sum() == 3
    assert set(du_ctg["montant_caf"]) == set(du_ctg["agrement_fin"]) == {"nd"}
