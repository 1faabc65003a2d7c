"""Checks that set the document beside the warehouse or the law."""

from collections.abc import Iterator

from publication.controle_documents.contexte import Constat, Examen, decrire_cellule, par_territoire
from publication.controle_documents.intervalles import arrondir, ecrire
from publication.controle_documents.verdicts import decrire


@par_territoire
def proportion(
    ctx: Examen,
    t: str,
    *,
    numerateur: str,
    denominateur: str,
    indicateur: str,
    details: dict[str, str],
) -> Constat | None:
    """A ratio the document lets its reader work out, beside the warehouse's own."""
    calcul = ctx.calculer(t, f"100 * {numerateur} / {denominateur}")
    if calcul is None:
        return None
    observe = arrondir(calcul.intervalle.centre, 1)
    annee = next((c.annees[1] for c in calcul.chiffres if c.annees and c.indicator_id == numerateur), None)
    cellule = ctx.entrepot.cellule(t, indicateur, annee)
    dits, statut = [calcul.remarque_annees], "A_VERIFIER"
    if cellule is None or cellule.intervalle is None:
        dits.append(f"{indicateur} n'est pas dans la release pour {annee or 'cette année'}")
    else:
        bornes = cellule.intervalle
        egal = arrondir(bornes.centre, 1) == observe
        if egal and not calcul.remarque_annees:
            statut = "OK"
        dedans = "dans" if bornes.bas <= calcul.intervalle.centre <= bornes.haut else "hors de"
        dits.append("égal à l'entrepôt" if egal else f"{dedans} l'intervalle de l'entrepôt")
    dits += [j.explication for j in ctx.jugements if j.chiffre in calcul.chiffres and j.verdict != "conforme"]
    return Constat(
        calcul.expression,
        decrire_cellule(calcul.chiffres[0], cellule),
        ecrire(observe, 1),
        statut,
        [*dits, *ctx.details(t, details)],
        calcul.chiffres,
        delta=calcul.intervalle.centre - cellule.valeur if cellule and cellule.valeur is not None else None,
    )


@par_territoire
def seuil(
    ctx: Examen, t: str, *, population: str, seuil: int, niveaux: list[str], schema: str
) -> Constat | None:
    """Above a legal number of inhabitants, the document must hold the plan the law asks for."""
    habitants = ctx.chiffre(t, population)
    if not habitants or habitants.nombre is None or habitants.territory_level not in niveaux:
        return None
    plans = [
        c
        for c in ctx.document.chiffres
        if (c.territoire_id, c.indicator_id) == (t, schema) and not c.manquant
    ]
    oblige = habitants.nombre > seuil
    return Constat(
        f"{population} ({habitants.imprime}) > {seuil} : {schema} obligatoire",
        "schéma" if oblige else "sans obligation",
        f"schéma {plans[0].value} prévu" if plans else "aucun schéma",
        "OK" if plans or not oblige else "MANQUANT",
        [None if plans or not oblige else "le document ne cite aucun schéma"],
        (habitants, *plans),
    )


def somme_des_membres(ctx: Examen, *, indicateur: str) -> Iterator[Constat]:
    """A printed count equals the warehouse's sum over the member communes, that same year."""
    for c in ctx.document.chiffres:
        if c.indicator_id != indicateur or c.nombre is None or c.annees is None:
            continue
        somme = ctx.entrepot.somme_des_membres(c.territoire_id, indicateur, c.annees[1])
        if somme is None:
            continue
        total, communes = somme
        attendues = len(ctx.entrepot.membres[c.territoire_id])
        statut = "OK" if total == c.nombre else "KO" if communes == attendues else "A_VERIFIER"
        yield Constat(
            f"{indicateur} ({c.imprime}, {c.annees[1]}) = somme sur {communes} communes membres",
            c.imprime,
            ecrire(total),
            statut,
            [
                None if communes == attendues else f"{attendues - communes} communes sans valeur",
                "périmètre et géographie de référence de la release",
            ],
            [c],
            delta=total - c.nombre,
            territoire=c.territoire_id,
        )


def autre_lecture(ctx: Examen) -> Iterator[Constat]:
    """A figure far from its own formula and close to another one: the label is probably that other one's."""
    for j in ctx.jugements:
        c, cellule, lecture = j.chiffre, j.cellule, j.lecture
        if not (cellule and lecture and lecture.indicateur_id != c.indicator_id) or c.nombre is None:
            continue
        serie = " ; ".join(
            decrire_cellule(c, x) for x in ctx.entrepot.cellules(c.territoire_id, c.indicator_id)
        )
        assert cellule.valeur is not None
        yield Constat(
            f"{c.indicator_id} ({c.imprime}) = formule du dictionnaire",
            c.imprime,
            serie,
            "KO_LIBELLE",
            [
                "la valeur imprimée ne correspond pas à son libellé ; elle correspond à"
                f" {lecture.indicateur_id} : {decrire(c, lecture)}"
            ],
            [c],
            delta=cellule.valeur - c.nombre,
            territoire=c.territoire_id,
        )
