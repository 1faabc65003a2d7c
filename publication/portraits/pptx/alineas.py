"""Running text of a deck: generated sentences, lists, and how its notes quote a figure."""

from collections.abc import Iterable, Iterator

from publication.commun import apparence
from publication.lecture.chiffres import Chiffre
from publication.portraits.modele import Message, Point
from publication.portraits.pptx.couleurs import encre
from publication.portraits.pptx.texte import Alinea


def message_dit(message: Message, corps: float) -> Alinea:
    """Return a generated sentence, under the sign of its tone."""
    signe = apparence.SIGNES_TON[message.ton] or "•"
    return Alinea(message.texte, corps, puce=signe, couleur_puce=encre(message.ton), avant=corps * 0.5)


def points_dits(points: Iterable[Point], corps: float, sous: bool, niveau: int = 0) -> Iterator[Alinea]:
    """Yield the items of a list, and those under them where `sous`."""
    for point in points:
        puce = "–" if niveau else "•"
        yield Alinea(point.texte, corps, puce=puce, niveau=niveau, avant=corps * (0.15 if niveau else 0.3))
        if sous:
            yield from points_dits(point.sous, corps, sous, niveau + 1)


def citation(chiffre: Chiffre) -> str:
    """Quote a figure as the notes of a slide do."""
    lieu = f"{chiffre.libelle}, {chiffre.territoire}, {chiffre.millesime}"
    suite = "".join(f" ; {mot}" for mot in (chiffre.intervalle, chiffre.motif) if mot)
    return f"{lieu} : {chiffre.texte}{suite} ({chiffre.source} ; {chiffre.reference})"
