"""The communes that lack childcare, criterion by criterion, and what the schéma plans in each."""

from collections import Counter
from collections.abc import Sequence

from publication.commun.chiffres import Cellule
from publication.commun.marts import Ligne
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import accorder, enumerer
from publication.portraits.contenu.schema import dire_operation
from publication.portraits.modele import Carte, Contours, Tableau, Zone
from socle.affichage import nombre

TITRE = "Les communes où l'accueil du jeune enfant manque, critère par critère"
NON_JUGE = "non jugé"
"""The verdict on a criterion that no figure decides."""
_VERDICT = "_verdict"
_NIVEAUX = ("epci", "ctg")
"""Where the communes are few enough to be named."""
_NOMMEES_DES = 2
"""Criteria met from which a commune is named; fewer, and it is counted."""


def lire_zones(ctx: Contexte) -> list[Ligne]:
    """Return the communes of the territory with the verdict of each criterion, those that meet most first."""
    if ctx.territoire.niveau not in _NIVEAUX:
        return []
    return [
        *ctx.marts.lignes(
            "from zones_sous_dotees where territoire_id in (select unnest(?)) and criteres_juges > 0"
            " order by criteres_remplis desc, code",
            [[c.territoire_id for c in ctx.communes]],
        )
    ]


def criteres(zone: Ligne) -> list[str]:
    """Return the criteria of a row, in their order: each names its columns."""
    return [nom.removesuffix(_VERDICT) for nom in zone if nom.endswith(_VERDICT)]


def criteres_dits(zone: Ligne) -> list[str]:
    """Return the wording of each criterion, threshold included."""
    return [zone[f"{nom}_critere"] for nom in criteres(zone)]


def bilan(zones: Sequence[Ligne]) -> list[str]:
    """Count the communes by criteria met, the most first: "3 communes remplissent 2 critères sur 3"."""
    compte = Counter(z["criteres_remplis"] for z in zones)
    return [_compte(n, rang, len(criteres(zones[0]))) for rang, n in sorted(compte.items(), reverse=True)]


def _compte(n: int, rang: int, sur: int) -> str:
    if not rang:
        verbe = accorder("{commune n'en remplit|communes n'en remplissent}", n > 1)
        return f"{nombre(n, 0)} {verbe} aucun"
    verbe = accorder("{commune remplit|communes remplissent}", n > 1)
    return f"{nombre(n, 0)} {verbe} {rang} {accorder('{critère|critères}', rang > 1)} sur {sur}"


def tableau(ctx: Contexte) -> Tableau | None:
    """Return the communes that meet the most criteria, each with its figures; None where none meets any."""
    zones = lire_zones(ctx)
    if not zones or not zones[0]["criteres_remplis"]:
        return None
    des = min(_NOMMEES_DES, zones[0]["criteres_remplis"])
    noms = criteres(zones[0])
    projets = _projets(ctx)
    return Tableau.de(
        TITRE,
        ("Commune", *criteres_dits(zones[0]), "Critères remplis", *(["Au schéma"] if ctx.convention else [])),
        (
            (
                z["libelle"],
                *(_dire(z, nom) for nom in noms),
                f"{z['criteres_remplis']} sur {z['criteres_juges']}",
                *([" ; ".join(projets.get(z["code"], ())) or "rien"] if ctx.convention else []),
            )
            for z in zones
            if z["criteres_remplis"] >= des
        ),
        notes=(
            f"{enumerer(bilan(zones))}. Chaque critère se lit seul : rien ne les résume.",
            *_non_juges(zones, noms),
            "(EPCI) : le chiffre de l'EPCI, où la commune n'en a pas.",
            "Au recensement, un effectif de moins de 200 se lit comme un ordre de grandeur.",
        ),
        sources=_sources(ctx, zones),
    )


def carte(ctx: Contexte, traits: Contours | None) -> Carte | None:
    """Return the communes by criteria met; None without outlines, or where all meet as many."""
    zones = [z for z in lire_zones(ctx) if traits is not None and z["code"] in traits.communes]
    presents = sorted({z["criteres_remplis"] for z in zones})
    if len(presents) < 2:
        return None
    sur = len(criteres(zones[0]))
    rangs = range(presents[-1] + 1)
    dites = sorted(zones, key=lambda z: z["code"])
    lieux = tuple(
        Zone(z["code"], z["libelle"], n := z["criteres_remplis"], Cellule(str(n), float(n))) for z in dites
    )
    titre = f"Critères de manque remplis par commune, sur {sur}"
    return Carte(
        identifiant="carte-zones-sous-dotees",
        titre=titre,
        unite="critères remplis",
        source=" ; ".join(_sources(ctx, zones)),
        alternative=f"{titre} : {enumerer(bilan(zones))}.",
        tableau=Tableau.de(titre, ("Commune", "Critères"), ((z.nom, z.valeur) for z in lieux), ("Critères",)),
        zones=lieux,
        classes=tuple(f"{n} {accorder('{critère|critères}', n > 1)}" if n else "aucun" for n in rangs),
    )


def dire_zone(zone: Ligne) -> str:
    """Word a commune: "Montbrun : accès 100 %, couverture 57,2 (EPCI)": the criteria that it meets."""
    remplis = [nom for nom in criteres(zone) if zone[f"{nom}{_VERDICT}"] == "oui"]
    dits = [f"{_nom(zone, n).lower()} {_chiffre(zone, n)}" for n in remplis]
    return f"{zone['libelle']} : {', '.join(dits)}"


def _dire(zone: Ligne, nom: str) -> str:
    verdict = zone[f"{nom}{_VERDICT}"]
    return f"{verdict}, {zone[f'{nom}_motif'] if verdict == NON_JUGE else _chiffre(zone, nom)}"


def _chiffre(zone: Ligne, nom: str) -> str:
    de_l_epci = " (EPCI)" if zone[f"{nom}_niveau"] == "epci" else ""
    return f"{zone[f'{nom}_affichee']}{de_l_epci}"


def _non_juges(zones: Sequence[Ligne], noms: Sequence[str]) -> list[str]:
    """Say how many communes a criterion does not judge, where it does not judge them all."""
    compte = {nom: sum(z[f"{nom}{_VERDICT}"] == NON_JUGE for z in zones) for nom in noms}
    dits = [
        f"{_nom(zones[0], nom)} : {nombre(n, 0)} {accorder('{commune non jugée|communes non jugées}', n > 1)}"
        for nom, n in compte.items()
        if n
    ]
    return [f"{' ; '.join(dits)}."] if dits else []


def _nom(zone: Ligne, critere: str) -> str:
    """Return how a criterion is called: what stands before the colon of its wording."""
    nom: str = zone[f"{critere}_critere"].partition(" : ")[0]
    return nom


def _sources(ctx: Contexte, zones: Sequence[Ligne]) -> tuple[str, ...]:
    lues = dict.fromkeys(s for z in zones for s in (z["source_ids"] or "").split("+"))
    dites = (ctx.marts.sources[s] for s in lues if s in ctx.marts.sources)
    return tuple(f"{s['producteur']}, {s['titre']}" for s in dites)


def _projets(ctx: Contexte) -> dict[str, list[str]]:
    """Return what the schéma plans in each commune that it names."""
    if ctx.convention is None:
        return {}
    projets: dict[str, list[str]] = {}
    for o in ctx.marts.lignes(
        "from ctg_calendrier where convention_id = ? and code is not null"
        " and operation_statut <> 'abandonné' order by annee_debut, annee_fin, operation_id",
        [ctx.convention["convention_id"]],
    ):
        projets.setdefault(o["code"], []).append(dire_operation({**o, "commune": None}))
    return projets
