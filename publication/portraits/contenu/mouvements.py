"""What moved since the base year, both ways: each figure from its first readable year, and elsewhere."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from publication.lecture.chiffres import MOTS_TON, Cellule, Role, Ton
from publication.lecture.evolutions import bouge
from publication.lecture.lots import Ligne as LigneLue
from publication.lecture.marts import Indicateur
from publication.portraits.contenu.comparateurs import sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.evolutions import evolution, evolutions_reservees
from publication.portraits.contenu.formulations import formulations
from publication.portraits.modele import Haltere, Halteres, Tableau

_CONVENTIONS = "gouvernance"
"""The theme of figures that a plan states."""
_MEDIANE = "Médiane des pairs"
_LUE = (
    f"{_MEDIANE} : celle des évolutions que cette publication en lit, entre les mêmes années ; entre"
    " parenthèses, de combien."
)

DESSINES = 6
"""Movements that a chart draws: the others are in the table, and in notes."""


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

    @property
    def etabli(self) -> bool:
        """Whether it is a rise or a fall, and no mere difference between two years."""
        return self.paire["mouvement"] in ("hausse", "baisse")

    @property
    def lecture(self) -> str:
        """How it reads, in words: « baisse établie, favorable », « stable depuis 2022 »."""
        if self.etabli:
            return ", ".join(filter(None, (f"{self.paire['mouvement']} établie", MOTS_TON[self.ton])))
        stable = self.paire["stable_depuis"]
        return f"stable depuis {stable}" if stable is not None else ""


def mouvements(ctx: Contexte) -> list[Mouvement]:
    """Return what moved, theme by theme; what did not, or cannot be read, is left out."""
    trouves = []
    for i in ctx.marts.indicateurs.values():
        e = ctx.evolution(i.indicateur_id)
        if e is None or i.theme == _CONVENTIONS or not bouge(e):
            continue
        debut = ctx.releve.cellule(i.indicateur_id, e["territoire_id"], e["millesime_debut"])
        fin = ctx.releve.cellule(i.indicateur_id, e["territoire_id"], e["millesime_fin"])
        assert debut is not None and fin is not None
        mediane = e["evolution_pairs_affichee"]
        dits = e["evolution_departement_affichee"] or "", f"{mediane} ({e['nb_pairs']})" if mediane else ""
        trouves.append(Mouvement(i, e, debut, fin, evolution(ctx, i)[0], *map(Cellule, dits)))
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
        for t in ctx.autour.comparateurs
        if t.role == "departement"
    )


def tableau(ctx: Contexte, lus: Sequence[Mouvement], titre: str = "Ce qui a bougé") -> Tableau | None:
    """Return the movements as a table: what improved, what worsened, then what is neither."""
    if not lus:
        return None
    departement = next((t.libelle for t in ctx.autour.comparateurs if t.role == "departement"), "")
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
            m.lecture,
        )
        for m in sorted(lus, key=lambda m: not m.etabli)
    ]
    titres = ("Indicateur", "De", "Valeur", "À", "Valeur", "Évolution")
    return Tableau.de(
        titre,
        (*titres, *dits, "Lecture"),
        lignes,
        ("Valeur", "Évolution", *dits),
        notes=(
            _depart(ctx),
            _ORDRE,
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
    "Les hausses et les baisses établies viennent d'abord : sur cinq années comparables au moins. Ailleurs,"
    " deux années ne font pas une tendance."
)


def dire(m: Mouvement) -> str:
    """Word a movement: « Population municipale : 21 177 (2016), 20 753 (2022), −2,0 % depuis 2016 »."""
    de, a = m.paire["millesime_debut"], m.paire["millesime_fin"]
    return f"{m.indicateur.libelle} : {m.debut.texte} ({de}), {m.fin.texte} ({a}), {m.evolution.texte}"


def premiers(lus: Iterable[Mouvement]) -> list[Mouvement]:
    """Order movements: the established ones, those that readers expect, then the largest."""
    mots = formulations()

    def attendu(m: Mouvement) -> tuple[bool, int, float]:
        formule = mots.get(m.indicateur.indicateur_id)
        return not m.etabli, -(formule.priorite if formule else 0), -abs(m.paire["evolution_relative"] or 0)

    return sorted(lus, key=attendu)


def _est_part(m: Mouvement) -> bool:
    return m.fin.suffixe.strip() == "%"


def _se_dessine(m: Mouvement) -> bool:
    """Whether a movement has a dumbbell, beside which another stands: a share moves by points."""
    return _est_part(m) or m.paire["en_pourcentage"]


def halteres(ctx: Contexte, lus: Sequence[Mouvement], parts: bool) -> Halteres | None:
    """Draw the first movements of shares, or those of the others."""
    tous = premiers(m for m in lus if _est_part(m) is parts)
    retenus, titre = tous[:DESSINES], "Des parts" if parts else "Des nombres"
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
            en_proportion=m.paire["en_pourcentage"],
        )
        for m in retenus
    )
    jumeau = tableau(ctx, retenus)
    assert jumeau is not None
    dits = " ; ".join(
        f"{h.libelle} : {h.debut.texte} en {h.annee_debut}, {h.fin.texte} en {h.annee_fin}" for h in lignes
    )
    return Halteres(
        identifiant=f"mouvements-{'parts' if parts else 'nombres'}",
        titre=titre,
        unite="",
        source=" ; ".join(jumeau.sources),
        alternative=f"{titre}. {dits}.",
        tableau=jumeau,
        lignes=lignes,
        sens=titre,
        combien=len(tous),
    ).premieres(len(lignes))
