"""The figures that a portrait quotes, as they are printed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from publication.lecture.chiffres import Cellule, Chiffre, Ton
from publication.lecture.citation import reference
from publication.lecture.jeux import d_indicateurs, des_parties, des_territoires
from publication.lecture.marts import Marts, Territoire
from socle.affichage import Bornes, afficher, arrondi, decimales_connues, intervalle
from socle.statuts import MONTRENT


@dataclass
class Releve:
    """The figures of some territories, read at once, and those that the portrait has quoted so far."""

    marts: Marts
    territoires: dict[str, Territoire] = field(default_factory=dict)
    cites: dict[str, Chiffre] = field(default_factory=dict)
    _lignes: dict[tuple[str, str], dict[int, dict[str, Any]]] = field(default_factory=dict)

    def lire(self, territoires: Iterable[Territoire]) -> None:
        """Read all the figures of these territories."""
        self._prendre(territoires, lambda ids: des_territoires(self.marts, ids))

    def lire_les_parties(
        self,
        territoires: Iterable[Territoire],
        ensemble: Sequence[str],
        indicateurs: Sequence[str] | None = None,
    ) -> None:
        """Read the figures of the parts of a territory that its page tells, all or of some indicateurs."""
        self._prendre(territoires, lambda ids: des_parties(self.marts, ids, ensemble, indicateurs))

    def lire_de(self, territoires: Iterable[Territoire], indicateurs: Sequence[str]) -> None:
        """Read all the figures of some indicateurs, whatever was read before."""
        de = {t.territoire_id: t for t in territoires}
        self.territoires |= de
        self._ranger(d_indicateurs(self.marts, list(de), indicateurs))

    def _prendre(
        self, territoires: Iterable[Territoire], lire: Callable[[list[str]], list[dict[str, Any]]]
    ) -> None:
        nouveaux = {t.territoire_id: t for t in territoires if t.territoire_id not in self.territoires}
        if nouveaux:
            self.territoires |= nouveaux
            self._ranger(lire(list(nouveaux)))

    def _ranger(self, lignes: Iterable[dict[str, Any]]) -> None:
        for ligne in lignes:
            cle = ligne["territoire_id"], ligne["indicateur_id"]
            self._lignes.setdefault(cle, {})[ligne["millesime"]] = ligne

    def annees(self, territoire_id: str, indicateur_id: str) -> list[int]:
        """Return the millésimes of a figure, usable or not, in order."""
        return sorted(self._lignes.get((territoire_id, indicateur_id), ()))

    def ligne(self, territoire_id: str, indicateur_id: str, millesime: int) -> dict[str, Any] | None:
        """Return the row of a figure."""
        return self._lignes.get((territoire_id, indicateur_id), {}).get(millesime)

    def chiffre(self, indicateur_id: str, territoire_id: str, millesime: int) -> Chiffre | None:
        """Return a figure as it is printed, and keep it among those quoted; None where there is no row."""
        cle = reference(indicateur_id, territoire_id, millesime)
        if cle in self.cites:
            return self.cites[cle]
        ligne = self.ligne(territoire_id, indicateur_id, millesime)
        if ligne is None:
            return None
        indicateur = self.marts.indicateurs[indicateur_id]
        # What is no point is its text: a number could be read off a bar, a scale or a sheet.
        nombre = ligne["valeur"] if ligne["lisibilite"] == "point" else None
        bornes = ligne["borne_basse"], ligne["borne_haute"]
        connues = decimales_connues(bornes, indicateur.decimales)
        chiffre = Chiffre(
            reference=cle,
            indicateur_id=indicateur_id,
            territoire_id=territoire_id,
            territoire=self.territoires[territoire_id].libelle,
            millesime=millesime,
            libelle=indicateur.libelle,
            texte=ligne["valeur_affichee"],
            nombre=None if nombre is None else arrondi(nombre, connues),
            decimales=max(connues, 0),
            unite=indicateur.unite.libelle_pluriel,
            statut=ligne["statut"],
            univers=indicateur.univers_libelle,
            source=self.marts.source(ligne),
            intervalle=None
            if nombre is None
            else intervalle(*bornes, indicateur.unite, indicateur.decimales),
            motif=ligne["motif"],
            demonstration=bool(ligne["demonstration"]),
            prevu=indicateur_id in self.marts.prevus,
            lisibilite=ligne["lisibilite"],
            valeur=nombre,
        )
        self.cites[cle] = chiffre
        return chiffre

    def millesimes(self) -> dict[str, set[int]]:
        """Of each source of the figures quoted so far, the years of those that are shown.

        They are not the editions of its files: the one of 2024 may hold figures of 2020 to 2024. A ratio of
        terms of two years does not say which of its sources each is of: it counts for none.
        """
        trouves: dict[str, set[int]] = {}
        for c in self.cites.values():
            if (ligne := self.ligne(c.territoire_id, c.indicateur_id, c.millesime)) is None:
                continue
            dite = c.statut in MONTRENT and ligne["millesime_denominateur"] in (None, c.millesime)
            for source_id in (ligne["source_ids"] or "").split("+"):
                trouves.setdefault(source_id, set()).update([c.millesime] if dite else [])
        return trouves

    def cellule(
        self, indicateur_id: str, territoire_id: str, millesime: int, ton: Ton = "neutre"
    ) -> Cellule | None:
        """Return a figure as what stands in a table or a chart; None where the release has no row."""
        chiffre = self.chiffre(indicateur_id, territoire_id, millesime)
        if chiffre is None:
            return None
        ligne = self.ligne(territoire_id, indicateur_id, millesime)
        assert ligne is not None
        flou = chiffre.intervalle is not None
        basse, haute = (
            arrondi(borne, self.marts.indicateurs[indicateur_id].decimales)
            if flou and borne is not None
            else None
            for borne in (ligne["borne_basse"], ligne["borne_haute"])
        )
        return Cellule(
            texte=chiffre.texte,
            nombre=chiffre.nombre,
            decimales=chiffre.decimales,
            suffixe=self.marts.indicateurs[indicateur_id].suffixe,
            statut=chiffre.statut,
            chiffre=chiffre.reference,
            basse=basse,
            haute=haute,
            ton=ton,
        )

    def hors_release(
        self, indicateur_id: str, valeur: float | None, statut: str, bornes: Bornes = (None, None)
    ) -> Cellule:
        """Return the cell of a number that no row is of: a median of peers, a target."""
        indicateur = self.marts.indicateurs[indicateur_id]
        connues = decimales_connues(bornes, indicateur.decimales)
        return Cellule(
            texte=afficher(valeur, indicateur.unite, indicateur.decimales, statut, bornes=bornes),
            nombre=None if valeur is None else arrondi(valeur, connues),
            decimales=max(connues, 0),
            suffixe=indicateur.suffixe,
            statut=statut,  # type: ignore[arg-type]
        )
