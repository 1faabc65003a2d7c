"""The accepted files behind a node of dbt, for the person who looks into a failed test."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ingestion.acquisition import FichierRetenu
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.retenus import MoisRetenu

# Files that a message names: the last received come first.
_NOMMES = 20


def dire_les_fichiers(
    manifeste: Mapping[str, Any],
    noeud: str,
    sources: Collection[str],
    retenus: Iterable[FichierRetenu],
    mois: Iterable[MoisRetenu],
) -> str:
    """Name the files that a node of dbt read, whatever is between, the last received first.

    `manifeste`: dbt's; `sources`: of the rows that a test found wrong, where it says so: no other is named.
    """
    tables = _tables(manifeste, noeud)
    # Counts of persons are read rounded, those of registers too.
    arrondis = any(schema == "micro" for schema, _ in tables)
    lus = [
        (f.recu_le, f.source, f"{f.source}/{f.ressource} {f.millesime}", f.sha256, f.fichier)
        for f in retenus
        if ("normalised", f"{f.source}__{f.ressource}") in tables or (arrondis and f.source in sources)
    ]
    if arrondis:
        lus += [(m.recu_le, SOURCE_EXTRAIT, f"{SOURCE_EXTRAIT} {m.mois}", m.sha256, m.fichier) for m in mois]
    siens = sorted((lu for lu in lus if not sources or lu[1] in sources), reverse=True)
    if not siens:
        return ""
    dits = [f"{ou} {sha256[:12]} {nom}, received {le}" for le, _, ou, sha256, nom in siens[:_NOMMES]]
    if len(siens) > _NOMMES:
        dits.append(f"and {len(siens) - _NOMMES} older: `ctg sources list --tout`")
    return "\n    ".join(
        ("", "files read:", *dits, "to go on without one: `ctg sources withdraw SOURCE/RESSOURCE MILLESIME`")
    )


def _tables(manifeste: Mapping[str, Any], noeud: str) -> set[tuple[str, str]]:
    """The tables, made before dbt starts, that a node reads at whatever distance."""
    vus, a_voir = set[str](), [noeud]
    while a_voir:
        if (nom := a_voir.pop()) not in vus:
            vus.add(nom)
            a_voir += manifeste["parent_map"].get(nom, ())
    lues = manifeste["sources"]
    return {(lues[nom]["source_name"], lues[nom]["name"]) for nom in vus if nom in lues}
