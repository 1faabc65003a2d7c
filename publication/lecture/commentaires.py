"""What authors write in portraits: their comments, and whether the figure that one quotes has moved since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from socle.affichage import date_longue, nombre


@dataclass(frozen=True)
class Commentaire:
    """A comment: where it stands (`section`, `place`), who wrote it and when, the figure it quotes if any."""

    territoire_id: str
    section: str
    place: str
    texte: str
    auteur: str
    jour: date
    indicateur_id: str | None
    chiffre_territoire: str
    chiffre_annee: int | None
    chiffre_valeur: float | None

    @classmethod
    def lire(cls, ligne: Ligne) -> "Commentaire":
        """Read a row of `ctg_commentaires`."""
        valeur = ligne["chiffre_valeur"]
        return cls(
            territoire_id=ligne["territoire_id"],
            section=ligne["section"],
            place=ligne["place"],
            texte=ligne["texte"],
            auteur=ligne["auteur"],
            jour=ligne["jour"],
            indicateur_id=ligne["indicateur_id"],
            chiffre_territoire=ligne["chiffre_territoire"] or ligne["territoire_id"],
            chiffre_annee=ligne["chiffre_annee"],
            chiffre_valeur=None if valeur is None else float(valeur),
        )

    @classmethod
    def de_la_table(cls, ligne: Ligne) -> "Commentaire":
        """Read a row of the table that an author fills in."""
        return cls.lire({**ligne, "jour": ligne["date"]})

    @property
    def signature(self) -> str:
        """Who wrote it, and when: "Coordination CTG, 3 mars 2026"."""
        return f"{self.auteur}, {date_longue(self.jour)}"

    def mouvement(self, marts: Marts) -> str | None:
        """Return what the release says of the figure that it quotes, where that is not the same.

        "Taux de couverture, 2023 : 64,3 dans cette publication"
        """
        if self.indicateur_id is None:
            return None
        quoi = f"{self.indicateur_id}, {self.chiffre_annee or 'sans année'}"
        indicateur = marts.indicateurs.get(self.indicateur_id)
        if indicateur is None or self.chiffre_annee is None or self.chiffre_valeur is None:
            return f"{quoi} : indicateur inconnu, ou chiffre cité sans son année ou sa valeur"
        lues = marts.lignes(
            "select valeur, coalesce(borne_basse, valeur) as basse, coalesce(borne_haute, valeur) as haute,"
            " valeur_affichee from fct_indicateurs"
            " where territoire_id = ? and indicateur_id = ? and millesime = ?",
            [self.chiffre_territoire, self.indicateur_id, self.chiffre_annee],
        )
        quoi = f"{indicateur.libelle}, {self.chiffre_annee}"
        if not lues or lues[0]["valeur"] is None:
            return f"{quoi} : aucun chiffre dans cette publication"
        lue, pas = lues[0], 0.5 / 10**indicateur.decimales + 1e-9
        if lue["basse"] - pas <= self.chiffre_valeur <= lue["haute"] + pas:
            return None
        cite = nombre(self.chiffre_valeur, indicateur.decimales)
        return f"{quoi} : {lue['valeur_affichee']} dans cette publication (cité : {cite})"


def publies(marts: Marts) -> Sequence[Commentaire]:
    """Return the comments of a release, in the order of the table."""
    return tuple(map(Commentaire.lire, marts.commentaires))
