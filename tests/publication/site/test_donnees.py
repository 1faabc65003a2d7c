"""The scripts of figures: what they hold is what the marts say of the communes of the scope."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from publication.site import adresses
from publication.site.donnees import termes_de
from tests.publication.site.conftest import Publier


def lire_script(fichier: Path) -> tuple[str, dict[str, Any]]:
    """Return the département that a script is about, and what it says of it."""
    dit = re.fullmatch(
        r'\(window\.CTG_DONNEES=window\.CTG_DONNEES\|\|\{\}\)\["(.+?)"\]=(.*);\n',
        fichier.read_text(encoding="utf-8"),
    )
    assert dit
    return dit[1], json.loads(dit[2])


def chiffre_dit(
    donnees: dict[str, Any], chiffre: list[Any]
) -> tuple[str, int, str, str, str | None, str | None]:
    """Return indicateur, millésime, text, statut, bounds and motif of a row, all in full."""
    rang, millesime, texte, statut, precision = (
        [*chiffre, 0, None][:5] if len(chiffre) == 3 else [*chiffre, None][:5]
    )
    motif = donnees["motifs"][precision] if isinstance(precision, int) else None
    bornes = precision if isinstance(precision, str) else None
    return donnees["indicateurs"][rang], millesime, texte, donnees["statuts"][statut], bornes, motif


PART = {"methode": "ratio", "facteur": 100, "part_d_un_tout": True}


def _de_termes(num: int, den: int, a_num: float, a_den: float, bruit: float) -> dict[str, Any]:
    """A share as the marts have it, of two terms that may be so far from what they are read."""
    bas, haut = max(num - a_num, 0) / (den + a_den), (num + a_num) / (den - a_den)
    return {
        "statut": "arrondi",
        "numerateur": num,
        "denominateur": den,
        "denominateur_haut": den + a_den,
        "enveloppe_basse": 100 * bas,
        "enveloppe_haute": min(100 * haut, 100),
        "ecart_type_arrondi": 100 * bruit / den,
    }


@pytest.mark.parametrize(
    ("chiffre", "termes"),
    [
        # Both terms rounded to 5: nothing to say of their noise; a denominator known exactly; a zero.
        (_de_termes(30, 400, 2, 2, (2 + 2 * 0.075**2) ** 0.5), [30, 28, 32, 400, 398, 402]),
        (_de_termes(30, 400, 2, 0, 2**0.5), [30, 28, 32, 400, 400, 400]),
        (_de_termes(0, 400, 2, 2, (2 / 3) ** 0.5), [0, 0, 2, 400, 398, 402]),
        # A commune that was two: a rounding each, whose noises add up.
        (_de_termes(30, 400, 4, 4, (4 + 4 * 0.075**2) ** 0.5), [30, 26, 34, 400, 396, 404, 4, 4]),
        # Files of the Caf: rounded in a chain, not at random.
        (_de_termes(30, 400, 9, 0, 0), [30, 21, 39, 400, 400, 400, 0, 0]),
        # An envelope that stops at the whole.
        (_de_termes(399, 400, 2, 2, (2 + 2 * 0.9975**2) ** 0.5), [399, 397, 401, 400, 398, 402]),
    ],
)
def test_the_terms_of_a_ratio_are_found_again(chiffre: dict[str, Any], termes: list[float]) -> None:
    assert termes_de(PART, chiffre) == termes


def test_a_script_holds_its_communes_their_bounds_and_their_motifs(publier_site: Publier) -> None:
    code = (
        "update marts.mart_derniers_chiffres set motif_code = 'denominateur_nul'"
        " where motif = 'dénominateur nul'"
    )
    site = publier_site(code).dossier / "site"
    departement, donnees = lire_script(site / "donnees" / "26.js")
    nyons = donnees["communes"].pop("26220")
    assert departement == "26" and not donnees["communes"] and donnees["nom"] is None
    assert (nyons["nom"], nyons["epci"], nyons["page"]) == ("Nyons", "200068229", "communes/26220.html")
    assert donnees["epci"] == {"200068229": {"nom": "CC des Baronnies", "page": None}}
    assert [chiffre_dit(donnees, c) for c in nyons["chiffres"]] == [
        ("nb_foyers_allocataires", 2022, "1150.00", "arrondi", "entre 1\u202f148 et 1\u202f154", None),
        ("part_allocataires_rsa", 2022, "31.45", "arrondi", "entre 31,2 et 31,7\u202f%", None),
        ("mediane_niveau_vie", 2019, "20150.00", "observe", None, None),
    ]
    _, ain = lire_script(site / "donnees" / "01.js")
    assert ain["nom"] == "Ain"
    assert [chiffre_dit(ain, c) for c in ain["communes"]["01001"]["chiffres"]] == [
        ("nb_foyers_allocataires", 2022, "nd", "non_disponible", None, "hors couverture"),
        ("part_allocataires_rsa", 2022, "na", "sans_objet", None, "dénominateur nul"),
        ("mediane_niveau_vie", 2019, "s", "secret", None, "secret du producteur"),
    ]
    # Of nobody: that commune was read, and adds nothing to the sum of several.
    rsa = ain["indicateurs"].index("part_allocataires_rsa")
    assert ain["communes"]["01001"]["termes"] == [[rsa, 0, 0]]


def test_the_scripts_hold_every_last_figure_of_every_commune(site: Path) -> None:
    lus = set()
    for fichier in (site / "donnees").glob("[0-9]*.js"):
        departement, donnees = lire_script(fichier)
        assert fichier.name == f"{departement}.js"
        for code, commune in donnees["communes"].items():
            for c in commune["chiffres"]:
                indicateur_id, millesime, texte, statut, _, motif = chiffre_dit(donnees, c)
                lus.add((departement, f"commune:{code}", indicateur_id, millesime, texte, statut, motif))
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        attendus = con.execute(
            "select t.departement, territoire_id, indicateur_id, millesime, valeur_affichee, statut, motif"
            " from marts.mart_derniers_chiffres inner join marts.dim_territoire as t using (territoire_id)"
            " where t.niveau = 'commune'"
        ).fetchall()
    assert lus == set(attendus) and len(attendus) > 30_000


def test_the_script_of_territories_holds_their_last_figures_and_what_is_said_of_their_evolution(
    site: Path,
) -> None:
    _, donnees = lire_script(site / adresses.DONNEES_DES_TERRITOIRES)
    lus, evolutions = set(), {}
    for territoire_id, t in donnees["territoires"].items():
        for c in t["chiffres"]:
            indicateur_id, millesime, texte, statut, _, motif = chiffre_dit(donnees, c[:5])
            lus.add((territoire_id, indicateur_id, millesime, texte, statut, motif))
            if len(c) == 6:
                evolutions[territoire_id, indicateur_id] = c[5]
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        attendus = con.execute(
            "select territoire_id, indicateur_id, millesime, valeur_affichee, statut,"
            " if(statut in ('observe', 'arrondi', 'partiel'), null, motif)"
            " from marts.mart_derniers_chiffres where niveau <> 'commune'"
        ).fetchall()
        dites = con.execute(
            "select territoire_id, indicateur_id, millesime_debut, valeur_debut_affichee, evolution_affichee"
            " from marts.mart_evolutions_dites"
            " where choisie and forme <> 'refusee' and niveau <> 'commune'"
        ).fetchall()
    assert lus == set(attendus) and len(attendus) > 1_000
    dites_ici = {cle: tuple(e) for cle, e in evolutions.items() if e[2] is not None}
    assert dites_ici == {(t, i): (*dite,) for t, i, *dite in dites} and len(dites) > 500
    # A refusal says why, and holds no number but those of its ends.
    refusees = [e for e in evolutions.values() if e[2] is None]
    assert refusees and all(donnees["motifs"][e[3]] for e in refusees)
