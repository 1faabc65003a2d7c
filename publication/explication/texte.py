"""An explanation as French text for readers of figures, long lists cut."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from publication.explication.modele import ChiffreExplique, Explication, Fichier, Part, Passee
from publication.lecture.statuts import NOMS, statut_dit
from socle.affichage import ESPACE, MARQUES, afficher_ecart, compter, intervalle, nombre
from socle.horloge import jour_de

_PARTIEL = "partiel : une partie du territoire n'est pas renseignée"
_COURTS = dict[str, str](NOMS.items(), refusee="non comparable")
_EFFETS = {
    "numerateur": "numérateur",
    "denominateur": "dénominateur",
    "perimetre": "périmètre",
    "revision": "révision",
}

_PROTECTIONS = {
    "cnaf": "arrondi à 5 comme la Cnaf l'imprime",
    "chaine": (
        "compté par la Caf puis arrondi au hasard, commune par commune, une fois pour toutes ; le vrai compte"
        " est entre les bornes, et les sommes tombent juste"
    ),
}

_LIGNES_INTERNES = (
    "Source qui n'est pas publique : la publication n'en a pas les lignes ; qui exploite l'entrepôt les lit"
    " sur la machine de la nuit, par la même commande."
)

_AU_PLUS = 200
"""Longest list given without `--tout`: an EPCI is shown whole, France is not."""


def rendre(
    explication: Explication, passees: Sequence[Passee] = (), *, tout: bool = False, zone: str | None = None
) -> str:
    """Return the explanation as French text, rounded as readers see figures.

    `passees`: what earlier releases said. `tout`: every commune and structure, however many. `zone`: the
    closed zone the structures were read in, which is told.
    """
    return "\n".join(_lignes(explication, passees, None if tout else _AU_PLUS, zone))


def _lignes(
    e: Explication, passees: Sequence[Passee], au_plus: int | None, zone: str | None
) -> Iterator[str]:
    yield f"{e.sujet.libelle} ({e.sujet.indicateur_id})"
    yield f"{e.sujet.territoire} ({e.sujet.territoire_id}), {e.sujet.millesime}"
    yield ""
    yield f"Valeur        {_valeur(e)}"
    dit = statut_dit(e.chiffre.statut, e.sujet.prevu)
    yield f"Statut        {_PARTIEL if e.chiffre.statut == 'partiel' else dit}"
    if e.chiffre.motif:
        yield f"Motif         {e.chiffre.motif}"
    yield f"Définition    {e.sujet.description}"
    yield f"Formule       {e.sujet.formule}"
    for titre, terme, annee in (
        ("Numérateur", e.chiffre.numerateur, e.sujet.millesime),
        (
            "Comparé à" if e.chiffre.millesime_base else "Dénominateur",
            e.chiffre.denominateur,
            _second_millesime(e),
        ),
    ):
        if terme is not None:
            yield f"{titre:<13} {_terme(terme)} ({annee})"
    if e.chiffre.champ:
        yield f"Champ         {e.chiffre.champ}"
    if e.chiffre.cog_millesime:
        yield f"Géographie    communes au 1er janvier {e.chiffre.cog_millesime} (COG)"
    if e.jumeau:
        yield f"Publié pour   {e.jumeau}, l'EPCI des mêmes communes : les lignes sont les siennes"
    if e.chiffre.statut == "secret":
        yield from _secret(e)
    if (
        e.chiffre.statut == "arrondi"
        and e.sujet.protection in _PROTECTIONS
        and not all(s.publique for s in e.sources)
    ):
        yield f"Arrondi       {_PROTECTIONS[e.sujet.protection]}"
    fichiers = [f for source in e.sources for f in source.fichiers]
    numeros = {(f.fichier_id, f.ressource): f"[{n}]" for n, f in enumerate(fichiers, 1)}
    for source in e.sources:
        yield ""
        yield f"Source        {source.titre} ({source.producteur}, {source.licence})"
        yield f"  {source.page}"
        for fichier in source.fichiers:
            yield from _fichier(fichier, numeros[fichier.fichier_id, fichier.ressource])
        if not source.publique and not source.fichiers:
            yield f"  {_LIGNES_INTERNES}"
    for erreur in e.erreurs:
        yield from ("", f"Erreur connue du producteur, vue le {erreur.vue_le:%d/%m/%Y}")
        yield from (f"  {erreur.constat}", f"  {erreur.effet}")
    if e.parts:
        yield from _communes(e, numeros, au_plus)
    if e.structures:
        yield from _structures(e, numeros, au_plus, zone)
    yield from _passe(e, passees)
    if e.chiffre.demonstration:
        yield from ("", "Chiffres de démonstration : inventés.")
    yield from ("", f"Publication   {e.release_id}")


def _secret(e: Explication) -> Iterator[str]:
    """The producer's own rule, and whom to ask."""
    yield "Règle         le producteur ne diffuse pas ce chiffre, au titre du secret statistique"
    yield f"À qui demander  {', '.join(f'{s.producteur} ({s.page})' for s in e.sources)}"


def _fichier(fichier: Fichier, numero: str) -> Iterator[str]:
    nom = fichier.membre or fichier.ressource
    yield f"  {numero} {nom}, ressource {fichier.ressource}, millésime {fichier.millesime}"
    if fichier.sha256:
        yield f"    sha256 {fichier.sha256}"
    else:
        yield f"    {fichier.fichier_id} (ctg sources show)"
    publie = f"public au plus tard le {fichier.publie_le}" if fichier.publie_le else "public : date inconnue"
    recu = f"reçu le {jour_de(fichier.recu_le)}" if fichier.recu_le else "reçu : date inconnue"
    yield f"    {publie}, {recu}, première publication {fichier.premiere_release}"
    if fichier.lignes:
        yield f"    {_numeros(fichier.lignes)}"


def _communes(e: Explication, numeros: dict[tuple[str, str], str], au_plus: int | None) -> Iterator[str]:
    comptes: dict[str, int] = {}
    for part in e.parts:
        mot = _statut(e, part)
        comptes[mot] = comptes.get(mot, 0) + 1
    detail = ", ".join(
        f"{n} {mot}" for mot, n in sorted(comptes.items(), key=lambda compte: (-compte[1], compte[0]))
    )
    yield ""
    yield f"Communes      {nombre(len(e.parts), 0)} : {detail}"
    if e.incompletes:
        yield "  Celles du périmètre de cette publication seulement : la somme en compte d'autres."
    # A register has a line for what it counts: those without one would hide those that have.
    nulles = [part for part in e.parts if _nulle(part)]
    autres = [part for part in e.parts if not _nulle(part)]
    if au_plus is None or not autres:
        nulles, autres = [], list(e.parts)
    montrees = autres[:au_plus]
    noms = [f"{part.libelle} ({part.code})" for part in montrees]
    largeur = max(map(len, noms), default=0)
    for nom, part in zip(noms, montrees, strict=True):
        places = " ; ".join(
            f"{numeros[fichier]} {_numeros(lignes)}" + (f" (code {code})" if code != part.code else "")
            for fichier, code, lignes in part.lignes
        )
        yield f"  {nom:<{largeur}}  {_part(e, part):>14}  {_statut(e, part):<14}  {places}".rstrip()
    if len(autres) > len(montrees):
        yield f"  … et {_autres(len(autres) - len(montrees))} : --tout"
    if nulles:
        yield f"  À 0, sans ligne : {', '.join(part.libelle for part in nulles[:au_plus])}"
        if au_plus is not None and len(nulles) > au_plus:
            yield f"  … et {_autres(len(nulles) - au_plus)} à 0 : --tout"


def _autres(combien: int) -> str:
    return "1 autre commune" if combien == 1 else f"{nombre(combien, 0)} autres communes"


def _nulle(part: Part) -> bool:
    """Whether a commune counts for nothing, and no line says so."""
    return part.valeur == 0 and not (part.lignes or part.termes)


def _statut(e: Explication, part: Part) -> str:
    prevu = e.sujet.prevu
    if part.statut is not None:
        return statut_dit(part.statut, prevu)
    return ", ".join(sorted({statut_dit(t.statut, prevu) for t in part.termes})) or "sans chiffre communal"


def _part(e: Explication, part: Part) -> str:
    """The figure of a commune, or the terms of it; the mark of its statut where it has none."""
    if part.termes:
        return " ; ".join(f"{t.mesure_id} {_marque(t.valeur, t.statut)}" for t in part.termes)
    if part.valeur is None or part.numerateur is None or part.denominateur is None:
        return _marque(part.valeur, part.statut)
    if e.chiffre.millesime_base is None:
        return f"{_terme(part.numerateur)} / {_terme(part.denominateur)}"
    return f"{_terme(part.denominateur)} → {_terme(part.numerateur)}"


def _marque(valeur: float | None, statut: str | None) -> str:
    """A number, or the mark that exports write in its place."""
    return MARQUES.get(statut or "", "") if valeur is None else _terme(valeur)


def _structures(
    e: Explication, numeros: dict[tuple[str, str], str], au_plus: int | None, zone: str | None
) -> Iterator[str]:
    fichiers = {nom: numero for (nom, _), numero in numeros.items()}
    yield ""
    yield f"Structures    {nombre(len(e.structures), 0)}"
    if zone:
        yield f"  Lues dans la zone close {zone} : pour qui exploite l'entrepôt, à ne pas transmettre."
    montrees = e.structures[:au_plus]
    for c in montrees:
        apport = "" if c.structure.apport is None else f" : {_terme(c.structure.apport)}"
        s = c.structure
        yield (
            f"  {fichiers.get(s.fichier_id, '')} ligne {s.ligne}, {s.libelle}, {c.commune}, {s.millesime},"
            f" {s.mesure_id}{apport}"
        )
    if len(e.structures) > len(montrees):
        yield f"  … et {nombre(len(e.structures) - len(montrees), 0)} autres structures : --tout"


def _passe(e: Explication, passees: Sequence[Passee]) -> Iterator[str]:
    if e.serie:
        yield from ("", "Millésimes précédents")
        for passee in e.serie:
            yield f"  {passee.quand:<8} {_dite(e, passee)}"
    if e.evolution:
        v = e.evolution
        if v.affichee is None:
            yield f"  De {v.depuis} à {e.sujet.millesime} : {_COURTS[v.statut]}" + (
                f", {v.motif}" if v.motif else ""
            )
        else:
            effets = "".join(f" ; {_EFFETS[nom]} {_ecart(e, valeur)}" for nom, valeur in v.effets)
            yield f"  De {v.depuis} à {e.sujet.millesime} : {v.affichee}{effets}"
        if v.effets_motif:
            yield f"    Effets non chiffrés ({v.effets_motif})"
    if passees:
        yield from ("", "Publications précédentes")
        for passee in passees:
            yield f"  {passee.quand}  {_dite(e, passee)}, changé ensuite : {passee.cause or 'cause inconnue'}"


def _dite(e: Explication, passee: Passee) -> str:
    texte = _chiffre(e, passee)
    if texte is None or passee.statut == "observe":
        return texte or _COURTS[passee.statut]
    return f"{texte} ({_COURTS[passee.statut]})"


def _ecart(e: Explication, valeur: float) -> str:
    return afficher_ecart(valeur, e.sujet.unite, e.sujet.decimales)


def _numeros(lignes: Iterable[int]) -> str:
    """Write line numbers, runs of them as ranges: `lignes 3, 7 à 12`."""
    triees = sorted(set(lignes))
    coupes = [0, *(n for n, (a, b) in enumerate(pairwise(triees), 1) if b > a + 1), len(triees)]
    suites = [triees[debut:fin] for debut, fin in pairwise(coupes)]
    textes = [str(s[0]) if len(s) == 1 else f"{s[0]} à {s[-1]}" for s in suites]
    return f"{'ligne' if len(triees) == 1 else 'lignes'} {', '.join(textes)}"


def _terme(valeur: float) -> str:
    return nombre(valeur, 0 if valeur == int(valeur) else 2)


def _valeur(e: Explication) -> str:
    c, texte = e.chiffre, _chiffre(e, e.chiffre)
    if texte is None or c.lisibilite == "trop_peu" or c.valeur is None:
        return texte or NOMS[c.statut]
    if c.borne_basse == c.valeur == c.borne_haute:
        return texte
    bornes = intervalle(c.borne_basse, c.borne_haute, e.sujet.unite, e.sujet.decimales)
    if not bornes or (c.borne_basse, c.borne_haute) == (c.enveloppe_basse, c.enveloppe_haute):
        return f"{texte}, {bornes}" if bornes and c.lisibilite == "point" else texte
    enveloppe = intervalle(c.enveloppe_basse, c.enveloppe_haute, e.sujet.unite, e.sujet.decimales)
    dit = f"{texte}, {bornes}" if c.lisibilite == "point" else texte
    return f"{dit} (99 fois sur 100 ; à coup sûr {enveloppe})"


def _chiffre(e: Explication, c: ChiffreExplique | Passee) -> str | None:
    """The figure as it is printed, with what it counts; None where there is none."""
    if c.statut in MARQUES:
        return None
    if c.valeur is None or c.lisibilite == "trop_peu":
        return c.valeur_affichee
    if c.lisibilite == "intervalle" and not e.sujet.unite.suffixe:
        return f"{c.valeur_affichee}{ESPACE}{e.sujet.unite.libelle_pluriel}".rstrip()
    if c.lisibilite == "intervalle":
        return c.valeur_affichee
    return compter(c.valeur, e.sujet.unite, e.sujet.decimales)


def _second_millesime(e: Explication) -> int:
    return e.chiffre.millesime_base or e.chiffre.millesime_denominateur or e.sujet.millesime
