"""The plan of a convention beside a release: what its author has to correct, and remarks of authors.

Rows of the plan are those of its files, with their `ligne`; what was published is read in the marts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publication.lecture.commentaires import Commentaire
from publication.lecture.conventions import dernier_jour
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from socle.affichage import date_longue

Tables = Mapping[str, Sequence[Ligne]]
"""Rows of each table of the plan in use, by its name."""

REMARQUE = "remarque_interne"

_A_FAIRE = {
    "contredit": "corriger l'énoncé, ou dater ses chiffres (annee_debut, annee_fin) : d'ici là, les documents"
    " impriment les deux",
    "incomplet": "donner l'indicateur et, de chaque valeur, son année ; ou vider ces colonnes",
    "indicateur_inconnu": "écrire l'identifiant du dictionnaire (dictionnaire.csv de la publication)",
    "sans_chiffre": "rien si l'énoncé est sûr : la publication n'a pas de chiffre ces années-là",
}
_OBSERVE = {
    "incomplet": "un chiffre sans son indicateur ou sans son année, ou un indicateur sans chiffre",
    "sans_chiffre": "aucun chiffre de la série ces années-là : l'énoncé n'est pas vérifié",
}


@dataclass(frozen=True)
class Constat:
    """Something of the plan to be looked at: where, what is stated, what is observed, what to do.

    `a_corriger` is False of what only cannot be verified.
    """

    ou: str
    enonce: str
    observe: str
    a_faire: str
    a_corriger: bool = True

    def __str__(self) -> str:
        """Word it for the terminal."""
        return f"{self.ou}\n  énoncé  : {self.enonce}\n  observé : {self.observe}\n  à faire : {self.a_faire}"


def controler(marts: Marts, tables: Tables) -> list[Constat]:
    """Return what is to be looked at in the plan: its findings, its conventions, what it says to come."""
    juges = (_enonces, _statuts, _passes, _commentaires)
    return [constat for juge in juges for constat in juge(marts, tables)]


def remarques(tables: Tables) -> list[tuple[str, str]]:
    """Return the remarks between authors: where, and what they say."""
    return [
        (_ou(table, ligne), str(ligne[REMARQUE]))
        for table, lignes in tables.items()
        for ligne in lignes
        if ligne.get(REMARQUE)
    ]


def _ou(table: str, ligne: Ligne | None) -> str:
    return f"{table}, ligne {ligne['ligne']}" if ligne else f"{table} (ligne absente du plan en usage)"


def _trouver(lignes: Sequence[Ligne], **cle: Any) -> Ligne | None:
    return next((x for x in lignes if all(x[champ] == valeur for champ, valeur in cle.items())), None)


def _enonces(marts: Marts, tables: Tables) -> Iterator[Constat]:
    """Findings whose figures the series contradicts, or that nothing can be said of."""
    for c in marts.lignes("from ctg_constats where verification <> 'conforme' order by convention_id, ordre"):
        verification = c["verification"]
        ligne = _trouver(
            tables.get("constats", ()), convention_id=c["convention_id"], numero=c["ordre"], texte=c["texte"]
        )
        yield Constat(
            _ou("constats", ligne),
            c["texte"],
            c["note"] or _OBSERVE.get(verification) or f"aucun indicateur {c['indicateur_id']}",
            _A_FAIRE[verification],
            a_corriger=verification != "sans_chiffre",
        )


def _statuts(marts: Marts, tables: Tables) -> Iterator[Constat]:
    """Conventions that their plan says in force, and whose dates say that they ended."""
    for c in marts.conventions:
        fin = dernier_jour(c)
        if c["convention_statut"] == "échue" or fin is None or fin >= marts.jour:
            continue
        yield Constat(
            _ou("conventions", _trouver(tables.get("conventions", ()), convention_id=c["convention_id"])),
            f"{c['libelle']} : {c['convention_statut']}",
            f"elle a pris fin le {date_longue(fin)}, prolongations comprises",
            "écrire « échue », ou déclarer l'avenant qui la prolonge",
        )


def _passes(marts: Marts, tables: Tables) -> Iterator[Constat]:
    """Steps and openings said to come, whose day or year is past."""
    for d in tables.get("demarche", ()):
        if d["etat"] == "à venir" and d["date"] is not None and d["date"] < marts.jour:
            yield Constat(
                _ou("demarche", d),
                f"{d['texte']} : à venir",
                f"le {date_longue(d['date'])} est passé",
                "écrire « fait », ou changer la date",
            )
    for o in tables.get("calendrier", ()):
        if o["statut"] in ("planifié", "annoncé") and o["annee_fin"] < marts.jour.year:
            yield Constat(
                _ou("calendrier", o),
                f"{o['structure'] or o['nature']} : {o['statut']} pour {o['annee_fin']}",
                f"{o['annee_fin']} est passé",
                "écrire « ouvert » ou « abandonné », ou changer l'année",
            )


def _commentaires(marts: Marts, tables: Tables) -> Iterator[Constat]:
    """Comments that quote a figure which moved, or that stand in the portrait of no territory."""
    connus = {t["territoire_id"] for t in marts.lignes("select territoire_id from dim_territoire")}
    for ligne in tables.get("commentaires", ()):
        commentaire = Commentaire.de_la_table(ligne)
        ou, dit = _ou("commentaires", ligne), commentaire.texte
        if commentaire.territoire_id not in connus:
            yield Constat(
                ou,
                dit,
                f"aucun territoire {commentaire.territoire_id} dans la publication",
                "écrire un identifiant de dim_territoire, par exemple ctg:<convention_id>",
            )
        elif mouvement := commentaire.mouvement(marts):
            yield Constat(ou, dit, mouvement, "relire le commentaire, puis corriger chiffre_valeur")
