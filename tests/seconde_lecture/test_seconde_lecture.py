"""Figures of the night on the mirror are what the raw files say, by code that shares nothing with ours."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from commande import Observatoire

from tests.seconde_lecture.controle import TIRAGES, Controle, lire, tirer
from tests.seconde_lecture.fichiers import SANS_DEFINITION, SANS_FICHIER
from tests.seconde_lecture.noms import Noms

GRAINE = int(os.environ["CTG_GRAINE"])
# Share of what is drawn that may be out of reach, by reason: a line to add to `indicateurs` or to a reader.
HORS_DE_PORTEE = {SANS_FICHIER: 0.05, SANS_DEFINITION: 0.05}


@pytest.fixture(scope="module")
def controle(premiere: Observatoire, reel: Path) -> Controle:
    return Controle(premiere.courante, reel)


@pytest.mark.parametrize("table", TIRAGES)
def test_what_is_drawn_is_what_the_raw_files_say(
    premiere: Observatoire, controle: Controle, table: str, record_property: Callable[[str, object], None]
) -> None:
    bilan = controle.juger(table, tirer(premiere.courante, table, GRAINE))
    record_property(f"second reading of {table}, CTG_GRAINE={GRAINE}", str(bilan))
    assert bilan.lus >= TIRAGES[table][0]
    assert not bilan.faux, "\n".join([f"CTG_GRAINE={GRAINE}, {bilan}", *bilan.faux])
    for raison in bilan.hors:
        assert bilan.part_hors(raison) <= HORS_DE_PORTEE[raison], f"CTG_GRAINE={GRAINE}, {bilan}"


def test_names_of_places_are_those_of_the_raw_lists(premiere: Observatoire, controle: Controle) -> None:
    population = lire(premiere.courante, "fct_indicateurs")
    annee = population[population.indicateur_id == "population_municipale"].millesime.max()
    valeurs, _ = controle.indicateurs.valeurs("population_municipale", "commune", int(annee))
    noms = Noms(controle.geo, controle.perimetre, valeurs)
    lus = lire(premiere.courante, "noms_territoires")
    assert not [*noms.faux(lus, GRAINE)], f"CTG_GRAINE={GRAINE}"
    alteres = lus.copy()
    communes = alteres.index[(alteres.nature == "commune") & (alteres.forme == "entiere")]
    alteres.loc[communes, "cle"] = alteres.loc[communes, "cle"].str[1:]
    assert len([*noms.faux(alteres, GRAINE)]) >= 2000
    for nature, combien in (("commune_reunie", 1), ("code_postal", 35_000)):
        assert len([*noms.faux(lus[lus.nature != nature], GRAINE)]) >= combien


def test_figures_altered_on_the_way_are_named(premiere: Observatoire, controle: Controle) -> None:
    """Of what was drawn: a ratio upside down, a person too many, the median of another commune."""
    lignes = tirer(premiere.courante, "fct_indicateurs", GRAINE)
    # A ratio of 100 % is the same upside down.
    lignes = lignes[lignes.valeur.gt(0) & lignes.valeur.ne(100) & lignes.niveau.eq("commune")]
    rsa, population, mediane = (
        lignes.index[lignes.indicateur_id == indicateur]
        for indicateur in ("part_allocataires_rsa", "population_municipale", "mediane_niveau_vie")
    )
    autres = lignes.valeur[mediane]
    alterees = {
        rsa[0]: 100 * lignes.denominateur[rsa[0]] / lignes.numerateur[rsa[0]],
        population[0]: lignes.valeur[population[0]] + 1,
        mediane[0]: autres[autres != autres.iloc[0]].iloc[0],
    }
    faux = lignes.copy()
    faux.loc[list(alterees), "valeur"] = list(alterees.values())
    nommes = controle.juger("fct_indicateurs", faux).faux
    # Each by its value, and by the text that its own value would print.
    assert len({nomme.partition(": ")[0] for nomme in nommes}) == 3
    for rang, valeur in alterees.items():
        x = lignes.loc[rang]
        debut = f"{x.territoire_id} {x.millesime} {x.indicateur_id}: valeur is "
        (dit,) = (n for n in nommes if n.startswith(debut))
        assert f"valeur is {valeur} in the release, {x.valeur} by the second reading of " in dit


@pytest.mark.parametrize(
    ("table", "colonne"),
    [("mart_evolutions", "evolution"), ("mart_comparaisons", "valeur_pairs"), ("mart_comparaisons", "rang")],
)
def test_an_altered_evolution_median_or_rank_is_named(
    premiere: Observatoire, controle: Controle, table: str, colonne: str
) -> None:
    lignes = tirer(premiere.courante, table, GRAINE)
    lignes = lignes[lignes[colonne].notna()].head(20).astype({colonne: float})
    lignes.loc[lignes.index[0], colonne] += 1
    (dit,) = controle.juger(table, lignes).faux
    assert dit.startswith(f"{lignes.territoire_id.iloc[0]} ") and f": {colonne} is " in dit


@pytest.mark.parametrize(
    ("colonne", "autre"),
    [("mouvement", "hausse"), ("evolution_affichee", "+1"), ("stable_depuis", 2016), ("depuis_de", 1990)],
)
def test_an_altered_word_is_named(
    premiere: Observatoire, controle: Controle, colonne: str, autre: object
) -> None:
    lignes = tirer(premiere.courante, "mart_evolutions_dites", GRAINE).query("mouvement == 'deux_niveaux'")
    lignes = lignes.head(20).astype({colonne: object})
    lignes.loc[lignes.index[0], colonne] = autre
    (dit,) = controle.juger("mart_evolutions_dites", lignes).faux
    assert dit.startswith(f"{lignes.territoire_id.iloc[0]} ") and f": {colonne} is {autre} " in dit


def test_a_side_or_a_colour_that_is_not_the_rule_is_named(premiere: Observatoire, controle: Controle) -> None:
    lignes = tirer(premiere.courante, "mart_comparaisons", GRAINE)
    proches = lignes[lignes.ecart_departement_dit.eq("proche")].head(1)
    dits = proches.assign(ecart_departement_dit="au_dessus", ecart_departement_lecture="defavorable")
    assert not [dit for x in proches.itertuples() for dit in controle.ecarts(x)]
    (dit,) = (dit for x in dits.itertuples() for dit in controle.ecarts(x))
    assert "beside departement, ('au_dessus', 'defavorable') in the release, ('proche', " in dit
