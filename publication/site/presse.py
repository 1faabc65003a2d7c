"""The pages of which there is one of each, and those of communes; what writes every page into its release."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from publication.exports.dcat import NOM as DCAT
from publication.lecture.citation import INVENTES
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.marts import Marts
from publication.site import adresses, donnees, pages, recherche, rendu, schema_org, themes
from publication.site.cache import Cache
from publication.site.carte_accueil import a_choisir
from publication.site.cartes import Atlas
from publication.site.commune import Fiches
from publication.site.impression import Impression
from publication.site.noms import COMMUNES_AU_PLUS, Contenu
from publication.site.places import places
from socle.disque import ecrire_texte
from socle.erreurs import ErreurPublication


@contextmanager
def nommant(page: str) -> Iterator[None]:
    """Say which page could not be made, and why."""
    try:
        yield
    except Exception as erreur:
        raise ErreurPublication(
            f"The page of {page} cannot be made: {type(erreur).__name__}: {erreur}. A release has its whole"
            " site: nothing was published. Correct what made it fail (publication/site,"
            " publication/portraits), then run the night again."
        ) from erreur


@dataclass
class Presse:
    """What draws pages into the folder of one release."""

    release: Path
    impression: Impression
    imprimes: Mapping[str, str]
    marts: MartsEntiers

    @cached_property
    def cache(self) -> Cache:
        """The drawings kept."""
        return Cache(self.impression.cache, self.impression.code)

    @cached_property
    def commun(self) -> dict[str, Any]:
        """What every page says."""
        return {
            "perimetre": self.marts.perimetre,
            "demonstration": self.marts.demonstration,
            "bandeau": INVENTES,
        }

    @property
    def peu(self) -> bool:
        """Whether communes are few enough for a page each."""
        return len(self.marts.communes) <= COMMUNES_AU_PLUS

    @cached_property
    def adresses(self) -> dict[str, str]:
        """The page of each territory that has one: the short one of a commune, the portrait of others."""
        courtes = {
            nom: adresses.commune(c["code"], c["departement"], self.peu)
            for nom, c in self.marts.communes.items()
        }
        return {**self.imprimes, **courtes}

    @cached_property
    def lieux(self) -> Fiches:
        """What the pages of communes say."""
        return Fiches(self.marts, self.adresses, self.imprimes)

    @cached_property
    def noms(self) -> dict[str, str]:
        """What names the release."""
        release = self.marts.release
        return {
            "release_id": release["release_id"],
            "publiee_le": Marts(self.marts.con).edition.publiee_le,
            "content_hash": release["content_hash"],
            "version": release["version"],
            "precedente": release["precedente"] or "",
        }

    def communes(self) -> None:
        """Write the pages that there is one of, the index of the search, scripts, figures of communes."""
        marts = self.marts
        territoires = partial(pages.territoires, marts, self.adresses)
        accueil = partial(pages.accueil, marts, self.adresses, a_choisir(marts, self.adresses))
        uniques: tuple[tuple[str, str, str, Callable[[], Contenu]], ...] = (
            ("accueil", "Accueil", adresses.ACCUEIL, accueil),
            ("territoires", "Territoires", adresses.TERRITOIRES, territoires),
            ("indicateurs", "Indicateurs", adresses.INDICATEURS, lambda: pages.indicateurs(marts)),
            ("sources", "Sources", adresses.SOURCES, lambda: pages.sources(marts)),
            ("publication", "Cette publication", adresses.PUBLICATION, self._publication),
            ("guide", "Lire un chiffre", adresses.GUIDE, lambda: pages.guide(marts)),
            ("glossaire", "Glossaire", adresses.GLOSSAIRE, recherche.glossaire),
        )
        for gabarit, titre, page, dire in uniques:
            with nommant(gabarit):
                rubrique = page.removesuffix(".html")
                self.page(page, self.dessin(gabarit, titre, rubrique, "", contenu=dire()))
        for source_id in marts.sources:
            with nommant(f"source {source_id}"):
                dit = pages.source(marts, source_id)
                html = self.dessin("source", dit["titre"], "sources", "../", contenu=dit)
                self.page(adresses.source(source_id), html)
        colonnes = themes.lieux(marts)
        for nom, libelle in marts.themes.items():
            with nommant(f"theme {nom}"):
                dit = themes.theme(marts, self.imprimes, nom, colonnes)
                self.page(
                    adresses.theme(nom), self.dessin("theme", libelle, "indicateurs", "../", contenu=dit)
                )
        self._donnees()
        self.fichier("ressources/site.css", rendu.style())
        for nom in rendu.RESSOURCES:
            self.fichier(f"ressources/{nom}", rendu.ressource(nom))
        if self.peu:
            self.fichier(adresses.LIEUX, donnees.script_des_lieux(marts, self.atlas.traits))
        for nom, texte in rendu.scripts_des_pages().items():
            self.fichier(f"ressources/{nom}", texte)
        if self.imprimes:
            from publication.portraits.html import index_commun, script, style

            self.fichier("ressources/portrait.css", style())
            self.fichier("ressources/portrait.js", script())
            edition = self.portraits.edition
            commun = index_commun(
                {i.indicateur_id: i.libelle for i in self.portraits.indicateurs.values()},
                {i.indicateur_id: i.unite.libelle_pluriel for i in self.portraits.indicateurs.values()},
                self.portraits.sources_usuelles,
                f"publication {edition.release_id} du {edition.publiee_le}",
                INVENTES if marts.demonstration else None,
            )
            index = rendu.nommer(f"window.CHIFFRES={rendu.donnees(commun)};\n", self.noms, html=False)
            self.fichier("ressources/chiffres.js", index)

    def fiches(self) -> None:
        """Write a page for each commune, or where they are too many for each département; then the sums."""
        carte = places(self.marts, list(self.marts.communes.values())) if self.peu else None
        if carte:
            self.fichier(adresses.PLACES, carte.svg)
        if self.peu:
            for fiche in self.lieux.fiches():
                with nommant(fiche["territoire_id"]):
                    titre = fiche["nom"]
                    html = self.dessin("commune", titre, "territoires", "../", fiche=fiche, carte=carte)
                    self.page(fiche["page"], html)
        else:
            for departement in self.marts.departements:
                with nommant(f"departement {departement}"):
                    self._departement(departement)
        plan = self.lieux.plan_des_secteurs(self.peu)
        ecrit = rendu.donnees(plan)
        html = self.dessin("secteur", "Mon secteur", "territoires", "", carte=carte, plan_ecrit=ecrit)
        self.page(adresses.SECTEUR, html)

    def _departement(self, departement: str) -> None:
        siennes = [c for c in self.marts.communes.values() if c["departement"] == departement]
        carte, table, plan = (
            places(self.marts, siennes),
            self.lieux.table(departement),
            self.lieux.plan,
        )
        if carte:
            self.fichier(adresses.carte(departement), carte.script(departement))
        ecrit = rendu.donnees({**plan, "departement": departement, "noms": table["noms"]})
        html = self.dessin(
            "communes",
            table["nom"],
            "territoires",
            "../",
            departement=departement,
            carte=carte,
            table=table,
            plan=plan,
            plan_ecrit=ecrit,
        )
        self.page(adresses.communes(departement), html)

    def _donnees(self) -> None:
        """Write what pages load on demand: last figures, and what the search reads."""
        marts = self.marts
        for departement, texte in donnees.scripts(marts, self.adresses, self.lieux.chiffres):
            self.fichier(adresses.donnees(departement), texte)
        self.fichier(adresses.DONNEES_DES_TERRITOIRES, donnees.script_des_territoires(marts, self.adresses))
        for nom, dit in (
            ("index", recherche.index(marts, self.adresses)),
            ("communes", recherche.communes(marts, self.peu)),
            ("noms", recherche.noms(marts)),
        ):
            texte = json.dumps(dit, ensure_ascii=False, separators=(",", ":"))
            self.fichier(f"ressources/recherche-{nom}.js", f"window.CTG_{nom.upper()}={texte};\n")

    def _publication(self) -> Contenu:
        dcat = json.loads((self.release / DCAT).read_text(encoding="utf-8"))
        return {**pages.publication(self.marts), "schema_org": schema_org.publication(self.marts, dcat)}

    @cached_property
    def atlas(self) -> Atlas:
        """The maps of the scope."""
        return Atlas(self.portraits, self.marts.release["perimetre"])

    @cached_property
    def portraits(self) -> Marts:
        """The same release, as portraits read it; what names it is put in last."""
        marts = Marts(self.marts.con)
        marts.edition = rendu.edition_marquee(marts.edition)
        return marts

    def dessin(self, gabarit: str, titre: str, rubrique: str, racine: str, **dit: Any) -> str:
        """Draw a page from its template."""
        return rendu.page(gabarit, titre=titre, rubrique=rubrique, racine=racine, commun=self.commun, **dit)

    def page(self, page: str, html: str, tailles: Mapping[str, int] | None = None) -> None:
        """Write a page that was drawn: what names the release, and weighs its documents, is put in last."""
        self.fichier(page, rendu.nommer(html, self.noms | rendu.tailles(tailles or {})))

    def fichier(self, nom: str, texte: str) -> None:
        """Write a file of the site."""
        ecrire_texte(self.release / "site" / nom, texte)
