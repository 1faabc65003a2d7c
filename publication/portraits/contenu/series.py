"""The lines of a portrait over the years, and where they break."""

from collections.abc import Sequence

from publication.lecture.chiffres import Role, tendance_dite
from publication.lecture.evolutions import MOUVEMENTS
from publication.lecture.marts import Indicateur
from publication.portraits.contenu.comparateurs import annees_montrees, sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import accorder, enumerer
from publication.portraits.contenu.tableaux import tableau_annuel
from publication.portraits.modele import Ligne, Rupture, Serie

_ANNEES_AU_MOINS = 3
# Two censuses too close to be compared are one series all the same.
_NE_ROMPT_PAS = "recensements_trop_proches"


def serie(ctx: Contexte, indicateurs: Sequence[Indicateur], titre: str | None = None) -> Serie | None:
    """One rate over the years beside its comparators, or several figures; None under three years."""
    premier = indicateurs[0]
    lignes: list[tuple[str, Role, Indicateur, str]]
    if len(indicateurs) == 1:
        lignes = [(ctx.autour.nom_court, "territoire", premier, ctx.porteur(premier.indicateur_id))]
        if premier.comparable:
            lignes += [(t.libelle, t.role, premier, t.territoire_id) for t in ctx.autour.comparateurs]
    else:
        lignes = [(i.libelle, "autre", i, ctx.porteur(i.indicateur_id)) for i in indicateurs]
    annees = annees_montrees(ctx, [(i, territoire) for _, _, i, territoire in lignes[: len(indicateurs)]])
    if len(annees) < _ANNEES_AU_MOINS:
        return None
    traits = [
        Ligne(nom, role, tuple(ctx.releve.cellule(i.indicateur_id, territoire, a) for a in annees))
        for nom, role, i, territoire in lignes
    ]
    traits = [t for t in traits if sum(v is not None and v.nombre is not None for v in t.valeurs) >= 2]
    if not traits:
        return None
    ruptures, dites = ruptures_des_annees(ctx, indicateurs, annees)
    nom = titre or _titre_serie(ctx, traits[0], premier, annees, ruptures)
    return Serie(
        identifiant=f"serie-{premier.indicateur_id}".replace("_", "-"),
        titre=nom,
        unite=f"{premier.unite.libelle_pluriel}, {annees[0]}-{annees[-1]}",
        source=" ; ".join(sources(ctx, (v for v in traits[0].valeurs if v is not None))),
        alternative=f"{titre or premier.libelle}. "
        + " ; ".join(_dire_ligne(t, annees) for t in traits)
        + "."
        + dire_ruptures(ruptures),
        tableau=tableau_annuel(nom, annees, [(t.libelle, t.valeurs) for t in traits]),
        notes=(*dire_tendances(ctx, indicateurs), *dites),
        annees=annees,
        lignes=tuple(traits),
        ruptures=ruptures,
    )


def dire_tendances(ctx: Contexte, indicateurs: Sequence[Indicateur]) -> list[str]:
    """Say where the lines of the territory go, as `mart_tendances` does; the pages of others say why not.

    « Tendance : en baisse depuis 2020, sur 5 années (favorable). »
    """
    dites: dict[str, list[str]] = {}
    for i in indicateurs:
        t = ctx.tendances.get(i.indicateur_id)
        if t is not None and t["tendance_dite"] is not None:
            dites.setdefault(tendance_dite(t), []).append(i.libelle)
    if len(indicateurs) == 1:
        return [f"Tendance : {dite}." for dite in dites]
    return [f"Tendance ({' ; '.join(libelles)}) : {dite}." for dite, libelles in dites.items()]


def _titre_serie(
    ctx: Contexte, trait: Ligne, i: Indicateur, annees: Sequence[int], ruptures: Sequence[Rupture]
) -> str:
    """Name the last figure of a line, with the one it may be compared to where there is one.

    The pair is that of tables (`Contexte.evolution`); it goes across no break and no new series.
    """
    par_annee = {
        a: v for a, v in zip(annees, trait.valeurs, strict=True) if v is not None and v.nombre is not None
    }
    fin = max(par_annee)
    derniere = f"{par_annee[fin].texte} en {fin}"
    e = ctx.evolution(i.indicateur_id)
    if e is None or e["mouvement"] not in MOUVEMENTS:
        return f"{i.libelle} : {derniere}"
    debut = e["millesime_debut"]
    coupee = any(debut < r.annee <= fin for r in ruptures)
    if e["millesime_fin"] != fin or debut not in par_annee or coupee:
        return f"{i.libelle} : {derniere}"
    return f"{i.libelle} : {par_annee[debut].texte} en {debut}, {derniere}"


def _dire_ligne(trait: Ligne, annees: Sequence[int]) -> str:
    bouts = [
        (a, v) for a, v in zip(annees, trait.valeurs, strict=True) if v is not None and v.nombre is not None
    ]
    (debut, premiere), (fin, derniere) = bouts[0], bouts[-1]
    return f"{trait.libelle}, {premiere.texte} en {debut}, {derniere.texte} en {fin}"


def dire_ruptures(ruptures: Sequence[Rupture]) -> str:
    """Say what the eye sees of a chart: where its lines are cut."""
    annees = [str(a) for a in sorted({r.annee for r in ruptures})]
    if not annees:
        return ""
    noms = accorder("{une rupture|des ruptures}", len(annees) > 1)
    return f" Courbes coupées par {noms} en {enumerer(annees)}."


def ruptures_connues(
    ctx: Contexte, indicateurs: Sequence[Indicateur]
) -> dict[tuple[int, str], list[Indicateur]]:
    """Where the marts refuse to go from one year to the next, and of which figures.

    A break is of the first year after it: a perimeter unknown in 2017, and known in 2018, is one of 2018.
    """
    trouvees: dict[tuple[int, str], list[Indicateur]] = {}
    for i in indicateurs:
        for e in ctx.refusees.get(i.indicateur_id, []):
            if e["motif_code"] != _NE_ROMPT_PAS:
                trouvees.setdefault((e["millesime_fin"], e["motif"]), []).append(i)
    return dict(sorted(trouvees.items(), key=lambda trouvee: trouvee[0]))


def ruptures_des_annees(
    ctx: Contexte, indicateurs: Sequence[Indicateur], annees: Sequence[int]
) -> tuple[tuple[Rupture, ...], tuple[str, ...]]:
    """Those that a chart of these years shows; what is noted under it of them, and of a reserve across it."""
    ruptures = tuple(
        Rupture(annee, motif)
        for annee, motif in ruptures_connues(ctx, indicateurs)
        if annees[0] < annee <= annees[-1]
    )
    reserves = sorted({r for i in indicateurs for r in ctx.reserves_du_temps.get(i.indicateur_id, ())})
    return ruptures, (
        *(f"Rupture en {r.annee} : {r.libelle}." for r in ruptures),
        *(
            f"{pourquoi} ; les chiffres d'avant se comparent avec réserve."
            for annee, pourquoi in reserves
            if annees[0] < annee <= annees[-1]
        ),
    )
