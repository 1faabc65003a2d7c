"""One portrait made by hand, with an element of every kind and a figure of every statut.

Belongs here: what the tests of several formats lay out. Does not: any figure read from a release (`contenu`
has its own tests). Its figures are those of the demonstration or invented; its communes are squares.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, partial

from publication.commun.chiffres import Cellule, Chiffre, Edition, Role, Ton
from publication.portraits.modele import (
    Anneaux,
    Barre,
    Carte,
    Colonne,
    Comparaison,
    Contours,
    Document,
    Haltere,
    Halteres,
    Ligne,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Point,
    Repere,
    Reperes,
    Rupture,
    Section,
    Serie,
    Tableau,
    Vue,
    Zone,
)
from socle.affichage import MARQUES
from socle.statuts import Statut

FINE = "\u202f"
"""Between thousands."""
INSECABLE = "\u00a0"
"""Before a unit."""

CTG = ("ctg:baronnies-2025", "Baronnies en Drôme provençale")
DROME = ("departement:26", "Drôme")
REGION = ("region:84", "Auvergne-Rhône-Alpes")
FRANCE = ("france:FR", "France")

COMMUNES = (
    ("26220", "Nyons"),
    ("26063", "Buis-les-Baronnies"),
    ("26182", "Mirabel-aux-Baronnies"),
    ("26377", "Vinsobres"),
    ("26340", "Séderon"),
    ("26193", "Montbrun-les-Bains"),
    ("26306", "Sainte-Jalle"),
    ("26264", "Rémuzat"),
)

BANDEAU = "Démonstration : chiffres inventés, à ne pas citer"


@dataclass
class Releve:
    """Cells as they are made, and the figures they print, gathered for `Document.chiffres`."""

    chiffres: dict[str, Chiffre] = field(default_factory=dict)

    def cellule(
        self,
        indicateur: tuple[str, str, str, str],
        territoire: tuple[str, str],
        millesime: int,
        nombre: float | None = None,
        decimales: int = 0,
        statut: Statut = "observe",
        bornes: tuple[float, float] | None = None,
        motif: str | None = None,
        ton: Ton = "neutre",
    ) -> Cellule:
        """One figure: `indicateur` is its id, label, unit and source."""
        identifiant, libelle, unite, source = indicateur
        reference = f"{identifiant}|{territoire[0]}|{millesime}"
        suffixe = {"%": f"{INSECABLE}%", "euros": f"{INSECABLE}€"}.get(unite, "")

        def imprime(n: float) -> str:
            return f"{n:,.{decimales}f}".replace(",", FINE).replace(".", ",") + suffixe

        texte = MARQUES[statut] if nombre is None else imprime(nombre)
        self.chiffres[reference] = Chiffre(
            reference,
            identifiant,
            *territoire,
            millesime,
            libelle,
            texte,
            nombre,
            decimales,
            unite,
            statut,
            univers="foyers allocataires" if "foyers" in identifiant else "population",
            source=f"{source}, {millesime}",
            intervalle=f"entre {imprime(bornes[0])} et {imprime(bornes[1])}" if bornes else None,
            motif=motif,
            demonstration=True,
        )
        basse, haute = bornes or (None, None)
        return Cellule(texte, nombre, decimales, suffixe, statut, reference, basse, haute, ton)


PAUVRETE = ("part_foyers_bas_revenus", "Part des foyers à bas revenus", "%", "Cnaf, Cafdata")
RSA = ("part_foyers_rsa", "Part des allocataires percevant le RSA", "%", "Cnaf, Cafdata")
ALLOCATAIRES = ("nb_foyers_allocataires", "Foyers allocataires", "foyers", "Cnaf, Cafdata")
COUVERTURE = (
    "taux_couverture_petite_enfance",
    "Taux de couverture petite enfance",
    "%",
    "Cnaf, taux de couverture",
)
JEUNES_ENFANTS = ("nb_enfants_moins_3_ans", "Enfants de moins de 3 ans", "enfants", "Insee, recensement")
NIVEAU_DE_VIE = ("mediane_niveau_vie", "Niveau de vie médian", "euros", "Insee, Filosofi")
MONOPARENTALES = (
    "part_familles_monoparentales_allocataires_bas_revenus",
    "Part des familles monoparentales allocataires dont le revenu par unité de consommation est sous le "
    "seuil de bas revenus",
    "%",
    "Caf de la Drôme, extrait des allocataires",
)
PLACES = ("nb_places_eaje", "Places d'accueil collectif (Eaje)", "places", "Caf de la Drôme, structures")
OFFRE = ("capacite_theorique_accueil", "Capacité théorique d'accueil", "places", "Cnaf, taux de couverture")
FINANCEMENT = ("financement_eaje_rpe", "Financement Eaje et Rpe", "euros", "Caf de la Drôme, financements")
AVIP = ("nb_eaje_avip", "Eaje labellisés Avip", "structures", "Caf de la Drôme, structures")
MONTANT = ("montant_prestations_total", "Prestations versées", "euros", "Caf de la Drôme, prestations")


def texte(valeur: str) -> Cellule:
    """A cell that names its row, or prints a text."""
    return Cellule(texte=valeur)


def table(
    titre: str, colonnes: Iterable[str], *lignes: tuple[Cellule, ...], **reste: tuple[str, ...]
) -> Tableau:
    """A table whose first column names the rows and whose others hold figures."""
    premiere, *autres = colonnes
    return Tableau(titre, (Colonne(premiere), *(Colonne(t, chiffres=True) for t in autres)), lignes, **reste)


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


def bas_revenus(r: Releve) -> Cellule:
    return r.cellule(PAUVRETE, CTG, 2022, 35.2, 1, "arrondi", (34.9, 35.6))


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


def chiffres_cles(r: Releve) -> Tableau:
    rien, f = texte("–"), r.cellule
    couverts = f(PLACES, DROME, 2024, 4120.0, 0, "partiel", (4008.0, 4210.0), "3 EPCI sur 16 manquent.")
    lignes = (
        (
            *(PAUVRETE, 2022, bas_revenus(r), f(PAUVRETE, DROME, 2022, 29.0, 1)),
            *(Cellule("+6,2 points", ton="defavorable"), Cellule("2e")),
        ),
        (
            *(NIVEAU_DE_VIE, 2023, f(NIVEAU_DE_VIE, CTG, 2023, 21930.0)),
            *(f(NIVEAU_DE_VIE, DROME, 2023, 23640.0), Cellule(f"−1{FINE}710{INSECABLE}€", ton="defavorable")),
            Cellule("9e"),
        ),
        (
            *(
                MONOPARENTALES,
                2022,
                f(MONOPARENTALES, CTG, 2022, statut="secret", motif="Effectif inférieur au seuil."),
            ),
            *(f(MONOPARENTALES, DROME, 2022, 52.2, 1), rien, rien),
        ),
        (
            *(JEUNES_ENFANTS, 2021, f(JEUNES_ENFANTS, CTG, 2021, 433.0)),
            *(f(JEUNES_ENFANTS, DROME, 2021, 16214.0), rien, rien),
        ),
        (
            *(AVIP, 2019, f(AVIP, CTG, 2019, statut="non_disponible", motif="Le plan ne l'énonce pas.")),
            *(f(AVIP, DROME, 2019, statut="sans_objet", motif="Sans objet à ce niveau."), rien, rien),
        ),
        (PLACES, 2024, f(PLACES, CTG, 2024, 0.0), couverts, rien, rien),
    )
    return table(
        "Chiffres clés du portrait social",
        ("Indicateur", "Année", "Baronnies", "Drôme", "Écart", "Rang parmi 12 pairs"),
        *((texte(i[1]), texte(str(annee)), *cellules) for i, annee, *cellules in lignes),
        notes=("Rang : du plus élevé au plus bas.",),
        sources=("Cnaf, Cafdata, 2022", "Insee, Filosofi, 2023", "Insee, recensement, 2021"),
    )


CONSTATS = Liste(
    "Constats",
    (
        Point("Territoire bien doté, coordination consolidée"),
        Point(
            "Pénurie de professionnels",
            (
                Point("Feuille de route « promotion des métiers »"),
                Point("Formation des assistants maternels", (Point("Relais de Nyons"),)),
            ),
        ),
    ),
)
STATUTS = Liste(
    "Statuts",
    (
        Point("s : secret statistique. Le chiffre existe et ne peut être montré."),
        Point("nd : non disponible. La source ne le donne pas."),
        Point("na : sans objet. La question ne se pose pas ici."),
    ),
)


@cache
def portrait() -> Document:
    """The CTG of the Baronnies, by hand."""
    r = Releve()
    compare, modes, foyers, projet, communes = comparaison(r), parts(r), serie(r), scenario(r), carte(r)
    cles = chiffres_cles(r)
    financement = r.cellule(FINANCEMENT, CTG, 2024, statut="non_disponible", motif="Fichier jamais reçu.")
    montant = r.cellule(MONTANT, CTG, 2022, 18464843.0)
    essentiel = Section(
        "essentiel",
        "L'essentiel",
        (
            Message(
                f"En 2022, 35,2{INSECABLE}% des foyers allocataires sont à bas revenus, contre "
                f"29,0{INSECABLE}% dans la Drôme.",
                "defavorable",
                (f"{PAUVRETE[0]}|{CTG[0]}|2022", f"{PAUVRETE[0]}|{DROME[0]}|2022"),
                "niveau_departement",
            ),
            Message(
                f"Le taux de couverture petite enfance atteint 57,9{INSECABLE}% en 2023, après "
                f"57,2{INSECABLE}% en 2022.",
                "favorable",
                (f"{COUVERTURE[0]}|{CTG[0]}|2022", f"{COUVERTURE[0]}|{CTG[0]}|2023"),
                "direction",
            ),
            Message(
                "Le nombre de foyers allocataires ne se compare pas de part et d'autre de 2021 : la "
                "définition du foyer a changé.",
                "neutre",
                (f"{ALLOCATAIRES[0]}|{CTG[0]}|2020", f"{ALLOCATAIRES[0]}|{CTG[0]}|2021"),
                "serie_rompue",
            ),
        ),
    )
    sections = (
        essentiel,
        Section(
            "portrait-social",
            "Portrait social",
            (cles, compare, foyers, halteres(r), reperes(r)),
            theme="portrait_social",
        ),
        Section(
            "petite-enfance",
            "Petite enfance",
            (
                Paragraphe(
                    "Les places se comptent au 31 décembre ; celles de l'accueil individuel sont théoriques."
                ),
                modes,
                communes,
            ),
            theme="petite_enfance",
            sections=(
                Section("petite-enfance-constats", "Focus sur l'évaluation", (CONSTATS,)),
                Section("petite-enfance-sppe", "Service public de la petite enfance", (projet,)),
            ),
        ),
        Section(
            "parentalite", "Parentalité", vide="Aucun chiffre : les sources de ce thème n'ont pas été reçues."
        ),
        Section(
            "financement",
            "Financement",
            (
                table(
                    "Financement",
                    ("Poste", "Montant"),
                    (texte("Prestations versées"), montant),
                    (texte("Eaje et Rpe"), financement),
                    sources=("Caf de la Drôme, 2022 et 2024",),
                ),
            ),
        ),
        Section("annexes", "Annexes", sections=(Section("lire", "Guide de marts", (STATUTS,)),)),
    )
    presentation = (
        Vue("cles", "Chiffres clés", "Une couverture sous celle de la Drôme", (), reperes(r)),
        Vue("pauvrete", "Portrait social", "Les bas revenus se lisent au-dessus", ((compare,), (CONSTATS,))),
        Vue("modes", "Petite enfance", "L'accueil collectif domine", ((modes,), essentiel.elements)),
        Vue("foyers", "Allocataires", "Moins de foyers qu'en 2015", ((foyers,),), notes=("À dire.",)),
        Vue("scenario", "Petite enfance", "Le schéma ferait gagner des places", ((projet,),)),
        Vue("mouvements", "Ce qui a changé", "Une hausse, une baisse", ((halteres(r),),)),
        Vue("poste", "Financement", "Un montant est connu", ((sections[4].elements[0],), (STATUTS,))),
    )
    return Document(
        territoire_id=CTG[0],
        niveau="ctg",
        titre="Baronnies en Drôme provençale",
        sous_titre="Portrait de la convention territoriale globale 2025-2029",
        couverture=(
            ("Convention", "CTG des Baronnies en Drôme provençale, V2"),
            ("Période", "du 1er janvier 2025 au 31 décembre 2029"),
            ("Population", f"20{FINE}752 habitants (2022)"),
            ("Communes", "8"),
            ("Année de référence", "2019"),
        ),
        carte=carte_de_couverture(),
        edition=Edition(
            release_id="20261126-demo",
            publiee_le="26 novembre 2026",
            content_hash="0f3a" * 16,
            perimetre="departement:26",
            citation="Observatoire CTG, portrait de la CTG des Baronnies en Drôme provençale, édition "
            "20261126-demo du 26 novembre 2026",
        ),
        sections=sections,
        presentation=presentation,
        chiffres=dict(sorted(r.chiffres.items())),
        bandeau=BANDEAU,
        contours=contours(),
    )


@cache
def sans_carte() -> Document:
    """The same, real and read from a release without outlines: no map, no banner."""
    document = portrait()

    def sans(section: Section) -> Section:
        return replace(
            section,
            elements=tuple(e for e in section.elements if not isinstance(e, Carte)),
            sections=tuple(sans(s) for s in section.sections),
        )

    return replace(
        document, carte=None, contours=None, bandeau=None, sections=tuple(sans(s) for s in document.sections)
    )
