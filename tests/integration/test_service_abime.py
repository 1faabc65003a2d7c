"""A night over a release in service that is damaged: told, never « nothing changed », published again."""

from pathlib import Path

from commande import Observatoire
from messages import Webhook, envoyer_a


def _inverser(fichier: Path) -> None:
    octets = bytearray(fichier.read_bytes())
    octets[len(octets) // 2] ^= 1
    fichier.unlink()
    fichier.write_bytes(octets)


def test_a_damaged_release_in_service_is_told_and_published_again_but_where_a_person_pinned_it(
    http: Webhook, petite: Observatoire, tmp_path: Path
) -> None:
    observatoire = petite.copie(tmp_path)
    envoyer_a(observatoire.home, http.adresse)
    avant, contenu = observatoire.courante, observatoire.manifeste["content_hash"]
    assert observatoire.ctg("releases", "rollback", avant.name).code == 0
    _inverser(avant / "parquet" / "fct_indicateurs.parquet")

    epinglee = observatoire.nuit()
    assert epinglee.code == 2 and "Nothing changed" not in epinglee.sortie
    assert "what readers have is damaged, and pinned" in epinglee.sortie
    assert "parquet/fct_indicateurs.parquet: altered since publication" in epinglee.erreurs
    assert "next: `ctg refresh`" not in epinglee.erreurs and "--lift" in epinglee.erreurs
    assert observatoire.courante == avant, "a person keeps it there"
    (recu,) = http.recus
    assert recu["title"].startswith(f"[CTG] releases: departement:26: release {avant.name}, in service")

    assert observatoire.ctg("releases", "rollback", "--lift").code == 0
    libre = observatoire.nuit()
    assert libre.code == 2, libre.erreurs
    assert observatoire.courante != avant and observatoire.manifeste["content_hash"] == contenu
    assert f"release {avant.name}, not in service" in libre.erreurs
    assert "next: readers had it until this night, which put another in its place" in libre.erreurs
    assert [r for r in http.recus if r["title"].startswith("[CTG] releases")] == [recu], "told once"
    assert observatoire.ctg("releases", "show", "--verify").code == 0
    suivante = observatoire.nuit()
    assert (suivante.code, suivante.sortie.partition(" since")[0]) == (0, "Nothing changed")
