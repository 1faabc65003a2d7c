"""The charts and the maps of the portrait made by hand, one of every kind; its communes are squares.

Belongs here: what is drawn, with its twin table. Does not: where it stands in a portrait (`exemples.py`).
"""

from dataclasses import replace
from functools import partial

from publication.lecture.chiffres import Cellule, Role
from publication.portraits.modele import (
    Anneaux,
    Barre,
    Carte,
    Comparaison,
    Contours,
    Haltere,
    Halteres,
    Ligne,
    Parts,
    Repere,
    Reperes,
    Rupture,
    Serie,
    Zone,
)
from socle.statuts import Statut
from tests.publication.portraits.releve import (
    ALLOCATAIRES,
    COMMUNES,
    COUVERTURE,
    CTG,
    DROME,
    FRANCE,
    INSECABLE,
    JEUNES_ENFANTS,
    MONOPARENTALES,
    NIVEAU_DE_VIE,
    OFFRE,
    PAUVRETE,
    PLACES,
    REGION,
    RSA,
    Releve,
    bas_revenus,
    table,
    texte,
)


def carre(x: float, y: float, cote: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + cote, y), (x + cote, y + cote), (x, y + cote), (x, y))


def contours() -> Contours:
    """Two rows of four squares; the second has a hole, the last is in two pieces."""
    communes: dict[str, Anneaux] = {}
    for rang, (code, _) in enumerate(COMMUNES):
        x, y = 10 + 95 * (rang % 4), 10 + 95 * (rang // 4)
        communes[code] = (carre(x, y, 95),)
    communes["26063"] = (*communes["26063"], carre(145, 45, 20))
    communes["26264"] = (carre(295, 105, 60), carre(365, 175, 20))
    pourtour = ((10.0, 10.0), (390.0, 10.0), (390.0, 200.0), (10.0, 200.0), (10.0, 10.0))
    return Contours(400, 210, communes, (pourtour,), "IGN, Admin Express, 2024")


def comparaison(r: Releve) -> Comparaison:
    muette = partial(r.cellule, motif="La source ne le publie pas.")
    barres = (
        Barre(CTG[1], "territoire", replace(bas_revenus(r), ton="defavorable")),
        Barre(DROME[1], "departement", r.cellule(PAUVRETE, DROME, 2022, 29.0, 1)),
        Barre(REGION[1], "region", muette(PAUVRETE, REGION, 2022, statut="non_disponible")),
        Barre(FRANCE[1], "france", r.cellule(PAUVRETE, FRANCE, 2022, 30.4, 1)),
        Barre(
            "Médiane des pairs (EPCI ruraux de 15\u202f000 à 30\u202f000 habitants de la région)",
            "pairs",
            muette(PAUVRETE, ("epci:200068229", "Diois"), 2022, statut="secret"),
        ),
    )
    return Comparaison(
        identifiant="bas-revenus-compare",
        titre="35,2\u00a0% des foyers allocataires sont à bas revenus, 29,0\u00a0% dans la Drôme",
        unite="% des foyers allocataires, 2022",
        source="Cnaf, Cafdata, 2022",
        alternative="Barres : Baronnies 35,2\u00a0%, Drôme 29,0\u00a0%, région non disponible, France "
        "30,4\u00a0%, médiane des pairs sous secret statistique.",
        tableau=table(
            "Part des foyers à bas revenus, 2022",
            ("Territoire", "Part"),
            *((texte(b.libelle), b.valeur) for b in barres),
            sources=("Cnaf, Cafdata, 2022",),
        ),
        notes=("Chiffre arrondi par le producteur : le trait montre l'intervalle.",),
        barres=barres,
    )


def parts(r: Releve) -> Parts:
    modes = ("Accueil collectif", "Assistants maternels", "Garde à domicile", "École à 2 ans")
    annees: dict[str, tuple[Cellule, ...]] = {}
    for annee, valeurs in ((2019, (168, 210, None, 21)), (2022, (192, 160, None, 17))):
        cellules = []
        for rang, valeur in enumerate(valeurs):
            indicateur = (f"{OFFRE[0]}_{rang}", f"{OFFRE[1]} : {modes[rang].lower()}", OFFRE[2], OFFRE[3])
            statut: Statut = "secret" if valeur is None else "observe"
            motif = "Moins de 5 gardes." if valeur is None else None
            cellules.append(r.cellule(indicateur, CTG, annee, valeur, statut=statut, motif=motif))
        annees[str(annee)] = tuple(cellules)
    return Parts(
        identifiant="modes-accueil",
        titre="L'accueil collectif a pris le pas sur les assistants maternels",
        unite="places",
        source="Cnaf, taux de couverture, 2019 et 2022",
        alternative="Deux barres empilées, 2019 et 2022 : accueil collectif de 168 à 192 places, assistants "
        "maternels de 210 à 160, école à 2 ans de 21 à 17 ; garde à domicile sous secret statistique.",
        tableau=table(
            "Places d'accueil par mode",
            ("Mode", *annees),
            *((texte(mode), *(annees[a][rang] for a in annees)) for rang, mode in enumerate(modes)),
            sources=("Cnaf, taux de couverture, 2019 et 2022",),
        ),
        touts=tuple(
            (annee, tuple(Barre(mode, "autre", c) for mode, c in zip(modes, cellules, strict=True)))
            for annee, cellules in annees.items()
        ),
    )


def serie(r: Releve) -> Serie:
    """A missing year (2019), a break (2021), a figure under secrecy (2022), bounds, and a partial figure."""
    annees = (2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024)
    foyers = partial(r.cellule, ALLOCATAIRES, CTG)
    manquent, deduit = "28 communes sur 67 ne sont pas publiées.", "Se déduirait du total du département."
    baronnies: tuple[Cellule | None, ...] = (
        foyers(2017, 3280.0),
        foyers(2018, 3275.0),
        None,
        foyers(2020, 3270.0, 0, "arrondi", (3268.0, 3274.0)),
        foyers(2021, 3250.0, 0, "partiel", (3138.0, 3518.0), manquent),
        foyers(2022, statut="secret", motif=deduit),
        foyers(2023, 3210.0, 0, "arrondi", (3208.0, 3214.0)),
        foyers(2024, 3190.0, 0, "arrondi", (3188.0, 3194.0)),
    )
    diois = ("epci:242600534", "Diois")
    voisins: tuple[Cellule | None, ...] = tuple(
        r.cellule(ALLOCATAIRES, diois, annee, 2000.0 + reste)
        for annee, reste in zip(annees, (410, 405, 415, 420, 428, 431, 440, 452), strict=True)
    )
    return Serie(
        identifiant="foyers-allocataires",
        titre="Les foyers allocataires reculent depuis 2017",
        unite="foyers allocataires, au 31 décembre",
        source="Cnaf, Cafdata, 2017 à 2024",
        alternative="Courbe des Baronnies : 3 280 foyers en 2017, 3 190 en 2024 ; l'année 2019 manque, 2022 "
        "est sous secret statistique et la série est rompue en 2021. Courbe du Diois : de 2 410 à 2 452.",
        tableau=table(
            "Foyers allocataires",
            ("Année", CTG[1], "Diois"),
            *(
                (texte(str(annee)), baronnies[i] or texte("–"), voisins[i] or texte("–"))
                for i, annee in enumerate(annees)
            ),
            notes=("2021 : nouvelle définition du foyer.", "– : la source n'a pas d'année 2019."),
            sources=("Cnaf, Cafdata, 2017 à 2024",),
        ),
        notes=("Rupture de série en 2021 : les deux périodes ne se comparent pas.",),
        annees=annees,
        lignes=(Ligne(CTG[1], "territoire", baronnies), Ligne("Diois", "pairs", voisins)),
        ruptures=(Rupture(2021, "nouvelle définition"),),
    )


def scenario(r: Releve) -> Serie:
    annees = (2022, 2023, 2024, 2025, 2026, 2027, 2028, 2029)
    observe = (57.2, 57.9, 58.4, 58.4, 60.1, 61.8, 63.0, 63.0)
    cellules = tuple(
        r.cellule(COUVERTURE, CTG, annee, v, 1) for annee, v in zip(annees, observe, strict=True)
    )
    drome = r.cellule(COUVERTURE, DROME, 2022, 61.8, 1)
    return Serie(
        identifiant="scenario-couverture",
        titre="Avec le schéma, 63,0\u00a0% de couverture en 2029",
        unite="places pour 100 enfants de moins de 3 ans",
        source="Cnaf, taux de couverture, 2022 ; schéma pluriannuel du SPPE",
        alternative="Courbe du taux de couverture : 57,2\u00a0% en 2022, 58,4\u00a0% en 2024, puis un "
        "scénario jusqu'à 63,0\u00a0% en 2029. Drôme : 61,8\u00a0% en 2022.",
        tableau=table(
            "Taux de couverture, observé puis scénario",
            ("Année", CTG[1], DROME[1]),
            *(
                (texte(f"{a}{' (scénario)' if a >= 2025 else ''}"), c, drome if a == 2022 else texte("–"))
                for a, c in zip(annees, cellules, strict=True)
            ),
            notes=("Le scénario tient constants les enfants de moins de 3 ans et les assistants maternels.",),
            sources=("Cnaf, taux de couverture, 2022",),
        ),
        notes=("Scénario à partir de 2025 : enfants et assistants maternels constants.",),
        annees=annees,
        lignes=(
            Ligne(CTG[1], "territoire", cellules),
            Ligne(DROME[1], "departement", (drome, *(None for _ in annees[1:]))),
        ),
        projection=2025,
    )


def halteres(r: Releve) -> Halteres:
    """Both directions, a share and a count, one without comparator, one that shows no figure at its end."""
    bas = r.cellule(PAUVRETE, CTG, 2019, 30.8, 1), bas_revenus(r)
    drome = [r.cellule(PAUVRETE, DROME, a, n, 1) for a, n in ((2019, 27.9), (2022, 29.0))]
    rsa = [r.cellule(RSA, CTG, a, n, 1) for a, n in ((2020, 13.3), (2024, 12.1))]
    enfants = [r.cellule(JEUNES_ENFANTS, CTG, a, n) for a, n in ((2016, 512.0), (2021, 433.0))]
    places = r.cellule(PLACES, CTG, 2019, 0.0), r.cellule(PLACES, CTG, 2023, statut="secret", motif="Deux.")
    lignes = (
        Haltere(PAUVRETE[1], bas[0], bas[1], 2019, 2022, "defavorable", (("departement", DROME[1], *drome),)),
        Haltere(RSA[1], *rsa, 2020, 2024, "favorable"),
        Haltere(JEUNES_ENFANTS[1], *enfants, 2016, 2021),
        Haltere(PLACES[1], *places, 2019, 2023),
    )
    return Halteres(
        identifiant="mouvements",
        titre="Les bas revenus progressent, le RSA recule",
        unite="",
        source="Cnaf, Cafdata, 2019 à 2024 ; Insee, recensement, 2016 et 2021",
        alternative="Haltères : bas revenus de 30,8\u00a0% en 2019 à 35,2\u00a0% en 2022 ; RSA de "
        "13,3\u00a0% en 2020 à 12,1\u00a0% en 2024 ; enfants de moins de 3 ans de 512 à 433.",
        tableau=table(
            "Ce qui a bougé",
            ("Indicateur", "Première année", "Dernière année", "Drôme, avant", "Drôme, après"),
            *(
                (
                    texte(li.libelle),
                    li.debut,
                    li.fin,
                    *(c or texte("–") for c in (li.reperes[0][2:] if li.reperes else (None, None))),
                )
                for li in lignes
            ),
        ),
        lignes=lignes,
    )


def reperes(r: Releve) -> Reperes:
    """A share beside two others, an amount beside one, a figure that is not shown."""
    bas, drome = bas_revenus(r), r.cellule(PAUVRETE, DROME, 2022, 29.0, 1)
    mediane = Cellule("31,4\u00a0%", 31.4, 1, "\u00a0%", "observe")
    vie = r.cellule(NIVEAU_DE_VIE, CTG, 2023, 21930.0), r.cellule(NIVEAU_DE_VIE, DROME, 2023, 23640.0)
    cache_ = r.cellule(MONOPARENTALES, CTG, 2022, statut="secret", motif="Effectif inférieur au seuil.")
    autre = r.cellule(MONOPARENTALES, DROME, 2022, 52.2, 1)
    d: Role = "departement"
    lignes = (
        Repere(PAUVRETE[1], bas, ((d, DROME[1], drome), ("pairs", "Médiane des pairs", mediane))),
        Repere(NIVEAU_DE_VIE[1], vie[0], ((d, DROME[1], vie[1]),)),
        Repere(MONOPARENTALES[1], cache_, ((d, DROME[1], autre),)),
    )
    return Reperes(
        identifiant="reperes",
        titre="Plus de bas revenus que dans la Drôme",
        unite="",
        source="Cnaf, Cafdata, 2022 ; Insee, Filosofi, 2023",
        alternative="Trois chiffres clés des Baronnies, à côté de ceux de la Drôme.",
        tableau=table(
            "Chiffres clés comparés",
            ("Indicateur", "Baronnies", DROME[1], "Médiane des pairs"),
            (texte(PAUVRETE[1]), bas, drome, mediane),
            (texte(NIVEAU_DE_VIE[1]), *vie, texte("–")),
            (texte(MONOPARENTALES[1]), cache_, autre, texte("–")),
        ),
        territoire="Baronnies",
        lignes=lignes,
    )


def carte(r: Releve, identifiant: str = "carte-bas-revenus") -> Carte:
    classes = (f"moins de 25{INSECABLE}%", f"de 25 à 35{INSECABLE}%", f"35{INSECABLE}% et plus")
    valeurs: tuple[tuple[int | None, float | None, Statut], ...] = (
        (1, 33.1, "observe"),
        (2, 38.4, "observe"),
        (0, 21.7, "observe"),
        (0, 24.0, "arrondi"),
        (None, None, "secret"),
        (None, None, "non_disponible"),
        (None, None, "secret"),
        (2, 41.2, "observe"),
    )
    zones = []
    for (code, nom), (classe, valeur, statut) in zip(COMMUNES, valeurs, strict=True):
        motif = "Commune non publiée." if valeur is None else None
        cellule = r.cellule(PAUVRETE, (f"commune:{code}", nom), 2022, valeur, 1, statut, motif=motif)
        zones.append(Zone(code, nom, classe, cellule))
    return Carte(
        identifiant=identifiant,
        titre="Les bas revenus sont plus fréquents à l'est du territoire",
        unite="% des foyers allocataires, 2022",
        source="Cnaf, Cafdata, 2022 ; contours IGN, Admin Express, 2024",
        alternative="Carte des 8 communes : 2 à moins de 25\u00a0%, 1 de 25 à 35\u00a0%, 2 à 35\u00a0% et "
        "plus, 2 sous secret statistique, 1 non disponible.",
        tableau=table(
            "Part des foyers à bas revenus par commune, 2022",
            ("Commune", "Part"),
            *((texte(z.nom), z.valeur) for z in zones),
            sources=("Cnaf, Cafdata, 2022",),
        ),
        zones=tuple(zones),
        classes=classes,
    )


def carte_en_cercles(r: Releve) -> Carte:
    """A count: 400 children in Nyons, none in the last commune, three communes that show no figure."""
    modele = carte(r, "carte-enfants")
    nombres = iter((400.0, 100.0, 25.0, 4.0, 0.0))
    zones = tuple(
        replace(z, classe=None, valeur=Cellule(f"{n:g}", n, statut="observe"))
        if z.valeur.nombre is not None and (n := next(nombres)) is not None
        else z
        for z in modele.zones
    )
    reperes = tuple(Cellule(f"{n:g}", n) for n in (200.0, 50.0, 10.0))
    return replace(
        modele, titre="Enfants par commune", unite="enfants, 2022", zones=zones, classes=(), reperes=reperes
    )


def carte_de_couverture() -> Carte:
    """The cover's map: the communes alone, in one class, under no figure."""
    return Carte(
        identifiant="carte-territoire",
        titre="Les 8 communes de la convention",
        unite="",
        source="IGN, Admin Express, 2024",
        alternative="Carte des 8 communes de la convention.",
        tableau=table("Communes", ("Commune",), *((texte(nom),) for _, nom in COMMUNES)),
        zones=tuple(Zone(code, nom, 0, Cellule("")) for code, nom in COMMUNES),
        classes=("commune de la convention",),
    )
