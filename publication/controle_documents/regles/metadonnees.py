"""Checks of what the document leaves out: values, years, definitions."""

import re
from collections.abc import Iterator
from fractions import Fraction

from publication.controle_documents.contexte import Constat, Examen
from publication.controle_documents.intervalles import ecrire
from publication.lecture.niveaux import NIVEAUX

_INDEFINI = re.compile("non précis|non défini|absent|inconnu", re.IGNORECASE)


def definition(ctx: Examen) -> Iterator[Constat]:
    """A rate says what it divides and when: one that says neither cannot be compared with anything."""
    coupables = [
        c
        for c in ctx.document.chiffres
        if c.nombre is not None
        and c.annees is None
        and c.unit == "pourcent"
        and (
            _INDEFINI.search(c.numerator_definition + c.denominator_definition)
            or not (c.numerator_definition and c.denominator_definition)
        )
    ]
    for c in coupables:
        dits = ["définition et année absentes : aucune comparaison n'est possible"]
        if c.indicator_id in ctx.entrepot.indicateurs:
            voisines = [
                f"{v.indicateur_id} {ecrire(v.valeur)} ({v.millesime})"
                for v in ctx.entrepot.voisines(c.territoire_id, c.indicator_id)
                if v.valeur is not None
            ]
            if voisines:
                dits.append(f"l'entrepôt a, dans le même univers : {', '.join(voisines)}")
        yield Constat(
            f"{c.indicator_id} ({c.imprime}) porte définition, source et année",
            "définition + source + année",
            "absentes",
            "KO_METADONNEES",
            dits,
            [c],
            territoire=c.territoire_id,
        )
    if not coupables:
        yield Constat(
            "chaque taux porte une définition ou une année",
            "définition ou année",
            "présentes",
            "OK",
            [],
            [],
        )


def manquants(ctx: Examen) -> Iterator[Constat]:
    """Every figure the document announces has a value."""
    vides = [c for c in ctx.document.chiffres if c.manquant]
    yield Constat(
        f"{', '.join(c.indicator_id for c in vides) or 'chaque chiffre annoncé'} : une valeur",
        f"{len(vides) or len(ctx.document.chiffres)} valeurs",
        "0 valeur" if vides else f"{len(ctx.document.chiffres)} valeurs",
        "MANQUANT" if vides else "OK",
        [f"annoncés sans valeur : {', '.join(c.label for c in vides)}" if vides else None],
        vides,
    )


def sans_annee(ctx: Examen) -> Iterator[Constat]:
    """Every printed value carries the period it speaks of."""
    nus = [c for c in ctx.document.chiffres if c.annees is None and not c.manquant]
    niveaux = dict.fromkeys(c.territory_level for c in nus)
    detail = ", ".join(f"{NIVEAUX[n].court} : {sum(c.territory_level == n for c in nus)}" for n in niveaux)
    montants = sum(c.unit.startswith("EUR") for c in nus)
    yield Constat(
        "chaque valeur publiée porte une période de référence",
        "0 valeur sans année",
        f"{len(nus)} valeurs sans année ({detail})" if nus else "0 valeur sans année",
        "KO_METADONNEES" if nus else "OK",
        [
            f"dont {montants} montants" if montants else None,
            f"indicateurs : {', '.join(dict.fromkeys(c.indicator_id for c in nus))}" if nus else None,
        ],
        nus,
        delta=Fraction(len(nus)),
    )
