"""Reading the folder of contracts: all of them, or every error of every one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingestion.contrats.coherence import incoherences
from ingestion.contrats.fiche import Contrat
from socle.erreurs import ErreurCtg

DOSSIER = Path(__file__).parents[1] / "sources"
# What to write where a value of a list is missing or unknown.
A_ECRIRE: dict[tuple[int | str, ...], str] = {
    ("diffusion",): "write `diffusion: publique` (anyone may have the file), `diffusion: interne` (a Caf, a "
    "département, an EPCI or the coordinator of a CTG gives it) or `diffusion: micro` (persons, one by one)",
}


class ContratsInvalides(ErreurCtg):
    """Every error of the contracts folder, one `file: path.to.key: message` each."""

    def __init__(self, erreurs: list[str]) -> None:
        """Keep the list; the message shows it whole."""
        self.erreurs = erreurs
        super().__init__(f"{len(erreurs)} errors in the source contracts:\n" + "\n".join(erreurs))


def charger_contrats(dossier: Path = DOSSIER) -> dict[str, Contrat]:
    """Read a folder of contracts, by source. Raises `ContratsInvalides` with every error of every file."""
    contrats: dict[str, Contrat] = {}
    erreurs: list[str] = []
    for chemin in sorted(dossier.glob("*.yml")):
        try:
            lu, incoherentes = _lire(chemin.read_text("utf-8"))
            # Its own table of ressources: what a caller replaces there is not for the next one.
            contrat = lu.model_copy(update={"ressources": dict(lu.ressources)})
        except ValidationError as e:
            erreurs += [
                f"{chemin.name}: {'.'.join(map(str, x['loc']))}: {A_ECRIRE.get(x['loc'], x['msg'])}"
                for x in e.errors()
            ]
            continue
        except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError) as e:
            erreurs.append(f"{chemin.name}: (file): {e}")
            continue
        if contrat.source != chemin.stem:
            erreurs.append(f"{chemin.name}: source: must be {chemin.stem!r}, the name of the file")
        erreurs += [f"{chemin.name}: {incoherence}" for incoherence in incoherentes]
        contrats[contrat.source] = contrat
    erreurs += [
        f"{c.source}.yml: mouvements_de: no contract is called {c.mouvements_de!r}"
        for c in contrats.values()
        if c.mouvements_de and not (dossier / f"{c.mouvements_de}.yml").exists()
    ]
    if not contrats and not erreurs:
        erreurs.append(f"{dossier}: (folder): holds no contract")
    if erreurs:
        raise ContratsInvalides(erreurs)
    return contrats


@cache
def _lire(texte: str) -> tuple[Contrat, list[str]]:
    """Return one contract and its incoherences. Cached: a night asks for the same ones again and again."""
    contrat = Contrat.model_validate(yaml.load(texte, Chargeur))
    return contrat, [
        f"ressources.{nom}.{ou}: {quoi}"
        for nom, ressource in contrat.ressources.items()
        for ou, quoi in incoherences(ressource, contrat.decoupage)
    ]


class ClesUniques:
    """A loader of YAML where a key written twice is an error: the plain one keeps the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse the keys that are there twice."""
        cles = [cle.value for cle, _ in node.value]
        if doubles := sorted({c for c in cles if cles.count(c) > 1}):
            raise yaml.MarkedYAMLError(
                problem=f"key written twice: {', '.join(doubles)}", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)  # type: ignore[misc, no-any-return]


class Chargeur(ClesUniques, yaml.CSafeLoader):
    """Values of every type."""
