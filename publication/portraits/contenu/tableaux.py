"""The tables of a portrait. Each function returns None where there is nothing to list."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from publication.lecture.chiffres import Cellule
from publication.lecture.lots import Ligne as LigneLue
from publication.lecture.marts import Indicateur, Territoire
from publication.portraits.contenu.carte import annee_qui_distingue
from publication.portraits.contenu.comparateurs import (
    VIDE,
    annees_montrees,
    comparateur,
    manque,
    mediane_dite,
    mediane_et_rang,
    nom_colonne,
    peu_de_pairs,
    reserves,
    sources,
)
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.evolutions import evolution, evolutions_reservees
from publication.portraits.contenu.langue import majuscule
from publication.portraits.contenu.plan import indicateurs_des_cartes
from publication.portraits.modele import Colonne, Liste, Point, Tableau
from socle.affichage import MARQUES
from socle.statuts import MONTRENT, SANS_DONNEE

_STRUCTURES = "STR"
"""The universe of what is at one place."""
_DUREE = "annees"
_COLONNES = 6


def unite_tue(i: Indicateur) -> str | None:
    """Return the unit of a rate or a duration that neither its figure nor its label says."""
    unite = i.unite.libelle_pluriel
    parlee = i.suffixe or unite.split(" ")[0] in i.libelle.lower().split(" ")
    return unite if unite and not parlee and (i.comparable or i.unite.unite == _DUREE) else None


def unites_tues(indicateurs: Iterable[Indicateur]) -> list[str]:
    """Say the unit of rates and durations that neither their figure nor their label says: 64,3, or 4."""
    tues: dict[str, list[str]] = {}
    for i in indicateurs:
        if (unite := unite_tue(i)) is not None:
            tues.setdefault(unite, []).append(i.libelle)
    return [f"En {unite} : {', '.join(libelles)}." for unite, libelles in tues.items()]


@dataclass
class _Notes:
    """What is said under a table of figures: labels by reason."""

    reserves: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refusees: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    manquants: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    medianes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    euros: list[str] = field(default_factory=list)
    montres: list[Indicateur] = field(default_factory=list)
    comparables: int = 0

    def dire(self, ctx: Contexte, indicateurs: Sequence[Indicateur]) -> list[str]:
        """Word them, in the order of reading."""
        return [
            *(
                f"À lire avec réserve ({motif}) :"
                f" {', '.join(libelles) if len(libelles) < self.comparables else 'toute la colonne'}."
                for motif, libelles in self.reserves.items()
            ),
            *evolutions_reservees(ctx, indicateurs),
            *([f"Évolution en euros courants : {', '.join(self.euros)}."] if self.euros else []),
            *(f"{majuscule(dite)} : {', '.join(libelles)}." for dite, libelles in self.medianes.items()),
            *unites_tues(self.montres),
            *(
                f"Évolution non lisible ({m}) : {_abreger(libelles)}."
                for m, libelles in self.refusees.items()
            ),
            *(f"Sans chiffre ({m}) : {_abreger(libelles)}." for m, libelles in self.manquants.items()),
        ]


def tableau_des_chiffres(ctx: Contexte, titre: str, indicateurs: Sequence[Indicateur]) -> Tableau | None:
    """The latest figure of each indicateur, its evolution, and its comparators of the same year.

    What has no figure is named once, under the table, with the reason.
    """
    lignes: list[list[Cellule]] = []
    notes = _Notes()
    for i in indicateurs:
        if (motif := manque(ctx, i)) is None:
            lignes.append(_ligne(ctx, i, notes))
        elif (ailleurs := _a_un_autre_niveau(ctx, i)) is not None:
            lignes.append(ailleurs)
        else:
            notes.manquants[motif].append(i.libelle)
    if not lignes:
        return None
    colonnes = [
        Colonne("Indicateur"),
        Colonne(ctx.autour.nom_court, chiffres=True),
        Colonne("Année", chiffres=True),
        Colonne("Évolution", chiffres=True),
        *(Colonne(nom_colonne(t), chiffres=True) for t in ctx.autour.comparateurs),
        Colonne("Médiane des pairs", chiffres=True),
        Colonne("Rang", chiffres=True),
    ]
    # A column of nd says one thing: that it has nothing.
    gardees = [
        n
        for n in range(len(colonnes))
        if n < 3 or any(c.texte and c.statut not in SANS_DONNEE for c in _colonne(lignes, n))
    ]
    dites = notes.dire(ctx, indicateurs)
    if muettes := [
        t.libelle
        for n, t in enumerate(ctx.autour.comparateurs, start=4)
        if n not in gardees and any(c.texte for c in _colonne(lignes, n))
    ]:
        dites.append(f"Sans chiffre de comparaison : {', '.join(muettes)}.")
    return Tableau(
        titre=titre,
        colonnes=tuple(colonnes[n] for n in gardees),
        lignes=tuple(tuple(ligne[n] for n in gardees) for ligne in lignes),
        notes=tuple(dites),
        sources=sources(ctx, (ligne[1] for ligne in lignes)),
    )


def _ligne(ctx: Contexte, i: Indicateur, notes: _Notes) -> list[Cellule]:
    """The row of a figure, shown or not; `notes` gets what is to be said of it."""
    ligne = ctx.derniers[i.indicateur_id]
    annee = ligne["millesime"]
    propre = ctx.releve.cellule(i.indicateur_id, ctx.porteur(i.indicateur_id), annee)
    assert propre is not None
    notes.montres.append(i)
    evolution_, refus = evolution(ctx, i)
    if refus:
        notes.refusees[refus].append(i.libelle)
    for reserve in reserves(ctx, i, ligne):
        notes.reserves[reserve].append(i.libelle)
    if i.unite.monnaie and evolution_.texte and not refus:
        notes.euros.append(i.libelle)
    mediane, rang = mediane_et_rang(ctx, i, annee)
    if mediane.texte and peu_de_pairs(ctx.rangs[i.indicateur_id]):
        notes.medianes[mediane_dite(ctx.rangs[i.indicateur_id])].append(i.libelle)
    notes.comparables += i.comparable and any(
        ctx.releve.ligne(t.territoire_id, i.indicateur_id, annee) is not None for t in ctx.autour.comparateurs
    )
    return [
        Cellule(i.libelle),
        propre,
        Cellule(_annee(i, ligne)),
        evolution_,
        *(comparateur(ctx, i, t, ligne) for t in ctx.autour.comparateurs),
        mediane,
        rang,
    ]


_NOMMES = 5
_LIEUX_AU_PLUS = 20


def _abreger(libelles: Sequence[str]) -> str:
    """Name the first ones; annexes name them all."""
    reste = len(libelles) - _NOMMES
    if reste < 2:
        return ", ".join(libelles)
    return f"{', '.join(libelles[:_NOMMES])} et {reste} autres (annexe « Sources »)"


def _colonne(lignes: Sequence[Sequence[Cellule]], n: int) -> list[Cellule]:
    return [ligne[n] for ligne in lignes]


def _annee(i: Indicateur, ligne: LigneLue) -> str:
    """The year of the latest figure shown; with it that of a later one that shows none: "2022 (2024 : s)"."""
    periode = i.periode(ligne["millesime"])
    if ligne["millesime_plus_recent"] is None:
        return periode
    return f"{periode} ({i.periode(ligne['millesime_plus_recent'])} : {MARQUES[ligne['statut_plus_recent']]})"


def _a_un_autre_niveau(ctx: Contexte, i: Indicateur) -> list[Cellule] | None:
    """The row of what is not published at this level and is at a wider one; None when it is at neither."""
    if ctx.autour.niveau_publie in i.niveaux.split("+"):
        return None
    annees = annees_montrees(ctx, [(i, t.territoire_id) for t in ctx.autour.comparateurs])
    if not annees:
        return None
    larges = [
        ctx.releve.cellule(i.indicateur_id, t.territoire_id, annees[-1]) or VIDE
        for t in ctx.autour.comparateurs
    ]
    dits = (Cellule(texte) for texte in (i.libelle, "non publié à ce niveau", str(annees[-1])))
    return [*dits, VIDE, *larges, VIDE, VIDE]


def tableau_annuel(
    titre: str, annees: Sequence[int], lignes: Sequence[tuple[str, Sequence[Cellule | None]]]
) -> Tableau:
    """Years in columns."""
    dites = [str(a) for a in annees]
    return Tableau.de(titre, ("", *dites), ((nom, *valeurs) for nom, valeurs in lignes), dites)


def historique(ctx: Contexte, titre: str, indicateurs: Sequence[Indicateur]) -> Tableau | None:
    """Each figure of the territory, and of its département where they compare, from the base year on.

    What never moved is left out: its evolution says so.
    """
    debut = ctx.depuis or 0
    voulus = [
        (t, i)
        for i in indicateurs
        for t in (ctx.territoire, *(c for c in ctx.autour.comparateurs if c.role == "departement"))
        if t is ctx.territoire or i.comparable
    ]
    annees = [
        a for a in annees_montrees(ctx, [(i, ctx.de(t, i.indicateur_id)) for t, i in voulus]) if a >= debut
    ]
    annees = annees[-9:]
    lignes = []
    gardes = set()
    for t, i in voulus:
        valeurs = [ctx.releve.cellule(i.indicateur_id, ctx.de(t, i.indicateur_id), a) for a in annees]
        montrees = [v.texte for v in valeurs if v is not None and v.statut in MONTRENT]
        if t is ctx.territoire and len(set(montrees)) >= 2:
            gardes.add(i.indicateur_id)
            lignes.append((i.libelle, valeurs))
        elif i.indicateur_id in gardes and montrees:
            lignes.append((f"{i.libelle}, {t.libelle}", valeurs))
    utiles = [n for n in range(len(annees)) if any(valeurs[n] is not None for _, valeurs in lignes)]
    if not lignes:
        return None
    return tableau_annuel(
        titre, [annees[n] for n in utiles], [(nom, [valeurs[n] for n in utiles]) for nom, valeurs in lignes]
    )


def tableau_des_territoires(
    ctx: Contexte,
    titre: str,
    territoires: Sequence[Territoire],
    indicateurs: Sequence[Indicateur],
    au_plus: int = _COLONNES,
) -> Tableau | None:
    """Communes (EPCI, départements) and some figures that tell them apart: those on maps, then the first."""
    retenus: list[tuple[Indicateur, int]] = []
    sur_carte = set(indicateurs_des_cartes())
    for i in sorted(indicateurs, key=lambda i: i.indicateur_id not in sur_carte):
        if len(retenus) == au_plus:
            break
        if (annee := annee_qui_distingue(ctx, i, territoires)) is not None:
            retenus.append((i, annee))
    if not retenus:
        return None
    chiffres = [f"{i.libelle}, {i.periode(a)}" for i, a in retenus]
    lignes = [
        [ctx.releve.cellule(i.indicateur_id, e.territoire_id, a) or VIDE for i, a in retenus]
        for e in territoires
    ]
    return Tableau.de(
        titre,
        ("Territoire", *chiffres),
        ((e.libelle, *cellules) for e, cellules in zip(territoires, lignes, strict=True)),
        chiffres,
        sources=sources(ctx, (c for ligne in lignes for c in ligne)),
    )


def implantations(ctx: Contexte, indicateurs: Sequence[Indicateur]) -> Liste | None:
    """Where the structures are: for each kind, the communes that have some and how many."""
    points = []
    for i in indicateurs:
        dernier = ctx.dernier(i.indicateur_id)
        if i.univers != _STRUCTURES or dernier is None or not ctx.autour.communes:
            continue
        annee = dernier["millesime"]
        lieux = []
        for commune in ctx.autour.communes:
            cellule = ctx.releve.cellule(i.indicateur_id, commune.territoire_id, annee)
            if cellule is not None and cellule.nombre:
                plusieurs = f" ({cellule.texte})" if cellule.nombre != 1 else ""
                lieux.append(commune.libelle + plusieurs)
        if lieux:
            # A département has them in a hundred communes: annexes and the map say which.
            dits = ", ".join(lieux) if len(lieux) <= _LIEUX_AU_PLUS else f"dans {len(lieux)} communes"
            points.append(Point(f"{i.libelle}, {annee} : {dits}"))
    return Liste("Où sont les structures", tuple(points)) if points else None
