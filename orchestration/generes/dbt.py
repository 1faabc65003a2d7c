"""Generated text that dbt reads: its sources, contrats of wide marts, lists for SQL to loop over.

`nuit.projet` writes it before it parses the project; none of it is committed (ADR 30). Belongs here: turning
contrats and the dictionary into that text. Does not: what a contract is (`ingestion.contrats`).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingestion.contrats import Contrat, Ressource, charger_contrats
from ingestion.contrats.empreinte import TECHNIQUES, schema_normalise
from ingestion.extrait.contrat import charger_contrat

from ..racine import RACINE
from .dictionnaire import SANS_CONTRAT, lire, verifier

# The folders of the dbt project that hold nothing else.
GENERES = "_generes"
HEADER = "# Generated from {origin}: edit that instead.\n"
# Inputs of these files, besides the seeds.
ORIGINES = ("ingestion/contrats", "ingestion/sources", "ingestion/extrait", "orchestration/generes")

# Units of indicateurs that are no number: wide marts hold them as text.
UNITES_TEXTE = ("date", "periode", "booleen")
CLES = [
    ("territoire_id", "varchar", "Territoire"),
    ("niveau", "varchar", "Niveau du territoire"),
    ("code", "varchar", "Code du territoire"),
    ("libelle", "varchar", "Nom du territoire"),
    ("millesime", "integer", "Année de la donnée"),
    ("demonstration", "boolean", "Vrai si les chiffres sont inventés"),
]


def fichiers(racine: Path = RACINE, contrats: dict[str, Contrat] | None = None) -> dict[Path, str]:
    """Path of each file, with its text. Raises DictionnaireRefuse where the dictionary contradicts itself."""
    contrats = charger_contrats() if contrats is None else contrats
    projet = racine / "dbt_project"
    seeds, models = projet / "seeds", projet / "models"
    verifier(seeds, contrats)
    macros, indicateurs = projet / "macros" / GENERES, lire(seeds, "indicateurs")
    sources = HEADER.format(origin="ingestion/sources") + dbt_sources_yaml(contrats)
    textes = {
        models / "staging" / GENERES / "normalised.yml": sources,
        macros / "ressources_declarees.sql": macro_ressources(contrats),
        macros / "titres_des_sources.sql": macro_titres(contrats),
    }
    origine = HEADER.format(origin="dbt_project/seeds/indicateurs.csv")
    for theme in lire(seeds, "themes"):
        dossier, mart = models / "marts" / theme["theme"], f"mart_{theme['theme']}"
        if (dossier / f"{mart}.sql").exists():
            du_theme = [i for i in indicateurs if i["theme"] == theme["theme"]]
            generes = dossier / GENERES
            textes |= {
                generes / f"{mart}.yml": origine + contrat_mart(theme, du_theme, PAR_ANNEE),
                generes / f"{mart}_actuel.yml": origine + contrat_mart(theme, du_theme, ACTUEL),
                generes / f"{mart}_actuel.sql": f"{{{{ mart_actuel('{theme['theme']}') }}}}\n",
            }
    return textes


def ecrire(textes: Mapping[Path, str]) -> list[Path]:
    """Write the files that differ; return those that changed."""
    changes = [f for f, texte in textes.items() if not f.exists() or f.read_text("utf-8") != texte]
    for fichier in changes:
        fichier.parent.mkdir(parents=True, exist_ok=True)
        fichier.write_text(textes[fichier], encoding="utf-8")
    return changes


def ecrire_tout(racine: Path = RACINE, contrats: dict[str, Contrat] | None = None) -> list[Path]:
    """Write what dbt reads, and remove what it reads no more; return what changed."""
    textes = fichiers(racine, contrats)
    # dbt writes folders of the same names under `target`.
    restes = {*(racine / "dbt_project").glob(f"m*/**/{GENERES}/*")} - textes.keys()
    for reste in restes:
        reste.unlink()
    return [*ecrire(textes), *restes]


def dbt_sources_yaml(contrats: dict[str, Contrat]) -> str:
    """Render dbt's declaration of the source `normalised`: one table per source and ressource."""
    tables = []
    for contrat in contrats.values():
        for r in contrat.ressources.values():
            tables.append(
                {
                    "name": r.table,
                    "description": f"{contrat.title} ({contrat.producer}, {contrat.licence}). "
                    f"{r.grain[:1].upper()}{r.grain[1:]}. {contrat.description}",
                    "columns": [
                        {"name": champ.name, "description": _description(r, champ.name)}
                        for champ in schema_normalise(r)
                    ],
                }
            )
    source = {
        "name": "normalised",
        "description": "Accepted files, typed by their contract and nothing else.",
        "tables": tables,
    }
    return yaml.safe_dump({"sources": [source]}, sort_keys=False, allow_unicode=True, width=110)


def ressources_declarees(contrats: dict[str, Contrat]) -> list[dict[str, Any]]:
    """What SQL has to know of each ressource with territories: its level, its years, its mesures.

    `rang` orders the ressources of one source, niveau and couverture, the preferred first, as the contract
    does: files of several couvertures (one per région) go together.
    """
    declarees = []
    for contrat in contrats.values():
        rangs: Counter[tuple[str, str]] = Counter()
        for r in contrat.ressources.values():
            if r.niveau != "france" and "code" not in r.columns:
                continue
            mesures = [
                {
                    "nom": m,
                    "marque": r.columns[m].marquee,
                    "datee": m in r.colonnes_datees,
                    "arrondie": r.columns[m].multiple is not None,
                    "hors_champ": r.columns[m].hors_champ,
                }
                for m in r.mesures
            ]
            declarees.append(
                {
                    "source": r.source,
                    "ressource": r.nom,
                    "diffusion": contrat.diffusion,
                    "niveau": r.niveau,
                    "rang": rangs[r.niveau, r.couverture],
                    "annee": r.colonne_annee,
                    "mesures": mesures,
                }
            )
            rangs[r.niveau, r.couverture] += 1
    return declarees


def _description(ressource: Ressource, nom: str) -> str:
    if nom in TECHNIQUES:
        return TECHNIQUES[nom][1]
    base, _, compagnon = nom.partition("__")
    colonne = ressource.columns[base]
    if compagnon == "marque":
        return f"Why {base} is NULL: manquant, secret or non_servi; NULL when it is not"
    if compagnon == "millesime":
        return f"Millésime of {base}"
    return colonne.description + (f" ({colonne.unit})" if colonne.unit else "")


def _quoted(texte: str) -> str:
    return '"' + texte.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True)
class Forme:
    """A shape of the wide mart of a theme: its name, its grain, and what stands beside each value."""

    suffixe: str
    meta: str
    grain: str
    cle: tuple[str, ...]
    a_cote: tuple[tuple[str, str, str], ...]
    """Suffix, what its description opens on, and the rest of the column's YAML."""


_STATUT = ("statut", "Statut", "data_type: varchar, constraints: [{type: not_null}]")
PAR_ANNEE = Forme(
    "",
    "{}",
    # A territory on which the theme has nothing keeps one line.
    "une ligne par territoire et par millésime où le thème a un chiffre, au moins une par territoire."
    " fct_indicateurs dit s'il s'imprime comme un point (lisibilite).",
    ("territoire_id", "millesime"),
    (_STATUT,),
)
ACTUEL = Forme(
    "_actuel",
    "{csv: false}",
    "le dernier chiffre de chaque indicateur, une ligne par territoire (mart_derniers_chiffres en colonnes)."
    " Chaque chiffre a son année : deux colonnes d'une ligne peuvent ne pas être de la même.",
    ("territoire_id",),
    (
        (
            "affichee",
            "Tel qu'il s'écrit",
            "data_type: varchar, constraints: [{type: not_null}], meta: {masquee: marque}",
        ),
        # A value that is no point keeps its column: whoever ranks values must see that it is none.
        ("lisibilite", "point, intervalle ou trop_peu", "data_type: varchar"),
        ("millesime", "Année", "data_type: integer, meta: {masquee: false}"),
        _STATUT,
    ),
)


def contrat_mart(theme: dict[str, str], indicateurs: list[dict[str, str]], forme: Forme) -> str:
    """dbt contract (YAML) of a wide mart: the keys, then each indicateur and what stands beside it."""
    mart = f"mart_{theme['theme']}{forme.suffixe}"
    cles = [c for c in CLES if c[0] != "millesime" or "millesime" in forme.cle]
    lignes = [
        "models:",
        f"  - name: {mart}",
        f"    description: {_quoted(theme['libelle'] + ' : ' + forme.grain)}",
        f"    config: {{tags: [theme], meta: {forme.meta}}}",
        "    constraints:",
        f"      - {{type: primary_key, columns: [{', '.join(forme.cle)}]}}",
        "      - {type: foreign_key, columns: [territoire_id], to: ref('dim_territoire'),"
        " to_columns: [territoire_id]}",
        "    data_tests: [promesses]",
        "    columns:",
    ]
    for nom, type_, description in cles:
        reste = "" if nom in forme.cle else ", constraints: [{type: not_null}]"
        reste += ", meta: {masquee: false}" if type_ == "integer" else ""
        lignes.append(
            f"      - {{name: {nom}, data_type: {type_}, description: {_quoted(description)}{reste}}}"
        )
    for i in indicateurs:
        nom, libelle, unite = i["indicateur_id"], i["libelle"], i["unite"]
        type_ = "varchar" if unite in UNITES_TEXTE else "double"
        lignes.append(
            f"      - {{name: {nom}, data_type: {type_}, description: {_quoted(f'{libelle} ({unite})')}, "
            "meta: {masquee: true}}"
        )
        lignes += [
            f"      - {{name: {nom}_{suffixe}, description: {_quoted(f'{titre} : {libelle}')}, {reste}}}"
            for suffixe, titre, reste in forme.a_cote
        ]
    return "\n".join(lignes) + "\n"


def macro_ressources(contrats: dict[str, Contrat]) -> str:
    """What `ressources_declarees` returns (Jinja): what contrats say of each ressource, for SQL to loop."""
    lignes = ""
    for ressource in ressources_declarees(contrats):
        *faits, mesures = (f"{cle!r}: {valeur!r}" for cle, valeur in (ressource | {"mesures": []}).items())
        if ressource["mesures"]:
            mesures = "'mesures': [\n" + "".join(f"        {m!r},\n" for m in ressource["mesures"]) + "    ]"
        lignes += f"    {{{', '.join(faits)}, {mesures}}},\n"
    return (
        "{# Generated from ingestion/sources: edit that instead. #}\n"
        "{% macro genere__ressources_declarees() %}\n{{ return([\n" + lignes + "]) }}\n{% endmacro %}\n"
    )


def macro_titres(contrats: dict[str, Contrat]) -> str:
    """What `titres_des_sources` returns (Jinja): by what title readers know each source, by its id."""
    avec_contrat = {fiche.source: fiche.title for fiche in (*contrats.values(), charger_contrat())}
    titres = sorted({**SANS_CONTRAT, **avec_contrat}.items())
    lignes = "".join(f"    {source!r}: {titre!r},\n" for source, titre in titres)
    return (
        "{# Generated from ingestion/sources: edit that instead. #}\n"
        "{% macro genere__titres_des_sources() %}\n{{ return({\n" + lignes + "}) }}\n{% endmacro %}\n"
    )
