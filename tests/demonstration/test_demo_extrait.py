"""The extract of the demonstration: invented foyers that count to the deck's figures and to its own Cafdata.

Reads the files with pandas and their mapping; then, once, by the reception of real extracts.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from commande import DEMONSTRATION

import ingestion
from ingestion.extrait.depot import Origine
from ingestion.extrait.reception import Reception
from ingestion.extrait.retenus import Micro
from ingestion.extrait.zones import Zones

BARONNIES = "200068229"
_SEUILS = pd.read_csv(Path(ingestion.__file__).parents[1] / "dbt_project/seeds/seuils_bas_revenus.csv")
SEUIL = Decimal(str(_SEUILS.set_index("millesime")["seuil_mensuel"][2022]))
MOIS = ["2017-12", "2022-12"]
PRESTATIONS = {
    "annuel_familiales": [
        "af",
        "cf",
        "asf",
        "ars",
        "paje_naissance",
        "paje_base",
        "paje_cmg",
        "paje_prepare",
    ],
    "annuel_handicap": ["aah", "aeeh", "ajpa", "ajpp"],
    "annuel_precarite": ["rsa", "prime_activite"],
    "annuel_aides_logement": ["apl", "alf", "als"],
}
MONTANTS = [f"montant_{nom}" for noms in PRESTATIONS.values() for nom in noms]


@pytest.fixture(scope="module")
def dossier() -> Path:
    return DEMONSTRATION / "extrait"


def communes(cog: int) -> set[str]:
    """Communes of the Drôme in a COG."""
    nom = "communes-2019" if cog == 2019 else f"v_commune_{cog}"
    table = pd.read_csv(DEMONSTRATION / f"miroir/insee/cog/{nom}.csv", dtype=str).rename(columns=str.upper)
    return set(table.query("TYPECOM == 'COM' and DEP == '26'")["COM"])


def membres(annee: int) -> pd.Series:
    """EPCI of each commune."""
    fichier = DEMONSTRATION / f"miroir/dgcl/epcicom{annee}.xlsx"
    return pd.read_excel(fichier, dtype=str, engine="calamine").set_index("insee")["siren"]


@pytest.fixture(scope="module")
def correspondance(dossier: Path) -> dict[str, Any]:
    return yaml.load((dossier / "correspondance_extrait.yml").read_text("utf-8"), yaml.BaseLoader)


def bruts_2017(dossier: Path, nom: str) -> pd.DataFrame:
    return pd.read_csv(
        dossier / f"2017-12/{nom}_201712.csv", sep=";", dtype=str, encoding="cp1252", keep_default_na=False
    )


def nombres(texte: pd.Series) -> pd.Series:
    return pd.to_numeric(texte.str.replace(",", "."))


@pytest.fixture(scope="module")
def foyers(dossier: Path, correspondance: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Foyers by month, in the contract's columns, amounts as floats, with the ages of their children."""
    dispositions = correspondance["dispositions"]
    brut = pd.read_parquet(dossier / "2022-12/extrait_202212.parquet")
    colonnes = dispositions["une_table"]["colonnes"]
    recent = brut.rename(columns=colonnes)[list(colonnes.values())].copy()
    recent["situation_familiale"] = recent["situation_familiale"].map({"S": "isole", "C": "couple"})
    recent["enfants_aeeh"] = 0
    for rang in range(1, 7):
        recent[f"age_{rang}"] = age(pd.to_datetime(brut[f"enf{rang}_naissance"]), date(2022, 12, 31))
        recent["enfants_aeeh"] += brut[f"enf{rang}_aeeh"].fillna(False).astype(int)

    ancien, enfants = bruts_2017(dossier, "foyers"), bruts_2017(dossier, "enfants")
    disposition = dispositions["deux_fichiers"]
    ancien = ancien.rename(columns=disposition["colonnes"])[list(disposition["colonnes"].values())]
    codes = disposition["codes"]
    for nom in ancien:
        if nom in codes:
            ancien[nom] = ancien[nom].map(codes[nom])
            assert ancien[nom].notna().all()
            if set(codes[nom].values()) == {"oui", "non"}:
                ancien[nom] = ancien[nom] == "oui"
        elif nom not in ("id_foyer", "mois", "code_commune"):
            ancien[nom] = nombres(
                ancien[nom].replace("", "0" if nom in disposition["vide_vaut_zero"] else None)
            )
    enfants["age"] = age(pd.to_datetime(enfants["DTNAI"], format="%d/%m/%Y"), date(2017, 12, 31))
    enfants["aeeh"] = enfants["TOPAEEH"] == "O"
    assert set(enfants["NUMDOS"]) <= set(ancien["id_foyer"])
    ages = enfants.pivot(index="NUMDOS", columns="RANGENF", values="age").add_prefix("age_")
    aeeh = enfants.groupby("NUMDOS")["aeeh"].sum().rename("enfants_aeeh")
    ancien = ancien.join(ages, on="id_foyer").join(aeeh, on="id_foyer").fillna({"enfants_aeeh": 0})

    for table in (ancien, recent):
        for nom in [*MONTANTS, *PRESTATIONS, "ruc", "ruc_hors_prestations", "prestations_mensuelles"]:
            table[nom] = table[nom].astype(float)
        for nom in ("ressources_mensuelles", "loyer", "charges", "quotient_familial"):
            table[nom] = table[nom].astype(float)
        ages = table.filter(regex="^age_")
        bandes = {"0_2": (0, 2), "3_5": (3, 5), "6_11": (6, 11), "12_17": (12, 17)}
        for nom, (bas, haut) in bandes.items():
            table[f"n_{nom}"] = ((ages >= bas) & (ages <= haut)).sum(axis=1)
        table["n"] = ages.notna().sum(axis=1)
        table["isole"] = table["situation_familiale"] == "isole"
        table["al"] = table[["montant_apl", "montant_alf", "montant_als"]].sum(axis=1)
    return {"2017-12": ancien, "2022-12": recent}


def age(naissances: pd.Series, jour: date) -> pd.Series:
    passe = (naissances.dt.month * 100 + naissances.dt.day) <= jour.month * 100 + jour.day
    return jour.year - naissances.dt.year - (~passe).astype(int)


def heritiere(code: str) -> str:
    """The commune of 2025 a commune of 2019 or later is in."""
    return {"26219": "26216", "26371": "26289"}.get(code, code)


@pytest.fixture(scope="module")
def decembre(foyers: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Foyers with a right in December 2022, by commune and EPCI of 2025."""
    table = foyers["2022-12"].copy()
    table["code"] = table["code_commune"].map(heritiere)
    table["epci"] = table["code"].map(membres(2024))
    return table


# -- files ---------------------------------------------------------------------------------------


def test_the_mapping_names_every_column_of_the_files(dossier: Path, correspondance: dict[str, Any]) -> None:
    d = correspondance["dispositions"]
    deux, une = d["deux_fichiers"], d["une_table"]
    repetees = {
        patron.replace("{n}", str(rang)) for patron in une["enfants"]["colonnes"] for rang in range(1, 7)
    }
    for fichier, declarees in (
        (bruts_2017(dossier, "foyers"), {*deux["colonnes"], *deux["ignorees"]}),
        (bruts_2017(dossier, "enfants"), {*deux["enfants"]["colonnes"], *deux["enfants"]["ignorees"]}),
        (
            pd.read_parquet(dossier / "2022-12/extrait_202212.parquet"),
            {*une["colonnes"], *une["ignorees"], *repetees},
        ),
    ):
        assert set(fichier) == declarees
    contrat = yaml.safe_load((Path(ingestion.__file__).parent / "extrait/contrat.yml").read_text("utf-8"))
    for disposition in (deux, une):
        assert set(disposition["colonnes"].values()) == set(contrat["colonnes"])


def test_identities_are_recognisable_inventions(dossier: Path) -> None:
    ancien, recent = (
        bruts_2017(dossier, "foyers"),
        pd.read_parquet(dossier / "2022-12/extrait_202212.parquet"),
    )
    for nom, nir, adresse in (
        (ancien["NOMALL"], ancien["NIRALL"], ancien["ADRESSE"]),
        (recent["nom_patronymique"], recent["nir"], recent["adresse_ligne4"]),
    ):
        assert nom.str.startswith("NOM-INVENTÉ-").all() and nom.is_unique
        # No NIR starts with 9.
        assert nir.str.fullmatch(r"900009900\d{7}").all()
        assert adresse.str.endswith("CHEMIN DE L'INVENTION").all()
    assert bruts_2017(dossier, "enfants")["PRENOM"].str.startswith("PRENOM-INVENTÉ-").all()


@pytest.mark.parametrize("mois", MOIS)
def test_one_row_a_foyer_in_the_communes_of_the_file(foyers: dict[str, pd.DataFrame], mois: str) -> None:
    table = foyers[mois]
    assert table["id_foyer"].is_unique
    assert 100_000 < len(table) < 130_000
    cog = {"2017-12": 2019, "2022-12": 2023}[mois]
    codes = communes(cog)
    assert set(table["code_commune"]) < codes
    # Communes merged since are there on their own; at least two villages have no foyer at all.
    assert "26371" in set(table["code_commune"])
    assert len(codes - set(table["code_commune"])) >= 2
    # The order of the file says nothing of the communes.
    assert (table["code_commune"] == table["code_commune"].shift()).mean() < 0.1


# -- targets -------------------------------------------------------------------------------------


def arrondi(valeur: float, decimales: int) -> Decimal:
    return Decimal(str(float(valeur))).quantize(Decimal(1).scaleb(-decimales), "ROUND_HALF_UP")


def test_the_baronnies_reach_the_deck(decembre: pd.DataFrame) -> None:
    annee = decembre[decembre["epci"] == BARONNIES]
    t = annee[annee["droit_versable"]]
    assert len(t) == 3230
    assert t["nb_personnes"].sum() == 6769
    familles = t[t["n"] > 0]
    assert (len(familles), familles["isole"].sum()) == (1341, 510)
    assert (arrondi(100 * (t["montant_rsa"] > 0).mean(), 1), arrondi(100 * (t["al"] > 0).mean(), 1)) == (
        Decimal("12.7"),
        Decimal("45.8"),
    )
    assert (t["n_6_11"].sum(), t["n_12_17"].sum()) == (792, 784)
    reference = t[t["population_reference"]]
    assert arrondi(100 * (reference["ruc"] < float(SEUIL)).mean(), 1) == Decimal("35.2")
    mono = reference[(reference["n"] > 0) & reference["isole"]]
    assert (len(mono), (mono["ruc"] < float(SEUIL)).sum()) == (510, 292)

    assert len(annee) == 4120
    sommes = [round(100 * annee[nom].sum()) for nom in PRESTATIONS]
    assert {nom: (s + 50) // 100 for nom, s in zip(PRESTATIONS, sommes, strict=True)} == {
        "annuel_aides_logement": 3674066,
        "annuel_precarite": 5193122,
        "annuel_familiales": 5454360,
        "annuel_handicap": 4143294,
    }
    assert (sum(sommes) + 50) // 100 == 18464843
    assert arrondi(sum(sommes) / 100 / len(annee), 2) == Decimal("4481.76")


def test_the_baronnies_of_2017_give_the_evolutions(foyers: dict[str, pd.DataFrame]) -> None:
    t = foyers["2017-12"]
    t = t[t["droit_versable"] & (t["code_commune"].map(membres(2020)) == BARONNIES)]
    n6, n12 = t["n_6_11"].sum(), t["n_12_17"].sum()
    assert (n6, n12) == (884, 932)
    assert (arrondi(100 * (792 / n6 - 1), 1), arrondi(100 * (784 / n12 - 1), 1)) == (
        Decimal("-10.4"),
        Decimal("-15.9"),
    )


# -- Cafdata -------------------------------------------------------------------------------------

ENTETES = {
    "indfoy_ndur": lambda t: t["droit_versable"],
    "indnbp_ndur": lambda t: t["nb_personnes"],
    "indfoy_ndurpaje": lambda t: t[[m for m in MONTANTS if "paje" in m]].sum(axis=1) > 0,
    "indfoy_cmg": lambda t: t["montant_paje_cmg"] > 0,
    "indfoy_af": lambda t: t["montant_af"] > 0,
    "indfoy_asf": lambda t: t["montant_asf"] > 0,
    "indfoy_ndural": lambda t: t["al"] > 0,
    "indfoy_apl": lambda t: t["montant_apl"] > 0,
    "indfoy_rsa": lambda t: t["montant_rsa"] > 0,
    "indfoy_ppa": lambda t: t["montant_prime_activite"] > 0,
    "indfoy_aah": lambda t: t["montant_aah"] > 0,
    "indben_aeeh": lambda t: t["enfants_aeeh"],
}


def cafdata(nom: str, cle: str) -> pd.DataFrame:
    table = pd.read_csv(DEMONSTRATION / f"miroir/cnaf/cafdata/{nom}.csv", sep=";", dtype={cle: str})
    table = table[table["dtreffre"] == "2022-12"]
    if cle == "numcomdo":
        # Of communes that merged since, what they make together.
        table = table.assign(numcomdo=table["numcomdo"].map(heritiere))
        table = table.groupby([cle, *({"qf_400"} & {*table})]).sum(numeric_only=True).reset_index()
    return table.set_index(cle)


def test_the_drome_is_exactly_its_cafdata(decembre: pd.DataFrame) -> None:
    t = decembre[decembre["droit_versable"]]
    attendu = cafdata("s_ben_dep", "numdep").iloc[0]
    assert {e: int(f(t).sum()) for e, f in ENTETES.items()} == {e: int(attendu[e]) for e in ENTETES}


def test_every_rounded_figure_of_cafdata_holds_the_count(decembre: pd.DataFrame) -> None:
    """What an attacker reads beside the extract is true of it: |count - rounded| <= 2, absent read as 0."""
    t = decembre[decembre["droit_versable"]]
    codes = sorted(communes(2025))
    imprimes = cafdata("s_ben_com_f", "numcomdo").filter(like="ind").reindex(codes).fillna(0)
    epci_de = membres(2024)
    dehors = set(epci_de[~epci_de.index.str.startswith("26")])
    epci = cafdata("s_ben_epci_f", "numepci")
    epci = epci[~epci.index.duplicated()].drop(index=[*dehors, "XX"], errors="ignore")
    assert len(epci) == 9 and BARONNIES in epci.index
    for entete, compter in ENTETES.items():
        if entete in ("indfoy_aah", "indben_aeeh"):
            continue
        comptes = compter(t).groupby(t["code"]).sum().reindex(codes).fillna(0)
        assert (comptes - imprimes[entete]).abs().max() <= 2, entete
        comptes = compter(t).groupby(t["epci"]).sum().reindex(epci.index)
        assert (comptes - epci[entete]).abs().max() <= 2, entete


def test_every_class_of_quotient_familial_holds_the_count(decembre: pd.DataFrame) -> None:
    t = decembre[decembre["droit_versable"]]
    bornes = [0, 400, 800, 1200, 1600, 2000, 4000, 10**6]
    noms = ["Moins de 400 euros", "Entre 400 et 799 euros", "Entre 800 et 1199 euros"]
    noms += ["Entre 1200 et 1599 euros", "Entre 1600 et 1999 euros", "Entre 2000 et 3999 euros"]
    noms += ["4000 euros ou plus"]
    classe = pd.cut(t["quotient_familial"], bornes, right=False, labels=noms).astype(object).fillna("Inconnu")
    comptes = t.groupby(["code", classe.rename("classe")]).size()
    imprimes = cafdata("ndur_s_qf_400_com_f", "numcomdo").set_index("qf_400", append=True)["indfoy_ndur"]
    imprimes = imprimes[imprimes.index.get_level_values(0).str.startswith("26")]
    imprimes.index.names = comptes.index.names
    ecart = comptes.sub(imprimes, fill_value=0).abs()
    assert ecart.max() <= 2


def test_the_reception_of_a_real_extract_takes_both_in(
    dossier: Path, foyers: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    """The same code as a real extract: what it stores counts as the files do, and holds no identity."""
    origine = Origine(
        dossier, dossier / "correspondance_extrait.yml", lambda: bytes(range(32)), permanente=True
    )
    bilan = Reception(Micro(tmp_path), Zones(tmp_path), origine).recevoir()
    assert (bilan.acceptes, bilan.refus) == (MOIS, [])
    for retenu in Micro(tmp_path).acceptes():
        micro, attendu = pd.read_parquet(retenu.parquet), foyers[retenu.mois]
        for nom in ("pseudonyme", "mois", "fichier_sha256", "code_commune", "situation_familiale"):
            assert not micro[nom].drop_duplicates().str.contains("INVENT|900009900").any()
        bandes = ["0_2", "3_5", "6_11", "12_17"]
        assert {b: micro[f"enfants_{b}"].sum() for b in bandes} == {
            b: attendu[f"n_{b}"].sum() for b in bandes
        }
        assert micro["enfants_aeeh"].sum() == attendu["enfants_aeeh"].sum()
        assert micro["situation_familiale"].eq("isole").sum() == attendu["isole"].sum()
        for nom in ("droit_versable", "nb_personnes", "population_reference", *MONTANTS, *PRESTATIONS, "ruc"):
            assert round(float(micro[nom].sum()), 2) == round(float(attendu[nom].sum()), 2), nom


def test_the_threshold_aimed_at_is_the_one_in_use() -> None:
    cibles = pd.read_csv(DEMONSTRATION / "calibration.csv", dtype=str)
    assert (
        Decimal(cibles.query("cible == 'seuil_bas_revenus' and millesime == '2022'")["valeur"].item())
        == SEUIL
    )
