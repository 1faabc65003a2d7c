"""What moved since the base year, both ways: each figure from its first readable year, and elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from publication.commun.chiffres import MOTS_TON, Cellule, Role, Ton
from publication.commun.marts import Indicateur, Marts
from publication.commun.marts import Ligne as LigneLue
from publication.portraits.contenu.comparateurs import VIDE, sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.evolutions import (
    bouge,
    evolution,
    evolution_dite,
    evolutions_reservees,
    proportion_lisible,
)
from publication.portraits.contenu.formulations import formulations
from publication.portraits.contenu.seuils import RELATIVE_LISIBLE
from publication.portraits.modele import Haltere, Halteres, Tableau
from socle.statuts import MONTRENT

_CONVENTIONS = "gouvernance"
"""The theme of figures that a plan states."""
_SANS_HISTOIRE = ("evolution", "difference", "attribut")
"""Methods of figures that are a movement already, or no number."""

_MEDIANE = "Médiane des pairs"
_LUE = (
    f"{_MEDIANE} : celle des évolutions que cette publication en lit, entre les mêmes années ; entre"
    " parenthèses, de combien."
)

PAR_SENS = 5
"""Movements of one direction that are drawn: the others are in the table, and in notes."""


@dataclass(frozen=True)
class Mouvement:
    """An evolution that is read: its ends, how it is told and judged, and the same one elsewhere."""

    indicateur: Indicateur
    paire: LigneLue
    debut: Cellule
    fin: Cellule
    evolution: Cellule
    departement: Cellule
    pairs: Cellule
    """The median evolution of its peers, then how many have one."""

    @property
    def ton(self) -> Ton:
        """How it is to be read."""
        return self.evolution.ton


def mouvements(ctx: Contexte) -> list[Mouvement]:
    """Return what moved, theme by theme; what did not, or cannot be read, is left out."""
    departements = tuple(t.territoire_id for t in ctx.comparateurs if t.role == "departement")
    ailleurs, medianes = _lisibles(ctx.marts, departements), _medianes_des_pairs(ctx)
    trouves = []
    for i in ctx.marts.indicateurs.values():
        if i.theme == _CONVENTIONS:
            continue
        e = ctx.evolution(i.indicateur_id)
        if e is None or i.methode in _SANS_HISTOIRE or not bouge(e, i):
            continue
        debut = ctx.releve.cellule(i.indicateur_id, e["territoire_id"], e["millesime_debut"])
        fin = ctx.releve.cellule(i.indicateur_id, e["territoire_id"], e["millesime_fin"])
        assert debut is not None and fin is not None
        paire = (i.indicateur_id, e["millesime_debut"], e["millesime_fin"])
        autre, mediane = ailleurs.get(paire), medianes.get(paire)
        dite = Cellule(evolution_dite(autre, i)) if autre is not None else VIDE
        des_pairs = Cellule(f"{evolution_dite(mediane, i)} ({mediane['combien']})") if mediane else VIDE
        trouves.append(Mouvement(i, e, debut, fin, evolution(ctx, i)[0], dite, des_pairs))
    return trouves


_Bouts = tuple[tuple[Role, str, Cellule | None, Cellule | None], ...]


def _bouts(ctx: Contexte, m: Mouvement) -> _Bouts:
    """Both figures of the département, in the years of a movement."""

    def en(territoire_id: str, annee: int) -> Cellule | None:
        return ctx.releve.cellule(m.indicateur.indicateur_id, territoire_id, annee)

    return tuple(
        (
            t.role,
            t.libelle,
            en(t.territoire_id, m.paire["millesime_debut"]),
            en(t.territoire_id, m.paire["millesime_fin"]),
        )
        for t in ctx.comparateurs
        if t.role == "departement"
    )


# Of the département of every EPCI that is printed after another.
@lru_cache(maxsize=4)
def _lisibles(marts: Marts, territoires: tuple[str, ...]) -> dict[tuple[str, int, int], LigneLue]:
    """The evolutions of these territories that are points, by indicateur and years."""
    lues = marts.lignes(
        "select indicateur_id, millesime_debut, millesime_fin, evolution, evolution_relative,"
        f" lecture_motif_code, {RELATIVE_LISIBLE} from mart_evolutions"
        " where territoire_id in (select unnest($ids)) and statut in (select unnest($s))"
        " and lisibilite = 'point'",
        {"ids": list(territoires), "s": list(MONTRENT)},
    )
    return {(e["indicateur_id"], e["millesime_debut"], e["millesime_fin"]): e for e in lues}


def _medianes_des_pairs(ctx: Contexte) -> dict[tuple[str, int, int], LigneLue]:
    """The median evolution of the peers of a convention's territory, where most of them have a point.

    Of such a territory alone: reading them for every territory of a country would cost minutes.
    """
    if ctx.convention is None:
        return {}
    lues = ctx.marts.lignes(
        "with pairs as (select p.territoire_id from pairs_territoires as p inner join pairs_territoires as s"
        " on p.groupe_id = s.groupe_id and s.est_le_sien"
        " where s.territoire_id = $id and p.territoire_id <> $id)"
        " select indicateur_id, millesime_debut, millesime_fin, median(evolution) as evolution,"
        " median(evolution_relative) as evolution_relative, null as lecture_motif_code,"
        " true as relative_lisible, count(*) as combien"
        " from mart_evolutions where territoire_id in (from pairs) and statut in (select unnest($s))"
        " and lisibilite = 'point' group by all"
        " having count(*) > 1 and 2 * count(*) > (select count(*) from pairs)",
        {"id": ctx.jumeau, "s": list(MONTRENT)},
    )
    return {(e["indicateur_id"], e["millesime_debut"], e["millesime_fin"]): e for e in lues}


def tableau(ctx: Contexte, lus: Sequence[Mouvement], titre: str = "Ce qui a bougé") -> Tableau | None:
    """Return the movements as a table: what improved, what worsened, then what is neither."""
    if not lus:
        return None
    departement = next((t.libelle for t in ctx.comparateurs if t.role == "departement"), "")
    ailleurs: dict[str, Callable[[Mouvement], Cellule]] = {
        departement: lambda m: m.departement,
        _MEDIANE: lambda m: m.pairs,
    }
    dits = {nom: de for nom, de in ailleurs.items() if any(de(m).texte for m in lus)}
    lignes: list[tuple[Cellule | str, ...]] = [
        (
            *(m.indicateur.libelle, str(m.paire["millesime_debut"]), m.debut),
            *(str(m.paire["millesime_fin"]), m.fin, m.evolution),
            *(de(m) for de in dits.values()),
            MOTS_TON[m.ton],
        )
        for ton in _SENS
        for m in lus
        if m.ton == ton
    ]
    titres = ("Indicateur", "De", "Valeur", "À", "Valeur", "Évolution")
    return Tableau.de(
        titre,
        (*titres, *dits, "Lecture"),
        lignes,
        ("Valeur", "Évolution", *dits),
        notes=(
            _depart(ctx),
            *([_ORDRE] if len({m.ton for m in lus}) > 1 else []),
            *([_LUE] if _MEDIANE in dits else []),
            *evolutions_reservees(ctx, [m.indicateur for m in lus]),
        ),
        sources=sources(ctx, (m.fin for m in lus)),
    )


def _depart(ctx: Contexte) -> str:
    """Say which year each movement starts from."""
    comparables = "même source, même champ, même périmètre"
    if ctx.depuis is None:
        return f"Chaque évolution part de la première année qui se compare à la dernière : {comparables}."
    return (
        f"Chaque évolution part de {ctx.depuis} ou, à défaut, de l'année la plus proche qui se compare à la"
        f" dernière : {comparables}."
    )


_ORDRE = (
    "Les favorables viennent d'abord, puis les défavorables, puis celles qui n'ont pas de sens favorable."
)
_SENS: tuple[Ton, ...] = ("favorable", "defavorable", "neutre")
_TITRES: dict[Ton, str] = {"favorable": "Ce qui s'améliore", "defavorable": "Ce qui se dégrade"}


def dire(m: Mouvement) -> str:
    """Word a movement: « Population municipale : 21 177 (2016), 20 753 (2022), −2,0 % depuis 2016 »."""
    de, a = m.paire["millesime_debut"], m.paire["millesime_fin"]
    return f"{m.indicateur.libelle} : {m.debut.texte} ({de}), {m.fin.texte} ({a}), {m.evolution.texte}"


def du_sens(lus: Sequence[Mouvement], ton: Ton) -> list[Mouvement]:
    """Return the movements of one direction: those that readers expect first, then the largest."""
    mots = formulations()

    def attendu(m: Mouvement) -> tuple[int, float]:
        formule = mots.get(m.indicateur.indicateur_id)
        return -(formule.priorite if formule else 0), -abs(m.paire["evolution_relative"] or 0)

    return sorted((m for m in lus if m.ton == ton), key=attendu)


def _se_dessine(m: Mouvement) -> bool:
    """Whether a movement has a dumbbell, beside which another stands: a share moves by points."""
    return m.fin.suffixe.strip() == "%" or proportion_lisible(m.paire)


def halteres(ctx: Contexte, lus: Sequence[Mouvement], ton: Ton) -> Halteres | None:
    """Draw the first movements of one direction."""
    tous = du_sens(lus, ton)
    retenus = tous[:PAR_SENS]
    if not retenus:
        return None
    lignes = tuple(
        Haltere(
            libelle=m.indicateur.libelle,
            annee_debut=m.paire["millesime_debut"],
            debut=m.debut,
            annee_fin=m.paire["millesime_fin"],
            fin=m.fin,
            ton=m.ton,
            reperes=_bouts(ctx, m) if m.departement.texte and _se_dessine(m) else (),
            en_proportion=proportion_lisible(m.paire),
        )
        for m in retenus
    )
    jumeau = tableau(ctx, retenus)
    assert jumeau is not None
    dits = " ; ".join(
        f"{h.libelle} : {h.debut.texte} en {h.annee_debut}, {h.fin.texte} en {h.annee_fin}" for h in lignes
    )
    return Halteres(
        identifiant=f"mouvements-{'favorables' if ton == 'favorable' else 'defavorables'}",
        titre=_TITRES[ton],
        unite="",
        source=" ; ".join(jumeau.sources),
        alternative=f"{_TITRES[ton]}. {dits}.",
        tableau=jumeau,
        lignes=lignes,
        sens=_TITRES[ton],
        combien=len(tous),
    ).premieres(len(lignes))
