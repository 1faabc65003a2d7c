"""From a figure to the lines of its files, communes and structures; and what a masked figure never gives."""

import math
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publication.explication import Structure, expliquer, passees, rendre
from publication.releases import magasin
from publication.releases.magasin import courante
from socle.erreurs import ErreurPublication
from tests.publication.petits_marts import publier

EPCI = "epci:200068229"

# Two more communes of the EPCI: the figure of one of them is masked here.
TROIS_COMMUNES = """
    insert into marts.dim_territoire
    select 'commune:' || c, 'commune', c, l, '26', '84', '200068229', 'CC des Baronnies', 2025, false
    from (values ('26063', 'Buis-les-Baronnies'), ('26340', 'Séderon')) t(c, l);
    insert into marts.noms_territoires
    select cle, 'entiere', 'commune', c, l, 'commune:' || c, 'commune', l, '26', 300, true, null
    from (values ('26063', 'Buis-les-Baronnies', 'buis baronnies'), ('26340', 'Séderon', 'sederon'))
    t(c, l, cle);
    insert into marts.lignes_source values
        ('aa', 'communes', '26063', 2022, 2025, 8), ('aa', 'communes', '26063', 2021, 2025, 4),
        ('aa', 'communes', '26340', 2022, 2025, 9);
    insert into marts.fct_indicateurs
    select * replace ('commune:26063' as territoire_id, '26063' as code, 'Buis' as libelle, 640 as valeur)
    from marts.fct_indicateurs
    where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires';
    insert into marts.fct_indicateurs
    select * replace (
        'commune:26340' as territoire_id, '26340' as code, 'Séderon' as libelle, null as valeur,
        null as borne_basse, null as borne_haute, 'secret' as statut, 'secret_statistique' as motif_code,
        's' as valeur_affichee, null as lisibilite, 'secret statistique' as motif
    )
    from marts.fct_indicateurs
    where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires';
"""


def structure(ligne: int, libelle: str, code: str, apport: float) -> Structure:
    return Structure(
        "cnaf_allocataires_communes", "aa", ligne, libelle, code, 2025, "foyers_allocataires", 2022, apport
    )


def registre(mesures: frozenset[str], millesimes: frozenset[int]) -> list[Structure]:
    """A register of three structures; it is asked for the terms and the years of the figure."""
    assert mesures == {"foyers_allocataires"} and millesimes == {2022}
    return [
        structure(8, "La Ronde", "26063", 640),
        structure(9, "Les Lutins", "26340", 3),
        structure(70, "Ailleurs", "01001", 1),
    ]


@pytest.fixture(scope="session")
def dossier(publiee) -> Path:
    release = courante(publiee)
    assert release
    return release


def test_a_communal_figure_leads_to_its_file_and_to_the_line_of_its_year(dossier) -> None:
    explication = expliquer(dossier, "part_allocataires_rsa", "26220", 2022)
    assert (explication.sujet.territoire_id, explication.chiffre.valeur, explication.chiffre.statut) == (
        "commune:26220",
        31.45,
        "arrondi",
    )
    assert explication.sujet.formule == "foyers_rsa / (foyers_allocataires - foyers_af) × 100"
    (source,) = explication.sources
    (fichier,) = source.fichiers
    # The file of 2024 holds every December: line 3 is that of 2021.
    assert (fichier.sha256, fichier.membre, fichier.lignes) == ("aa", "s_ben_com_f.csv", (7,))
    texte = rendre(explication)
    assert "Valeur        31,5\u202f%, entre 31,2 et 31,7\u202f%" in texte
    assert "Numérateur    361,68 (2022)" in texte and "Dénominateur  1\u202f150 (2022)" in texte
    assert (
        "    sha256 aa\n    public au plus tard le 2026-07-05, reçu le 2026-01-04, première publication "
        f"{dossier.name}\n    ligne 7\n" in texte
    )


def test_files_are_those_of_the_millesime_of_the_figure(dossier) -> None:
    (source,) = expliquer(dossier, "mediane_niveau_vie", "commune:26220", 2019).sources
    assert [(f.sha256, f.lignes) for f in source.fichiers] == [("b9", (14,))]


def test_a_merged_commune_is_found_under_the_codes_it_had(construire, releases, validation, nuit) -> None:
    construction = construire(
        "update marts.fct_indicateurs set millesime = 2018, millesime_denominateur = null"
        " where millesime = 2019"
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    (source,) = expliquer(dossier, "mediane_niveau_vie", "commune:26220", 2018).sources
    assert [(f.sha256, f.lignes) for f in source.fichiers] == [("b8", (12, 15))]


def test_each_line_of_a_file_of_several_years_is_looked_up_in_its_own_cog(
    construire, releases, validation, nuit
) -> None:
    """26999 merged into 26220 on 1 January 2024: what bears its code in COG 2025 is another commune."""
    construction = construire(
        """
        insert into marts.passage_communes values
            (2023, '26999', '26220', 'fusion', false), (2023, '26220', '26220', 'fusion', false);
        update marts.lignes_source set cog_millesime = millesime + 1 where sha256 = 'aa';
        insert into marts.lignes_source values
            ('aa', 'communes', '26999', 2022, 2023, 4), ('aa', 'communes', '26999', 2022, 2025, 8);
        """
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    (source,) = expliquer(dossier, "part_allocataires_rsa", "26220", 2022).sources
    assert [f.lignes for f in source.fichiers] == [(4, 7)]


def test_a_departement_does_not_take_the_line_of_the_region_of_the_same_code_and_file(dossier) -> None:
    (source,) = expliquer(dossier, "mediane_niveau_vie", "departement:01", 2019).sources
    assert [(f.ressource, f.lignes) for f in source.fichiers] == [("departements", (2,))]


@pytest.fixture(scope="module")
def sommee(tmp_path_factory, nuit) -> Path:
    """A release in which the EPCI has three communes."""
    from tests.publication.petits_marts import accepter, construire_base

    home = tmp_path_factory.mktemp("sommee")
    construction = construire_base(home / "build" / "nuit.duckdb", TROIS_COMMUNES)
    return publier(home / "releases", construction, accepter(home / "validation"), nuit).dossier


def test_a_sum_names_each_commune_with_its_figure_and_its_line_of_the_year(sommee) -> None:
    explication = expliquer(sommee, "nb_foyers_allocataires", EPCI, 2022)
    assert [(p.code, p.valeur, p.statut, [ligne for _, _, ligne in p.lignes]) for p in explication.parts] == [
        ("26063", 640, "arrondi", [(8,)]),
        ("26220", 1150, "arrondi", [(7,)]),
        ("26340", None, "secret", [(9,)]),
    ]
    texte = rendre(explication)
    assert "3\u202f250\u00a0foyers, entre 3\u202f130 et 3\u202f520" in texte
    assert "Motif         communes absentes\n" in texte
    assert "Communes      3 : 2 arrondi, 1 secret statistique\n" in texte
    assert re.search(r"\n  Buis-les-Baronnies \(26063\) +640  arrondi +\[1\] ligne 8\n", texte)
    assert re.search(r"\n  Séderon \(26340\) +s  secret statistique +\[1\] ligne 9\n", texte)


def test_lines_of_an_internal_file_are_those_of_the_closed_zone_and_of_who_may_read_it(
    construire, releases, validation, nuit, tmp_path
) -> None:
    """A reader is told where they are; the operator, whom the command line hands them, walks to them."""
    interne = TROIS_COMMUNES + (
        "update marts.dim_source set diffusion = 'interne' where source_id = 'cnaf_allocataires_communes';"
        "update marts.dim_fichier set sha256 = null, fichier_id = 'interne-1' where sha256 = 'aa';"
        "delete from marts.lignes_source where sha256 = 'aa';"
    )
    dossier = publier(releases, construire(interne), validation, nuit).dossier
    lignes = [
        ("interne-1", "communes", c, 2022, 2025, n) for c, n in (("26063", 8), ("26220", 7), ("26340", 9))
    ]
    internes = tmp_path / "lignes.parquet"
    noms = ("fichier_id", "ressource", "code", "millesime", "cog_millesime", "ligne")
    pq.write_table(pa.Table.from_pylist([dict(zip(noms, x, strict=True)) for x in lignes]), internes)

    dehors = expliquer(dossier, "nb_foyers_allocataires", EPCI, 2022)
    assert [f for s in dehors.sources for f in s.fichiers] == []
    texte = rendre(dehors)
    assert "la publication n'en a pas les lignes" in texte and "sha256" not in texte

    dedans = expliquer(dossier, "nb_foyers_allocataires", EPCI, 2022, internes=internes)
    assert [(p.code, [n for _, _, n in p.lignes]) for p in dedans.parts] == [
        ("26063", [(8,)]),
        ("26220", [(7,)]),
        ("26340", [(9,)]),
    ]
    texte = rendre(dedans)
    assert "    interne-1 (ctg sources show)\n" in texte and "n'en a pas les lignes" not in texte


@pytest.mark.parametrize(("identique", "lus"), [("200068229", [("epci", (5,))]), (None, [("communes", ())])])
def test_a_ctg_leads_to_the_line_of_the_epci_of_the_same_communes(
    construire, releases, validation, nuit, identique: str | None, lus: list
) -> None:
    """What is published for an EPCI is published for its twin; a CTG without one is its communes."""
    epci = f"'{identique}'" if identique else "null"
    construction = construire(
        f"""
        insert into marts.dim_territoire by name
        select 'ctg:baronnies' as territoire_id, 'ctg' as niveau, 'baronnies' as code, 'CTG' as libelle;
        insert into marts.ctg_communes values ('ctg:baronnies', '26220', {epci});
        insert into marts.fct_indicateurs
        select * replace ('ctg:baronnies' as territoire_id, 'ctg' as niveau, 'baronnies' as code)
        from marts.fct_indicateurs where territoire_id = '{EPCI}';
        insert into marts.dim_fichier select * replace (
            'ae' as sha256, 'ae' as fichier_id, 'epci' as ressource, 'epci' as niveau,
            's_ben_epci_f.csv' as membre
        ) from marts.dim_fichier where sha256 = 'aa';
        insert into marts.lignes_source values
            ('ae', 'epci', '200068229', 2022, 2025, 5), ('ae', 'epci', '200069193', 2022, 2025, 6);
        """
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    explication = expliquer(dossier, "nb_foyers_allocataires", "ctg:baronnies", 2022)
    assert [(f.ressource, f.lignes) for s in explication.sources for f in s.fichiers] == lus
    texte = rendre(explication)
    assert ("Publié pour   epci:200068229, l'EPCI des mêmes communes" in texte) is (identique is not None)
    assert (explication.parts == ()) is (identique is not None)


@pytest.mark.parametrize(("perimetre", "incompletes"), [("region:84", False), ("departement:26", True)])
def test_a_departement_is_whole_in_the_scope_of_its_region(
    construire, releases, validation, nuit, perimetre: str, incompletes: bool
) -> None:
    construction = construire(
        """
        insert into marts.fct_indicateurs
        select * replace ('departement:01' as territoire_id, 'departement' as niveau, '01' as code)
        from marts.fct_indicateurs
        where territoire_id = 'epci:200068229' and indicateur_id = 'nb_foyers_allocataires';
        """
    )
    dossier = publier(releases, construction, validation, replace(nuit, perimetre=perimetre)).dossier
    explication = expliquer(dossier, "nb_foyers_allocataires", "departement:01", 2022)
    assert [p.code for p in explication.parts] == ["01001"]
    assert explication.incompletes is incompletes


def test_what_a_plan_foresees_is_not_told_as_observed(construire, releases, validation, nuit) -> None:
    construction = construire(
        TROIS_COMMUNES + "alter table marts.dim_indicateur add column prevu boolean;"
        "update marts.dim_indicateur set prevu = indicateur_id = 'nb_foyers_allocataires';"
        "update marts.fct_indicateurs set statut = 'observe' where statut in ('arrondi', 'partiel')"
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    texte = rendre(expliquer(dossier, "nb_foyers_allocataires", EPCI, 2022))
    assert "\nStatut        prévu par le plan\n" in texte
    assert "Communes      3 : 2 prévu par le plan, 1 secret statistique\n" in texte and "observé" not in texte
    assert "\nStatut        observé\n" in rendre(expliquer(dossier, "mediane_niveau_vie", "26220", 2019))


def test_a_long_list_is_cut_until_all_of_it_is_asked_for(sommee, monkeypatch) -> None:
    monkeypatch.setattr("publication.explication.texte._AU_PLUS", 2)
    explication = expliquer(sommee, "nb_foyers_allocataires", EPCI, 2022)
    coupee, entiere = rendre(explication), rendre(explication, tout=True)
    assert "Séderon" not in coupee and "… et 1 autre commune : --tout" in coupee
    assert "Séderon" in entiere and "--tout" not in entiere


def test_communes_at_zero_without_a_line_do_not_hide_the_others(sommee) -> None:
    explication = expliquer(sommee, "nb_foyers_allocataires", EPCI, 2022)
    buis, nyons, _ = explication.parts
    registre = replace(explication, parts=(replace(nyons, valeur=0, statut="observe", lignes=()), buis))
    assert re.search(r"\n  Buis-les-Baronnies \(26063\) .*\n  À 0, sans ligne : Nyons\n", rendre(registre))
    assert re.search(r"\n  Nyons \(26220\) +0  observé\n", rendre(registre, tout=True))


def test_the_operator_sees_the_structures_and_a_reader_of_the_release_none(sommee) -> None:
    explication = expliquer(sommee, "nb_foyers_allocataires", EPCI, 2022, registre)
    assert [(c.structure.libelle, c.commune) for c in explication.structures] == [
        ("La Ronde", "Buis-les-Baronnies (26063)"),
        ("Les Lutins", "Séderon (26340)"),
    ]
    texte = rendre(explication, zone="/zone")
    assert "Lues dans la zone close /zone" in texte and "[1] ligne 8, La Ronde" in texte
    assert "Structures" not in rendre(expliquer(sommee, "nb_foyers_allocataires", EPCI, 2022))


def test_a_secret_of_the_producer_is_asked_of_the_producer(dossier) -> None:
    explication = expliquer(dossier, "mediane_niveau_vie", "commune:01001", 2019)
    assert (explication.chiffre.valeur, explication.chiffre.borne_basse) == (None, None)
    texte = rendre(explication)
    assert "Règle         le producteur ne diffuse pas ce chiffre" in texte
    assert "À qui demander  Insee (https://www.insee.fr/)\n" in texte and "ctg secret" not in texte


def test_an_unknown_date_says_so(construire, releases, validation, nuit) -> None:
    construction = construire("update marts.dim_fichier set publie_le = null")
    dossier = publier(releases, construction, validation, nuit).dossier
    texte = rendre(expliquer(dossier, "nb_foyers_allocataires", "26220", 2022))
    assert "public : date inconnue, reçu : date inconnue, première publication" in texte and "?" not in texte


def test_earlier_years_and_what_the_change_is_made_of(construire, releases, validation, nuit) -> None:
    construction = construire(
        """
        insert into marts.fct_indicateurs select * replace (2021 as millesime, 30.0 as valeur)
        from marts.fct_indicateurs where territoire_id = 'commune:26220' and millesime = 2022
            and indicateur_id = 'part_allocataires_rsa';
        insert into marts.mart_evolutions values ('commune:26220', 'part_allocataires_rsa', 2021, 2022, true,
            'arrondi', null, 1.45, '+1,5 point', 'point', 2, -0.55, 0, null,
            'révision : pas deux séries à rapprocher');
        """
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    texte = rendre(expliquer(dossier, "part_allocataires_rsa", "26220", 2022))
    assert "Millésimes précédents\n  2021     30,0\u202f% (arrondi)\n" in texte
    assert (
        "  De 2021 à 2022 : +1,5\u00a0point ; numérateur +2,0\u00a0points ; dénominateur −0,6\u00a0point ;"
        " périmètre 0,0\u00a0point\n    Effets non chiffrés (révision : pas deux séries à rapprocher)\n"
        in texte
    )


def test_earlier_releases_and_why_the_figure_moved_since(
    construire, releases, validation, nuit, horloge
) -> None:
    publier(
        releases,
        construire("update marts.fct_indicateurs set valeur = 1000 where valeur = 1150"),
        validation,
        nuit,
    )
    revise = "update marts.dim_fichier set sha256 = 'ab', fichier_id = 'ab' where sha256 = 'aa';"
    revise += "update marts.lignes_source set sha256 = 'ab' where sha256 = 'aa';"
    avant, apres = (
        publier(releases, construire(revise + suite), validation, nuit).dossier
        for suite in ("", "update marts.dim_source set titre = 'autre'")
    )
    assert avant.name != apres.name
    explication = expliquer(apres, "nb_foyers_allocataires", "26220", 2022)
    (passee,) = passees(releases, explication)
    assert (passee.valeur, passee.cause) == (1000, "révision")
    texte = rendre(explication, (passee,))
    assert f"  {passee.quand}  1\u202f000\u00a0foyers (arrondi), changé ensuite : révision\n" in texte
    # What no release ever had did not change.
    assert passees(releases, expliquer(apres, "nb_eaje", EPCI, 2022)) == ()


@pytest.fixture
def a_un_bit_pres(construire, releases, validation, nuit, horloge) -> Path:
    """Two releases, the older of which has a figure that the last bit of a double sets apart."""
    presque = f"update marts.fct_indicateurs set valeur = {math.nextafter(31.45, 32)!r} where valeur = 31.45"
    for modifications in (presque, ""):
        dossier = publier(releases, construire(modifications), validation, nuit).dossier
    return dossier


def test_a_last_bit_that_nobody_prints_is_no_past(a_un_bit_pres: Path, releases) -> None:
    assert len(magasin.ordinaires(releases)) == 2
    assert passees(releases, expliquer(a_un_bit_pres, "part_allocataires_rsa", "26220", 2022)) == ()


def test_a_release_that_a_night_purges_meanwhile_is_passed_over(
    a_un_bit_pres: Path, releases, monkeypatch
) -> None:
    explication = expliquer(a_un_bit_pres, "part_allocataires_rsa", "26220", 2022)
    listees = magasin.ordinaires(releases)
    monkeypatch.setattr(magasin, "ordinaires", lambda _: listees)
    (listees[1] / "parquet" / "fct_indicateurs.parquet").unlink()
    # It is still there, without what it should hold.
    with pytest.raises(duckdb.IOException):
        passees(releases, explication)
    magasin.retirer(listees[1])
    assert passees(releases, explication) == ()


def test_a_figure_that_is_hidden_today_has_no_past(construire, releases, validation, nuit, horloge) -> None:
    montre = TROIS_COMMUNES + (
        "update marts.fct_indicateurs set valeur = 3, statut = 'observe', motif_code = null, motif = null"
        " where territoire_id = 'commune:26340'"
    )
    publier(releases, construire(montre), validation, nuit)
    dossier = publier(releases, construire(TROIS_COMMUNES), validation, nuit).dossier
    assert passees(releases, expliquer(dossier, "nb_foyers_allocataires", "commune:26340", 2022)) == ()


def test_without_a_year_it_is_the_newest_that_shows_a_figure(dossier) -> None:
    assert expliquer(dossier, "part_allocataires_rsa", "26220").sujet.millesime == 2022
    with pytest.raises(ErreurPublication, match="n'a aucun chiffre nb_eaje pour"):
        expliquer(dossier, "nb_eaje", EPCI)


def test_a_figure_no_source_gives_says_why(dossier) -> None:
    explication = expliquer(dossier, "nb_eaje", EPCI, 2022)
    assert (explication.chiffre.statut, explication.chiffre.motif) == (
        "non_disponible",
        "source jamais reçue : caf_equipements",
    )
    assert explication.sources == ()


@pytest.mark.parametrize(
    ("indicateur", "territoire", "sujet"),
    [
        ("caf", "l'interco des Baronnies", ("nb_foyers_allocataires", EPCI)),
        ("Bénéficiaires du RSA", "ville de Nyons", ("part_allocataires_rsa", "commune:26220")),
    ],
)
def test_words_that_name_one_thing_are_understood(sommee, indicateur, territoire, sujet) -> None:
    lu = expliquer(sommee, indicateur, territoire, 2022).sujet
    assert (lu.indicateur_id, lu.territoire_id) == sujet


def test_words_that_name_several_indicateurs_or_none_say_which(sommee) -> None:
    dits = {
        "foyers": "en choisir un :\n  nb_foyers_allocataires                   Foyers allocataires\n  part_",
        "pharmacies": "« pharmacies » : la santé n'y est pas.",
    }
    for mot, attendu in dits.items():
        with pytest.raises(ErreurPublication) as refus:
            expliquer(sommee, mot, "nyons")
        assert attendu in str(refus.value)


@pytest.mark.parametrize(
    ("demande", "dit"),
    [
        ("rsa 2022", "nomme part_allocataires_rsa et l'année 2022, qui se donne à part"),
        ("évolution du rsa", "part_allocataires_rsa est le chiffre d'une année. Son évolution est dans"),
    ],
)
def test_a_year_or_an_evolution_among_the_words_of_an_indicateur_is_not_left_unheard(
    dossier, demande: str, dit: str
) -> None:
    with pytest.raises(ErreurPublication, match=dit):
        expliquer(dossier, demande, "nyons")


def test_words_of_an_evolution_name_the_indicateur_that_is_one(
    construire, releases, validation, nuit
) -> None:
    construction = construire(
        "insert into marts.dim_indicateur select * replace ('evolution_bidules' as indicateur_id,"
        " 'Évolution des bidules en 5 ans' as libelle, 'evolution' as methode) from marts.dim_indicateur"
        " where indicateur_id = 'nb_foyers_allocataires';"
        "insert into marts.fct_indicateurs select * replace ('evolution_bidules' as indicateur_id)"
        " from marts.fct_indicateurs where indicateur_id = 'nb_foyers_allocataires'"
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    assert expliquer(dossier, "évolution bidules", "nyons").sujet.indicateur_id == "evolution_bidules"


def test_a_piece_of_names_lists_the_places_that_may_be_meant(sommee) -> None:
    with pytest.raises(ErreurPublication) as refus:
        expliquer(sommee, "nb_foyers_allocataires", "baronnies", 2022)
    assert str(refus.value).splitlines() == [
        "Lieu non reconnu : baronnies. « baronnies » est peut-être :",
        "  epci:200068229         CC des Baronnies en Drôme provençale, 20\u202f753 habitants",
        "  commune:26063          Buis-les-Baronnies, 300 habitants",
    ]


@pytest.mark.parametrize(
    ("indicateur", "territoire", "millesime", "message"),
    [
        ("mediane_niveau", "26220", 2019, "Aucun indicateur 'mediane_niveau'.*proches : mediane_niveau_vie"),
        ("nb_salaries_viellesse", "26220", 2019, "proches : nb_foyers_allocataires"),
        (
            "xyz",
            "26220",
            2019,
            "Aucun indicateur 'xyz' dans cette publication ; la liste est dans dictionnaire.md",
        ),
        ("mediane_niveau_vie", "01", 2019, "(?s)2 territoires .*departement:01.*region:01"),
        ("mediane_niveau_vie", "26220", 1999, "Millésimes présents : 2019"),
    ],
)
def test_unknown_names_are_refused_in_french_with_what_exists(
    dossier, indicateur, territoire, millesime, message
) -> None:
    with pytest.raises(ErreurPublication, match=message):
        expliquer(dossier, indicateur, territoire, millesime)


def test_a_release_that_does_not_say_enough_is_refused(construire, releases, validation, nuit) -> None:
    construction = construire("alter table marts.lignes_source drop cog_millesime")
    dossier = publier(releases, construction, validation, nuit).dossier
    with pytest.raises(ErreurPublication, match=r'trop ancienne.*"cog_millesime" not found'):
        expliquer(dossier, "nb_foyers_allocataires", "26220", 2022)


@pytest.fixture
def avec_erreurs(construire, releases, validation, nuit) -> Path:
    lignes = ",".join(
        f"('{nom}', 'cnaf_allocataires_communes', 'communes', {an}, {ou}, '{nom}.', 'Mise de côté.',"
        " date '2026-11-25', null)"
        for nom, an, ou in (
            ("ici", 2024, "'commune:26220'"),
            ("autre_annee", 2019, "'commune:26220'"),
            ("autre_commune", 2024, "'commune:01001'"),
            ("de_personne", 2024, "null"),
        )
    )
    construction = construire(f"insert into marts.erreurs_connues values {lignes}")
    return publier(releases, construction, validation, nuit).dossier


@pytest.mark.parametrize("territoire", ["26220", EPCI])
def test_a_known_error_is_told_of_the_file_and_the_commune_it_is_of(
    avec_erreurs: Path, territoire: str
) -> None:
    explication = expliquer(avec_erreurs, "nb_foyers_allocataires", territoire, 2022)
    assert [e.constat for e in explication.erreurs] == ["ici."]
    assert "Erreur connue du producteur, vue le 25/11/2026\n  ici.\n  Mise de côté." in rendre(explication)
