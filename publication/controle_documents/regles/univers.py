"""Checks of the population a figure is about: what a wrong label would mean, worked out."""

from collections.abc import Iterator
from fractions import Fraction

from publication.controle_documents.contexte import Constat, Examen, par_territoire
from publication.controle_documents.intervalles import Intervalle, arrondir, ecrire


def part_hors_univers(ctx: Examen, *, univers: list[str], faux: str, plafond: str) -> Iterator[Constat]:
    """A share labelled with another universe: the count it would mean there is compared with its ceiling."""
    mauvais = ctx.entrepot.indicateurs.get(faux)
    for j in ctx.jugements:
        c = j.chiffre
        if c.unit != "pourcent" or c.intervalle is None or j.univers not in univers or not j.faux:
            continue
        if mauvais and mauvais["univers"] not in j.faux.univers:
            continue
        t = c.territoire_id
        base, borne = ctx.terme_entrepot(t, faux), ctx.terme(t, plafond) or ctx.terme_entrepot(t, plafond)
        expression = (
            f"{c.indicator_id} ({c.imprime} %) x {faux} ({base.texte if base else 'non reçu'}) <= {plafond}"
        )
        if not (base and borne):
            absent = plafond if base else faux
            yield Constat(
                expression,
                "",
                "",
                "A_VERIFIER",
                [f"libellé faux ; l'arithmétique ne peut le confirmer : {absent} n'est pas dans la release"],
                [c],
                territoire=t,
            )
            continue
        implique = c.intervalle * base.intervalle / Intervalle.exact(Fraction(100))
        impossible = implique.bas > borne.intervalle.haut
        yield Constat(
            f"{expression} ({borne.texte})",
            f"<={ecrire(borne.intervalle.centre)}",
            ecrire(implique.centre, 0),
            "KO" if impossible else "KO_LIBELLE",
            [
                "univers du libellé impossible : les bénéficiaires dépasseraient les foyers allocataires"
                if impossible
                else "univers du libellé faux d'après le dictionnaire ; l'arithmétique ne l'exclut pas",
                j.faux.dit,
            ],
            (c, *borne.chiffres),
            delta=arrondir(implique.centre, 0) - borne.intervalle.centre,
            territoire=t,
        )


@par_territoire
def montant_par_univers(
    ctx: Examen, t: str, *, montant: str, part: str, faux: str, vrai: str
) -> Constat | None:
    """The yearly amount per beneficiary a share implies, in the universe it names and in the dictionary's."""
    somme, taux = ctx.chiffre(t, montant), ctx.chiffre(t, part)
    if not (somme and taux):
        return None
    jugement = ctx.jugement(taux)
    lectures = []
    for nom, base in (
        (faux, ctx.terme_entrepot(t, faux)),
        (vrai, ctx.terme(t, vrai) or ctx.terme_entrepot(t, vrai)),
    ):
        if base and taux.nombre and somme.nombre is not None:
            effectif = taux.nombre * base.intervalle.centre / 100
            lectures.append(
                f"univers {nom} ({base.texte}) : {ecrire(effectif, 0)} foyers,"
                f" {ecrire(somme.nombre / effectif, 0)} EUR"
            )
    if not lectures:
        return None
    return Constat(
        f"{montant} ({somme.imprime}) / ({part} ({taux.imprime} %) x univers)",
        "montant plausible",
        " ; ".join(lectures),
        "KO_LIBELLE" if jugement.faux else "DERIVE",
        [jugement.faux.dit if jugement.faux else None],
        (somme, taux),
    )
