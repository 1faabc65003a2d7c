"""The map of an indicateur: the communes of the scope, where the release has their outlines."""

from dataclasses import dataclass
from functools import cached_property

from publication.lecture.marts import Marts
from publication.portraits.contenu.carte import carte
from publication.portraits.contenu.contexte import Contexte, Options
from publication.portraits.contenu.contours import contours
from publication.portraits.contenu.releve import Releve
from publication.portraits.modele import Carte, Contours
from publication.site.cache import empreinte


@dataclass
class Atlas:
    """The maps of one scope; none where it has no communes of its own, as a région, or no outlines."""

    marts: Marts
    perimetre: str

    @cached_property
    def _contexte(self) -> Contexte | None:
        if not self.marts.lignes("from dim_territoire where territoire_id = ?", [self.perimetre]):
            return None
        return Contexte(self.marts, self.marts.territoire(self.perimetre), Options())

    @cached_property
    def contours(self) -> Contours | None:
        """The outlines of its communes."""
        return contours(self._contexte) if self._contexte else None

    @cached_property
    def traits(self) -> dict[str, str]:
        """The path of each outline at the scale of the maps, and the id that all pages call it by."""
        # Only what draws a map needs it.
        from publication.portraits.svg.cartes import chemin, echelle_de

        if self.contours is None:
            return {}
        nommes = {f"c{code}": anneaux for code, anneaux in self.contours.communes.items()}
        nommes |= {"epci": self.contours.epci, "pourtour": self.contours.pourtour}
        echelle = echelle_de(self.contours)
        return {chemin(anneaux, echelle): nom for nom, anneaux in nommes.items() if anneaux}

    @cached_property
    def trace(self) -> str:
        """Digest of the outlines: a map is drawn again when they move."""
        return empreinte(self.contours)

    def carte(self, indicateur_id: str) -> Carte | None:
        """Return the communes by class of a figure, for its newest year."""
        ctx, traits = self._contexte, self.contours
        if ctx is None or traits is None:
            return None
        ctx.releve = Releve(self.marts)
        ctx.releve.lire_de(ctx.autour.communes, [indicateur_id])
        return carte(ctx, self.marts.indicateurs[indicateur_id], traits.communes.__contains__)
