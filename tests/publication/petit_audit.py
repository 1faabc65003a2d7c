"""An invented document and a release of a few figures, for the tests of the audit.

EPCI 200000001 has two communes, 01001 Amont and 01002 Aval, in département 01.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb

from publication.controle_documents import Audit, auditer
from publication.controle_documents.lecture import COLONNES

EPCI, AMONT, AVAL = "epci:200000001", "commune:01001", "commune:01002"
NOMS = {EPCI: "CC d'Essai", AMONT: "Amont", AVAL: "Aval", "departement:01": "Ain"}

# indicateur_id: univers, unite, methode
DICTIONNAIRE = {
    "population_municipale": ("POP", "personnes", "somme"),
    "personnes_couvertes_caf": ("PC", "personnes", "somme"),
    "part_population_couverte_caf": ("POP", "pourcent", "ratio"),
    "nb_foyers_allocataires": ("FA", "foyers", "somme"),
    "part_allocataires_rsa": ("FA", "pourcent", "ratio"),
    "part_allocataires_aide_logement": ("FA", "pourcent", "ratio"),
    "part_allocataires_bas_revenus": ("REF", "pourcent", "ratio"),
    "part_monoparentales_bas_revenus": ("REF", "pourcent", "ratio"),
    "taux_monoparentalite_allocataires": ("FAF", "pourcent", "ratio"),
    "nb_familles_monoparentales_allocataires": ("FAF", "familles", "somme"),
    "montant_annuel_par_allocataire": ("AAN", "EUR", "ratio"),
    "nb_familles_allocataires": ("FAF", "familles", "somme"),
    "montant_aides_logement": ("FA", "EUR", "somme"),
    "montant_prestations_precarite": ("FA", "EUR", "somme"),
    "montant_prestations_familiales": ("FA", "EUR", "somme"),
    "montant_prestations_handicap": ("FA", "EUR", "somme"),
    "montant_prestations_total": ("FA", "EUR", "somme"),
    "nb_menages_fiscaux": ("MF", "menages", "publie"),
    "part_residences_secondaires": ("LOG", "pourcent", "ratio"),
    "part_hors_residence_principale": ("LOG", "pourcent", "ratio"),
    "taux_chomage": ("ACT", "pourcent", "attribut"),
    "taux_couverture_petite_enfance": ("ENF", "places pour 100 enfants", "publie"),
    "evolution_enfants_moins_3_ans": ("ENF", "pourcent", "evolution"),
    "nb_enfants_moins_3_ans": ("ENF", "enfants", "somme"),
    "nb_enfants_6_11_ans": ("ENF", "enfants", "somme"),
    "nb_jeunes_12_17_ans": ("ENF", "enfants", "somme"),
    "eleves_par_classe": ("ENF", "élèves par classe", "ratio"),
    "nb_places_eaje": ("STR", "places", "somme"),
    "evolution_places_eaje": ("STR", "evolution en places", "difference"),
    "nb_eaje": ("STR", "structures", "somme"),
    "zonage_frr": ("COM", "booleen", "attribut"),
    "schema_petite_enfance_periode": ("CTG", "intervalle", "attribut"),
}

CHAINE = ("part_allocataires_aide_logement",)
"""Indicateurs of persons, whom the release rounds."""

UNIVERS = {
    "MF": "Ménages fiscaux",
    "AAN": "Allocataires de l'année",
    "FA": "Foyers allocataires",
    "POP": "Population",
    "LOG": "Logements",
}

Valeur = tuple[object, ...]
"""territoire_id, indicateur_id, millésime, valeur (number or text), then statut, bounds, base year, terms,
lisibilité."""


def faire_release(dossier: Path, valeurs: Sequence[Valeur]) -> Path:
    """Write the marts an audit reads, in a folder of their own; return it."""
    dossier.mkdir()
    with duckdb.connect(str(dossier / "ctg.duckdb")) as con:
        con.execute("create schema marts; use marts")
        con.execute("create table dim_release as select 'essai' as release_id")
        con.execute(
            "create table dim_source as"
            " select 'insee_essai' as source_id, 'Fichier d''essai' as titre, false as demonstration"
        )
        con.execute(
            "create table dim_unite as from (values ('pourcent', 'nombre', '%', 'point', 'points', '%', '%'),"
            " ('personnes', 'nombre', null, null, null, 'personne', 'personnes'),"
            " ('EUR', 'nombre', '€', '€', '€', 'euro', 'euros')) as u (unite, nature, suffixe,"
            " ecart_singulier, ecart_pluriel, libelle_singulier, libelle_pluriel)"
        )
        con.execute(
            "create table dim_indicateur (indicateur_id varchar, libelle varchar, univers varchar,"
            " univers_libelle VARCHAR, unite VARCHAR, methode VARCHAR, motif VARCHAR, secret VARCHAR)"
        )
        recus = {v[1] for v in valeurs}
        for nom, (univers, unite, methode) in DICTIONNAIRE.items():
            motif = None if nom in recus else "source jamais reçue : insee_essai"
            con.execute(
                "insert into dim_indicateur values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(nom, f"Libellé de {nom}", univers, UNIVERS.get(univers), unite, methode, motif),
                    "chaine" if nom in CHAINE else "aucun",
                ],
            )
        con.execute(
            """
            create table dim_territoire as
            select
                territoire_id, split_part(territoire_id, ':', 1) as niveau,
                split_part(territoire_id, ':', 2) as code, libelle, '01' as departement,
                '84' as region, '200000001' as epci
            from (select unnest(?) as territoire_id, unnest(?) as libelle)
            """,
            [list(NOMS), list(NOMS.values())],
        )
        con.execute(
            "create table ctg_communes as select 'ctg:essai-2025' as territoire_id, code from dim_territoire"
            " where niveau = 'commune'"
        )
        con.execute(
            "create table dim_disponibilite (indicateur_id varchar, niveau varchar, millesime integer,"
            " statut VARCHAR, motif VARCHAR)"
        )
        con.execute(
            "create table fct_indicateurs (territoire_id varchar, indicateur_id varchar, millesime integer,"
            " valeur DOUBLE, valeur_texte VARCHAR, borne_basse DOUBLE, borne_haute DOUBLE, statut VARCHAR,"
            " motif VARCHAR, millesime_base INTEGER, source_ids VARCHAR, numerateur DOUBLE,"
            " denominateur DOUBLE, lisibilite VARCHAR)"
        )
        for territoire, indicateur, millesime, valeur, *reste in valeurs:
            sinon = ["observe", valeur, valeur, None, None, None, None]
            statut, basse, haute, base, *termes, lisibilite = [*reste, *sinon[len(reste) :]]
            texte = valeur if isinstance(valeur, str) else None
            large = indicateur.startswith("part_") and texte is None and haute and haute - basse > 10
            con.execute(
                "insert into fct_indicateurs values"
                " (?, ?, ?, ?, ?, ?, ?, ?, null, ?, 'insee_essai', ?, ?, ?)",
                [
                    territoire,
                    indicateur,
                    millesime,
                    *((None, texte, None, None) if texte else (valeur, None, basse, haute)),
                    statut,
                    base,
                    *termes,
                    lisibilite or ("intervalle" if large else "point"),
                ],
            )
    return dossier


def chiffre(indicateur: str, valeur: str, periode: str = "2022", **autres: str) -> dict[str, str]:
    """A row of a document; the unit is guessed from the name, as an author would choose it."""
    prefixe = indicateur.split("_")[0]
    unite = {"part": "pourcent", "evolution": "pourcent", "taux": "pourcent", "montant": "EUR"}.get(prefixe)
    ligne = dict.fromkeys(COLONNES, "") | {
        "theme": "essai",
        "indicator_id": indicateur,
        "label": f"Libellé de {indicateur}",
        "territory_level": "epci",
        "territory_code": "200000001",
        "territory_name": NOMS[EPCI],
        "period": periode,
        "value": valeur,
        "unit": unite or "personnes",
        "numerator_definition": "définie",
        "denominator_definition": "définie",
        "source": "document_essai",
    }
    return ligne | autres


def a_commune(indicateur: str, valeur: str, code: str, **autres: str) -> dict[str, str]:
    """The same, for a commune of the EPCI."""
    return chiffre(
        indicateur,
        valeur,
        territory_level="commune",
        territory_code=code,
        territory_name=NOMS[f"commune:{code}"],
        **autres,
    )


def ecrire_document(fichier: Path, lignes: Sequence[dict[str, str]]) -> Path:
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        ecriture = csv.DictWriter(flux, COLONNES)
        ecriture.writeheader()
        ecriture.writerows(lignes)
    return fichier


def faire_audit(tmp_path: Path, lignes: Sequence[dict[str, str]], valeurs: Sequence[Valeur] = ()) -> Audit:
    return auditer(
        faire_release(tmp_path / "release", valeurs), ecrire_document(tmp_path / "document.csv", lignes)
    )
