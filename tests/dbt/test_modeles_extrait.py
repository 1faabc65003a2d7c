"""The extract of allocataires from foyers to cells, against what Python counts foyer by foyer."""

import csv
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import atelier_extrait
import pyarrow.parquet as pq
import pytest
from atelier_extrait import Foyer
from banc_dbt import Projet, preparee, projet_de

from ingestion.acquisition import Acquisition
from ingestion.extrait.retenus import MoisRetenu
from orchestration.nuit.agregats import Agregats
from orchestration.nuit.base import fichier_de
from orchestration.nuit.comptage import Arrondis, Comptage
from orchestration.nuit.reglages import DEMONSTRATION, PROFILS, Reglages

COG = 2023
CALIBRATION = DEMONSTRATION / "calibration.csv"
# The Drôme, which the extract covers, and one commune that it does not.
DEHORS = "84150"
SEUILS = {2017: 1062, 2022: 1149}
# Bas revenus have no threshold that year, and the Caf leaves columns out.
INCOMPLET = "2018-12"
LAISSEES = ("quotient_familial", "courriel_connu", "charges", "annuel_handicap")
MOIS = ("2017-12", INCOMPLET, "2022-11", "2022-12")
MEDIANE = "taux_effort_logement_net_median"
CONTROLES = ("int_comptes_*", "int_troncons", "int_parts", "int_sommes", "int_cellules_mesures")
UneFois = Callable[[str, Callable[[Path], None]], Path]


def retenus(dossier: Path) -> list[MoisRetenu]:
    """Months in use; November feeds nothing."""
    return [atelier_extrait.retenir(dossier / f"{m}.parquet", m, m.replace("-", "") * 8, COG) for m in MOIS]


def comptage(dossier: Path, recue: Acquisition, mois: list[MoisRetenu]) -> Comptage:
    return Comptage(Reglages(dossier, "demo", PROFILS["demo"].perimetre, None), recue, mois)


@dataclass(frozen=True)
class Extrait:
    """A night with the extract, up to the cells. To be read only."""

    projet: Projet
    arrondis: Arrondis
    foyers: dict[str, list[Foyer]]

    @property
    def dossier(self) -> Path:
        return self.projet.base.parent

    def comptes(self, millesime: int, niveau: str = "commune") -> list[dict[str, object]]:
        """The true counts that the closed zone froze of a year."""
        (fichier,) = (f for f in self.arrondis.fichiers if f.periode == f"{millesime}-12")
        compte = Agregats(self.dossier / "agregats")[fichier].compte
        return [ligne for ligne in pq.read_table(compte).to_pylist() if ligne["niveau"] == niveau]

    def couverts(self, millesime: int) -> list[Foyer]:
        return [f for f in self.foyers[f"{millesime}-12"] if f["code_commune"] != DEHORS]


@pytest.fixture(scope="session")
def extrait(une_fois: UneFois, manifeste: object, geographie: Acquisition) -> Extrait:
    def faire(dossier: Path) -> None:
        (parquet,) = (
            f.parquet for f in geographie.fichiers_retenus("insee_cog_communes") if f.millesime == COG
        )
        codes = {c["code"] for c in pq.read_table(parquet).to_pylist() if c["typecom"] == "COM"}
        communes = [*sorted(c for c in codes if c.startswith("26")), DEHORS]
        mois = retenus(dossier)
        foyers = {m.mois: atelier_extrait.inventer(m.mois, m.mois, m.sha256, COG, communes) for m in mois}
        for foyer in foyers[INCOMPLET]:
            foyer.update(dict.fromkeys(LAISSEES))
        for m in mois:
            atelier_extrait.ecrire(m.parquet, foyers[m.mois])
        arrondis = comptage(dossier, geographie, mois).faire()
        assert not arrondis.refus
        projet = preparee(dossier, geographie, mois, arrondis.fichiers)
        for commande in (
            (
                "build",
                "--select",
                "+int_cellules_indicateurs",
                "--resource-type",
                "seed",
                "--resource-type",
                "model",
            ),
            ("test", "--select", *CONTROLES, "--exclude-resource-type", "unit_test"),
        ):
            sortie = projet.dbt(*commande)
            assert not sortie.echecs, sortie.texte
        (dossier / "extrait.pickle").write_bytes(pickle.dumps((arrondis, foyers)))

    dossier = une_fois("nuit_extrait", faire)
    return Extrait(projet_de(dossier), *pickle.loads((dossier / "extrait.pickle").read_bytes()))


@pytest.fixture(scope="session")
def reference(extrait: Extrait) -> dict[str, dict[str, str]]:
    """Commune of the reference, EPCI and département of each commune of the extract."""
    return {
        origine: {"commune": commune, "epci": epci, "departement": departement}
        for origine, commune, epci, departement in extrait.projet.requete(
            "select p.code_origine, r.code, r.epci, r.departement from intermediate.int_passage as p "
            "join intermediate.int_communes_reference as r on p.code_reference = r.code "
            "where p.cog_millesime = ?",
            COG,
        )
    }


@pytest.fixture(scope="session")
def entiers(reference: dict[str, dict[str, str]]) -> set[str]:
    """EPCI whose communes are all in the Drôme."""
    partages = {r["epci"] for r in reference.values() if r["departement"] != "26"}
    return {r["epci"] for r in reference.values()} - partages


@pytest.mark.parametrize("millesime", SEUILS)
def test_chaque_mesure_de_chaque_commune_est_celle_de_ses_foyers(extrait: Extrait, millesime: int) -> None:
    lues = {
        (c["mesure_id"], c["code"]): (c["valeur"], c["max1"])
        for c in extrait.comptes(millesime)
        if c["valeur"] and c["code"] != DEHORS
    }
    attendues = atelier_extrait.compter(
        extrait.couverts(millesime), SEUILS[millesime], lambda f: str(f["code_commune"])
    )
    assert lues == {cle: compte for cle, compte in attendues.items() if compte[0]}


@pytest.mark.parametrize("niveau", ["commune", "epci", "departement"])
def test_chaque_cellule_est_pres_de_ce_que_font_ses_foyers(
    extrait: Extrait, reference: dict[str, dict[str, str]], entiers: set[str], niveau: str
) -> None:
    """Within its bounds, less than a step for each run of its chain; a merged commune counts both origins."""
    vraies = atelier_extrait.compter(
        extrait.couverts(2022), SEUILS[2022], lambda f: reference[f["code_commune"]][niveau]
    )
    lues = extrait.projet.requete(
        "select mesure_id, code, statut, valeur, enveloppe_basse, enveloppe_haute, m.pas, t.troncons, m.regle"
        " from intermediate.int_cellules_mesures as c join seeds.mesures as m using (mesure_id)"
        " left join intermediate.int_troncons as t using (source_id, millesime, niveau, code)"
        " where c.millesime = 2022 and c.niveau = ? and c.source_id = 'caf_extrait_allocataires'"
        " and c.valeur is not null and c.mesure_id <> ?",
        *(niveau, MEDIANE),
    )
    assert len({mesure for mesure, *_ in lues}) > 25
    assert {statut for _, _, statut, *_ in lues} == {"arrondi"}
    if niveau == "epci":
        assert {code for _, code, *_ in lues} == entiers
    for mesure, code, _, valeur, bas, haut, pas, troncons, regle in lues:
        vraie = vraies.get((mesure, code), (Decimal(0),))[0]
        assert bas <= vraie <= haut, (mesure, code, vraie, valeur)
        if regle == "chaine":
            assert valeur % pas == 0 and abs(valeur - vraie) < pas * troncons, (mesure, code, vraie, valeur)


def test_une_somme_est_celle_des_communes_imprimees(extrait: Extrait) -> None:
    """Of a mesure of the chain: an EPCI, and the département, are what their communes add up to."""
    fausses = extrait.projet.requete(
        """
        select s.niveau, s.code, s.mesure_id, any_value(s.valeur), sum(c.valeur)
        from intermediate.int_sommes as s
        join seeds.mesures as m on s.mesure_id = m.mesure_id and m.regle = 'chaine'
        join intermediate.int_rattachement as r
            on r.cog_millesime = ? and s.niveau = r.niveau and s.code = r.code
        join intermediate.int_comptes_arrondis as c
            on r.code_origine = c.code and s.mesure_id = c.mesure_id and s.millesime = c.millesime
        where s.niveau in ('epci', 'departement') and s.millesime = 2022 and s.statut = 'arrondi'
        group by all having any_value(s.valeur) <> sum(c.valeur)
        """,
        COG,
    )
    assert fausses == []


def test_la_mediane_est_celle_des_foyers_et_jamais_de_quelques_uns(
    extrait: Extrait, reference: dict[str, dict[str, str]], entiers: set[str]
) -> None:
    lues = extrait.projet.requete(
        "select niveau, code, valeur, motif_code from intermediate.int_cellules_mesures"
        " where mesure_id = ? and millesime = 2022 and niveau in ('epci', 'departement')",
        MEDIANE,
    )
    assert {(n, c) for n, c, *_ in lues} >= {("departement", "26"), *(("epci", e) for e in entiers)}
    donnees = 0
    for niveau, code, valeur, motif in lues:
        if code not in {*entiers, "26"}:
            assert (valeur, motif) == (None, "hors_couverture")
            continue
        vraies = atelier_extrait.medianes_effort(
            extrait.couverts(2022), lambda f, niveau=niveau: reference[f["code_commune"]][niveau]
        )
        mediane, foyers = vraies[code]
        if valeur is None:
            assert motif == "mediane_trop_petite" and foyers < 55
        else:
            assert foyers > 45 and float(valeur) == pytest.approx(mediane, abs=0.05 + 1e-9)
            donnees += 1
    assert donnees > 2


def test_un_territoire_non_couvert_entier_n_a_rien(extrait: Extrait, entiers: set[str]) -> None:
    """EPCI across two départements, neighbouring départements, région, France: nothing, with the reason."""
    lignes = extrait.projet.requete(
        "select niveau, code, statut, motif from intermediate.int_cellules_indicateurs "
        "where indicateur_id = 'nb_familles_allocataires' "
        "and niveau in ('epci', 'departement', 'region') and millesime = 2022"
    )
    disponibles = {(n, c) for n, c, statut, _ in lignes if statut == "arrondi"}
    assert disponibles == {("departement", "26")} | {("epci", e) for e in entiers}
    autres = [ligne for ligne in lignes if ligne[:2] not in disponibles]
    assert {(s, m) for *_, s, m in autres} == {("non_disponible", "hors couverture")}
    assert {n for n, *_ in autres} == {"epci", "departement", "region"}


def test_ce_que_la_caf_ne_donne_pas_n_est_pas_zero(extrait: Extrait) -> None:
    motifs = extrait.projet.requete(
        "select distinct indicateur_id, motif_code from intermediate.int_cellules_indicateurs"
        " where millesime = 2018 and statut = 'non_disponible' and source_ids = 'caf_extrait_allocataires'"
    )
    assert {i for i, m in motifs if m == "non_fourni"} == {
        "part_allocataires_sans_courriel",
        "part_allocataires_qf_moins_400",
        "part_allocataires_qf_moins_800",
        "montant_prestations_handicap",
        "montant_prestations_total",
        "montant_annuel_par_allocataire",
        MEDIANE,
    }
    assert {i for i, m in motifs if m == "sans_seuil"} == {
        "part_allocataires_bas_revenus",
        "part_monoparentales_bas_revenus",
        "part_enfants_bas_revenus",
        "part_allocataires_fragiles",
    }


def test_ce_que_la_cnaf_imprime_par_commune_ne_commence_qu_a_l_epci(extrait: Extrait) -> None:
    """CAF-IRIS prints families by commune from 2016 to 2020: two roundings of one count would tell it."""
    lues = extrait.projet.requete(
        "select distinct niveau, coalesce(motif_code, statut) from intermediate.int_cellules_mesures"
        " where mesure_id = 'familles_allocataires' and millesime = 2018 and code like '26%'"
        " and niveau in ('commune', 'departement') and source_id = 'caf_extrait_allocataires' order by all"
    )
    assert lues == [("commune", "imprime_par_la_cnaf"), ("departement", "arrondi")]


def test_une_petite_commune_ne_montre_que_ses_foyers(extrait: Extrait) -> None:
    petites = extrait.projet.requete(
        "select distinct c.mesure_id, c.motif_code from intermediate.int_cellules_mesures as c"
        " join intermediate.int_cellules_mesures as f using (niveau, code, millesime)"
        " where f.mesure_id = 'foyers_allocataires' and f.valeur < 10 and niveau = 'commune'"
        " and millesime = 2022 and c.source_id = 'caf_extrait_allocataires'"
    )
    assert {m for m, motif in petites if motif is None} <= {"foyers_allocataires", "foyers_extrait"}
    assert {motif for _, motif in petites} >= {None, "commune_trop_petite"}


def test_une_source_publique_du_niveau_l_emporte(extrait: Extrait) -> None:
    """The producer's file of the level first; the extract where there is none."""
    sources = extrait.projet.requete(
        "select niveau, mesure_id, source_id from intermediate.int_cellules_mesures where millesime = 2022 "
        "and mesure_id in ('foyers_allocataires', 'foyers_aah') and code in ('26', '200068229') order by all"
    )
    assert sources == [
        ("departement", "foyers_aah", "cnaf_allocataires_departements"),
        ("departement", "foyers_allocataires", "cnaf_allocataires_departements"),
        ("epci", "foyers_aah", "caf_extrait_allocataires"),
        ("epci", "foyers_allocataires", "cnaf_allocataires_epci"),
    ]


def test_la_commune_hors_couverture_ne_compte_nulle_part(extrait: Extrait) -> None:
    assert DEHORS in {c["code"] for c in extrait.comptes(2022)}
    assert extrait.projet.requete("from intermediate.int_comptes_arrondis where code = ?", DEHORS) == []


def test_novembre_ne_nourrit_rien(extrait: Extrait) -> None:
    """It can be read, and is in no register: a millésime is a December."""
    assert sorted(f.periode for f in extrait.arrondis.fichiers) == ["2017-12", INCOMPLET, "2022-12"]
    assert extrait.projet.requete(
        "select millesime, lignes, lignes_ecartees from normalised.fichiers "
        "where source = 'caf_extrait_allocataires' order by 1"
    ) == [(2017, None, None), (2018, None, None), (2022, None, None)]


def test_ni_foyer_ni_compte_vrai_ne_reste(extrait: Extrait) -> None:
    """The night's file names neither, and holds no pseudonym; where they were counted is gone."""
    projet = extrait.projet
    assert (
        projet.requete("select table_name from duckdb_columns() where column_name in ('pseudonyme', 'max1')")
        == []
    )
    assert projet.requete("select distinct table_name from duckdb_columns() where schema_name = 'micro'") == [
        ("arrondis",)
    ]
    octets = projet.base.read_bytes()
    assert not [
        f for liste in extrait.foyers.values() for f in liste[:50] if f["pseudonyme"].encode() in octets
    ]
    assert [*(extrait.dossier / "micro").iterdir()] == []


def test_un_mois_deja_compte_ou_purge_garde_ses_chiffres(
    extrait: Extrait, geographie: Acquisition, tmp_path: Path
) -> None:
    """Without one foyer left, the same files: nothing is counted nor rounded again."""
    (tmp_path / "agregats").symlink_to(extrait.dossier / "agregats")
    mois = [replace(m, purge=m.mois != "2022-12") for m in retenus(tmp_path)]
    refait = comptage(tmp_path, geographie, mois).faire()
    assert not refait.refus
    assert {f: c.arrondi.name for f, c in refait.fichiers.items()} == {
        f: c.arrondi.name for f, c in extrait.arrondis.fichiers.items()
    }
    projet = preparee(tmp_path, geographie, mois, refait.fichiers)
    # What a purged month left above the commune is in the geography of the night that counted it.
    assert projet.requete("select distinct millesime, gele from micro.arrondis order by all") == [
        (2017, True),
        (2018, True),
        (2022, False),
    ]


def test_un_mois_purge_avant_d_etre_compte_n_a_pas_de_chiffre(
    geographie: Acquisition, tmp_path: Path
) -> None:
    (mois,) = (replace(m, purge=True) for m in retenus(tmp_path) if m.mois == "2022-12")
    assert comptage(tmp_path, geographie, [mois]).faire() == Arrondis()
    assert Agregats(tmp_path / "agregats")[fichier_de(mois)].compte is None


def test_le_seuil_de_la_demonstration_est_celui_du_dictionnaire() -> None:
    """Its foyers are placed around a threshold: another one would give other shares than the deck prints."""

    def lire(fichier: Path) -> list[list[str]]:
        with fichier.open(encoding="utf-8", newline="") as flux:
            return list(csv.reader(flux))

    calibres = {
        int(annee): Decimal(valeur)
        for nom, _, annee, valeur, *_ in lire(CALIBRATION)
        if nom == "seuil_bas_revenus"
    }
    _, *seuils = lire(Path(__file__).parents[2] / "dbt_project" / "seeds" / "seuils_bas_revenus.csv")
    assert (
        calibres and calibres.items() <= {int(annee): Decimal(valeur) for annee, valeur, *_ in seuils}.items()
    )
