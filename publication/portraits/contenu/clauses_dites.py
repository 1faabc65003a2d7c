"""The verdicts on the schéma pluriannuel as a table of a portrait, a view, and a document of its own."""

from collections import Counter
from collections.abc import Sequence

from publication.portraits.contenu.clauses import ETATS, Reponse, Verdict, lire, texte, verifier
from publication.portraits.contenu.comparateurs import sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import accorder, enumerer, majuscule, minuscule
from publication.portraits.modele import Element, Liste, Paragraphe, Point, Section, Tableau

TITRE = "Schéma pluriannuel de maintien et de développement de l'offre d'accueil du jeune enfant"
_NOM = "Le schéma pluriannuel, clause par clause"
RESERVE = (
    "Trouvée : un chiffre de la publication ou une ligne du plan répond à chaque attendu de la clause ;"
    " partielle : à une part d'entre eux ; manquante : à aucun. Rien ne juge ici si la réponse suffit : c'est"
    " aux signataires de le dire."
)


def bilan(verdicts: Sequence[Verdict]) -> str:
    """Count the clauses: "2 clauses trouvées, 8 partielles et 1 manquante"."""
    compte = Counter(v.etat for v in verdicts)
    dits = [f"{compte[etat]} {etat}{accorder('{|s}', compte[etat] > 1)}" for etat in ETATS if compte[etat]]
    return f"Clauses du schéma pluriannuel : {enumerer(dits)}, sur {len(verdicts)}"


def origine() -> str:
    """Say of which text the clauses are."""
    return f"{texte()['article']} ({texte()['texte']})"


def tableau(ctx: Contexte) -> Tableau | None:
    """Return the clauses of the convention and what answers them; None without a convention."""
    if ctx.autour.convention is None:
        return None
    verdicts = verifier(lire(ctx))
    figures = [f.cellule for v in verdicts for r in v.reponses for f in r.figures]
    return Tableau.de(
        _NOM,
        ("Clause", "État", "Ce qui répond", "Ce qui manque"),
        ((v.nom, v.etat, _repond(v), majuscule(" ; ".join(map(minuscule, _manquent(v))))) for v in verdicts),
        notes=(f"Clauses : {origine()}.", RESERVE),
        sources=(*sources(ctx, figures), "Plan d'actions de la convention"),
    )


def _repond(v: Verdict) -> str:
    return " ; ".join(dit for r in v.reponses for dit in (*map(str, r.figures), *r.lignes))


def points(verdicts: Sequence[Verdict]) -> tuple[Point, ...]:
    """Name the clauses that are found, then each of the others and what does not answer."""
    trouvees = [v.nom for v in verdicts if v.etat == "trouvée"]
    return (
        *([Point(f"Trouvées : {', '.join(trouvees)}")] if trouvees else []),
        *(
            Point(f"{v.nom}, {v.etat} : il manque {', '.join(map(minuscule, _manquent(v)))}")
            for v in verdicts
            if v.etat != "trouvée"
        ),
    )


def _manquent(v: Verdict) -> list[str]:
    return [r.quoi for r in v.reponses if r.manques]


def sections(ctx: Contexte) -> tuple[Section, ...]:
    """Return what a document of the schéma holds: its clauses, what answers each, what is to be written.

    Raises ErreurPublication where the territory has no convention.
    """
    verdicts = verifier(lire(ctx))
    restent = [
        Point(v.nom, tuple(Point(_a_ecrire(r)) for r in v.reponses if r.manques))
        for v in verdicts
        if v.etat != "trouvée"
    ]
    reste = (Liste("", tuple(restent)),) if restent else ()
    etats = Tableau.de("Les clauses et leur état", ("Clause", "État"), ((v.nom, v.etat) for v in verdicts))
    return (
        Section(
            "textes",
            "Ce que le schéma doit contenir",
            (Paragraphe(f"{bilan(verdicts)}. Clauses : {origine()}."), etats, Paragraphe(RESERVE)),
        ),
        *(_section(v) for v in verdicts),
        Section("reste", "Ce qui reste à écrire", reste, None if reste else "Chaque clause a sa réponse."),
    )


def _a_ecrire(r: Reponse) -> str:
    return f"{r.quoi} : {r.ecrire}" if r.ecrire else r.quoi


def _section(v: Verdict) -> Section:
    elements: list[Element] = [Paragraphe(f"« {v.clause['texte']} »"), Paragraphe(f"Clause {v.etat}.")]
    for r in v.reponses:
        if r.figures:
            elements.append(
                Tableau.de(
                    r.quoi,
                    ("Indicateur", "Univers", "Chiffre", "Année"),
                    (
                        (
                            f"{f.libelle} ({f.unite})" if f.unite else f.libelle,
                            f.univers,
                            f.cellule,
                            f.periode,
                        )
                        for f in r.figures
                    ),
                    ("Chiffre", "Année"),
                    sources=tuple(dict.fromkeys(f.source for f in r.figures)),
                )
            )
        if r.lignes:
            sous = (Point(r.details),) if r.details else ()
            elements.append(Liste(r.quoi, tuple(Point(ligne, sous) for ligne in r.lignes)))
        if r.manques:
            elements.append(Liste(f"{r.quoi} : à compléter", tuple(map(Point, r.manques))))
    return Section(v.clause["id"], v.nom, tuple(elements))
