"""The certificate of a release: what was audited, against what, with what result. Never a value of a cell.

Belongs here: the fields of `validation/certificat_secret.json` and their order. It is recomputed from the
frozen aggregates by auditing the same build again: only the two clocks, `release_id` and `instant`, would
differ. Does not: auditing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confidentialite.preuve.constats import Constats, Cout

CONFORME, INCIDENTS_ASSUMES, REFUSE = "conforme", "conforme, incidents assumés", "refusé"


@dataclass(frozen=True)
class Contexte:
    """What the release knows and the audit does not.

    `entrees`: the source files, each with its `source`, `ressource`, `millesime`, `fichier_id`. `perimetre`:
    the scope of the cells that are counted. `rang`: that of this release in the register.
    """

    release_id: str
    instant: datetime
    entrees: Iterable[Mapping[str, Any]]
    code: str | None
    commit: str | None
    versions: Mapping[str, str]
    regle: str
    perimetre: str
    rang: int


def certifier(constats: Constats, contexte: Contexte) -> dict[str, Any]:
    """Return the certificate of a release, as plain values."""
    comptes, bilan = constats.comptes, constats.bilan
    return {
        "release_id": contexte.release_id,
        "instant": contexte.instant.isoformat(),
        "verdict": _verdict(constats),
        "sha256": {
            "entrees": _empreinte_entrees(contexte.entrees),
            "parametres": constats.empreinte_parametres,
            "systeme": constats.empreinte_systeme,
            "masque": constats.empreinte_masque,
        },
        "code": {"sha256": contexte.code, "commit": contexte.commit, "versions": dict(contexte.versions)},
        "regle": contexte.regle,
        "premiers": list(constats.premiers),
        "solveur": constats.solveur,
        # How many are hidden, never how many for themselves nor how many have a lone contributor: a reader
        # who knew would bet on each hidden row. The operator has the reasons (`ctg secret show`, `why`).
        "cellules": {
            "perimetre": contexte.perimetre,
            "auditees": comptes["cellules"],
            "masquees": comptes["cellules_masquees"],
            "formes_protegees": comptes["formes_protegees"],
        },
        "cout": {"poids": constats.poids, "par_niveau": _par_niveau(constats.couts)},
        "systeme": {
            "equations": comptes["equations"],
            "equations_independantes": comptes["equations_independantes"],
            "equations_contredites": comptes["equations_contredites"],
            "intervalles": comptes["intervalles"],
            "valeurs_connues": comptes["cellules_connues"],
        },
        "exactitude": {"atteintes": sum(e.nature == "exacte" for e in constats.echecs)},
        "autres_atteintes": sum(e.nature != "exacte" for e in constats.echecs),
        "bornes": {
            "formes": comptes["formes_bornees"],
            "largeur_min": bilan.largeur_min,
            "largeur_mediane": bilan.largeur_mediane,
            "entiers_min": bilan.entiers_min,
            "borne_haute_sous_seuil": bilan.sous_seuil,
        },
        "composantes": {
            "resolues": comptes["composantes_resolues"],
            "inchangees": comptes["composantes_inchangees"],
            "sans_le_public": comptes["composantes_sans_le_public"],
            "sautees": sum(constats.saute.values()),
        },
        "registre": {
            "rang": contexte.rang,
            "audite_jusqu_a": constats.registre_rang,
            "sha256_precedent": constats.registre_sha256,
            "lignes_anterieures": comptes["cellules_registre"],
        },
        "divulgations_anterieures": {
            "assumees": sum(i.decide for i in constats.incidents),
            "a_decider": len(constats.a_decider),
        },
    }


def _par_niveau(couts: Iterable[Cout]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return, by level and indicateur, the rows with a figure, those shown, their share of the weight."""
    resultat: dict[str, dict[str, dict[str, float | None]]] = {}
    for cout in couts:
        resultat.setdefault(cout.niveau, {})[cout.indicateur_id] = {
            "lignes": cout.lignes,
            "montrees": cout.montrees,
            "poids_montre": cout.poids_montre,
        }
    return resultat


def texte(certificat: Mapping[str, Any]) -> str:
    """Return the JSON text of a certificate."""
    return json.dumps(certificat, ensure_ascii=False, indent=2) + "\n"


def _verdict(constats: Constats) -> str:
    if not constats.succes:
        return REFUSE
    return INCIDENTS_ASSUMES if constats.incidents else CONFORME


def _empreinte_entrees(entrees: Iterable[Mapping[str, Any]]) -> str:
    lignes = sorted(f"{e['fichier_id']}  {e['source']}/{e['ressource']} {e['millesime']}\n" for e in entrees)
    return hashlib.sha256("".join(lignes).encode()).hexdigest()
