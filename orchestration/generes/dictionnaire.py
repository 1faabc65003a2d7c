"""The dictionary that people edit (`dbt_project/seeds`), and what it may say.

Belongs here: reading its lines, refusing those that contradict it. Does not: what is made of them.
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from expectations import seuils
from ingestion.contrats import Contrat
from ingestion.extrait.identite import SOURCE_EXTRAIT
from publication.site import mots
from socle.erreurs import ErreurCtg
from socle.proches import proches

Lignes = list[dict[str, str]]


def lire(seeds: Path, nom: str) -> Lignes:
    """The rows of a seed."""
    with (seeds / f"{nom}.csv").open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


class DictionnaireRefuse(ErreurCtg):
    """The dictionary contradicts itself: which lines, and what to write instead."""


# Titles of sources that indicateurs name and that have no contract yet: nobody has seen a file of theirs.
SANS_CONTRAT = {
    "anct_conseillers_numeriques": "Conseillers numériques en poste",
    "data_inclusion_structures": "Structures d'insertion et de médiation (data·inclusion)",
    "etalab_contours": "Contours administratifs (Etalab)",
    "finess_etablissements": "Établissements sanitaires et sociaux (Finess)",
    "insee_taux_chomage_localises": "Taux de chômage localisés",
}

BOOLEENS = ("true", "false")

# Separators of the names in a cell. Only the cell of levels may not be empty.
SEPARATEURS = {"numerateur": "[+-]", "denominateur": "[+-]", "niveaux": "[+]", "sources": "[>+]"}


def verifier(seeds: Path, contrats: Mapping[str, Contrat]) -> None:
    """Refuse lines that would stop a night, give an indicateur no figure, or give it no page.

    A mesure of a contract without a line in `mesures.csv` is refused too: no indicateur could use it.

    Raises DictionnaireRefuse with a line per fault: which line of the file and which column, what it says and
    what it may say.
    """
    indicateurs = lire(seeds, "indicateurs")
    connues = {m["mesure_id"] for m in lire(seeds, "mesures")}
    perdues = [
        f"\n  ingestion/sources/{r.source}.yml, {r.nom}: {mesure}"
        for contrat in contrats.values()
        for r in contrat.ressources.values()
        for mesure in r.mesures
        if mesure not in connues
    ]
    if perdues:
        raise DictionnaireRefuse(
            "Contracts declare mesures that have no line in dbt_project/seeds/mesures.csv. Nothing was"
            f" written: add their lines, or take them out of `mesures`.{''.join(perdues)}"
        )
    for quoi, fautes in (
        ("names what is not declared", _noms(seeds, indicateurs, contrats)),
        ("gives one rank to several indicateurs", _rangs(indicateurs)),
        ("needs something elsewhere, without which a night would stop", _ailleurs(seeds, indicateurs)),
    ):
        if dites := "".join(f"\n  {faute}" for faute in fautes):
            raise DictionnaireRefuse(
                f"dbt_project/seeds/indicateurs.csv {quoi}. Nothing was written: correct these lines.{dites}"
            )


def _noms(seeds: Path, indicateurs: Lignes, contrats: Mapping[str, Contrat]) -> Iterator[str]:
    """Names that nothing declares."""
    connus: dict[str, Collection[str]] = {
        "theme": [t["theme"] for t in lire(seeds, "themes")],
        "univers": [u["univers"] for u in lire(seeds, "univers")],
        "unite": [u["unite"] for u in lire(seeds, "unites")],
        "polarite": mots.POLARITE,
        "methode": mots.METHODE,
        "part_d_un_tout": BOOLEENS,
        "prevu": BOOLEENS,
        "numerateur": (mesures := [m["mesure_id"] for m in lire(seeds, "mesures")]),
        "denominateur": mesures,
        "niveaux": mots.NIVEAU,
        "sources": {*contrats, *SANS_CONTRAT, SOURCE_EXTRAIT},
    }
    for ligne, indicateur in enumerate(indicateurs, 2):
        ou = f"line {ligne} ({indicateur['indicateur_id']})"
        if None in indicateur or None in indicateur.values():
            yield (f"{ou}: another number of columns than the header; a text with a comma is quoted")
            continue
        if not indicateur["ordre"].isdecimal():
            yield (f"{ou}, ordre: observed {indicateur['ordre']!r}; expected a whole number")
        if indicateur["numerateur"] and indicateur["sources"]:
            yield (
                f"{ou}, sources: observed {indicateur['sources']!r}; expected nothing, they are those of its"
                " mesures (dbt_project/seeds/mesures.csv)"
            )
        for colonne, permis in connus.items():
            cellule, separateur = indicateur[colonne], SEPARATEURS.get(colonne)
            noms = re.split(separateur, cellule) if separateur else [cellule]
            if separateur and not cellule and colonne != "niveaux":
                continue
            yield from [
                f"{ou}, {colonne}: observed {nom.strip()!r}; expected {_attendu(nom.strip(), permis)}"
                for nom in noms
                if nom.strip() not in permis
            ]


def _attendu(nom: str, permis: Collection[str]) -> str:
    if len(permis) <= 10:
        return f"one of {', '.join(permis)}"
    voisins = proches(nom, sorted(permis))
    return f"one of {len(permis)}" + (f", the nearest being {', '.join(voisins)}" if voisins else "")


def _rangs(indicateurs: Lignes) -> Iterator[str]:
    """Ranks that two indicateurs of a theme share: nothing would order them."""
    places: dict[tuple[str, int], list[str]] = {}
    for indicateur in indicateurs:
        places.setdefault((indicateur["theme"], int(indicateur["ordre"])), []).append(
            indicateur["indicateur_id"]
        )
    yield from [
        f"theme {theme}: ordre {ordre} is that of {', '.join(noms)}; expected once, the next free one is"
        f" {max(o for t, o in places if t == theme) + 1}"
        for (theme, ordre), noms in sorted(places.items())
        if len(noms) > 1
    ]


def termes(formule: str) -> list[str]:
    """Return the mesures of a formula of the dictionary (`a + b - c`)."""
    return re.findall(r"[a-z]\w*", formule)


def _ailleurs(seeds: Path, indicateurs: Lignes) -> Iterator[str]:
    """Universes that nobody declared compatible, units without a range, themes without a mart."""
    for theme in dict.fromkeys(i["theme"] for i in indicateurs):
        mart = f"models/marts/{theme}/mart_{theme}.sql"
        if not (seeds.parent / mart).exists():
            yield f"theme {theme} has no mart; expected {{{{ mart_theme('{theme}') }}}} in dbt_project/{mart}"
    univers = {m["mesure_id"]: m["univers"] for m in lire(seeds, "mesures")}
    compatibles = {
        (c["univers_numerateur"], c["univers_denominateur"]) for c in lire(seeds, "univers_compatibles")
    }
    plages = seuils.charger()
    for indicateur in indicateurs:
        haut, bas = (
            {univers[m] for m in termes(indicateur[cote])} for cote in ("numerateur", "denominateur")
        )
        yield from [
            f"{indicateur['indicateur_id']}: divides {u} by {v}; expected a line {u},{v},<reason> in"
            " dbt_project/seeds/univers_compatibles.csv, or mesures of one universe"
            for u in sorted(haut)
            for v in sorted(bas - {u})
            if (u, v) not in compatibles
        ]
        if plages.plage(*(indicateur[c] for c in ("indicateur_id", "methode", "unite"))) is None:
            yield (
                f"{indicateur['indicateur_id']}: unit {indicateur['unite']} has no range; expected one in"
                " expectations/seuils.yml, `plages`, with its reason"
            )


def sources_citees(indicateur: Mapping[str, str], mesures: Mapping[str, str]) -> str:
    """Where the figures of an indicateur come from, as `dim_indicateur` has it.

    These are the sources of its mesures (`mesures`: by mesure_id), each list once, or, without a mesure, the
    sources on its own line.
    """
    cites = [*termes(indicateur["numerateur"]), *termes(indicateur["denominateur"])]
    listes = list(dict.fromkeys(mesures[m] for m in cites)) or [indicateur["sources"]]
    if len(listes) > 1:
        listes = [f"({sources})" if ">" in sources else sources for sources in listes]
    return " + ".join(listes)
