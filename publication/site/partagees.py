"""The pages that two processes share: those of territories, with their documents, and of indicateurs."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from markupsafe import Markup

from publication.lecture.citation import INVENTES
from publication.lecture.marts import Marts
from publication.portraits.contenu import composer
from publication.portraits.formats import FORMATS, nom_de_fichier
from publication.portraits.formats import rendre as rendre_portrait
from publication.site import adresses, rendu
from publication.site.cache import empreinte
from publication.site.indicateur import chiffres_montres, indicateur, valeurs
from publication.site.presse import Presse, nommant

DOCUMENTS = "ctg"
"""The level whose portraits are printed in every format."""
_ENSEMBLE = 64
"""Territories whose figures are read at once: some 80 MB of them."""


class Sujet(NamedTuple):
    """What a page that two processes share is about: `territoire epci:200068229`, `indicateur nb_eaje`."""

    genre: Literal["territoire", "indicateur"]
    identifiant: str

    def __str__(self) -> str:
        """Name it, as an error does."""
        return " ".join(self)


@dataclass(eq=False)
class Partagees:
    """What draws them, into the folder of one release."""

    presse: Presse

    def pages(self, voulues: Iterable[Sujet]) -> None:
        """Draw pages of territories and of indicateurs."""
        voulues = list(voulues)
        for debut in range(0, len(voulues), _ENSEMBLE):
            ensemble = voulues[debut : debut + _ENSEMBLE]
            self.presse.portraits.annoncer(v.identifiant for v in ensemble if v.genre == "territoire")
            for voulue in ensemble:
                with nommant(str(voulue)):
                    if voulue.genre == "territoire":
                        self._territoire(voulue.identifiant)
                    else:
                        self._indicateur(voulue.identifiant)

    def _territoire(self, territoire_id: str) -> None:
        document = composer(self.presse.portraits, territoire_id, a_presenter=False)

        tailles = self._documents(territoire_id) if document.niveau == DOCUMENTS else {}

        def dessiner() -> str:
            # Charts are drawn, and what draws them imported, only for what changed.
            from publication.portraits.html import Rendu, rendre_corps

            pieces = Rendu.de(document, numerote=True)
            return self.presse.dessin(
                "territoire",
                document.titre,
                "territoires",
                "../",
                document=document,
                corps=rendre_corps(document, pieces),
                index=rendu.donnees(pieces.index_de_page(self.presse.portraits.sources_usuelles)),
                documents={f: nom_de_fichier(document, f) for f in FORMATS if f in tailles},
            )

        html = self.presse.cache.dessin("territoire", [document, self.presse.commun, self._sources], dessiner)
        self.presse.page(self.presse.imprimes[territoire_id], html, tailles)

    def _documents(self, territoire_id: str) -> dict[str, int]:
        """Print a portrait in every format, as `ctg portrait` does; return the size of each file."""
        document = composer(self._nommee, territoire_id)
        dossier = self.presse.release / adresses.PORTRAITS
        dossier.mkdir(exist_ok=True)
        return {
            format_: (dossier / nom_de_fichier(document, format_)).write_bytes(
                rendre_portrait(document, format_)
            )
            for format_ in FORMATS
        }

    def _indicateur(self, indicateur_id: str) -> None:
        chiffres, communes = chiffres_montres(self.presse.marts, indicateur_id)
        dit = indicateur(self.presse.marts, indicateur_id, self.presse.adresses, chiffres, communes)
        carte = self.presse.atlas.carte(indicateur_id) if communes else None
        trace = self.presse.atlas.trace if carte else None

        def dessiner() -> str:
            dessin = None
            if carte and self.presse.atlas.contours:
                from publication.portraits.svg.cartes import dessiner as dessiner_carte

                bandeau = INVENTES if self.presse.marts.demonstration else None
                dite = dessiner_carte(
                    carte, self.presse.atlas.contours, bandeau, traits=self.presse.atlas.traits, bulles=False
                )
                dessin = Markup(dite)
            return self.presse.dessin(
                "indicateur",
                dit["ligne"]["libelle"],
                "indicateurs",
                "../",
                contenu=dit,
                carte=carte,
                dessin=dessin,
            )

        html = self.presse.cache.dessin("indicateur", [dit, self.presse.commun, carte, trace], dessiner)
        self.presse.page(adresses.indicateur(indicateur_id), html)
        if dit["groupes"]:
            lignes = valeurs(self.presse.marts, indicateur_id, (*chiffres, *communes))
            self.presse.fichier(adresses.valeurs(indicateur_id), lignes)

    @cached_property
    def _nommee(self) -> Marts:
        """The release under its name, which documents say; pages have it put in last."""
        return Marts(self.presse.marts.con)

    @cached_property
    def _sources(self) -> str:
        """Digest of the sources that pages share: a page tells those that differ."""
        return empreinte(self.presse.portraits.sources_usuelles)
