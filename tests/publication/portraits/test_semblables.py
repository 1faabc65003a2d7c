"""How a portrait names the EPCI that its territory is compared with, and says why these."""

from pathlib import Path

import pytest

from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import composer
from publication.portraits.contenu.langue import insecable
from publication.portraits.modele import Liste, Point
from socle.affichage import nombre
from tests.publication.portraits.parcours import elements_de

BARONNIES = "epci:200068229"


def pairs(marts: Marts, territoire_id: str) -> tuple[Point, ...]:
    elements = elements_de(composer(marts, territoire_id).sections)
    (liste,) = (e for e in elements if isinstance(e, Liste) and e.titre.startswith("Les pairs"))
    return liste.points


@pytest.mark.parametrize("territoire_id", [BARONNIES, "ctg:baronnies-2025"])
def test_the_semblables_are_named_from_the_nearest_with_what_sets_them_apart(
    base: Path, territoire_id: str
) -> None:
    with ouvrir(base) as marts:
        noms, ressemblances, *_ = pairs(marts, territoire_id)
        lus = marts.lignes(
            "select * from epci_semblables where territoire_id = ? order by rang, part desc", [BARONNIES]
        )
    # Seven of fifteen, and no more: the demonstration has sixteen EPCI.
    assert insecable("Les 7 plus proches des 15 autres EPCI") in ressemblances.texte
    assert len(ressemblances.sous) == 7 == noms.texte.count(", ") + 1
    for rang, point in enumerate(ressemblances.sous, start=1):
        du_rang = [ligne for ligne in lus if ligne["rang"] == rang]
        loin, proche = du_rang[0], min(du_rang, key=lambda ligne: abs(ligne["ecart"]))
        dit = point.texte.replace("\u00a0", " ")
        ou = f"{loin['semblable_libelle']} ({loin['semblable_departements']})"
        assert dit.startswith(f"{ou}, distance {nombre(loin['distance'], 1)} ; le plus proche : ")
        proches, lointain = dit.split(" ; le plus éloigné : ")
        assert proche["indicateur_libelle"].lower() in proches.lower()
        assert lointain.lower().startswith(loin["indicateur_libelle"].lower())
        for colonne in ("semblable_valeur_affichee", "valeur_affichee"):
            assert loin[colonne].replace("\u00a0", " ") in lointain


def test_the_communes_of_an_epci_are_peers_without_a_distance(base: Path) -> None:
    with ouvrir(base) as marts:
        points = pairs(marts, "commune:26220")
    assert not any(p.sous or "plus proches" in p.texte for p in points)
