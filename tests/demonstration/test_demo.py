"""The files of the demonstration: published totals, facts equal to the producers', nothing else of theirs."""

import re
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from commande import DEMONSTRATION

from ingestion.acquisition import Acquisition, Profil, dans_l_ordre
from ingestion.contrats import charger_contrats

BARONNIES = "200068229"
FAITS = ("insee/cog/", "insee/populations/", "dgcl/", "anct/ngeo-", "laposte/")


@pytest.fixture(scope="module")
def mirror() -> Path:
    return DEMONSTRATION / "miroir"


def lire(chemin: Path, separateur: str = ";", encodage: str = "utf-8") -> pd.DataFrame:
    return pd.read_csv(chemin, sep=separateur, dtype=str, encoding=encodage, keep_default_na=False)


def texte(chemin: Path) -> str:
    """A text file, or the data member of the comparateur."""
    if chemin.suffix != ".zip":
        return chemin.read_text(encoding="utf-8-sig")
    with ZipFile(chemin) as archive:
        return archive.read("base_cc_comparateur.CSV").decode()


def membres(folder: Path, annee: int) -> pd.DataFrame:
    return pd.read_excel(folder / f"dgcl/epcicom{annee}.xlsx", dtype=str, engine="calamine")


@cache
def baronnies(mirror: Path) -> frozenset[str]:
    composition = membres(mirror, 2024)
    return frozenset(composition[composition["siren"] == BARONNIES]["insee"])


def noms(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


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


def test_filosofi_is_the_published_one_where_it_says_so(mirror: Path) -> None:
    colonnes = {
        **{"menages_fiscaux": "NBMEN{}", "mediane_niveau_vie": "Q2{}"},
        **{"rapport_interdecile": "RD", "part_prestations_sociales_revenu": "PPSOC{}"},
    }
    fichiers = {"epci": "EPCI", "departement": "DEP", "region": "REG", "france": "METROPOLE"}
    cibles = lire(DEMONSTRATION / "calibration.csv", ",").query("cible in @colonnes")
    for cible in cibles.itertuples():
        niveau, _, code = cible.territoire.partition(":")
        chemin = mirror / f"insee/filosofi/FILO{cible.millesime}_DISP_{fichiers[niveau]}.csv"
        lignes = lire(chemin, encodage="utf-8-sig").set_index("CODGEO")
        lue = lignes[colonnes[cible.cible].format(cible.millesime[2:])][code if niveau != "france" else "1"]
        assert float(lue.replace(",", ".")) == float(cible.valeur), cible
    assert len(cibles) == 48


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
def test_cog_is_the_producer_s(mirror: Path, reel: Path, annee: int) -> None:
    nom = "insee/cog/communes-2019.csv" if annee == 2019 else f"insee/cog/v_commune_{annee}.csv"
    demo, reel = lire(mirror / nom, ","), lire(reel / nom, ",")
    com, parente = ("com", "comparent") if annee == 2019 else ("COM", "COMPARENT")
    codes = set(membres(mirror, 2020)["insee"])
    memes_lignes(demo, reel[reel[com].isin(codes) | reel[parente].isin(codes)], [demo.columns[0], com])


@pytest.mark.parametrize("annee", range(2023, 2026))
def test_mouvements_are_the_producer_s(mirror: Path, reel: Path, annee: int) -> None:
    nom = f"insee/cog/v_mvt_commune_{annee}.csv"
    demo, reel = lire(mirror / nom, ","), lire(reel / nom, ",")
    # Some déléguées of 2019 have left the COG since.
    codes = set(lire(mirror / "insee/cog/communes-2019.csv", ",")["com"])
    recents = reel[(reel["DATE_EFF"] >= "2016") & (reel["COM_AV"].isin(codes) | reel["COM_AP"].isin(codes))]
    memes_lignes(demo, recents, ["DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP"])


@pytest.mark.parametrize("annee", [2020, 2023, 2024])
def test_epci_are_the_producer_s(mirror: Path, reel: Path, annee: int) -> None:
    demo, reel = membres(mirror, annee), membres(reel, annee)
    assert set(reel[reel["dep_com"] == "26"]["siren"]) <= set(demo["siren"])
    reel = reel[reel["siren"].isin(set(demo["siren"]))]
    memes_lignes(demo.drop(columns="siren_membre"), reel.drop(columns="siren_membre"), ["insee"])


@pytest.mark.parametrize("nom", ["pop2019_cog2021", "pop2020", "pop2021_cog2023", "pop2022"])
def test_populations_are_the_producer_s(mirror: Path, reel: Path, nom: str) -> None:
    chemin = f"insee/populations/donnees_communes_{nom}.csv"
    demo, reel = lire(mirror / chemin), lire(reel / chemin)

    def par_code(table: pd.DataFrame) -> pd.DataFrame:
        code = table["CODDEP"] + table["CODCOM"] if "CODCOM" in table and "DEP" not in table else table["COM"]
        return table.set_index(code)[["PMUN", "PCAP", "PTOT"]]

    codes = par_code(demo).index
    pd.testing.assert_frame_equal(par_code(demo), par_code(reel).loc[codes])
    assert set(membres(mirror, 2023)["insee"]) <= set(codes)


def test_postal_codes_are_those_of_la_poste(mirror: Path, reel: Path) -> None:
    nom = "laposte/019HexaSmal_2023.csv"
    demo, reel = lire(mirror / nom, encodage="cp1252"), lire(reel / nom)
    assert len(demo) == len(membres(mirror, 2023))
    reels = reel.groupby("Code_commune_INSEE")["Code_postal"].agg(set)
    for code, postal in zip(demo["#Code_commune_INSEE"], demo["Code_postal"], strict=True):
        assert reels[code] == {postal}


def test_programmes_are_the_anct_s(mirror: Path, reel: Path) -> None:
    nom = "anct/ngeo-anct-cog2023.csv"
    demo, reel = lire(mirror / nom, ","), lire(reel / nom, ",")
    assert list(demo) == list(reel)
    colonnes = ["insee_com", "id_pvd", "id_acv", "id_va"]
    reel = reel[reel["insee_com"].isin(demo["insee_com"])]
    assert demo[colonnes].values.tolist() == reel[colonnes].values.tolist()


def test_no_statistic_is_copied(mirror: Path, reel: Path) -> None:
    """Beyond the facts, no line is the producer's, but for villages whose few foyers coincide by chance."""

    compares = 0
    for nom in noms(mirror):
        brut = reel / nom
        if nom.startswith(FAITS) or not brut.exists():
            continue
        compares += 1
        memes = set(texte(mirror / nom).splitlines()[1:]) & set(texte(brut).splitlines()[1:])
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
    assert night.miroir_inconnus() == []
    lus = {night.contrats[f.source].ressources[f.ressource].millesimes[f.millesime].mirror for f in retenus}
    assert lus == noms(mirror)


def test_a_file_that_no_contract_names_is_told(tmp_path: Path) -> None:
    (tmp_path / "autre.csv").write_text("x\n")
    night = Acquisition(tmp_path / "home", charger_contrats(), Profil("demo", str(tmp_path)))
    assert [dit for dit in night.miroir_inconnus() if "autre.csv" in dit]


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
