"""What `ctg servir` answers with: files of the release in service, and chosen figures. Nothing is written.

Which release that is, the caller says at each request: a new one is followed without a restart.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from publication.api import modeles
from publication.api.documents import CONTOURS, DEMANDE, DOSSIER
from publication.api.lecture import Lecteur
from publication.commun.dictionnaire import trouver_indicateur
from publication.lecture.demandes import combien, paquets
from publication.lecture.fichiers import BASE
from publication.lecture.lieux import reserve, trouver
from publication.lecture.marts import ouvrir
from socle.erreurs import ErreurCtg, ErreurPublication

_AIDE = f"Les paramètres et leurs valeurs sont dans /{DOSSIER}/openapi.json."
LOCALES = ("127.0.0.1", "localhost")
PARTOUT = "0.0.0.0"
ATTENTES = 20
"""Demands of figures that may wait for their turn; each takes a tenth of a second at most."""

_INDEX = f"Ce que l'API contient est dans /{DOSSIER}/index.json ; le site, à la racine."


class _Refus(Exception):
    """What is asked for cannot be answered: `que_faire` says what to do instead."""

    def __init__(self, code: int, erreur: str, que_faire: str) -> None:
        super().__init__(erreur)
        self.code, self.erreur, self.que_faire = code, erreur, que_faire


class Comptoir:
    """The release in service, opened when it is first asked for and anew when another takes its place."""

    def __init__(self, en_service: Callable[[], Path]) -> None:
        """`en_service` returns the folder of the release to read; it may raise ErreurPublication."""
        self._en_service = en_service
        self._verrou = Lock()
        self._ouverte: tuple[Path, Lecteur] | None = None
        self._pile = ExitStack()

    @property
    def release(self) -> Path:
        """The folder of the release in service."""
        return self._en_service().resolve()

    def demander(self, demande: modeles.Demande, adresse: str) -> tuple[str, modeles.PageDeChiffres]:
        """Answer a demand with a page of figures, and the id of the release it is of."""
        # One connection: requests wait for each other, each a few milliseconds.
        with self._verrou:
            release = self.release
            if self._ouverte is None or self._ouverte[0] != release:
                # Should the next one not open, none is open any more: the same may be asked for again.
                self._ouverte = None
                self._pile.close()
                self._ouverte = release, Lecteur(self._pile.enter_context(ouvrir(release / BASE)))
            return release.name, page(self._ouverte[1], demande, adresse)


def page(lecteur: Lecteur, demande: modeles.Demande, adresse: str) -> modeles.PageDeChiffres:
    """Return one page of the figures that answer; `adresse` is that of the demand without its parameters."""
    conditions, parametres = _conditions(lecteur, demande)
    suite = f"where {' and '.join(conditions)}" if conditions else ""
    total = combien(lecteur.marts, suite, parametres)
    if demande.apres:
        # Where the page begins, and not how many come before it: the last page costs no more than the first.
        suite += f" {'and' if conditions else 'where'} ({_CLE}) > (?, ?, cast(? as integer))"
        parametres += demande.apres.split(",")
    lignes = [
        *paquets(lecteur.marts, f"{suite} order by {_CLE} limit ?", [*parametres, demande.par_page + 1])
    ]
    lues, suivante = lignes[: demande.par_page], None
    if len(lignes) > len(lues):
        apres = ",".join(str(lues[-1][c]) for c in ("territoire_id", "indicateur_id", "millesime"))
        suivante = f"{adresse}?{urlencode(demande.model_dump(exclude_none=True) | {'apres': apres})}"
    return modeles.PageDeChiffres(
        publication=lecteur.publication(),
        total=total,
        par_page=demande.par_page,
        suivante=suivante,
        reserve=reserve(lecteur.marts.con, demande.territoire or ""),
        chiffres=[lecteur.chiffre(ligne) for ligne in lues],
    )


_CLE = "f.territoire_id, f.indicateur_id, f.millesime"


def _conditions(lecteur: Lecteur, demande: modeles.Demande) -> tuple[list[str], list[Any]]:
    voulus: dict[str, Any] = {"f.millesime": demande.millesime, "f.niveau": demande.niveau}
    for colonne, chercher in (
        ("territoire_id", lambda dit: trouver(lecteur.marts.con, dit)[0]),
        ("indicateur_id", lambda dit: trouver_indicateur(lecteur.marts.con, dit)["indicateur_id"]),
    ):
        nom = colonne.removesuffix("_id")
        if (dit := getattr(demande, nom)) is not None:
            try:
                voulus[f"f.{colonne}"] = chercher(dit)
            except ErreurPublication as erreur:
                raise _Refus(404, str(erreur), f"Ils sont tous dans {nom}s.json.") from erreur
    donnes = {colonne: voulu for colonne, voulu in voulus.items() if voulu is not None}
    return [f"{colonne} = ?" for colonne in donnes], [*donnes.values()]


def application(en_service: Callable[[], Path], hote: str = LOCALES[0]) -> Starlette:
    """Return the application that serves the release whose folder `en_service` returns.

    `hote`: where it listens. On this machine alone, no web site reads it: neither by CORS, nor under
    a name of its own that leads here.
    """
    comptoir, guichet = Comptoir(en_service), CapacityLimiter(1)
    ouverte = hote not in LOCALES
    noms = () if hote == PARTOUT else (*LOCALES, hote)

    async def chiffres(requete: Request) -> Response:
        _exiger_nom(requete, noms)
        lue = comptoir.release.name
        if _deja_lue(requete, lue):
            return Response(status_code=304, headers=_entetes(lue))
        demande = _demande(requete)
        # Who waits for a page holds no thread, which files need.
        if guichet.statistics().tasks_waiting >= ATTENTES:
            raise _Refus(503, "Trop de demandes à la fois.", "Redemander dans quelques secondes.")
        lue, contenu = await run_sync(comptoir.demander, demande, requete.url.path, limiter=guichet)
        return _json(contenu, 200, _entetes(lue))

    async def fichier(requete: Request) -> Response:
        _exiger_nom(requete, noms)
        release = comptoir.release
        chemin = _trouver_fichier(release, requete.path_params["chemin"])
        if chemin is None:
            raise _Refus(404, f"Rien à {requete.url.path} dans la publication {release.name}.", _INDEX)
        entetes = _entetes(release.name)
        if _deja_lue(requete, release.name):
            return Response(status_code=304, headers=entetes)
        mime = CONTOURS.type_mime if chemin.suffix == ".geojson" else None
        return FileResponse(chemin, headers=entetes, media_type=mime)

    return Starlette(
        routes=[
            Route(f"/{DOSSIER}/{DEMANDE.adresse}", chiffres, methods=["GET"]),
            Route("/{chemin:path}", fichier, methods=["GET"]),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"], expose_headers=["ETag"])
        ]
        if ouverte
        else [],
        exception_handlers={
            _Refus: _dire_refus,
            ErreurCtg: _dire_panne,
            HTTPException: _dire_http,
            Exception: _dire_defaut,
        },
    )


def _exiger_nom(requete: Request, noms: tuple[str, ...]) -> None:
    """Refuse a request under another name than these; none: under any."""
    nom = requete.headers.get("host", "").partition(":")[0].lower()
    if noms and nom not in noms:
        raise _Refus(
            421,
            "Ce serveur ne répond pas sous ce nom.",
            f"Demander par {' ou '.join(noms)} ; pour un autre nom, l'écrire à `ctg servir --hote`.",
        )


def _demande(requete: Request) -> modeles.Demande:
    parametres = requete.query_params
    doubles = sorted({nom for nom in parametres if len(parametres.getlist(nom)) > 1})
    if doubles:
        raise _Refus(400, f"Paramètre donné deux fois : {', '.join(doubles)}.", _AIDE)
    try:
        # As text: « 2022 » is a year there, not in JSON.
        return modeles.Demande.model_validate_strings(dict(parametres))
    except ValidationError as erreur:
        connus = ", ".join(modeles.Demande.model_fields)
        fautes = [
            f"{faute['loc'][0]} : {_FAUTES.get(faute['type'], 'valeur refusée')}" for faute in erreur.errors()
        ]
        raise _Refus(
            400, f"Demande non comprise ({' ; '.join(fautes)}).", f"Paramètres : {connus}. {_AIDE}"
        ) from erreur


_FAUTES = {
    "extra_forbidden": "paramètre inconnu",
    "int_parsing": "un nombre entier est attendu",
    "greater_than_equal": "trop petit",
    "less_than_equal": "trop grand",
    "literal_error": "niveau inconnu",
    "string_too_short": "vide",
    "string_pattern_mismatch": "l'adresse dite par `suivante` est attendue",
}


def _trouver_fichier(release: Path, chemin: str) -> Path | None:
    """Return the file of an address: of the site first, then of the release; a folder has its index."""
    try:
        for racine in (release / "site", release):
            for voulu in (racine / chemin, racine / chemin / "index.html", racine / chemin / "index.json"):
                if voulu.resolve().is_relative_to(release) and voulu.is_file():
                    return voulu.resolve()
    except (OSError, ValueError):
        # No file has such a name.
        return None
    return None


def _entetes(release_id: str) -> dict[str, str]:
    # A copy is asked about before it is used: the release may have changed since.
    return {"ETag": f'"{release_id}"', "Cache-Control": "no-cache"}


def _deja_lue(requete: Request, release_id: str) -> bool:
    """Whether the reader has what this release says at that address."""
    return f'"{release_id}"' in requete.headers.get("if-none-match", "")


def _json(contenu: BaseModel, code: int, entetes: dict[str, str] | None = None) -> Response:
    return Response(contenu.model_dump_json(), code, entetes, "application/json")


def _erreur(code: int, erreur: str, que_faire: str, entetes: dict[str, str] | None = None) -> Response:
    return _json(modeles.Erreur(erreur=erreur, que_faire=que_faire), code, entetes)


async def _dire_refus(_: Request, refus: Exception) -> Response:
    assert isinstance(refus, _Refus)
    return _erreur(refus.code, refus.erreur, refus.que_faire)


async def _dire_panne(_: Request, panne: Exception) -> Response:
    return _erreur(503, str(panne), "Redemander une fois cela réglé.")


async def _dire_defaut(_: Request, defaut: Exception) -> Response:
    return _erreur(
        500, f"Défaut du programme ({type(defaut).__name__}).", "Le signaler, avec l'adresse demandée."
    )


async def _dire_http(_: Request, refus: Exception) -> Response:
    assert isinstance(refus, HTTPException)
    entetes = dict(refus.headers) if refus.headers else None
    if refus.status_code == 405:
        return _erreur(405, "Cette API se lit, et ne s'écrit pas.", "Demander par GET.", entetes)
    return _erreur(refus.status_code, refus.detail, _INDEX, entetes)
