"""Invented documents and a release of a few figures, for the tests of the audit.

EPCI 200000001 has two communes, 01001 Amont and 01002 Aval, in département 01. Several cases are judged in
one audit, each at an EPCI and two communes of its own.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from publication.controle_documents import Audit, auditer
from publication.controle_documents.lecture import COLONNES
from publication.lecture.lots import Ligne

EPCI, AMONT, AVAL = "epci:200000001", "commune:01001", "commune:01002"
AIN = "departement:01"
CTG = {"territory_level": "ctg", "territory_code": "essai"}
LIEUX = {"epci": EPCI, "amont": AMONT, "aval": AVAL}
NOMS = {EPCI: "CC d'Essai", AMONT: "Amont", AVAL: "Aval"}

# univers, unite, methode: indicateurs
DICTIONNAIRE = {
    nom: (univers, unite, methode)
    for (univers, unite, methode), noms in {
        ("POP", "personnes", "somme"): "population_municipale",
        ("PC", "personnes", "somme"): "personnes_couvertes_caf nb_personnes_rsa",
        ("POP", "pourcent", "ratio"): "part_population_couverte_caf",
        ("FA", "foyers", "somme"): "nb_foyers_allocataires",
        ("FA", "pourcent", "ratio"): "part_allocataires_rsa part_allocataires_aide_logement",
        ("REF", "pourcent", "ratio"): "part_allocataires_bas_revenus part_monoparentales_bas_revenus",
        ("FAF", "pourcent", "ratio"): "taux_monoparentalite_allocataires",
        ("FAF", "familles", "somme"): "nb_familles_monoparentales_allocataires nb_familles_allocataires",
        ("AAN", "EUR", "ratio"): "montant_annuel_par_allocataire",
        ("FA", "EUR", "somme"): "montant_aides_logement montant_prestations_precarite"
        " montant_prestations_familiales montant_prestations_handicap montant_prestations_total",
        ("MF", "menages", "publie"): "nb_menages_fiscaux",
        ("LOG", "pourcent", "ratio"): "part_residences_secondaires part_hors_residence_principale",
        ("ACT", "pourcent", "attribut"): "taux_chomage",
        ("ENF", "places pour 100 enfants", "publie"): "taux_couverture_petite_enfance",
        ("ENF", "pourcent", "evolution"): "evolution_enfants_moins_3_ans",
        ("ENF", "enfants", "somme"): "nb_enfants_moins_3_ans nb_enfants_6_11_ans nb_jeunes_12_17_ans",
        ("ENF", "élèves par classe", "ratio"): "eleves_par_classe",
        ("STR", "places", "somme"): "nb_places_eaje",
        ("STR", "evolution en places", "difference"): "evolution_places_eaje",
        ("STR", "structures", "somme"): "nb_eaje",
        ("COM", "booleen", "attribut"): "zonage_frr",
        ("CTG", "intervalle", "attribut"): "schema_petite_enfance_periode",
    }.items()
    for nom in noms.split()
}
CHAINE = ("part_allocataires_aide_logement", "nb_personnes_rsa")
"""Indicateurs of persons, whom the release rounds."""
UNIVERS = {
    **{"MF": "Ménages fiscaux", "AAN": "Allocataires de l'année", "FA": "Foyers allocataires"},
    **{"POP": "Population", "LOG": "Logements"},
}

Valeur = tuple[Any, ...]
"""territoire_id, indicateur_id, millésime, valeur (number or text), then statut, bounds, base year, terms,
lisibilité."""
Cas = tuple[Sequence[dict[str, str]], Sequence[Valeur]]
"""Rows of a document, and what the release says."""

_SCHEMA = """
    create schema marts;
    use marts;
    create table dim_release as select 'essai' as release_id;
    create table dim_source as
    select 'insee_essai' as source_id, 'Fichier d''essai' as titre, false as demonstration;
    create table dim_unite as from (values
        ('pourcent', '%', 'point', 'points', '%', '%'),
        ('personnes', null, null, null, 'personne', 'personnes'),
        ('EUR', '€', '€', '€', 'euro', 'euros')
    ) as u (unite, suffixe, ecart_singulier, ecart_pluriel, libelle_singulier, libelle_pluriel);
    create table dim_indicateur (
        indicateur_id varchar, libelle varchar, univers varchar, univers_libelle varchar, unite varchar,
        methode varchar, motif varchar, secret varchar
    );
    create table dim_territoire (
        territoire_id varchar, niveau varchar, code varchar, libelle varchar, departement varchar,
        region varchar, epci varchar
    );
    create table ctg_communes (territoire_id varchar, code varchar);
    create table dim_disponibilite (
        indicateur_id varchar, niveau varchar, millesime integer, statut varchar, motif varchar
    );
    create table fct_indicateurs (
        territoire_id varchar, indicateur_id varchar, millesime integer, valeur double, valeur_texte varchar,
        borne_basse double, borne_haute double, statut varchar, motif varchar, millesime_base integer,
        source_ids varchar, numerateur double, denominateur double, lisibilite varchar
    );
"""


def _lieux(k: int) -> dict[str, str]:
    """The EPCI and the communes of case `k`, in place of those that cases name."""
    communes = {AMONT: f"commune:{1001 + 2 * k:05d}", AVAL: f"commune:{1002 + 2 * k:05d}"}
    return {EPCI: f"epci:{200000001 + k}", "ctg:essai": f"ctg:essai-{k}", **communes}


def faire_release(dossier: Path, *cas: Sequence[Valeur]) -> Path:
    """Write the marts an audit reads, in a folder of their own; return it."""
    dossier.mkdir()
    recus = {v[1] for valeurs in cas for v in valeurs}
    dictionnaire = [
        (
            *(nom, f"Libellé de {nom}", univers, UNIVERS.get(univers), unite, methode),
            None if nom in recus else "source jamais reçue : insee_essai",
            "chaine" if nom in CHAINE else "aucun",
        )
        for nom, (univers, unite, methode) in DICTIONNAIRE.items()
    ]
    territoires = [(AIN, "departement", "01", "Ain", "01", "84", None)]
    conventions, chiffres = [], []
    for k, valeurs in enumerate(cas):
        lieux = _lieux(k)
        epci = lieux[EPCI].split(":")[1]
        territoires += [(lieux[t], *lieux[t].split(":"), nom, "01", "84", epci) for t, nom in NOMS.items()]
        # A convention of one of the two communes.
        conventions.append((lieux["ctg:essai"], lieux[AMONT].split(":")[1]))
        territoires.append((lieux["ctg:essai"], "ctg", f"essai-{k}", "CTG", "01", "84", None))
        chiffres += [_chiffre_publie((lieux.get(v[0], v[0]), *v[1:])) for v in valeurs]
    with duckdb.connect(str(dossier / "ctg.duckdb")) as con:
        con.execute(_SCHEMA)
        for table, lignes in (
            ("dim_indicateur", dictionnaire),
            ("dim_territoire", territoires),
            ("ctg_communes", conventions),
            ("fct_indicateurs", chiffres),
        ):
            if lignes:
                con.executemany(f"insert into {table} values ({', '.join('?' * len(lignes[0]))})", lignes)
    return dossier


def _chiffre_publie(valeur: Valeur) -> tuple[Any, ...]:
    territoire, indicateur, millesime, lu, *reste = valeur
    sinon = ["observe", lu, lu, None, None, None, None]
    statut, basse, haute, base, *termes, lisibilite = [*reste, *sinon[len(reste) :]]
    texte = lu if isinstance(lu, str) else None
    large = indicateur.startswith("part_") and texte is None and haute and haute - basse > 10
    return (
        *(territoire, indicateur, millesime),
        *((None, texte, None, None) if texte else (lu, None, basse, haute)),
        *(statut, None, base, "insee_essai", *termes, lisibilite or ("intervalle" if large else "point")),
    )


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
    lieu = {"territory_code": code, "territory_name": NOMS[f"commune:{code}"]}
    return chiffre(indicateur, valeur, territory_level="commune", **lieu, **autres)


def ecrire_document(fichier: Path, lignes: Sequence[Mapping[str, str]]) -> Path:
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        ecriture = csv.DictWriter(flux, COLONNES)
        ecriture.writeheader()
        ecriture.writerows(lignes)
    return fichier


def faire_audit(tmp_path: Path, lignes: Sequence[dict[str, str]], valeurs: Sequence[Valeur] = ()) -> Audit:
    """Audit one document."""
    return auditer(
        faire_release(tmp_path / "release", valeurs), ecrire_document(tmp_path / "document.csv", lignes)
    )


def juger(tmp_path: Path, cas: Sequence[Cas]) -> list[tuple[list[Ligne], list[Ligne]]]:
    """Audit the documents of all cases as one; return the figures and the results of checks of each.

    What a check says of the document as a whole is said of no case.
    """
    lignes = [
        ligne | {"territory_code": lieux.get(territoire, territoire).split(":")[1]}
        for k, (du_cas, _) in enumerate(cas)
        for lieux in (_lieux(k),)
        for ligne in du_cas
        for territoire in (f"{ligne['territory_level']}:{ligne['territory_code']}",)
    ]
    release = faire_release(tmp_path / "release", *(valeurs for _, valeurs in cas))
    audit = auditer(release, ecrire_document(tmp_path / "document.csv", lignes))
    rendus, debut = [], 0
    for k, (du_cas, _) in enumerate(cas):
        siens = _lieux(k).values()
        controles = [c for c in audit.controles if c["territoire_id"] in siens]
        rendus.append(([*audit.chiffres[debut : debut + len(du_cas)]], controles))
        debut += len(du_cas)
    return rendus


def _imprime(dit: str) -> dict[str, str]:
    """Read `indicateur value [years] [amont, aval or ctg] [{other columns}]`."""
    mots, _, autres = dit.partition(" {")
    indicateur, valeur, *reste = mots.split()
    valeur = "" if valeur == "-" else valeur
    lieu = reste.pop() if reste and reste[-1].isalpha() else "epci"
    periode = "".join(reste).replace("sans_annee", "annee_non_precisee") or "2022"
    colonnes = yaml.safe_load("{" + autres) if autres else {}
    if lieu in ("amont", "aval"):
        return a_commune(indicateur, valeur, LIEUX[lieu][-5:], period=periode, **colonnes)
    return chiffre(indicateur, valeur, periode, **(CTG if lieu == "ctg" else {}), **colonnes)


def _publie(dit: str) -> Valeur:
    """Read `[amont or aval] indicateur year value [statut low high base numerator denominator]`."""
    mots = dit.split()
    lieu = LIEUX[mots.pop(0)] if mots[0] in LIEUX else EPCI
    indicateur, annee, valeur, *reste = mots
    return lieu, indicateur, int(annee), *map(_nombre, (valeur, *reste))


def _nombre(mot: str) -> float | int | str | None:
    if mot == "-":
        return None
    try:
        return float(mot) if "." in mot else int(mot)
    except ValueError:
        return mot


def lire_cas(nom: str) -> list[dict[str, Any]]:
    """Read a table of cases."""
    cas: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name(nom).read_text(encoding="utf-8"))
    return cas


def lire(cas: Mapping[str, Any]) -> Cas:
    """Read what a case prints and what its release says."""
    publies = cas["publie"].split(" ; ") if "publie" in cas else []
    return [*map(_imprime, cas["imprime"].split(" ; "))], [*map(_publie, publies)]
