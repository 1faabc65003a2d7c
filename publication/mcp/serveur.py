"""The server: six tools, each a question that `reponses` answers on the release in service."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import getdoc
from pathlib import Path
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from publication.api import modeles
from publication.api.lecture import Lecteur
from publication.lecture.fichiers import BASE
from publication.lecture.marts import ouvrir
from publication.mcp.reponses import Comparaison, Evolution, Explication, Guichet, Recherche, Reponse
from socle.erreurs import ErreurCtg

_CONSIGNES = (
    "Chiffres sociaux de communes, d'intercommunalités et de conventions territoriales globales (Caf)."
    " Pour citer un chiffre, reprendre sa citation : un nombre ne se donne jamais sans son univers, son année"
    " et sa source. Ce qui est « s », « nd », « na », un intervalle ou « trop peu » se dit tel quel, avec son"
    " motif : ne pas calculer, estimer ni additionner à la place."
)
_LECTURE_SEULE = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

DesMots = Annotated[str, Field(description="Des mots comme on les dit : « rsa à nyons », « crèches »")]
UnIndicateur = Annotated[str, Field(description="Un identifiant (part_allocataires_rsa) ou des mots (rsa)")]
UnTerritoire = Annotated[
    str, Field(description="Un nom, un code postal ou Insee, ou un identifiant (epci:200068229)")
]
UneAnnee = Annotated[int | None, Field(description="Sans elle : la plus récente qui montre un chiffre")]
UneBorne = Annotated[
    int | None,
    Field(description="Une année ; sans elle, la plus longue évolution qui se lit jusqu'à la dernière"),
]


@dataclass(frozen=True)
class Outils:
    """The tools, on the release that `en_service` gives at each question. What assistants read is here."""

    en_service: Callable[[], Path]

    @contextmanager
    def _guichet(self) -> Iterator[Guichet]:
        try:
            dossier = self.en_service().resolve()
            with ouvrir(dossier / BASE) as marts:
                yield Guichet(dossier, Lecteur(marts))
        except ErreurCtg as erreur:
            raise ToolError(str(erreur)) from erreur

    def chercher(self, mots: DesMots) -> Annotated[CallToolResult, Recherche]:
        """Trouve les indicateurs et les territoires que des mots désignent ; définit ces mots."""
        with self._guichet() as g:
            return _rendre(*g.chercher(mots))

    def chiffre(
        self, indicateur: UnIndicateur, territoire: UnTerritoire, millesime: UneAnnee = None
    ) -> Annotated[CallToolResult, Reponse]:
        """Donne un chiffre avec ses bornes, son statut, son univers, sa source et sa citation ; ou dit
        pourquoi l'entrepôt ne le donne pas.
        """
        with self._guichet() as g:
            return _rendre(*g.chiffre(indicateur, territoire, millesime), g.reserve(territoire))

    def comparer(
        self, indicateur: UnIndicateur, territoire: UnTerritoire, millesime: UneAnnee = None
    ) -> Annotated[CallToolResult, Comparaison]:
        """Met un chiffre à côté de ceux de l'EPCI, du département, de la région et de la France, même
        année.
        """
        with self._guichet() as g:
            return _rendre(*g.comparer(indicateur, territoire, millesime), g.reserve(territoire))

    def evoluer(
        self,
        indicateur: UnIndicateur,
        territoire: UnTerritoire,
        depuis: UneBorne = None,
        jusqu_a: UneBorne = None,
    ) -> Annotated[CallToolResult, Evolution]:
        """Dit comment un chiffre a bougé entre deux années, avec ses réserves et sa tendance ; ou pourquoi
        ces années ne se comparent pas. Ne pas soustraire deux chiffres à la place.
        """
        with self._guichet() as g:
            return _rendre(*g.evoluer(indicateur, territoire, depuis, jusqu_a), g.reserve(territoire))

    def expliquer(
        self, indicateur: UnIndicateur, territoire: UnTerritoire, millesime: UneAnnee = None
    ) -> Annotated[CallToolResult, Explication]:
        """Remonte d'un chiffre à sa formule, à ses communes, aux fichiers et aux lignes dont il vient."""
        with self._guichet() as g:
            return _rendre(*g.expliquer(indicateur, territoire, millesime), g.reserve(territoire))

    def definition(self, indicateur: UnIndicateur) -> Annotated[CallToolResult, modeles.Indicateur]:
        """Dit ce que compte un indicateur, de qui, comment, à quels niveaux et d'après quelles sources."""
        with self._guichet() as g:
            return _rendre(*g.definition(indicateur))


def serveur(en_service: Callable[[], Path], version: str) -> MCPServer[None]:
    """Return the server on the release whose folder `en_service` returns."""
    mcp: MCPServer[None] = MCPServer(
        "observatoire-ctg", "Observatoire CTG", instructions=_CONSIGNES, version=version, log_level="WARNING"
    )
    outils = Outils(en_service)
    titres: dict[str, Callable[..., CallToolResult]] = {
        "Chercher": outils.chercher,
        "Un chiffre": outils.chiffre,
        "Comparer": outils.comparer,
        "Évolution": outils.evoluer,
        "Expliquer": outils.expliquer,
        "Définition": outils.definition,
    }
    for titre, outil in titres.items():
        description = " ".join((getdoc(outil) or "").split())
        mcp.tool(outil.__name__, titre, description, _LECTURE_SEULE)(outil)
    return mcp


def _rendre(contenu: BaseModel, texte: str, reserve: str = "") -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=texte + reserve)],
        structured_content=contenu.model_dump(mode="json"),
    )
