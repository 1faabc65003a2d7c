"""Writing `site/` and `portraits/`: which pages there are, drawn by how many processes, or kept from before.

Two processes share the pages of territories and indicateurs; `python -m publication.site.ecriture` is the
second one. Portraits of conventions name the release, so they are drawn each time.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from subprocess import PIPE
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

from publication.exports.dcat import NOM as DCAT
from publication.lecture.citation import INVENTES
from publication.lecture.ensembles import MartsEntiers, ouvrir
from publication.lecture.marts import Marts as Marts
from publication.lecture.niveaux import NIVEAUX
from publication.portraits.contenu import composer
from publication.portraits.formats import FORMATS, nom_de_fichier
from publication.portraits.formats import rendre as rendre_portrait
from publication.site import adresses, donnees, pages, recherche, rendu, schema_org, themes
from publication.site.cache import Cache, empreinte, oublier
from publication.site.carte_accueil import CarteAChoisir, a_choisir
from publication.site.cartes import Atlas
from publication.site.commune import Fiches
from publication.site.impression import Impression
from publication.site.indicateur import chiffres_montres, indicateur, valeurs
from publication.site.noms import COMMUNES_AU_PLUS, Contenu
from publication.site.places import places
from socle.disque import ecrire_texte
from socle.erreurs import ErreurPublication
from socle.processus import a_cote

_A_DEUX = 40
"""From this many pages on, a second process is worth its start."""

_DOCUMENTS = "ctg"
"""The level whose portraits are printed in every format."""

_POIDS = {"documents": 50, "territoire": 10, "indicateur": 1}
"""What a page costs beside another: about."""
_POIDS_D_UNE_COMMUNE = 0.05
"""What the first process does for each commune, its figures and its page, before it shares anything."""


class Sujet(NamedTuple):
    """What a page that two processes share is about: `territoire epci:200068229`, `indicateur nb_eaje`."""

    genre: Literal["territoire", "indicateur"]
    identifiant: str

    def __str__(self) -> str:
        """Name it, as an error does."""
        return " ".join(self)


@dataclass(frozen=True)
class Ecrit:
    """What was written: how many pages had to be drawn, which territories are not there."""

    dessinees: int
    inconnus: tuple[str, ...]


def ecrire(release: Path, impression: Impression) -> Ecrit:
    """Write `site/` and `portraits/` in the folder of a release, whole or being made.

    Raises ErreurPublication, naming the page, when one cannot be made.
    """
    dossier = release / "site"
    for ancien in (dossier, release / adresses.PORTRAITS):
        shutil.rmtree(ancien, ignore_errors=True)
    with ouvrir(release) as marts:
        imprimes, inconnus = _imprimes(marts, impression.territoires)
        for nom in ("ressources", "territoires", "indicateurs", "sources", "themes", "donnees", "communes"):
            (dossier / nom).mkdir(parents=True)
        sujets = [Sujet("territoire", t) for t in imprimes]
        sujets += [Sujet("indicateur", i) for i in marts.dictionnaire]
        travail = {
            "release": str(release),
            "impression": {**asdict(impression), "cache": impression.cache and str(impression.cache)},
            "imprimes": imprimes,
        }
        ici, la = _partager(marts, sujets) if len(sujets) >= _A_DEUX else (sujets, [])
        second = a_cote("publication.site.ecriture", stdin=PIPE, stdout=PIPE) if la else nullcontext()
        with second as processus:
            if processus is not None:
                assert processus.stdin is not None and processus.stdout is not None
                processus.stdin.write(json.dumps({**travail, "pages": la}).encode())
                processus.stdin.close()
            presse = Presse(release, impression, imprimes, marts)
            presse.communes()
            presse.fiches()
            presse.pages(ici)
            servis, dessines = presse.cache.servis, presse.cache.dessines
            if processus is not None:
                assert processus.stdout is not None
                reponse = processus.stdout.read()
                if processus.wait() or not reponse:
                    raise ErreurPublication(
                        f"The process that draws half of the pages of the site ended with code"
                        f" {processus.returncode} before it was done. Nothing was published: see above, and"
                        " run the night again."
                    )
                fait = json.loads(reponse)
                if fait["erreur"]:
                    raise ErreurPublication(fait["erreur"])
                servis |= set(fait["servis"])
                dessines += fait["dessines"]
    oublier(impression.cache, servis)
    return Ecrit(dessines, inconnus)


def _partager(marts: MartsEntiers, sujets: Iterable[Sujet]) -> tuple[list[Sujet], list[Sujet]]:
    """Share pages between two processes: each next one, the heaviest first, goes to the less laden."""
    parts: tuple[list[Sujet], list[Sujet]] = ([], [])
    charges = [_POIDS_D_UNE_COMMUNE * len(marts.communes), 0.0]
    for page in sujets:
        niveau = marts.territoires.get(page.identifiant, {}).get("niveau")
        ou = int(charges[1] < charges[0])
        parts[ou].append(page)
        charges[ou] += _POIDS["documents" if niveau == _DOCUMENTS else page.genre]
    return parts


def _imprimes(marts: MartsEntiers, voulus: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the page of each territory that is printed, by id; then what the release does not know.

    A commune may be gone with a merger: the night goes on without it, and says so.
    """
    demandes = set(voulus)
    tous = {**marts.territoires, **marts.communes}
    imprimes = {
        identifiant: adresses.territoire(identifiant)
        for identifiant, t in tous.items()
        if t["niveau"] in demandes or identifiant in demandes
    }
    return imprimes, tuple(sorted(demandes - set(NIVEAUX) - tous.keys()))


@contextmanager
def _nommant(page: str) -> Iterator[None]:
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
    def carte(self) -> CarteAChoisir | None:
        """The map of the home page."""
        return a_choisir(self.marts, self.adresses)

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
        uniques: tuple[tuple[str, str, str, Callable[[], Contenu]], ...] = (
            ("accueil", "Accueil", adresses.ACCUEIL, lambda: pages.accueil(marts, self.adresses, self.carte)),
            ("territoires", "Territoires", adresses.TERRITOIRES, territoires),
            ("indicateurs", "Indicateurs", adresses.INDICATEURS, lambda: pages.indicateurs(marts)),
            ("sources", "Sources", adresses.SOURCES, lambda: pages.sources(marts)),
            ("publication", "Cette publication", adresses.PUBLICATION, self._publication),
            ("guide", "Lire un chiffre", adresses.GUIDE, lambda: pages.guide(marts)),
            ("glossaire", "Glossaire", adresses.GLOSSAIRE, recherche.glossaire),
        )
        for gabarit, titre, page, dire in uniques:
            with _nommant(gabarit):
                rubrique = page.removesuffix(".html")
                self._page(page, self._dessin(gabarit, titre, rubrique, "", contenu=dire()))
        for source_id in marts.sources:
            with _nommant(f"source {source_id}"):
                dit = pages.source(marts, source_id)
                html = self._dessin("source", dit["titre"], "sources", "../", contenu=dit)
                self._page(adresses.source(source_id), html)
        colonnes = themes.lieux(marts)
        for nom, libelle in marts.themes.items():
            with _nommant(f"theme {nom}"):
                dit = themes.theme(marts, self.imprimes, nom, colonnes)
                self._page(
                    adresses.theme(nom), self._dessin("theme", libelle, "indicateurs", "../", contenu=dit)
                )
        self._donnees()
        self._fichier("ressources/site.css", rendu.style())
        for nom in rendu.RESSOURCES:
            self._fichier(f"ressources/{nom}", rendu.ressource(nom))
        if self.peu:
            self._fichier(adresses.LIEUX, donnees.script_des_lieux(marts, self.atlas.traits))
        for nom, texte in rendu.scripts_des_pages().items():
            self._fichier(f"ressources/{nom}", texte)
        if self.imprimes:
            from publication.portraits.html import index_commun, script, style

            self._fichier("ressources/portrait.css", style())
            self._fichier("ressources/portrait.js", script())
            edition = self.portraits.edition
            commun = index_commun(
                {i.indicateur_id: i.libelle for i in self.portraits.indicateurs.values()},
                {i.indicateur_id: i.unite.libelle_pluriel for i in self.portraits.indicateurs.values()},
                self.portraits.sources_usuelles,
                f"publication {edition.release_id} du {edition.publiee_le}",
                INVENTES if marts.demonstration else None,
            )
            index = rendu.nommer(f"window.CHIFFRES={rendu.donnees(commun)};\n", self.noms, html=False)
            self._fichier("ressources/chiffres.js", index)

    def fiches(self) -> None:
        """Write a page for each commune, or where they are too many for each département; then the sums."""
        carte = places(self.marts, list(self.marts.communes.values())) if self.peu else None
        if carte:
            self._fichier(adresses.PLACES, carte.svg)
        if self.peu:
            for fiche in self.lieux.fiches():
                with _nommant(fiche["territoire_id"]):
                    titre = fiche["nom"]
                    html = self._dessin("commune", titre, "territoires", "../", fiche=fiche, carte=carte)
                    self._page(fiche["page"], html)
        else:
            for departement in self.marts.departements:
                with _nommant(f"departement {departement}"):
                    self._departement(departement)
        plan = self.lieux.plan_des_secteurs(self.peu)
        ecrit = rendu.donnees(plan)
        html = self._dessin("secteur", "Mon secteur", "territoires", "", carte=carte, plan_ecrit=ecrit)
        self._page(adresses.SECTEUR, html)

    def _departement(self, departement: str) -> None:
        siennes = [c for c in self.marts.communes.values() if c["departement"] == departement]
        carte, table, plan = (
            places(self.marts, siennes),
            self.lieux.table(departement),
            self.lieux.plan,
        )
        if carte:
            self._fichier(adresses.carte(departement), carte.script(departement))
        ecrit = rendu.donnees({**plan, "departement": departement, "noms": table["noms"]})
        html = self._dessin(
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
        self._page(adresses.communes(departement), html)

    def _donnees(self) -> None:
        """Write what pages load on demand: last figures, and what the search reads."""
        marts = self.marts
        for departement, texte in donnees.scripts(marts, self.adresses, self.lieux.chiffres):
            self._fichier(adresses.donnees(departement), texte)
        self._fichier(adresses.DONNEES_DES_TERRITOIRES, donnees.script_des_territoires(marts, self.adresses))
        for nom, dit in (
            ("index", recherche.index(marts, self.adresses)),
            ("communes", recherche.communes(marts, self.peu)),
            ("noms", recherche.noms(marts)),
        ):
            texte = json.dumps(dit, ensure_ascii=False, separators=(",", ":"))
            self._fichier(f"ressources/recherche-{nom}.js", f"window.CTG_{nom.upper()}={texte};\n")

    def _publication(self) -> Contenu:
        dcat = json.loads((self.release / DCAT).read_text(encoding="utf-8"))
        return {**pages.publication(self.marts), "schema_org": schema_org.publication(self.marts, dcat)}

    def pages(self, voulues: Iterable[Sujet]) -> None:
        """Draw pages of territories and of indicateurs."""
        for voulue in voulues:
            with _nommant(str(voulue)):
                if voulue.genre == "territoire":
                    self._territoire(voulue.identifiant)
                else:
                    self._indicateur(voulue.identifiant)

    def _territoire(self, territoire_id: str) -> None:
        document = composer(self.portraits, territoire_id, a_presenter=False)

        tailles = self._documents(territoire_id) if document.niveau == _DOCUMENTS else {}

        def dessiner() -> str:
            # Charts are drawn, and what draws them imported, only for what changed.
            from publication.portraits.html import Rendu, rendre_corps

            pieces = Rendu.de(document, numerote=True)
            return self._dessin(
                "territoire",
                document.titre,
                "territoires",
                "../",
                document=document,
                corps=rendre_corps(document, pieces),
                index=rendu.donnees(pieces.index_de_page(self.portraits.sources_usuelles)),
                documents={f: nom_de_fichier(document, f) for f in FORMATS if f in tailles},
            )

        html = self.cache.dessin("territoire", [document, self.commun, self.sources], dessiner)
        self._page(self.imprimes[territoire_id], html, tailles)

    def _documents(self, territoire_id: str) -> dict[str, int]:
        """Print a portrait in every format, as `ctg portrait` does; return the size of each file."""
        document = composer(Marts(self.marts.con), territoire_id)
        dossier = self.release / adresses.PORTRAITS
        dossier.mkdir(exist_ok=True)
        return {
            format_: (dossier / nom_de_fichier(document, format_)).write_bytes(
                rendre_portrait(document, format_)
            )
            for format_ in FORMATS
        }

    def _indicateur(self, indicateur_id: str) -> None:
        chiffres, communes = chiffres_montres(self.marts, indicateur_id)
        dit = indicateur(self.marts, indicateur_id, self.adresses, chiffres, communes)
        carte = self.atlas.carte(indicateur_id) if communes else None
        trace = self.atlas.trace if carte else None

        def dessiner() -> str:
            dessin = None
            if carte and self.atlas.contours:
                from publication.portraits.svg.cartes import dessiner as dessiner_carte

                bandeau = INVENTES if self.marts.demonstration else None
                dite = dessiner_carte(
                    carte, self.atlas.contours, bandeau, traits=self.atlas.traits, bulles=False
                )
                dessin = Markup(dite)
            return self._dessin(
                "indicateur",
                dit["ligne"]["libelle"],
                "indicateurs",
                "../",
                contenu=dit,
                carte=carte,
                dessin=dessin,
            )

        html = self.cache.dessin("indicateur", [dit, self.commun, carte, trace], dessiner)
        self._page(adresses.indicateur(indicateur_id), html)
        if dit["groupes"]:
            lignes = valeurs(self.marts, indicateur_id, (*chiffres, *communes))
            self._fichier(adresses.valeurs(indicateur_id), lignes)

    @cached_property
    def sources(self) -> str:
        """Digest of the sources that pages share: a page tells those that differ."""
        return empreinte(self.portraits.sources_usuelles)

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

    def _dessin(self, gabarit: str, titre: str, rubrique: str, racine: str, **dit: Any) -> str:
        return rendu.page(gabarit, titre=titre, rubrique=rubrique, racine=racine, commun=self.commun, **dit)

    def _page(self, page: str, html: str, tailles: Mapping[str, int] | None = None) -> None:
        self._fichier(page, rendu.nommer(html, self.noms | rendu.tailles(tailles or {})))

    def _fichier(self, nom: str, texte: str) -> None:
        ecrire_texte(self.release / "site" / nom, texte)


def _second() -> None:
    """Draw the pages told on the input; tell on the output what was used, or why one failed."""
    travail = json.load(sys.stdin)
    reglage = travail["impression"]
    impression = Impression(
        tuple(reglage["territoires"]), reglage["cache"] and Path(reglage["cache"]), reglage["code"]
    )
    fait: dict[str, Any] = {"erreur": None, "servis": [], "dessines": 0}
    with ouvrir(Path(travail["release"])) as marts:
        presse = Presse(Path(travail["release"]), impression, travail["imprimes"], marts)
        try:
            presse.pages(Sujet(*page) for page in travail["pages"])
        except ErreurPublication as erreur:
            fait["erreur"] = str(erreur)
        fait |= {"servis": sorted(presse.cache.servis), "dessines": presse.cache.dessines}
    json.dump(fait, sys.stdout)


if __name__ == "__main__":
    _second()
