"""The communes that lack childcare, criterion by criterion, and what the schéma plans in each."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

from publication.lecture.chiffres import Cellule
from publication.lecture.lots import Ligne
from publication.lecture.membres import membres
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import accorder, enumerer
from publication.portraits.contenu.schema import dire_operation
from publication.portraits.modele import Carte, Contours, Tableau, Zone
from socle.affichage import nombre

TITRE = "Accueil du jeune enfant : besoins, accès et couverture, commune par commune"
CARTE = "carte-zones-sous-dotees"
NON_JUGE = "non jugé"
"""The verdict on a criterion that no figure decides."""
ACCES = "acces"
"""The criterion that makes zones: who is far from childcare is far with their neighbours."""
_NOMMEES = 3
"""Communes named of a group that has more."""
_NIVEAUX = ("epci", "ctg")
"""Where the communes are few enough to be named."""
_NOMMEES_DES = 2
"""Criteria met from which a commune is named; fewer, and it is counted."""


@dataclass(frozen=True)
class Commune:
    """A commune and its rows of `zones_sous_dotees`: one per criterion, in their order."""

    code: str
    libelle: str
    criteres: tuple[Ligne, ...]

    @property
    def remplis(self) -> int:
        """How many criteria it meets."""
        return sum(c["verdict"] == "oui" for c in self.criteres)

    @property
    def juges(self) -> int:
        """How many criteria its figures decide."""
        return sum(c["verdict"] != NON_JUGE for c in self.criteres)

    @property
    def indecise(self) -> bool:
        """Whether it meets none, and might meet those that no figure decides."""
        return not self.remplis and self.juges < len(self.criteres)


def lire_zones(ctx: Contexte) -> list[Commune]:
    """Return the communes, those that meet most criteria first; none where nothing is judged."""
    if ctx.territoire.niveau not in _NIVEAUX:
        return []
    lues = ctx.marts.des(
        f"select m.territoire_id, z.* exclude (territoire_id) from ({membres()}) as m"
        " inner join zones_sous_dotees as z on z.territoire_id = 'commune:' || m.code"
        " where m.territoire_id in (select unnest($territoires)) order by z.code, z.ordre",
        [ctx.territoire.territoire_id],
    )
    communes = [
        Commune(code, siennes[0]["libelle"], siennes)
        for code, groupe in groupby(lues, itemgetter("code"))
        if (siennes := tuple(groupe))
    ]
    return sorted(communes, key=lambda c: -c.remplis) if any(c.juges for c in communes) else []


def criteres_dits(commune: Commune) -> list[str]:
    """Return the wording of each criterion, threshold included."""
    return [c["critere_libelle"] for c in commune.criteres]


def bilan(communes: Sequence[Commune]) -> list[str]:
    """Count the communes by criteria met, the most first: "3 communes remplissent 2 critères sur 3".

    One that meets none of those its figures decide, and lacks figures for others, is counted apart.
    """
    sur = len(communes[0].criteres)
    compte = Counter(c.remplis for c in communes if not c.indecise)
    indecises = sum(c.indecise for c in communes)
    verbe = accorder("{commune n'est pas jugée|communes ne sont pas jugées}", indecises > 1)
    return [
        *(_compte(n, rang, sur) for rang, n in sorted(compte.items(), reverse=True)),
        *([f"{nombre(indecises, 0)} {verbe} sur tous"] if indecises else []),
    ]


def _compte(n: int, rang: int, sur: int) -> str:
    if not rang:
        verbe = accorder("{commune n'en remplit|communes n'en remplissent}", n > 1)
        return f"{nombre(n, 0)} {verbe} aucun"
    verbe = accorder("{commune remplit|communes remplissent}", n > 1)
    return f"{nombre(n, 0)} {verbe} {rang} {accorder('{critère|critères}', rang > 1)} sur {sur}"


def eloignees(communes: Sequence[Commune], traits: Contours | None) -> list[str]:
    """Say which communes far from childcare share borders, the largest group first.

    "Communes à l'accès difficile, d'un seul tenant : 18 (La Motte-Chalancon, … et 15 autres)":
    those of most inhabitants are named. Nothing where each stands apart, or without outlines.
    """
    if traits is None:
        return []
    loin = {
        c.code: c
        for c in communes
        if any(k["critere"] == ACCES and k["verdict"] == "oui" for k in c.criteres)
    }
    groupes = sorted(_d_un_tenant(loin, traits), key=len, reverse=True)
    dits = [
        f"{nombre(len(codes), 0)} ({_les_premieres([loin[code].libelle for code in codes])})"
        for codes in groupes
        if len(codes) > 1
    ]
    return [f"Communes à l'accès difficile, d'un seul tenant : {' ; '.join(dits)}"] if dits else []


def _d_un_tenant(codes: Container[str], traits: Contours) -> list[list[str]]:
    """Group communes that share a border, each group in the order of inhabitants."""
    tracees = [code for code in traits.principales if code in codes]
    bords = {code: {point for anneau in traits.communes[code] for point in anneau} for code in tracees}
    groupes: list[list[str]] = []
    for code in tracees:
        # A corner is one point that two outlines share; a border, two or more.
        voisins = [g for g in groupes if any(len(bords[code] & bords[autre]) > 1 for autre in g)]
        groupes = [*(g for g in groupes if g not in voisins), [*chain.from_iterable(voisins), code]]
    return [sorted(groupe, key=tracees.index) for groupe in groupes]


def _les_premieres(noms: Sequence[str]) -> str:
    if len(noms) <= _NOMMEES + 1:
        return enumerer(noms)
    return f"{', '.join(noms[:_NOMMEES])} et {nombre(len(noms) - _NOMMEES, 0)} autres"


def tableau(ctx: Contexte, communes: Sequence[Commune], traits: Contours | None) -> Tableau | None:
    """Return the communes that meet the most criteria, each with its figures; None where none meets any."""
    if not communes or not communes[0].remplis:
        return None
    des = min(_NOMMEES_DES, communes[0].remplis)
    projets = _projets(ctx)
    return Tableau.de(
        TITRE,
        (
            "Commune",
            *criteres_dits(communes[0]),
            "Remplis, sur ceux jugés",
            *(["Au schéma"] if ctx.autour.convention else []),
        ),
        (
            (
                commune.libelle,
                *map(_dire, commune.criteres),
                f"{commune.remplis} sur {commune.juges}",
                *([" ; ".join(projets.get(commune.code, ())) or "rien"] if ctx.autour.convention else []),
            )
            for commune in communes
            if commune.remplis >= des
        ),
        notes=(
            f"{enumerer(bilan(communes))}. Leur nombre n'est pas un score : avoir des enfants n'est pas"
            " manquer de places.",
            *(f"{dit}." for dit in eloignees(communes, traits)),
            *_non_juges(communes),
            "(EPCI) : le chiffre de l'EPCI, où la commune n'en a pas.",
            "Au recensement, un effectif de moins de 200 se lit comme un ordre de grandeur.",
        ),
        sources=_sources(ctx, communes),
    )


def carte(ctx: Contexte, communes: Sequence[Commune], traits: Contours | None) -> Carte | None:
    """Return the communes by criteria met; None without outlines, or where all meet as many."""
    communes = [c for c in communes if traits is not None and c.code in traits.communes]
    presents = sorted({c.remplis for c in communes})
    if len(presents) < 2:
        return None
    rangs = range(presents[-1] + 1)
    lieux = tuple(
        Zone(c.code, c.libelle, None if c.indecise else c.remplis, _nombre(c))
        for c in sorted(communes, key=lambda c: c.code)
    )
    noms = [_nom(c).lower() for c in communes[0].criteres]
    titre = f"Critères remplis par commune : {enumerer(noms)}"
    return Carte(
        identifiant=CARTE,
        titre=titre,
        unite="critères remplis",
        source=" ; ".join(_sources(ctx, communes)),
        alternative=f"{titre} : {enumerer(bilan(communes))}.",
        tableau=Tableau.de(titre, ("Commune", "Critères"), ((z.nom, z.valeur) for z in lieux), ("Critères",)),
        zones=lieux,
        classes=tuple(f"{n} {accorder('{critère|critères}', n > 1)}" if n else "aucun" for n in rangs),
    )


def _nombre(commune: Commune) -> Cellule:
    return Cellule(NON_JUGE) if commune.indecise else Cellule(str(commune.remplis), float(commune.remplis))


def dire_zone(commune: Commune) -> str:
    """Word a commune: "Montbrun : accès 100 % en 2024": the criteria that it meets."""
    dits = [f"{_nom(c).lower()} {_chiffre(c)}" for c in commune.criteres if c["verdict"] == "oui"]
    return f"{commune.libelle} : {', '.join(dits)}"


def _dire(critere: Ligne) -> str:
    verdict = critere["verdict"]
    return f"{verdict}, {critere['motif'] if verdict == NON_JUGE else _chiffre(critere)}"


def _chiffre(critere: Ligne) -> str:
    de_l_epci = " (EPCI)" if critere["niveau_lu"] == "epci" else ""
    return f"{critere['valeur_affichee']}{de_l_epci} en {critere['millesime']}"


def _non_juges(communes: Sequence[Commune]) -> list[str]:
    """Say how many communes a criterion does not judge, where it does not judge them all."""
    compte = Counter(_nom(c) for commune in communes for c in commune.criteres if c["verdict"] == NON_JUGE)
    dits = [
        f"{nom} : {nombre(n, 0)} {accorder('{commune non jugée|communes non jugées}', n > 1)}"
        for nom, n in compte.items()
    ]
    return [f"{' ; '.join(dits)}."] if dits else []


def _nom(critere: Ligne) -> str:
    """Return how a criterion is called: what stands before the colon of its wording."""
    nom: str = critere["critere_libelle"].partition(" : ")[0]
    return nom


def _sources(ctx: Contexte, communes: Sequence[Commune]) -> tuple[str, ...]:
    lues = dict.fromkeys(s for z in communes for c in z.criteres for s in (c["source_ids"] or "").split("+"))
    dites = (ctx.marts.sources[s] for s in lues if s in ctx.marts.sources)
    return tuple(f"{s['producteur']}, {s['titre']}" for s in dites)


def _projets(ctx: Contexte) -> dict[str, list[str]]:
    """Return what the schéma plans in each commune that it names."""
    projets: dict[str, list[str]] = {}
    for o in ctx.autour.plan("ctg_calendrier"):
        if o["code"] is not None and o["operation_statut"] not in (None, "abandonné"):
            projets.setdefault(o["code"], []).append(dire_operation({**o, "commune": None}))
    return projets
