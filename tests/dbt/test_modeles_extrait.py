"""The extract of allocataires in the warehouse, against the same mesures counted foyer by foyer in Python."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import atelier_extrait
import duckdb
import pyarrow.parquet as pq
import pytest
from atelier_extrait import Foyer
from banc_dbt import Projet, preparee, projet_de

import demonstration as demo
from ingestion.acquisition import Acquisition
from ingestion.extrait.retenus import MoisRetenu
from orchestration.nuit.agregats import geler, geles

COG = 2023
CALIBRATION = Path(demo.__file__).with_name("calibration.csv")
# The Drôme, which the extract covers, and one commune that it does not.
DEHORS = "84150"
SEUILS = {2017: 1062, 2022: 1149}
# Bas revenus have no threshold that year, and the Caf leaves columns out.
INCOMPLET = "2018-12"
LAISSEES = ("quotient_familial", "courriel_connu", "charges", "annuel_handicap")
# Up to what the masks read, and not the masks.
CELLULES = ("--select", "+int_secret_cellules", "+int_secret_atomes", "+int_cellules_indicateurs")
CONTROLES = (
    *(
        "--select",
        "int_mesures_medianes",
        "int_extrait_*",
        "int_secret_*",
        "int_parts",
        "int_sommes",
        "int_cellules_mesures",
    ),
    *("--exclude-resource-type", "unit_test"),
)
Territoire = Callable[[Foyer], str | None]


def sha(mois: str) -> str:
    return (mois.replace("-", "") * 11)[:64]


def inventes(communes: list[str]) -> dict[str, list[Foyer]]:
    """Foyers by month; November feeds nothing."""
    mois = {
        m: atelier_extrait.inventer(m, m, sha(m), COG, communes)
        for m in ("2017-12", INCOMPLET, "2022-11", "2022-12")
    }
    for foyer in mois[INCOMPLET]:
        foyer.update(dict.fromkeys(LAISSEES))
    return mois


def communes(acquisition: Acquisition) -> list[str]:
    (parquet,) = (f.parquet for f in acquisition.fichiers_retenus("insee_cog_communes") if f.millesime == COG)
    codes = {c["code"] for c in pq.read_table(parquet).to_pylist() if c["typecom"] == "COM"}
    assert DEHORS in codes
    return [*sorted(c for c in codes if c.startswith("26")), DEHORS]


def construire(projet: Projet) -> None:
    """Everything up to the cells and what the secrecy engine reads; then the data tests of the extract."""
    for sortie in (
        projet.dbt("build", *CELLULES, "--resource-type", "seed", "--resource-type", "model"),
        projet.dbt("test", *CONTROLES),
    ):
        assert not sortie.echecs, sortie.texte


@pytest.fixture(scope="session")
def foyers(recue: Acquisition) -> dict[str, list[Foyer]]:
    return inventes(communes(recue))


@pytest.fixture(scope="session")
def nuit(
    une_fois: Callable[[str, Callable[[Path], None]], Path],
    recue: Acquisition,
    foyers: dict[str, list[Foyer]],
) -> Projet:
    """A night with the extract, its aggregates frozen. To be read only."""

    def faire(dossier: Path) -> None:
        extrait = retenus(dossier)
        for mois in extrait:
            atelier_extrait.ecrire(mois.parquet, foyers[mois.mois])
        projet = preparee(dossier, recue, extrait)
        construire(projet)
        geler(projet.base, dossier / "agregats", extrait)

    return projet_de(une_fois("nuit_extrait", faire))


def retenus(dossier: Path) -> list[MoisRetenu]:
    return [
        atelier_extrait.retenir(dossier / f"{m}.parquet", m, sha(m), COG)
        for m in ("2017-12", INCOMPLET, "2022-11", "2022-12")
    ]


@pytest.fixture(scope="session")
def reference(nuit: Projet) -> dict[str, dict[str, str]]:
    """Commune of the reference, EPCI and département of each commune of the extract."""
    return {
        origine: {"commune": commune, "epci": epci, "departement": departement}
        for origine, commune, epci, departement in nuit.requete(
            "select p.code_origine, r.code, r.epci, r.departement from intermediate.int_passage as p "
            "join intermediate.int_communes_reference as r on p.code_reference = r.code "
            "where p.cog_millesime = ?",
            COG,
        )
    }


@pytest.fixture(scope="session")
def entiers(reference: dict[str, dict[str, str]]) -> set[str]:
    """EPCI whose communes are all in the Drôme."""
    departements: dict[str, set[str]] = {}
    for r in reference.values():
        departements.setdefault(r["epci"], set()).add(r["departement"])
    return {epci for epci, d in departements.items() if d == {"26"}}


def attendues(
    foyers: list[Foyer], millesime: int, territoire: Territoire
) -> Iterator[tuple[str, str, tuple[Decimal, int, Decimal, Decimal]]]:
    couverts = [f for f in foyers if f["code_commune"] != DEHORS]
    for (mesure, code), compte in atelier_extrait.compter(couverts, SEUILS[millesime], territoire).items():
        yield mesure, code, compte


@pytest.mark.parametrize("millesime", SEUILS)
def test_chaque_mesure_de_chaque_commune_est_celle_de_ses_foyers(
    nuit: Projet, foyers: dict[str, list[Foyer]], millesime: int
) -> None:
    lues = {
        (m, a): (v, n, max1, max2)
        for m, a, v, n, max1, max2 in nuit.requete(
            "select mesure_id, atome, valeur, n, max1, max2 from intermediate.int_secret_communes "
            "where millesime = ?",
            millesime,
        )
    }
    comptes = attendues(foyers[f"{millesime}-12"], millesime, lambda f: f["code_commune"])
    assert lues == {(m, c): compte for m, c, compte in comptes if compte[0]}


@pytest.mark.parametrize("niveau", ["commune", "epci", "departement"])
def test_chaque_cellule_est_la_somme_de_ses_foyers(
    nuit: Projet,
    foyers: dict[str, list[Foyer]],
    reference: dict[str, dict[str, str]],
    entiers: set[str],
    niveau: str,
) -> None:
    """Value, contributors and two largest contributions; a merged commune counts both of its origins."""
    lues = {
        (m, c): (v, n, max1, max2)
        for m, c, v, n, max1, max2 in nuit.requete(
            "select mesure_id, code, valeur, n, max1, max2 from intermediate.int_secret_cellules "
            "where millesime = 2022 and niveau = ? and micro and max1 is not null",
            niveau,
        )
    }
    comptes = {
        (m, c): compte
        for m, c, compte in attendues(foyers["2022-12"], 2022, lambda f: reference[f["code_commune"]][niveau])
        if niveau != "epci" or c in entiers
    }
    seules = {
        m
        for (m,) in nuit.requete(
            "select mesure_id from seeds.mesures where sources = 'caf_extrait_allocataires' and additive"
        )
    }
    assert seules <= {m for m, _ in lues}
    # Of the others, what a public file of the level gives is not the extract's.
    communs = comptes.keys() & lues.keys()
    assert {cle for cle in comptes if cle[0] in seules} <= communs
    assert {cle: lues[cle] for cle in communs} == {cle: comptes[cle] for cle in communs}
    # Nobody there: 0, and no contributor.
    assert {lues[cle] for cle in lues.keys() - comptes.keys()} <= {(0, 0, 0, 0)}


def test_une_commune_fusionnee_a_les_foyers_des_deux(nuit: Projet, foyers: dict[str, list[Foyer]]) -> None:
    attendu = sum(
        f["enfants_6_11"]
        for f in foyers["2022-12"]
        if f["code_commune"] in ("26289", "26371") and f["droit_versable"]
    )
    assert attendu > 0
    assert nuit.requete(
        "select valeur from intermediate.int_cellules_indicateurs "
        "where indicateur_id = 'nb_enfants_6_11_ans' and territoire_id = 'commune:26289' and millesime = 2022"
    ) == [(attendu,)]


@pytest.mark.parametrize("niveau", ["epci", "departement"])
def test_la_mediane_est_celle_des_foyers_du_territoire(
    nuit: Projet,
    foyers: dict[str, list[Foyer]],
    reference: dict[str, dict[str, str]],
    entiers: set[str],
    niveau: str,
) -> None:
    couverts = [f for f in foyers["2022-12"] if f["code_commune"] != DEHORS]
    medianes = atelier_extrait.mediane_effort(couverts, lambda f: reference[f["code_commune"]][niveau])
    lues = dict(
        nuit.requete(
            "select code, valeur from intermediate.int_cellules_indicateurs where niveau = ? "
            "and indicateur_id = 'taux_effort_logement_net_median' and millesime = 2022 "
            "and statut = 'observe'",
            niveau,
        )
    )
    assert lues.keys() == (entiers if niveau == "epci" else {"26"})
    for code, valeur in lues.items():
        assert valeur == round(valeur, 1)
        assert valeur == pytest.approx(medianes[code], abs=0.05 + 1e-9)


def test_la_mediane_compte_ses_foyers(nuit: Projet) -> None:
    assert nuit.requete(
        "select count(*), count(*) filter (where m.n = f.valeur) "
        "from intermediate.int_secret_cellules as m join intermediate.int_cellules_mesures as f "
        "on m.niveau = f.niveau and m.code = f.code and m.millesime = f.millesime "
        "where m.mesure_id = 'taux_effort_logement_net_median' and m.micro "
        "and f.mesure_id = 'foyers_effort_logement'"
    ) == [(24, 24)]


def test_un_territoire_non_couvert_entier_n_a_rien(nuit: Projet, entiers: set[str]) -> None:
    """EPCI across two départements, neighbouring départements, région, France: nothing, with the reason."""
    lignes = nuit.requete(
        "select niveau, code, statut, motif from intermediate.int_cellules_indicateurs "
        "where indicateur_id in ('nb_familles_allocataires', 'taux_effort_logement_net_median') "
        "and niveau in ('epci', 'departement', 'region') and millesime = 2022"
    )
    disponibles = {(n, c) for n, c, statut, _ in lignes if statut == "observe"}
    assert disponibles == {("departement", "26")} | {("epci", e) for e in entiers}
    assert {(s, m) for n, c, s, m in lignes if (n, c) not in disponibles} == {
        ("non_disponible", "hors couverture")
    }
    assert {n for n, c, *_ in lignes if (n, c) not in disponibles} == {"epci", "departement", "region"}


def test_ce_que_la_caf_ne_donne_pas_n_est_pas_zero(nuit: Projet) -> None:
    motifs = dict(
        nuit.requete(
            "select indicateur_id, string_agg(distinct statut || ' ' || coalesce(motif, '')) "
            "from intermediate.int_cellules_indicateurs where niveau = 'commune' and millesime = 2018 "
            "and source_ids = 'caf_extrait_allocataires' group by all"
        )
    )
    absent = "non_disponible non fourni dans l'extrait des allocataires"
    sans_seuil = "non_disponible seuil de bas revenus inconnu pour ce millésime"
    assert {i for i, m in motifs.items() if m == absent} == {
        "part_allocataires_sans_courriel",
        "part_allocataires_qf_moins_400",
        "part_allocataires_qf_moins_800",
        "montant_prestations_handicap",
        "montant_prestations_total",
        "montant_annuel_par_allocataire",
    }
    assert {i for i, m in motifs.items() if m == sans_seuil} == {
        "part_allocataires_bas_revenus",
        "part_monoparentales_bas_revenus",
        "part_enfants_bas_revenus",
        "part_allocataires_fragiles",
    }
    assert nuit.requete(
        "select distinct statut, motif from intermediate.int_cellules_indicateurs where code = '26' "
        "and indicateur_id = 'taux_effort_logement_net_median' and millesime = 2018"
    ) == [("non_disponible", "non fourni dans l'extrait des allocataires")]


def test_une_source_publique_du_niveau_l_emporte(nuit: Projet) -> None:
    """The producer's file of the level first; the extract where there is none."""
    sources = nuit.requete(
        "select niveau, mesure_id, source_id from intermediate.int_cellules_mesures where millesime = 2022 "
        "and mesure_id in ('foyers_allocataires', 'foyers_aah', 'enfants_aeeh') "
        "and code in ('26', '200068229') order by all"
    )
    assert sources == [
        ("departement", "enfants_aeeh", "cnaf_allocataires_departements"),
        ("departement", "foyers_aah", "cnaf_allocataires_departements"),
        ("departement", "foyers_allocataires", "cnaf_allocataires_departements"),
        ("epci", "enfants_aeeh", "caf_extrait_allocataires"),
        ("epci", "foyers_aah", "caf_extrait_allocataires"),
        ("epci", "foyers_allocataires", "cnaf_allocataires_epci"),
    ]


def test_la_commune_hors_couverture_est_dite_et_ne_compte_nulle_part(nuit: Projet) -> None:
    assert nuit.requete("select count(*) from intermediate.int_extrait_comptes where code = ?", DEHORS) != [
        (0,)
    ]
    assert nuit.requete("from intermediate.int_extrait_communes where code = ?", DEHORS) == []
    sortie = nuit.dbt("test", "--select", "extrait_hors_couverture")
    assert sortie.resultats["extrait_hors_couverture"]["status"] == "warn"


def test_novembre_ne_nourrit_rien(nuit: Projet) -> None:
    """It can be read, and is in no register: a millésime is a December."""
    assert nuit.requete("select count(distinct mois) from micro.foyers") == [(4,)]
    assert nuit.requete(
        "select millesime, lignes, lignes_ecartees from normalised.fichiers "
        "where source = 'caf_extrait_allocataires' order by 1"
    ) == [(2017, None, None), (2018, None, None), (2022, None, None)]
    assert nuit.requete(
        "select distinct fichier_sha256 from intermediate.int_extrait_comptes order by 1"
    ) == [
        (sha("2017-12"),),
        (sha(INCOMPLET),),
        (sha("2022-12"),),
    ]


def test_les_foyers_ne_sont_copies_nulle_part(nuit: Projet, foyers: dict[str, list[Foyer]]) -> None:
    """No table of the night's file has a pseudonym, and its bytes hold none."""
    tables = nuit.requete("select table_name from duckdb_columns() where column_name = 'pseudonyme'")
    vues = nuit.requete("select view_name from duckdb_views() where view_name = 'foyers'")
    assert set(tables) == set(vues) == {("foyers",)}
    octets = nuit.base.read_bytes()
    assert not [f for liste in foyers.values() for f in liste[:50] if f["pseudonyme"].encode() in octets]


# -- frozen aggregates -------------------------------------------------------------------------------


def test_les_agregats_refont_les_chiffres_d_un_mois_purge_ou_deja_compte(
    nuit: Projet, recue: Acquisition, tmp_path: Path
) -> None:
    """Without one foyer left, the same cells, and the same tables for the secrecy engine."""
    zone = nuit.base.parent / "agregats"
    (tmp_path / "agregats").symlink_to(zone)
    mois = [
        replace(m, purge=m.mois != "2022-12", parquet=tmp_path / "disparu.parquet") for m in retenus(tmp_path)
    ]
    comptes = {m: geles(zone)[m.mois, m.sha256] for m in mois if not m.purge}
    projet = preparee(tmp_path, recue, mois, comptes)
    construire(projet)
    assert projet.requete("from micro.foyers") == []
    assert projet.requete("select distinct millesime, gele from micro.agregats order by all") == [
        (2017, True),
        (2018, True),
        (2022, False),
    ]
    # Of what was counted tonight, the geography is tonight's.
    assert projet.requete(
        "select distinct millesime from intermediate.int_mesures_medianes"
        " where valeur is not null and geographie is null"
    ) == [(2022,)]
    for table in (
        "int_secret_communes",
        "int_secret_atomes",
        "int_secret_cellules",
        "int_cellules_indicateurs",
    ):
        assert projet.requete(f"from intermediate.{table} order by all") == nuit.requete(
            f"from intermediate.{table} order by all"
        ), table


def test_un_mois_purge_sans_agregats_n_est_pas_la(recue: Acquisition, tmp_path: Path) -> None:
    purges = [replace(m, purge=True, parquet=tmp_path / "disparu.parquet") for m in retenus(tmp_path)]
    projet = preparee(tmp_path, recue, purges)
    assert projet.requete("from normalised.fichiers where source = 'caf_extrait_allocataires'") == []
    assert projet.requete("from micro.agregats") == []


def test_les_agregats_sont_geles_une_fois_et_fermes(nuit: Projet) -> None:
    zone = nuit.base.parent / "agregats"
    mois = retenus(nuit.base.parent)
    avant = {f: f.stat().st_mtime_ns for f in zone.rglob("*") if f.is_file()}
    assert geler(nuit.base, zone, mois) == []
    assert {f: f.stat().st_mtime_ns for f in zone.rglob("*") if f.is_file()} == avant
    assert {f.stat().st_mode & 0o777 for f in avant} == {0o600}
    assert {d.stat().st_mode & 0o777 for d in [zone, *zone.rglob("*")] if d.is_dir()} == {0o700}
    assert sorted(m for m, _ in geles(zone)) == ["2017-12", INCOMPLET, "2022-12"]


def test_des_chiffres_refaits_se_gelent_a_cote(nuit: Projet, tmp_path: Path) -> None:
    """A rule that changed gives other aggregates: the former stay, the last ones are in use."""
    (mois,) = (m for m in retenus(nuit.base.parent) if m.mois == "2022-12")
    base = tmp_path / "nuit.duckdb"
    base.write_bytes(nuit.base.read_bytes())
    (premier,) = geler(base, tmp_path / "agregats", [mois])
    with duckdb.connect(str(base)) as con:
        con.execute(
            "update intermediate.int_extrait_comptes set valeur = valeur + 1 where mesure_id = 'foyers_rsa'"
        )
    (second,) = geler(base, tmp_path / "agregats", [mois])
    assert premier != second and premier.exists()
    assert {f.name[:13] for f in (premier, second)} == {f"{mois.sha256[:12]}-"}
    assert geles(tmp_path / "agregats") == {(mois.mois, mois.sha256): second}
    with duckdb.connect(str(base)) as con:
        con.execute(
            "update intermediate.int_extrait_comptes set valeur = valeur - 1 where mesure_id = 'foyers_rsa'"
        )
    assert geler(base, tmp_path / "agregats", [mois]) == []
    assert geles(tmp_path / "agregats") == {(mois.mois, mois.sha256): premier}


def test_le_seuil_de_la_demonstration_est_celui_du_dictionnaire(nuit: Projet) -> None:
    """Its foyers are placed around a threshold: another one would give other shares than the deck prints."""
    calibres = {
        int(annee): Decimal(valeur)
        for nom, _, annee, valeur, *_ in (
            c.values() for c in csv.DictReader(CALIBRATION.open(encoding="utf-8", newline=""))
        )
        if nom == "seuil_bas_revenus"
    }
    assert calibres
    seuils = dict(nuit.requete("select millesime, seuil_mensuel from seeds.seuils_bas_revenus"))
    assert {annee: seuils[annee] for annee in calibres} == calibres
