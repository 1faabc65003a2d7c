"""Checks that need nothing but the printed figures: sums, ratios, what they give away or imply."""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import floor

from confidentialite.regle import PETIT
from publication.controle_documents.contexte import Constat, Examen, Terme, par_territoire, remarque_annees
from publication.controle_documents.entrepot import ChiffrePublie
from publication.controle_documents.intervalles import Intervalle, arrondir, ecrire
from publication.controle_documents.lecture import ChiffreAudite
from publication.exports.semantique import ADDITIVES


@par_territoire
def egalite(ctx: Examen, t: str, *, formule: str, egale: str) -> Constat | None:
    """A formula equals a printed figure, to its last digit or within what rounding explains."""
    calcul, cible = ctx.calculer(t, formule), ctx.chiffre(t, egale)
    if not (calcul and cible and cible.nombre is not None):
        return None
    delta = calcul.intervalle.centre - cible.nombre
    ecart = ctx.entrepot.ecart_dit(egale, cible.unit, abs(delta))
    if arrondir(calcul.intervalle.centre, cible.decimales) == cible.nombre:
        statut, dit = "OK", f"cohérent à {_decimales(cible)}"
    elif calcul.intervalle.croise(ctx.intervalle(cible)):
        statut = "OK_ARRONDI"
        dit = f"écart de {ecart}, dans la tolérance d'arrondi des termes"
    else:
        statut, dit = "KO", f"écart de {ecart}, que l'arrondi n'explique pas"
    return Constat(
        f"{calcul.expression} = {egale}",
        cible.imprime,
        ecrire(calcul.intervalle.centre),
        statut,
        [dit, calcul.remarque_annees],
        (*calcul.chiffres, cible),
        delta=delta,
        vise=cible,
    )


@par_territoire
def diviseur(ctx: Examen, t: str, *, total: str, moyenne: str, deduit: str) -> Constat | None:
    """A printed total over a printed mean must not give a number of people away that nobody shows."""
    calcul, vise = ctx.calculer(t, f"{total} / {moyenne}"), ctx.chiffre(t, moyenne)
    if not (calcul and vise) or ctx.chiffre(t, deduit):
        return None
    entiers = calcul.intervalle.entiers()
    bornes = f"[{ecrire(calcul.intervalle.bas, 3)} ; {ecrire(calcul.intervalle.haut, 3)}]"
    if len(entiers) == 1:
        montre = ctx.montre(vise, "denominateur", entiers[0], deduit)
        fuite = montre is None and entiers[0] <= PETIT
        statut = "OK_MAIS_FUITE" if fuite else "OK"
        observe = f"{entiers[0]} (seul entier de {bornes})"
        dit = (
            f"quotient entier, donc cohérent, mais un effectif de {entiers[0]} se déduit"
            if fuite
            else f"quotient entier, donc cohérent ; {_montre(entiers[0], montre)}"
        )
        ctx.deduits[t, deduit] = Terme(
            Intervalle.exact(Fraction(entiers[0])), f"{entiers[0]}, {ctx.check_id}", calcul.chiffres
        )
    elif entiers:
        statut, observe = "OK", f"{len(entiers)} entiers de {bornes}"
        dit = "l'effectif ne se déduit pas du quotient"
    else:
        statut, observe, dit = (
            "KO",
            f"aucun entier dans {bornes}",
            "le total et la moyenne se contredisent",
        )
    return Constat(
        f"{calcul.expression} = nombre entier ({deduit})",
        "plusieurs entiers",
        observe,
        statut,
        [dit, _serie(ctx, t, deduit)],
        calcul.chiffres,
        vise=vise,
    )


@par_territoire
def majorant(ctx: Examen, t: str, *, formule: str, au_plus: str, remplacable: str) -> Constat | None:
    """A sum of parts does not exceed the whole; told again with the warehouse's own figure for one term."""
    cible = ctx.chiffre(t, au_plus)
    if not (cible and cible.nombre is not None):
        return None
    autre = ctx.terme_entrepot(t, remplacable, cible.annees[1] if cible.annees else None)
    imposes = {remplacable: autre} if autre else {}
    second = ctx.calculer(t, formule, **imposes) if autre else None
    calcul = ctx.calculer(t, formule) or second
    if calcul is None:
        return None
    tout = ctx.intervalle(cible)
    depasse = calcul.intervalle.depasse(tout)
    dits = ["la somme des parties dépasse le tout" if depasse else "la somme des parties tient dans le tout"]
    if autre and second and second is not calcul:
        tient = "ne tient pas" if second.intervalle.depasse(tout) else "tient"
        dits.append(
            f"avec {remplacable} = {autre.texte}, la borne devient {ecrire(second.intervalle.centre)} et"
            f" l'inégalité {tient}"
        )
    termes = (*calcul.chiffres, cible)
    return Constat(
        f"{calcul.expression} <= {au_plus}",
        f"<={cible.imprime}",
        ecrire(calcul.intervalle.centre),
        "KO" if depasse else "OK",
        [*dits, remarque_annees(termes)],
        termes,
        delta=calcul.intervalle.centre - cible.nombre,
    )


@par_territoire
def derive(
    ctx: Examen,
    t: str,
    *,
    formule: str,
    decimales: int,
    statut: str = "DERIVE",
    negatif: str | None = None,
    details: dict[str, str] | None = None,
    par_commune: list[str] | None = None,
) -> Constat | None:
    """What the printed figures imply without printing it; `negatif` is the status when it falls below zero.

    `par_commune`: lists of planned objects, that a document may give commune by commune only.
    """
    imposes = {
        nom: somme
        for nom in par_commune or []
        if not ctx.chiffre(t, nom) and (somme := ctx.terme_des_communes(t, nom))
    }
    calcul = ctx.calculer(t, formule, **imposes)
    if calcul is None:
        return None
    observe = ecrire(calcul.intervalle.centre, decimales)
    if decimales == 0 and len(entiers := calcul.intervalle.entiers()) > 1:
        observe = f"{entiers[0]} à {entiers[-1]}"
    impossible = negatif if calcul.intervalle.haut < 0 else None
    return Constat(
        calcul.expression,
        "",
        observe,
        impossible or statut,
        [
            "valeur négative : les chiffres imprimés se contredisent" if impossible else None,
            calcul.remarque_annees,
            *ctx.details(t, details or {}, **imposes),
        ],
        calcul.chiffres,
    )


def parties(ctx: Examen) -> Iterator[Constat]:
    """Printed communes add up to their printed territory, for every count of the same period."""
    for total in ctx.document.chiffres:
        connu = ctx.entrepot.indicateurs.get(total.indicator_id)
        if total.nombre is None or total.mesure or (connu and connu["methode"] not in ADDITIVES):
            continue
        membres = [
            m for m in ctx.membres(total.territoire_id, total.indicator_id) if m.period == total.period
        ]
        if not membres:
            continue
        somme = sum(map(ctx.intervalle, membres), Intervalle.exact(Fraction(0)))
        tout, delta = ctx.intervalle(total), somme.centre - total.nombre
        if delta == 0:
            statut, dit = "OK", "la somme des communes citées est égale au total"
        elif somme.croise(tout):
            statut, dit = "OK_ARRONDI", "la somme des communes citées est égale au total, aux arrondis près"
        elif delta < 0:
            statut, dit = (
                "A_VERIFIER",
                "le reste est dans des communes que le document ne cite pas, ou manque",
            )
        else:
            statut, dit = "KO", "les communes citées dépassent leur territoire"
        yield Constat(
            f"{total.indicator_id} : {' + '.join(f'{m.territory_name} ({m.imprime})' for m in membres)}"
            f" = {total.territory_name}",
            total.imprime,
            ecrire(somme.centre),
            statut,
            [dit],
            (*membres, total),
            delta=delta,
            territoire=total.territoire_id,
        )


def numerateur_entier(ctx: Examen, *, couples: dict[str, str]) -> Iterator[Constat]:
    """A rate per hundred of a printed count comes from a whole number of cases."""
    for t, taux, effectif, terme in _couples(ctx, couples):
        entiers = _numerateurs(ctx.intervalle(taux), terme.intervalle)
        assert taux.nombre is not None
        autour = floor(taux.nombre * terme.intervalle.centre / 100)
        proches = " ; ".join(
            f"n={n} : {ecrire(100 * n / terme.intervalle.centre, taux.decimales)}"
            for n in (autour, autour + 1)
        )
        yield Constat(
            f"100 x n / {effectif} ({terme.texte}) = {taux.indicator_id} ({taux.imprime})",
            taux.imprime,
            _plage(entiers) if entiers else proches,
            "OK" if entiers else "KO",
            ["un numérateur entier existe" if entiers else "aucun numérateur entier ne donne ce taux"],
            (taux, *terme.chiffres),
            territoire=t,
        )


def numerateur_divulgue(
    ctx: Examen, *, couples: dict[str, str], numerateurs: dict[str, str]
) -> Iterator[Constat]:
    """A rate over a small known count leaves several numerators possible, unless that one is published."""
    for t, taux, effectif, terme in _couples(ctx, couples):
        entiers = _numerateurs_exacts(taux, terme)
        numerateur = numerateurs.get(taux.indicator_id, "")
        if not entiers or ctx.chiffre(t, numerateur):
            continue
        seul = len(entiers) == 1
        montre = ctx.montre(taux, "numerateur", entiers[0], numerateur) if seul else None
        fuite = seul and montre is None and entiers[0] <= PETIT
        yield Constat(
            f"{taux.indicator_id} ({taux.imprime} %) x {effectif} ({terme.texte})",
            "plusieurs entiers",
            f"{entiers[0]} (unique)" if seul else _plage(entiers),
            "FUITE" if fuite else "OK",
            [
                f"un effectif de {entiers[0]} se déduit"
                if fuite
                else _montre(entiers[0], montre)
                if seul
                else f"{len(entiers)} numérateurs possibles",
                f"à {_decimales(taux)}, tout dénominateur publié d'au plus {10 ** (taux.decimales + 2)}"
                " divulgue son numérateur"
                if fuite
                else None,
            ],
            (taux, *terme.chiffres),
            vise=taux,
            territoire=t,
        )


@par_territoire
def decomposition(
    ctx: Examen, t: str, *, taux: str, places: str, effectif: str, evolution: str
) -> Constat | None:
    """The move of a coverage rate is explained by the printed moves of places and of children.

    The places are those of the years of the two rates, or of a window the document does not date.
    """
    # New places over today's children, the old places being the old rate times the children there were then.
    effet = f"(avant * depart / 100 + {places}) * 100 / {effectif} - avant"
    serie = ctx.chiffres(t, taux)
    if len(serie) < 2 or serie[0].annees is None:
        return None
    avant, apres = ctx.terme_imprime(serie[0]), ctx.terme_imprime(serie[-1])
    annee, hausse = serie[0].annees[1], apres.intervalle - avant.intervalle
    enfants, pente = ctx.terme(t, effectif), ctx.chiffre(t, evolution)
    nouvelles = next((p for p in ctx.chiffres(t, places) if _meme_fenetre(p, serie[0], serie[-1])), None)
    if not (enfants and nouvelles):
        return None
    imposes = {"avant": avant, places: ctx.terme_imprime(nouvelles)}
    if not (constant := ctx.calculer(t, effet, **imposes, depart=enfants)):
        return None
    lectures = [(constant, f"dénominateur {ecrire(enfants.intervalle.centre)}")]
    confusion = None
    base = ctx.calculer(t, f"100 * {effectif} / (100 + {evolution})")
    if base and pente and pente.annees and pente.annees[0] < pente.annees[1]:
        debut, fin = pente.annees
        part = Fraction(min(max(annee - debut, 0), fin - debut), fin - debut)
        depart = base.intervalle * Intervalle.exact(1 - part) + enfants.intervalle * Intervalle.exact(part)
        interpole = ctx.calculer(t, effet, **imposes, depart=Terme(depart, ""))
        confondu = ctx.calculer(t, effet, **imposes, depart=Terme(base.intervalle, ""))
        if interpole and confondu:
            lectures.append((interpole, f"dénominateur {annee} de {ecrire(depart.centre, 0)}"))
            if confondu.intervalle.croise(hausse):
                retrouve = ecrire((avant.intervalle + confondu.intervalle).centre, 1)
                confusion = (
                    f"se réconcilie ({retrouve}) si le taux « {annee} » a le dénominateur de {debut}"
                    f" ({ecrire(base.intervalle.centre, 1)}) : publication confondue avec la période ?"
                )
    retenue = lectures[-1][0].intervalle
    explique = retenue.croise(hausse)
    return Constat(
        f"{taux} ({apres.texte}) - {taux} {annee} ({avant.texte}) = effet de {places} et de {effectif}",
        ecrire(hausse.centre, 1),
        " ; ".join(f"{ecrire(c.intervalle.centre, 1)} ({dit})" for c, dit in lectures),
        "OK" if explique else "KO",
        [
            "la variation du taux est expliquée"
            if explique
            else "les places et les enfants n'expliquent pas la variation du taux",
            None if explique else confusion,
        ],
        (*apres.chiffres, *constant.chiffres, *(base.chiffres if base else ())),
        delta=arrondir(retenue.centre, 1) - hausse.centre,
    )


@par_territoire
def ouvertures(ctx: Examen, t: str, *, structures: str, places: list[str], mots: list[str]) -> Constat | None:
    """How many structures there will be, once the planned openings the document names have taken place."""
    motif = re.compile("|".join(mots), re.IGNORECASE)
    existantes = ctx.chiffre(t, structures)
    par_type = {p: [c for c in ctx.membres(t, p) if motif.search(c.label)] for p in places}
    ouvertes = [c for chiffres in par_type.values() for c in chiffres]
    if not (existantes and existantes.nombre is not None and ouvertes):
        return None
    total = existantes.nombre + len(ouvertes)
    sans = [f"{ecrire(total - len(x))} sans {p}" for p, x in par_type.items() if 0 < len(x) < len(ouvertes)]
    precis = re.search("PSU|Paje", existantes.label + existantes.numerator_definition)
    return Constat(
        f"{structures} ({existantes.imprime}) + {' + '.join(c.territory_name for c in ouvertes)}",
        "",
        ecrire(total) + (f" ({', '.join(sans)})" if sans else ""),
        "DERIVE" if precis else "A_VERIFIER",
        [None if precis else f"financements compris dans {structures} non précisés"],
        (existantes, *ouvertes),
    )


def _meme_fenetre(places: ChiffreAudite, avant: ChiffreAudite, apres: ChiffreAudite) -> bool:
    """Whether places were opened between two rates, as far as the document dates them."""
    if places.annees is None or avant.annees is None:
        return True
    return places.annees == (avant.annees[1], apres.annees[1] if apres.annees else places.annees[1])


def _couples(ctx: Examen, couples: dict[str, str]) -> Iterator[tuple[str, ChiffreAudite, str, Terme]]:
    """Printed rates with the count they divide by, printed or deduced, unless their years differ."""
    for t in ctx.document.territoires:
        for nom, effectif in couples.items():
            taux, terme = ctx.chiffre(t, nom), ctx.terme(t, effectif)
            if taux and terme and terme.intervalle.centre > 0:
                annees = {c.annees[1] for c in (taux, *terme.chiffres) if c.annees}
                if len(annees) <= 1:
                    yield t, taux, effectif, terme


def _numerateurs(taux: Intervalle, effectif: Intervalle) -> range:
    """Whole numbers that may give this rate (per hundred) of this count."""
    return (taux * effectif / Intervalle.exact(Fraction(100))).entiers()


def _numerateurs_exacts(taux: ChiffreAudite, terme: Terme) -> range:
    """Whole numbers that give the printed rate of the printed count, as one reads it who knows no bounds."""
    assert taux.intervalle is not None
    justes = [
        n
        for n in _numerateurs(taux.intervalle, terme.intervalle)
        if arrondir(100 * n / terme.intervalle.centre, taux.decimales) == taux.nombre
    ]
    return range(justes[0], justes[-1] + 1) if justes else range(0)


def _plage(entiers: range) -> str:
    return f"{entiers[0]} à {entiers[-1]}" if len(entiers) > 1 else str(entiers[0])


def _montre(nombre: int, cellule: ChiffrePublie | None) -> str:
    if cellule is None:
        return f"{nombre} se déduit"
    return f"{nombre} se déduit, et l'entrepôt le montre ({cellule.millesime}, {cellule.source_ids})"


def _serie(ctx: Examen, territoire: str, indicateur: str) -> str | None:
    cellules = ctx.entrepot.cellules(territoire, indicateur)
    valeurs = [c.valeur for c in cellules if c.valeur is not None]
    if not valeurs:
        return None
    return (
        f"l'entrepôt donne {ecrire(min(valeurs))} à {ecrire(max(valeurs))}"
        f" ({cellules[0].millesime}-{cellules[-1].millesime}, {cellules[-1].source_ids})"
    )


def _decimales(chiffre: ChiffreAudite) -> str:
    return f"{chiffre.decimales} décimale{'s' if chiffre.decimales > 1 else ''}"
