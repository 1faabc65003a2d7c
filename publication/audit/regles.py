"""The checks of a document's figures against each other: what each kind of rule computes and concludes.

Which indicateurs a rule is about is data, in `controles.yml`; a function here names none. Comparing one figure
with the warehouse is `verdicts.py`. Texts are for readers of figures, in French. A rule whose terms the
document does not print has no result.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files
from math import floor
from typing import Any

import yaml

from publication.audit.entrepot import Cellule, Entrepot
from publication.audit.intervalles import Intervalle, arrondir, calculer, ecrire, noms
from publication.audit.lecture import Chiffre, Document
from publication.audit.verdicts import Jugement, decrire

FUITES = ("FUITE", "OK_MAIS_FUITE")
PASSES = ("OK", "OK_ARRONDI", "DERIVE")
_INDEFINI = re.compile("non précis|non défini|absent|inconnu", re.IGNORECASE)


@dataclass(frozen=True)
class Regle:
    """What every check declares: its identifiers, its severity when it does not pass, a remark."""

    check_id: str
    rule: str
    gravite: str
    note: str | None = None


@dataclass(frozen=True)
class Resultat:
    """The outcome of a check at one territory (`territoire_id` is None for the document as a whole).

    `lignes` are the rows of the document it is about; `vise` the row whose verdict it may change.
    """

    check_id: str
    rule: str
    territoire_id: str | None
    expression: str
    expected: str
    observed: str
    delta: Fraction | None
    status: str
    severity: str
    explanation: str
    lignes: tuple[int, ...]
    vise: int | None = None


@dataclass(frozen=True)
class Terme:
    """A number a formula may use, how it is told to readers, and the rows and years it comes from."""

    intervalle: Intervalle
    texte: str
    chiffres: tuple[Chiffre, ...] = ()


@dataclass(frozen=True)
class Calcul:
    """A formula worked out at a territory."""

    intervalle: Intervalle
    expression: str
    chiffres: tuple[Chiffre, ...]

    @property
    def remarque_annees(self) -> str | None:
        """Told when its terms are not all of the same year."""
        annees = sorted({c.period for c in self.chiffres if c.annees})
        return f"années différentes : {', '.join(annees)}" if len(annees) > 1 else None


@dataclass
class Contexte:
    """What rules read: the document, the release, the verdicts, and the numbers earlier rules deduced."""

    document: Document
    entrepot: Entrepot
    jugements: list[Jugement]
    deduits: dict[tuple[str, str], Terme] = field(default_factory=dict)

    def chiffres(self, territoire: str, indicateur: str) -> list[Chiffre]:
        """Printed numbers of an indicateur, oldest first; those without a year are the document's own."""
        trouves = [
            c
            for c in self.document.chiffres
            if (c.territoire_id, c.indicator_id) == (territoire, indicateur) and c.nombre is not None
        ]
        return sorted(trouves, key=lambda c: c.annees[1] if c.annees else 9999)

    def chiffre(self, territoire: str, indicateur: str) -> Chiffre | None:
        """The newest printed number of an indicateur."""
        return next(reversed(self.chiffres(territoire, indicateur)), None)

    def membres(self, territoire: str, indicateur: str) -> list[Chiffre]:
        """The newest printed number of each commune of a territory."""
        communes = self.entrepot.membres.get(territoire, frozenset())
        chiffres = (self.chiffre(c, indicateur) for c in self.document.territoires if c in communes)
        return [c for c in chiffres if c is not None]

    def terme(self, territoire: str, indicateur: str) -> Terme | None:
        """Printed at the territory, else added up from its communes, else deduced by an earlier rule."""
        if chiffre := self.chiffre(territoire, indicateur):
            return _terme(chiffre)
        if membres := self.membres(territoire, indicateur):
            somme = Intervalle.exact(Fraction(0))
            for membre in membres:
                somme += _terme(membre).intervalle
            mot = "commune" if len(membres) == 1 else "communes"
            return Terme(somme, f"{ecrire(somme.centre)}, {len(membres)} {mot}", tuple(membres))
        return self.deduits.get((territoire, indicateur))

    def calculer(self, territoire: str, formule: str, **imposes: Terme) -> Calcul | None:
        """Work a formula out at a territory; None when a term is missing or a divisor may be zero."""
        termes: dict[str, Terme] = {}
        for nom in noms(formule):
            terme = imposes.get(nom) or self.terme(territoire, nom)
            if terme is None:
                return None
            termes[nom] = terme
        try:
            intervalle = calculer(formule, {nom: t.intervalle for nom, t in termes.items()})
        except ZeroDivisionError:
            return None
        expression = re.sub(r"[a-z]\w*", lambda m: f"{m[0]} ({termes[m[0]].texte})", formule)
        return Calcul(intervalle, expression, tuple(c for t in termes.values() for c in t.chiffres))

    def terme_entrepot(self, territoire: str, indicateur: str, annee: int | None = None) -> Terme | None:
        """The warehouse's figure of that year, of the newest when the year is None or not received."""
        cellule = self.entrepot.cellule(territoire, indicateur, annee)
        cellule = cellule or self.entrepot.cellule(territoire, indicateur, None)
        if cellule is None or cellule.intervalle is None:
            return None
        return Terme(
            cellule.intervalle,
            f"{ecrire(cellule.intervalle.centre)}, entrepôt {cellule.millesime}, {cellule.source_ids}",
        )

    def details(self, territoire: str, formules: dict[str, str] | None) -> list[str]:
        """Further formulas, told after the conclusion."""
        calculs = ((nom, self.calculer(territoire, formule)) for nom, formule in (formules or {}).items())
        return [f"{nom} : {ecrire(c.intervalle.centre)}" for nom, c in calculs if c]


def controler(contexte: Contexte) -> tuple[list[Resultat], list[str]]:
    """Run every declared check; return the results, and the check_id that found nothing to apply to."""
    resultats: list[Resultat] = []
    declares: list[str] = []
    for declaration in declarations():
        parametres = dict(declaration)
        regle = Regle(*(parametres.pop(cle) for cle in ("check_id", "rule", "gravite")), parametres.pop("note", None))
        declares.append(regle.check_id)
        resultats += REGLES[parametres.pop("type")](contexte, regle, **parametres)
    appliques = {r.check_id for r in resultats}
    return resultats, [c for c in dict.fromkeys(declares) if c not in appliques]


def declarations() -> list[dict[str, Any]]:
    """The declared checks, in order."""
    texte = (files("publication.audit") / "controles.yml").read_text(encoding="utf-8")
    lues: list[dict[str, Any]] = yaml.safe_load(texte)
    return lues


# -- arithmetic of printed figures ---------------------------------------------------------------


def egalite(ctx: Contexte, regle: Regle, *, formule: str, egale: str) -> Iterator[Resultat]:
    """A formula equals a printed figure, to its last digit or within what rounding explains."""
    for t in ctx.document.territoires:
        calcul, cible = ctx.calculer(t, formule), ctx.chiffre(t, egale)
        if not (calcul and cible and cible.nombre is not None and cible.intervalle):
            continue
        delta = calcul.intervalle.centre - cible.nombre
        if arrondir(calcul.intervalle.centre, cible.decimales) == cible.nombre:
            statut, dit = "OK", f"cohérent à {cible.decimales} décimale(s)"
        elif calcul.intervalle.croise(cible.intervalle):
            statut = "OK_ARRONDI"
            dit = f"écart de {ecrire(abs(delta))} {cible.unit}, dans la tolérance d'arrondi des termes"
        else:
            statut, dit = "KO", f"écart de {ecrire(abs(delta))} {cible.unit}, que l'arrondi n'explique pas"
        yield _resultat(
            regle, t, f"{calcul.expression} = {egale}", cible.imprime, ecrire(calcul.intervalle.centre), statut,
            [dit, calcul.remarque_annees], (*calcul.chiffres, cible), delta=delta, vise=cible,
        )  # fmt: skip


def diviseur(ctx: Contexte, regle: Regle, *, total: str, moyenne: str, deduit: str) -> Iterator[Resultat]:
    """A printed total over a printed mean must not give the number of people away."""
    for t in ctx.document.territoires:
        calcul, vise = ctx.calculer(t, f"{total} / {moyenne}"), ctx.chiffre(t, moyenne)
        if not (calcul and vise) or ctx.chiffre(t, deduit):
            continue
        entiers = calcul.intervalle.entiers()
        bornes = f"[{ecrire(calcul.intervalle.bas, 3)} ; {ecrire(calcul.intervalle.haut, 3)}]"
        if len(entiers) == 1:
            statut, observe = "OK_MAIS_FUITE", f"{entiers[0]} (seul entier de {bornes})"
            dit = f"quotient entier, donc cohérent, mais l'effectif non publié est divulgué : {entiers[0]}"
            ctx.deduits[t, deduit] = Terme(
                Intervalle.exact(Fraction(entiers[0])), f"{entiers[0]}, {regle.check_id}", calcul.chiffres
            )
        elif entiers:
            statut, observe = "OK", f"{len(entiers)} entiers de {bornes}"
            dit = "l'effectif ne se déduit pas du quotient"
        else:
            statut, observe, dit = "KO", f"aucun entier dans {bornes}", "le total et la moyenne se contredisent"
        yield _resultat(
            regle, t, f"{calcul.expression} = nombre entier ({deduit})", "plusieurs entiers", observe, statut,
            [dit, _serie(ctx, t, deduit)], calcul.chiffres, vise=vise,
        )  # fmt: skip


def majorant(
    ctx: Contexte, regle: Regle, *, formule: str, au_plus: str, remplacable: str
) -> Iterator[Resultat]:
    """A sum of parts does not exceed the whole; told again with the warehouse's own figure for one term."""
    for t in ctx.document.territoires:
        cible = ctx.chiffre(t, au_plus)
        if not (cible and cible.nombre is not None and cible.intervalle):
            continue
        autre = ctx.terme_entrepot(t, remplacable, cible.annees[1] if cible.annees else None)
        imposes = {remplacable: autre} if autre else {}
        second = ctx.calculer(t, formule, **imposes) if autre else None
        calcul = ctx.calculer(t, formule) or second
        if calcul is None:
            continue
        depasse = calcul.intervalle.bas > cible.intervalle.haut
        dits = ["la somme des parties dépasse le tout" if depasse else "la somme des parties tient dans le tout"]
        if autre and second and second is not calcul:
            tient = "tient" if second.intervalle.bas <= cible.intervalle.haut else "ne tient pas"
            dits.append(
                f"avec {remplacable} = {autre.texte}, la borne devient {ecrire(second.intervalle.centre)} et"
                f" l'inégalité {tient}"
            )
        yield _resultat(
            regle, t, f"{calcul.expression} <= {au_plus}", f"<={cible.imprime}", ecrire(calcul.intervalle.centre),
            "KO" if depasse else "OK", dits, (*calcul.chiffres, cible),
            delta=calcul.intervalle.centre - cible.nombre,
        )  # fmt: skip


def derive(
    ctx: Contexte,
    regle: Regle,
    *,
    formule: str,
    decimales: int,
    statut: str = "DERIVE",
    negatif: str | None = None,
    details: dict[str, str] | None = None,
) -> Iterator[Resultat]:
    """What the printed figures imply without printing it; `negatif` is the status when it falls below zero."""
    for t in ctx.document.territoires:
        calcul = ctx.calculer(t, formule)
        if calcul is None:
            continue
        observe = ecrire(calcul.intervalle.centre, decimales)
        if decimales == 0 and len(entiers := calcul.intervalle.entiers()) > 1:
            observe = f"{entiers[0]} à {entiers[-1]}"
        impossible = negatif if calcul.intervalle.haut < 0 else None
        yield _resultat(
            regle, t, calcul.expression, "", observe, impossible or statut,
            ["valeur négative : les chiffres imprimés se contredisent" if impossible else None,
             calcul.remarque_annees, *ctx.details(t, details)],
            calcul.chiffres,
        )  # fmt: skip


def parties(ctx: Contexte, regle: Regle) -> Iterator[Resultat]:
    """Printed communes add up to their printed territory, for every indicateur that is a sum."""
    for total in ctx.document.chiffres:
        indicateur = ctx.entrepot.indicateurs.get(total.indicator_id)
        membres = ctx.membres(total.territoire_id, total.indicator_id)
        if total.nombre is None or not (indicateur and indicateur.methode == "somme" and membres):
            continue
        somme = sum((m.nombre for m in membres if m.nombre is not None), Fraction(0))
        delta = somme - total.nombre
        if delta < 0:
            statut, dit = "A_VERIFIER", "le reste est dans des communes que le document ne cite pas, ou manque"
        elif delta:
            statut, dit = "KO", "les communes citées dépassent leur territoire"
        else:
            statut, dit = "OK", "la somme des communes citées est égale au total"
        yield _resultat(
            regle, total.territoire_id,
            f"{total.indicator_id} : {' + '.join(f'{m.territory_name} ({m.imprime})' for m in membres)}"
            f" = {total.territory_name}",
            total.imprime, ecrire(somme), statut, [dit], (*membres, total), delta=delta,
        )  # fmt: skip


def numerateur_entier(ctx: Contexte, regle: Regle, *, couples: dict[str, str]) -> Iterator[Resultat]:
    """A rate per hundred of a printed count comes from a whole number of cases."""
    for t, taux, effectif, terme in _couples(ctx, couples):
        entiers = _numerateurs(taux, terme)
        assert taux.nombre is not None
        autour = floor(taux.nombre * terme.intervalle.centre / 100)
        proches = " ; ".join(
            f"n={n} : {ecrire(100 * n / terme.intervalle.centre, taux.decimales)}" for n in (autour, autour + 1)
        )
        yield _resultat(
            regle, t, f"100 x n / {effectif} ({terme.texte}) = {taux.indicator_id} ({taux.imprime})", taux.imprime,
            _plage(entiers) if entiers else proches, "OK" if entiers else "KO",
            ["un numérateur entier existe" if entiers else "aucun numérateur entier ne donne ce taux"],
            (taux, *terme.chiffres),
        )  # fmt: skip


def numerateur_divulgue(
    ctx: Contexte, regle: Regle, *, couples: dict[str, str], numerateurs: dict[str, str]
) -> Iterator[Resultat]:
    """A rate over a small known count leaves more than one numerator possible, unless it is printed anyway."""
    for t, taux, effectif, terme in _couples(ctx, couples):
        entiers = _numerateurs(taux, terme)
        if not entiers or ctx.chiffre(t, numerateurs.get(taux.indicator_id, "")):
            continue
        seul = len(entiers) == 1
        yield _resultat(
            regle, t, f"{taux.indicator_id} ({taux.imprime} %) x {effectif} ({terme.texte})", "plusieurs entiers",
            f"{entiers[0]} (unique)" if seul else _plage(entiers), "FUITE" if seul else "OK",
            [f"le numérateur non publié est divulgué : {entiers[0]}" if seul else
             f"{len(entiers)} numérateurs possibles",
             f"à {taux.decimales} décimale(s), tout dénominateur publié d'au plus {10 ** (taux.decimales + 2)}"
             " divulgue son numérateur" if seul else None],
            (taux, *terme.chiffres), vise=taux,
        )  # fmt: skip


def decomposition(
    ctx: Contexte, regle: Regle, *, taux: str, places: str, effectif: str, evolution: str
) -> Iterator[Resultat]:
    """The move of a coverage rate is explained by the printed move of places and of children."""
    for t in ctx.document.territoires:
        serie = ctx.chiffres(t, taux)
        ajout, apres, pente = (ctx.chiffre(t, i) for i in (places, effectif, evolution))
        if len(serie) < 2 or not (ajout and apres) or serie[0].annees is None:
            continue
        debut, fin = _terme(serie[0]).intervalle, _terme(serie[-1]).intervalle
        hausse = fin - debut
        annee = serie[0].annees[1]

        def effet(
            depart: Intervalle, ajout: Chiffre = ajout, apres: Chiffre = apres, debut: Intervalle = debut
        ) -> Intervalle:
            cent = Intervalle.exact(Fraction(100))
            avant = debut * depart / cent
            return (avant + _terme(ajout).intervalle) * cent / _terme(apres).intervalle - debut

        lectures = [(effet(_terme(apres).intervalle), f"dénominateur {apres.imprime}")]
        dits = []
        base = ctx.calculer(t, f"100 * {effectif} / (100 + {evolution})")
        if base and pente and pente.annees:
            premier, dernier = pente.annees
            part = Fraction(min(max(annee - premier, 0), dernier - premier), max(dernier - premier, 1))
            interpole = base.intervalle * Intervalle.exact(1 - part) + _terme(apres).intervalle * Intervalle.exact(
                part
            )
            lectures.append(
                (effet(interpole), f"dénominateur {annee} de {ecrire(interpole.centre, 0)}")
            )
            confondue = effet(base.intervalle)
            if 0 < part and confondue.croise(hausse) and not lectures[-1][0].croise(hausse):
                dits.append(
                    f"se réconcilie ({ecrire((debut + confondue).centre, 1)}) si le taux « {annee} » a le"
                    f" dénominateur de {premier} ({ecrire(base.intervalle.centre, 1)}) : date de publication"
                    " confondue avec la période ?"
                )
        retenue = lectures[-1][0]
        explique = retenue.croise(hausse)
        yield _resultat(
            regle, t,
            f"{taux} ({serie[-1].imprime}) - {taux} {annee} ({serie[0].imprime}) = effet de {places}"
            f" ({ajout.imprime}) et de {effectif} ({apres.imprime})",
            ecrire(hausse.centre, 1), " ; ".join(f"{ecrire(e.centre, 1)} ({dit})" for e, dit in lectures),
            "OK" if explique else "KO",
            [f"les places {'expliquent' if explique else 'n’expliquent pas'} la variation du taux", *dits],
            (serie[0], serie[-1], ajout, apres, *([pente] if pente else [])),
            delta=arrondir(retenue.centre, 1) - hausse.centre,
        )  # fmt: skip


def ouvertures(
    ctx: Contexte, regle: Regle, *, structures: str, places: list[str], mots: list[str]
) -> Iterator[Resultat]:
    """How many structures there will be, once the planned openings the document names have taken place."""
    motif = re.compile("|".join(mots), re.IGNORECASE)
    for t in ctx.document.territoires:
        existantes = ctx.chiffre(t, structures)
        par_type = {
            p: [c for c in ctx.membres(t, p) if motif.search(c.label)] for p in places
        }
        ouvertes = [c for chiffres in par_type.values() for c in chiffres]
        if not (existantes and existantes.nombre is not None and ouvertes):
            continue
        total = existantes.nombre + len(ouvertes)
        sans = [f"{ecrire(total - len(x))} sans {p}" for p, x in par_type.items() if 0 < len(x) < len(ouvertes)]
        precis = re.search("PSU|Paje", existantes.label + existantes.numerator_definition)
        yield _resultat(
            regle, t,
            f"{structures} ({existantes.imprime}) + {' + '.join(c.territory_name for c in ouvertes)}", "",
            ecrire(total) + (f" ({', '.join(sans)})" if sans else ""), "DERIVE" if precis else "A_VERIFIER",
            [None if precis else f"financements compris dans {structures} ({existantes.imprime}) non précisés"],
            (existantes, *ouvertes),
        )  # fmt: skip


# -- universes -----------------------------------------------------------------------------------


def part_hors_univers(
    ctx: Contexte, regle: Regle, *, univers: list[str], faux: str, plafond: str
) -> Iterator[Resultat]:
    """A share labelled with another universe: the count it would mean there is compared with its ceiling."""
    mauvais = ctx.entrepot.indicateurs.get(faux)
    for j in ctx.jugements:
        c = j.chiffre
        if c.unit != "pourcent" or c.intervalle is None or j.univers not in univers or not j.univers_nomme:
            continue
        if mauvais and mauvais.univers not in j.univers_nomme.split("+"):
            continue
        t = c.territoire_id
        base, borne = ctx.terme_entrepot(t, faux), ctx.terme(t, plafond) or ctx.terme_entrepot(t, plafond)
        expression = f"{c.indicator_id} ({c.imprime} %) x {faux} ({base.texte if base else 'non reçu'}) <= {plafond}"
        if not (base and borne):
            absent = plafond if base else faux
            yield _resultat(
                regle, t, expression, "", "", "A_VERIFIER",
                [f"libellé faux, mais l'arithmétique ne peut le confirmer : {absent} n'est pas dans la release"], [c],
            )  # fmt: skip
            continue
        implique = c.intervalle * base.intervalle / Intervalle.exact(Fraction(100))
        impossible = implique.bas > borne.intervalle.haut
        yield _resultat(
            regle, t, f"{expression} ({borne.texte})", f"<={ecrire(borne.intervalle.centre)}",
            ecrire(implique.centre, 0), "KO" if impossible else "KO_LIBELLE",
            ["univers du libellé impossible : les bénéficiaires dépasseraient le total des foyers allocataires"
             if impossible else "univers du libellé faux d'après le dictionnaire ; l'arithmétique seule ne l'exclut pas",
             j.explication],
            (c, *borne.chiffres), delta=arrondir(implique.centre, 0) - borne.intervalle.centre,
        )  # fmt: skip


def montant_par_univers(
    ctx: Contexte, regle: Regle, *, montant: str, part: str, faux: str, vrai: str
) -> Iterator[Resultat]:
    """The yearly amount per beneficiary a share implies, in the universe it names and in the dictionary's."""
    for t in ctx.document.territoires:
        somme, taux = ctx.chiffre(t, montant), ctx.chiffre(t, part)
        if not (somme and taux):
            continue
        jugement = next(j for j in ctx.jugements if j.chiffre is taux)
        lectures = []
        for nom, base in ((faux, ctx.terme_entrepot(t, faux)),
                          (vrai, ctx.terme(t, vrai) or ctx.terme_entrepot(t, vrai))):  # fmt: skip
            if base and taux.nombre and somme.nombre is not None:
                effectif = taux.nombre * base.intervalle.centre / 100
                lectures.append(
                    f"univers {nom} ({base.texte}) : {ecrire(effectif, 0)} foyers,"
                    f" {ecrire(somme.nombre / effectif, 0)} EUR"
                )
        if not lectures:
            continue
        yield _resultat(
            regle, t, f"{montant} ({somme.imprime}) / ({part} ({taux.imprime} %) x univers)", "montant plausible",
            " ; ".join(lectures), "KO_LIBELLE" if jugement.univers_nomme else "DERIVE",
            [jugement.explication if jugement.univers_nomme else None], (somme, taux),
        )  # fmt: skip


def proportion(
    ctx: Contexte, regle: Regle, *, numerateur: str, denominateur: str, indicateur: str, details: dict[str, str]
) -> Iterator[Resultat]:
    """A ratio the document lets its reader work out, beside the warehouse's own."""
    for t in ctx.document.territoires:
        calcul = ctx.calculer(t, f"100 * {numerateur} / {denominateur}")
        if calcul is None:
            continue
        observe = arrondir(calcul.intervalle.centre, 1)
        annee = next((c.annees[1] for c in calcul.chiffres if c.annees and c.indicator_id == numerateur), None)
        cellule = ctx.entrepot.cellule(t, indicateur, annee)
        dits, statut = [calcul.remarque_annees], "A_VERIFIER"
        if cellule is None or cellule.intervalle is None:
            dits.append(f"{indicateur} n'est pas dans la release pour {annee or 'cette année'}")
        else:
            bornes = cellule.intervalle
            egal = arrondir(bornes.centre, 1) == observe
            if egal and not calcul.remarque_annees:
                statut = "OK"
            dedans = "dans" if bornes.bas <= calcul.intervalle.centre <= bornes.haut else "hors de"
            dits.append("égal à l'entrepôt" if egal else f"{dedans} l'intervalle de l'entrepôt")
        dits += [j.explication for j in ctx.jugements if j.chiffre in calcul.chiffres and j.verdict != "conforme"]
        yield _resultat(
            regle, t, calcul.expression, _cellule(calcul.chiffres[0], cellule), ecrire(observe, 1), statut,
            [*dits, *ctx.details(t, details)], calcul.chiffres,
            delta=calcul.intervalle.centre - cellule.valeur if cellule and cellule.valeur is not None else None,
        )  # fmt: skip


# -- time ----------------------------------------------------------------------------------------


def pyramide(ctx: Contexte, regle: Regle, *, classes: dict[str, int], evolutions: list[str]) -> Iterator[Resultat]:
    """Where births fall, a generation of older children is not smaller than one of younger ones."""
    for t in ctx.document.territoires:
        presentes = {i: c for i in classes if (c := ctx.chiffre(t, i))}
        pentes = [c for i in evolutions if (c := ctx.chiffre(t, i))]
        if len(presentes) < 2 or not pentes:
            continue
        generations = [c.nombre / classes[i] for i, c in presentes.items() if c.nombre is not None]
        baisse = any(c.nombre is not None and c.nombre < 0 for c in pentes)
        croissante = generations == sorted(generations)
        yield _resultat(
            regle, t, " ; ".join(f"{i} ({c.imprime}) / {classes[i]} ans" for i, c in presentes.items()),
            "croissant avec l'âge" if baisse else "", " ; ".join(ecrire(g, 0) for g in generations) + " par génération",
            "OK" if croissante or not baisse else "A_VERIFIER",
            ["effectifs par génération cohérents avec l'évolution" if croissante or not baisse else
             "les plus jeunes plus nombreux que leurs aînés malgré une baisse : sources ou univers différents ?"],
            (*presentes.values(), *pentes),
        )  # fmt: skip


def fenetres(ctx: Contexte, regle: Regle, *, indicateurs: list[str]) -> Iterator[Resultat]:
    """Evolutions shown side by side cover the same years."""
    for t in ctx.document.territoires:
        chiffres = [c for i in indicateurs if (c := ctx.chiffre(t, i))]
        if len(chiffres) < 2:
            continue
        seules = [c.indicator_id for c in chiffres if not c.comparator]
        memes = len({c.period for c in chiffres}) == 1
        yield _resultat(
            regle, t, " = ".join(f"fenêtre de {c.indicator_id}" for c in chiffres), "identiques",
            " ; ".join(c.period for c in chiffres), "OK" if memes else "KO_PRESENTATION",
            [None if memes else "évolutions non comparables entre elles",
             f"sans comparateur : {', '.join(seules)}" if seules else None], chiffres,
        )  # fmt: skip


def millesime_inconnu(ctx: Contexte, regle: Regle) -> Iterator[Resultat]:
    """A figure without a year, that no received year gives and no other reading explains."""
    for j in ctx.jugements:
        c, cellule = j.chiffre, j.cellule
        if c.annees or j.verdict != "ecart" or j.lecture or not cellule or c.nombre is None or cellule.valeur is None:
            continue
        yield _resultat(
            regle, c.territoire_id,
            f"{c.indicator_id} ({c.imprime}, année non précisée) = valeur de l'entrepôt {cellule.millesime}",
            c.imprime, ecrire(cellule.valeur, max(c.decimales, 1)), "A_VERIFIER", [j.explication], [c],
            delta=cellule.valeur - c.nombre,
        )  # fmt: skip


# -- what the document leaves out ----------------------------------------------------------------


def definition(ctx: Contexte, regle: Regle) -> Iterator[Resultat]:
    """A rate says what it divides and when: one that says neither cannot be compared with anything."""
    coupables = [
        c
        for c in ctx.document.chiffres
        if c.nombre is not None and c.annees is None and c.unit == "pourcent"
        and (_INDEFINI.search(c.numerator_definition + c.denominator_definition)
             or not (c.numerator_definition and c.denominator_definition))
    ]  # fmt: skip
    for c in coupables:
        dits = ["définition et année absentes : aucune comparaison n'est possible"]
        if c.indicator_id in ctx.entrepot.indicateurs:
            voisines = [
                f"{v.indicateur_id} {ecrire(v.valeur)} ({v.millesime})"
                for v in ctx.entrepot.voisines(c.territoire_id, c.indicator_id)
                if v.valeur is not None
            ]
            if voisines:
                dits.append(f"l'entrepôt a, dans le même univers : {', '.join(voisines)}")
        yield _resultat(
            regle, c.territoire_id, f"{c.indicator_id} ({c.imprime}) porte définition, source et année",
            "définition + source + année", "absentes", "KO_METADONNEES", dits, [c],
        )  # fmt: skip
    if not coupables:
        yield _resultat(
            regle, None, "chaque taux porte une définition ou une année", "définition ou année", "présentes", "OK", [], []
        )


def manquants(ctx: Contexte, regle: Regle) -> Iterator[Resultat]:
    """Every figure the document announces has a value."""
    vides = [c for c in ctx.document.chiffres if c.manquant]
    yield _resultat(
        regle, None, f"{', '.join(c.indicator_id for c in vides) or 'chaque chiffre annoncé'} : une valeur",
        f"{len(vides) or len(ctx.document.chiffres)} valeurs", "0 valeur" if vides else f"{len(ctx.document.chiffres)} valeurs",
        "MANQUANT" if vides else "OK",
        [f"annoncés sans valeur : {', '.join(c.label for c in vides)}" if vides else None], vides,
    )  # fmt: skip


def sans_annee(ctx: Contexte, regle: Regle) -> Iterator[Resultat]:
    """Every printed value carries the period it speaks of."""
    nus = [c for c in ctx.document.chiffres if c.annees is None and not c.manquant]
    niveaux = dict.fromkeys(c.territory_level for c in nus)
    detail = ", ".join(f"{sum(c.territory_level == n for c in nus)} {n}" for n in niveaux)
    montants = sum(c.unit.startswith("EUR") for c in nus)
    yield _resultat(
        regle, None, "chaque valeur publiée porte une période de référence", "0 valeur sans année",
        f"{len(nus)} valeurs sans année ({detail})" if nus else "0 valeur sans année",
        "KO_METADONNEES" if nus else "OK",
        [f"dont {montants} montants" if montants else None,
         f"indicateurs : {', '.join(dict.fromkeys(c.indicator_id for c in nus))}" if nus else None], nus,
        delta=Fraction(len(nus)),
    )  # fmt: skip


# -- document beside warehouse -------------------------------------------------------------------


def seuil(
    ctx: Contexte, regle: Regle, *, population: str, seuil: int, niveaux: list[str], schema: str
) -> Iterator[Resultat]:
    """Above a legal number of inhabitants, the document must hold the plan the law asks for."""
    for t in ctx.document.territoires:
        habitants = ctx.chiffre(t, population)
        if not habitants or habitants.nombre is None or habitants.territory_level not in niveaux:
            continue
        plans = [
            c for c in ctx.document.chiffres
            if (c.territoire_id, c.indicator_id) == (t, schema) and not c.manquant
        ]  # fmt: skip
        oblige = habitants.nombre > seuil
        yield _resultat(
            regle, t, f"{population} ({habitants.imprime}) > {seuil} : {schema} obligatoire",
            "schéma" if oblige else "sans obligation",
            f"schéma {plans[0].value} prévu" if plans else "aucun schéma",
            "OK" if plans or not oblige else "MANQUANT",
            [None if plans or not oblige else "le document ne cite aucun schéma"], (habitants, *plans),
        )  # fmt: skip


def somme_des_membres(ctx: Contexte, regle: Regle, *, indicateur: str) -> Iterator[Resultat]:
    """A printed count equals the warehouse's sum over the member communes, that same year."""
    for c in ctx.document.chiffres:
        if c.indicator_id != indicateur or c.nombre is None or c.annees is None:
            continue
        somme = ctx.entrepot.somme_des_membres(c.territoire_id, indicateur, c.annees[1])
        if somme is None:
            continue
        total, communes = somme
        attendues = len(ctx.entrepot.membres[c.territoire_id])
        statut = "OK" if total == c.nombre else "KO" if communes == attendues else "A_VERIFIER"
        yield _resultat(
            regle, c.territoire_id,
            f"{indicateur} ({c.imprime}, {c.annees[1]}) = somme sur {communes} communes membres", c.imprime,
            ecrire(total), statut,
            [None if communes == attendues else f"{attendues - communes} communes sans valeur",
             "périmètre et géographie de référence de la release"], [c], delta=total - c.nombre,
        )  # fmt: skip


def autre_lecture(ctx: Contexte, regle: Regle) -> Iterator[Resultat]:
    """A figure far from its own formula and close to another one: the label is probably that other one's."""
    for j in ctx.jugements:
        c, cellule, lecture = j.chiffre, j.cellule, j.lecture
        if not (cellule and lecture and lecture.indicateur_id != c.indicator_id) or c.nombre is None:
            continue
        serie = " ; ".join(_cellule(c, x) for x in ctx.entrepot.cellules(c.territoire_id, c.indicator_id))
        assert cellule.valeur is not None
        yield _resultat(
            regle, c.territoire_id, f"{c.indicator_id} ({c.imprime}) = formule du dictionnaire", c.imprime, serie,
            "KO_LIBELLE",
            [f"la valeur imprimée ne correspond pas à son libellé ; elle correspond à {lecture.indicateur_id} :"
             f" {decrire(c, lecture)}"], [c], delta=cellule.valeur - c.nombre,
        )  # fmt: skip


REGLES = {
    f.__name__: f
    for f in (
        egalite, diviseur, majorant, derive, parties, numerateur_entier, numerateur_divulgue, decomposition,
        ouvertures, part_hors_univers, montant_par_univers, proportion, pyramide, fenetres, millesime_inconnu,
        definition, manquants, sans_annee, seuil, somme_des_membres, autre_lecture,
    )
}  # fmt: skip


def _resultat(
    regle: Regle,
    territoire: str | None,
    expression: str,
    attendu: str,
    observe: str,
    statut: str,
    dits: "list[str] | list[str | None]",
    chiffres: "tuple[Chiffre, ...] | list[Chiffre]",
    delta: Fraction | None = None,
    vise: Chiffre | None = None,
) -> Resultat:
    gravite = "securite" if statut in FUITES else "info" if statut in PASSES else regle.gravite
    return Resultat(
        regle.check_id,
        regle.rule,
        territoire,
        expression,
        attendu,
        observe,
        delta,
        statut,
        gravite,
        " ; ".join(dit for dit in (*dits, regle.note) if dit),
        tuple(dict.fromkeys(c.ligne for c in chiffres)),
        vise.ligne if vise else None,
    )


def _terme(chiffre: Chiffre) -> Terme:
    assert chiffre.intervalle is not None
    return Terme(chiffre.intervalle, chiffre.imprime, (chiffre,))


def _couples(ctx: Contexte, couples: dict[str, str]) -> Iterator[tuple[str, Chiffre, str, Terme]]:
    """Printed rates with the count they divide by, printed or deduced, unless their years differ."""
    for t in ctx.document.territoires:
        for nom, effectif in couples.items():
            taux, terme = ctx.chiffre(t, nom), ctx.terme(t, effectif)
            if taux and terme and terme.intervalle.centre > 0:
                annees = {c.annees[1] for c in (taux, *terme.chiffres) if c.annees}
                if len(annees) <= 1:
                    yield t, taux, effectif, terme


def _numerateurs(taux: Chiffre, terme: Terme) -> range:
    """Whole numbers that give the printed rate (per hundred), rounded as it is printed."""
    assert taux.intervalle is not None
    bornes = taux.intervalle * terme.intervalle / Intervalle.exact(Fraction(100))
    justes = [
        n
        for n in bornes.entiers()
        if arrondir(100 * n / terme.intervalle.centre, taux.decimales) == taux.nombre
    ]
    return range(justes[0], justes[-1] + 1) if justes else range(0)


def _plage(entiers: range) -> str:
    return f"{entiers[0]} à {entiers[-1]}" if len(entiers) > 1 else str(entiers[0])


def _cellule(c: Chiffre, cellule: Cellule | None) -> str:
    return decrire(c, cellule) if cellule and cellule.valeur is not None else ""


def _serie(ctx: Contexte, territoire: str, indicateur: str) -> str | None:
    cellules = ctx.entrepot.cellules(territoire, indicateur)
    valeurs = [c.valeur for c in cellules if c.valeur is not None]
    if not valeurs:
        return None
    return (
        f"l'entrepôt donne {ecrire(min(valeurs))} à {ecrire(max(valeurs))}"
        f" ({cellules[0].millesime}-{cellules[-1].millesime}, {cellules[-1].source_ids})"
    )
