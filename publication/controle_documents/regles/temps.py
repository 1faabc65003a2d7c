"""Checks of ages, years and windows of observation."""

from collections.abc import Iterator

from publication.controle_documents.contexte import Constat, Examen, par_territoire
from publication.controle_documents.intervalles import ecrire


@par_territoire
def pyramide(ctx: Examen, t: str, *, classes: dict[str, int], evolutions: list[str]) -> Constat | None:
    """Where births fall, a generation of older children is not smaller than one of younger ones."""
    presentes = {i: c for i in classes if (c := ctx.chiffre(t, i))}
    pentes = [c for i in evolutions if (c := ctx.chiffre(t, i))]
    if len(presentes) < 2 or not pentes:
        return None
    generations = [c.nombre / classes[i] for i, c in presentes.items() if c.nombre is not None]
    baisse = any(c.nombre is not None and c.nombre < 0 for c in pentes)
    croissante = generations == sorted(generations)
    return Constat(
        " ; ".join(f"{i} ({c.imprime}) / {classes[i]} ans" for i, c in presentes.items()),
        "croissant avec l'âge" if baisse else "",
        " ; ".join(ecrire(g, 0) for g in generations) + " par génération",
        "OK" if croissante or not baisse else "A_VERIFIER",
        [
            "effectifs par génération cohérents avec l'évolution"
            if croissante or not baisse
            else "plus de jeunes que d'aînés malgré une baisse : sources ou univers différents ?"
        ],
        (*presentes.values(), *pentes),
    )


@par_territoire
def fenetres(ctx: Examen, t: str, *, indicateurs: list[str]) -> Constat | None:
    """Evolutions shown side by side cover the same years."""
    chiffres = [c for i in indicateurs if (c := ctx.chiffre(t, i))]
    if len(chiffres) < 2:
        return None
    seules = [c.indicator_id for c in chiffres if not c.comparator]
    memes = len({c.period for c in chiffres}) == 1
    return Constat(
        " = ".join(f"fenêtre de {c.indicator_id}" for c in chiffres),
        "identiques",
        " ; ".join(c.period for c in chiffres),
        "OK" if memes else "KO_PRESENTATION",
        [
            None if memes else "évolutions non comparables entre elles",
            f"sans comparateur : {', '.join(seules)}" if seules else None,
        ],
        chiffres,
    )


def millesime_inconnu(ctx: Examen) -> Iterator[Constat]:
    """A figure without a year, that no received year gives and no other reading explains."""
    for j in ctx.jugements:
        c, cellule = j.chiffre, j.cellule
        if (
            c.annees
            or j.verdict != "ecart"
            or j.lecture
            or not cellule
            or c.nombre is None
            or cellule.valeur is None
        ):
            continue
        yield Constat(
            f"{c.indicator_id} ({c.imprime}, année non précisée) = valeur de l'entrepôt {cellule.millesime}",
            c.imprime,
            ecrire(cellule.valeur, max(c.decimales, 1)),
            "A_VERIFIER",
            [j.explication],
            [c],
            delta=cellule.valeur - c.nombre,
            territoire=c.territoire_id,
        )
