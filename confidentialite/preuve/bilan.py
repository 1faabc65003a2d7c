"""What the certificate says of an audit: counts, the bounds of all forms together, digests.

Never anything of one cell. Belongs here: what is drawn from a `Dossier` besides findings. Does not: the
certificate (`certificat.py`).
"""

import hashlib
import json
import statistics
from collections.abc import Mapping

import numpy as np

from confidentialite.preuve.constats import Bilan, Cout
from confidentialite.preuve.controles.encadrement import nulle
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.modele import JAMAIS, Forme, Modele


def comptes(dossier: Dossier) -> dict[str, int]:
    """Return the counts of an audit."""
    modele, solutions, lignes = dossier.modele, dossier.solutions, dossier.lignes
    connues = int((modele.priorite != JAMAIS).sum())
    return {
        "cellules": int(lignes.loc[lignes["rang"] == 0, "sensible"].sum()),
        "cellules_masquees": len(modele.masquees),
        "cellules_registre": int((lignes["rang"] > 0).sum()),
        "formes_protegees": len(modele.protegees),
        "inconnues": modele.priorite.size - connues,
        "cellules_connues": connues,
        "cellules_forcees": int((modele.registre & ~modele.courant).sum())
        + sum(lue.registre and not lue.courant for lue in modele.imprimees.values()),
        "equations": len(modele.imprimees) + len(modele.differences),
        "equations_independantes": len(dossier.savoir.retenues),
        "equations_contredites": modele.contradictions + dossier.savoir.contradictions,
        "intervalles": len(modele.intervalles),
        "contributeurs_uniques": len(dossier.groupes),
        "composantes_resolues": solutions.resolues,
        "composantes_inchangees": solutions.reprises,
        "composantes_sans_le_public": solutions.sans_le_public,
        "formes_bornees": sum(f in modele.protegees for f in solutions.bornes),
    }


def saute(dossier: Dossier) -> dict[str, int]:
    """Return what was not audited, by reason."""
    raisons = {
        "not additive (medians)": len(dossier.modele.non_lineaires),
        "lone contributors of territories outside the marts": dossier.sans_place,
        "bounds that do without the old value of disclosed cells": len(dossier.oubliees),
    }
    return {raison: combien for raison, combien in raisons.items() if combien}


def bornes(dossier: Dossier) -> Bilan:
    """Return the bounds of all audited forms together."""
    modele = dossier.modele
    lues = {
        f: b for f, b in dossier.solutions.bornes.items() if f in modele.protegees and not nulle(modele, f, b)
    }
    finies = [b for b in lues.values() if np.isfinite(b.haut)]
    if not finies:
        return Bilan()
    largeurs = [round(b.haut - b.bas, 6) for b in finies]
    sous_seuil = sum(
        b.haut < modele.exigences.seuil
        for forme, b in lues.items()
        if not any(bloc in modele.blocs_de_montants for bloc, _ in forme.lin)
    )
    return Bilan(
        min(largeurs), float(statistics.median(largeurs)), int(min(b.entiers for b in finies)), sous_seuil
    )


def couts(dossier: Dossier, poids: Mapping[tuple[str, str], float]) -> tuple[Cout, ...]:
    """Return what secrecy costs readers, by level and indicateur. `poids`: what each (niveau, code) weighs.

    nb_rsa of communes A (900 inhabitants) and B (100), B hidden: 1 row of 2 is shown, 90 % of the
    inhabitants.
    """
    lignes = dossier.lignes
    lignes = lignes[
        (lignes["rang"] == 0) & (lignes["geographie"] == "reference") & lignes["sensible"].astype(bool)
    ]
    trouves = []
    for cle, siennes in lignes.groupby(["niveau", "indicateur_id"]):
        niveau, indicateur_id = map(str, cle)
        montrees = (siennes["statut"] != "secret").to_numpy()
        pesees = np.array([poids.get((niveau, code), 0.0) for code in siennes["code"]])
        part = round(float(pesees[montrees].sum() / pesees.sum()), 4) if pesees.any() else None
        trouves.append(Cout(niveau, indicateur_id, len(siennes), int(montrees.sum()), part))
    return tuple(trouves)


def empreinte_systeme(modele: Modele) -> str:
    """SHA-256 of the equations: which forms are printed and protected, told in names that never vary."""
    noms = list(modele.blocs)
    atomes = list(modele.geographie.atomes)

    def dire(forme: Forme) -> list[object]:
        lin = sorted([*noms[b], c] for b, c in forme.lin)
        return [lin, modele.geographie.nom(forme.territoire)]

    blocs, connus = np.nonzero(modele.priorite != JAMAIS)
    return empreinte(
        [
            sorted(
                [*noms[bloc], atomes[atome]]
                for bloc, atome in zip(blocs.tolist(), connus.tolist(), strict=True)
            ),
            sorted(dire(f) for f in modele.imprimees),
            sorted(dire(f) for f in modele.intervalles),
            sorted(dire(f) for f in modele.protegees),
            # Most releases have none.
            *sorted([dire(plus), dire(moins)] for plus, moins, *_ in modele.differences),
        ]
    )


def empreinte(contenu: object) -> str:
    """SHA-256 of plain values."""
    texte = json.dumps(contenu, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(texte.encode()).hexdigest()
