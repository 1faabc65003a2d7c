"""The register, and audits on the union of everything released: what one release hides, two may show."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from petits_marts import EXIGENCES, EXTRAIT, Indicateur, Marts
from test_fuites import COMMUNES, RSA, VALEURS, marts, masques, natures

from confidentialite.memoire import registre as registres
from confidentialite.memoire.schema import REGISTRE
from confidentialite.preuve.constats import Constats
from socle.erreurs import ErreurPublication

Juger = Callable[..., Constats]
Publier = Callable[[Marts, str], Path]


def incidents(constats: Constats) -> set[tuple[str, str]]:
    return {(i.cellule.territoire_id, i.cellule.indicateur_id) for i in constats.a_decider}


def test_the_same_release_again_is_clean(juger: Juger, publier: Publier) -> None:
    sure = marts(masques=masques("26001", "26002"))
    publier(sure, "r1")
    publier(sure, "r2")
    constats = juger(sure)
    assert constats.succes and constats.registre_rang == 2, constats.message
    assert constats.comptes["cellules_forcees"] == 0


def test_each_release_is_clean_and_their_union_is_not(juger: Juger, publier: Publier) -> None:
    """The next night draws other masks: what it hides, the release before showed, and conversely."""
    publier(marts(masques=masques("26001", "26002")), "r1")
    autre = marts(masques=masques("26001", "26003"))
    constats = juger(autre)
    assert ("demasquee", "commune:26002", "nb_rsa") in natures(constats)
    # 26003 was shown: what was said cannot be unsaid.
    assert incidents(constats) == {("commune:26003", "nb_rsa")}


def test_a_new_zoning_leaks_what_the_former_one_hid(juger: Juger, publier: Publier) -> None:
    """The EPCI loses a commune that is masked: the difference of its two sums is that commune."""
    publier(marts(masques=masques("26001", "26002")), "r1")
    apres = COMMUNES | {"26001": "E2"}
    seule = marts(communes=apres, masques=masques("26001", "26002"))
    constats = juger(seule)
    assert {("exacte", "commune:26001", "nb_rsa"), ("exacte", "commune:26002", "nb_rsa")} <= natures(constats)


def test_the_next_geography_alone_would_be_clean(juger: Juger, registre: Path, publier: Publier) -> None:
    apres = COMMUNES | {"26001": "E2"}
    sure = marts(communes=apres, masques=masques("26001", "26002", "26004", "26003"))
    assert juger(sure).succes
    publier(marts(masques=masques("26001", "26002", "26003", "26004", "26005")), "r1")
    # E1 was 26001 + 26002 + 26003, is 26002 + 26003: 26001 follows.
    assert ("exacte", "commune:26001", "nb_rsa") in natures(juger(sure))


def test_a_merger_between_two_releases(juger: Juger, publier: Publier) -> None:
    """26001 and 26002 were masked; they merge, and their sum is shown: nothing more is known of each."""
    publier(marts(masques=masques("26001", "26002"), cog=2024), "r1")
    fusion = [(2024, "26001", "26001", "fusion"), (2024, "26002", "26001", "fusion")]
    communes = {c: e for c, e in COMMUNES.items() if c != "26002"}
    valeurs = {("rsa", 2024): {c: v for c, v in VALEURS.items() if c != "26002"} | {"26001": 10}}
    apres = Marts(communes, valeurs, RSA, passage=fusion)
    constats = juger(apres)
    assert constats.succes, constats.message
    # 26002 and 26003 were masked; now 26003 merges with 26002 under its code: it was not the same cell.
    assert constats.comptes["cellules_registre"] > 0


def test_a_merger_that_gives_away_a_former_commune(juger: Juger, publier: Publier) -> None:
    """26001 was masked with 26002, and merges with 26003, which was shown: the new commune must not be."""
    publier(marts(masques=masques("26001", "26002"), cog=2024), "r1")
    fusion = [(2024, "26001", "26003", "fusion"), (2024, "26003", "26003", "fusion")]
    communes = {c: e for c, e in COMMUNES.items() if c != "26001"}
    valeurs = {("rsa", 2024): {c: v for c, v in VALEURS.items() if c != "26001"} | {"26003": 23}}
    apres = Marts(communes, valeurs, RSA, passage=fusion)
    assert natures(juger(apres)) == {
        ("exacte", "commune:26001", "nb_rsa"),
        ("demasquee", "commune:26002", "nb_rsa"),
    }
    assert juger(replace(apres, masques=masques("26003", "26002"))).succes


def test_on_the_night_after_a_release_nothing_is_solved_again(
    juger: Juger, publier: Publier, tmp_path: Path
) -> None:
    """Figures are coded in a COG of then, where 26002 was two communes: the register lists both, as one."""
    fusion = [(2019, "26002", "26002", "fusion"), (2019, "26007", "26002", "fusion")]
    sure = marts(masques=masques("26001", "26002"), passage=fusion, code_en=2019)
    premiere = juger(sure, cache=tmp_path / "bornes.json").comptes
    assert premiere["composantes_resolues"] > 0
    publier(sure, "r1")
    seconde = juger(sure, cache=tmp_path / "bornes.json").comptes
    assert seconde["composantes_resolues"] == 0
    assert seconde["composantes_inchangees"] == premiere["composantes_resolues"]


def test_a_region_is_wider_than_the_scope_in_old_words_too(juger: Juger, publier: Publier) -> None:
    """A release said 1 000 of the région, and its build knew of the communes of the scope alone."""
    seules = marts(
        niveaux=("commune", "region"),
        publics={("region:84", 2024, "nb_rsa"): 1000.0},
        masques=masques("26001"),
        code_en=2025,
    )
    publier(seules, "r1")
    constats = juger(seules)
    # 1 000 less the five others is not 26001: the région has communes elsewhere.
    assert constats.succes, constats.message


def test_a_revision_is_read_beside_what_it_revises(juger: Juger, publier: Publier) -> None:
    publier(marts(masques=masques("26001", "26002")), "r1")
    revisees = {("rsa", 2024): VALEURS | {"26003": 21, "26005": 10}}
    revisee = marts(valeurs=revisees, masques=masques("26001", "26002"))
    constats = juger(revisee)
    assert constats.succes and constats.comptes["equations_contredites"] > 0, constats.message


def test_the_next_year_is_another_question(juger: Juger, publier: Publier) -> None:
    deux = {("rsa", 2023): {c: 20 for c in COMMUNES}, ("rsa", 2024): VALEURS}
    publier(marts(valeurs={("rsa", 2023): deux["rsa", 2023]}), "r1")
    assert juger(marts(valeurs=deux, masques=masques("26001", "26002"))).succes


def test_a_cell_masked_before_is_not_shown_now(juger: Juger, publier: Publier) -> None:
    """A lower threshold: the cell would be publishable today."""
    valeurs = {("rsa", 2024): VALEURS | {"26001": 8}}
    publier(marts(valeurs=valeurs, masques=masques("26001", "26002")), "r1")
    constats = juger(marts(valeurs=valeurs))
    assert natures(constats) == {("demasquee", f"commune:{c}", "nb_rsa") for c in ("26001", "26002")}
    assert all("r1" in str(e) for e in constats.echecs)


def test_what_was_released_gives_a_cell_away_for_ever(juger: Juger, publier: Publier, registre: Path) -> None:
    """26001 was shown under an older rule: an incident until somebody takes responsibility for it."""
    publier(marts(), "r1")
    sure = marts(masques=masques("26001", "26002"))
    constats = juger(sure)
    assert not constats.echecs and incidents(constats) == {
        ("commune:26001", "nb_rsa"),
        ("commune:26002", "nb_rsa"),
    }
    assert "ctg secret decide" in constats.message
    for incident in constats.a_decider:
        registres.decider(registre, incident.incident_id, "A. Responsable", "assumer", "règle de 2023")
    ensuite = juger(sure)
    assert ensuite.succes and len(ensuite.incidents) == 2 and not ensuite.a_decider
    # Another cell is another decision.
    autre = juger(marts(masques=masques("26001", "26002", "26004", "26005")))
    assert incidents(autre) == {("commune:26004", "nb_rsa"), ("commune:26005", "nb_rsa")}


def test_bounds_of_earlier_releases_are_an_incident_too(juger: Juger, publier: Publier) -> None:
    """Nothing was printed of the two communes but the sum, 2: each is 1."""
    valeurs = {("rsa", 2024): VALEURS | {"26001": 1, "26002": 1}}
    masque = masques("26001", "26002")
    assert not juger(marts(valeurs=valeurs, masques=masque)).succes
    publier(marts(valeurs=valeurs, masques=masque), "r1")
    constats = juger(marts(valeurs=valeurs, masques=masque))
    assert not constats.echecs
    assert incidents(constats) == {("commune:26001", "nb_rsa"), ("commune:26002", "nb_rsa")}


def test_an_indicateur_no_longer_from_the_extract_stays_watched(juger: Juger, publier: Publier) -> None:
    """The producer opens its figures: they say what the extract had hidden."""
    publier(marts(masques=masques("26001", "26002")), "r1")
    publics = {(t, 2024, "nb_rsa"): marts().somme("rsa", 2024, m) for t, m in marts().territoires().items()}
    assert ("demasquee", "commune:26001", "nb_rsa") in natures(juger(marts(publics=publics)))


def test_a_file_of_the_register_is_written_once_and_closed_to_others(
    publier: Publier, registre: Path
) -> None:
    fichier = publier(marts(masques=masques("26001", "26002")), "20250101T000000Z-aaaaaaaa")
    assert fichier.name == "000001-20250101T000000Z-aaaaaaaa.parquet"
    assert fichier.stat().st_mode & 0o777 == 0o600 and registre.stat().st_mode & 0o777 == 0o700
    with pytest.raises(ErreurPublication, match="already in the register"):
        publier(marts(), "20250101T000000Z-aaaaaaaa")
    assert [p.name for p in registre.iterdir()] == [fichier.name]


def test_the_register_says_what_was_shown_and_hidden(publier: Publier, registre: Path) -> None:
    publier(marts(masques=masques("26001", "26002"), ctg={"c1": ["26001", "26004"]}), "r1")
    publier(marts(masques=masques("26001", "26002"), ctg={"c1": ["26001", "26004"]}), "r2")
    table = registres.lire(registre)
    assert table.schema.equals(REGISTRE) and registres.position(registre).rang == 2
    lignes = {(x["release_id"], x["niveau"], x["code"]): x for x in table.to_pylist()}
    assert lignes["r1", "commune", "26001"]["statut"] == "secret"
    assert lignes["r1", "commune", "26001"]["valeur"] is None
    assert lignes["r2", "epci", "E1"]["valeur"] == 30 and lignes["r2", "epci", "E1"]["rang"] == 2
    assert lignes["r1", "ctg", "c1"]["atomes"] == ["26001", "26004"]
    assert lignes["r1", "epci", "E2"]["atomes"] == ["26004", "26005", "26006"]


def test_two_writings_of_the_same_release_are_the_same_bytes(
    publier: Publier, registre: Path, tmp_path: Path
) -> None:
    premiere = publier(marts(masques=masques("26001", "26002")), "r1").read_bytes()
    registre.rename(tmp_path / "autre")
    assert publier(marts(masques=masques("26001", "26002")), "r1").read_bytes() == premiere


def test_a_register_tampered_with_stops_everything(publier: Publier, juger: Juger, registre: Path) -> None:
    premiere = publier(marts(masques=masques("26001", "26002")), "r1")
    publier(marts(masques=masques("26001", "26002")), "r2")
    table = pq.read_table(premiere)
    sans_secret = table.filter([s != "secret" for s in table["statut"].to_pylist()])
    pq.write_table(sans_secret.replace_schema_metadata(table.schema.metadata), premiere)
    with pytest.raises(ErreurPublication, match="does not follow the file before it"):
        juger(marts())
    premiere.unlink()
    with pytest.raises(ErreurPublication, match=r"holds ranks \[2\]"):
        juger(marts())


def test_a_decision_names_somebody_and_a_reason_and_is_taken_once(registre: Path) -> None:
    with pytest.raises(ErreurPublication, match="empty"):
        registres.decider(registre, "abc", " ", "assumer", "x")
    registres.decider(registre, "abc", "A. B.", "assumer", "déjà public; voir note 12")
    with pytest.raises(ErreurPublication, match="already decided"):
        registres.decider(registre, "abc", "A. B.", "assumer", "encore")
    (decision,) = registres.decisions(registre).values()
    assert (decision["qui"], decision["raison"]) == ("A. B.", "déjà public; voir note 12")
    assert (registre / "decisions.csv").stat().st_mode & 0o777 == 0o600


def test_an_evolution_links_the_years_of_two_releases(juger: Juger, publier: Publier) -> None:
    """2019 was released with its masks; the evolution to 2024 prints both years."""
    indicateurs = RSA | {"evolution": Indicateur("evolution", "rsa", unite="pourcent", decalage=5)}
    anciennes = {("rsa", 2019): VALEURS}
    publier(marts(valeurs=anciennes, masques=masques("26001", "26002", millesime=2019)), "r1")
    deux = anciennes | {("rsa", 2024): {c: 20 for c in COMMUNES}}
    fuite = marts(valeurs=deux, indicateurs=indicateurs, masques=masques("26001", "26002", millesime=2019))
    assert ("exacte", "commune:26002", "nb_rsa") in natures(juger(fuite)) or (
        "demasquee",
        "commune:26002",
        "nb_rsa",
    ) in natures(juger(fuite))
    sure = replace(fuite, masques=fuite.masques | masques("26001", "26002", indicateur="evolution"))
    constats = juger(sure)
    assert constats.succes, constats.message
    assert EXTRAIT not in constats.texte()


def test_a_build_names_the_mesures_of_registers() -> None:
    with duckdb.connect() as con:
        con.execute("create schema seeds")
        con.execute(
            "create table seeds.mesures as from (values ('rpe', null), ('benevoles_avs', 'personnes'))"
            " as t (mesure_id, contributeurs)"
        )
        assert registres.mesures_des_registres(con) == {"benevoles_avs"}


def test_a_revised_cell_that_was_shown_is_one_incident_and_no_finding_of_its_neighbours(
    juger: Juger, publier: Publier, registre: Path
) -> None:
    """26001 was 9 and is 2, hidden: the EPCI of today less the 9 of then would leave one for each other."""
    avant = {"26001": 9, "26002": 3, "26003": 6}
    apres = {**avant, "26001": 2}
    premiere = Marts({c: "E1" for c in avant}, {("rsa", 2024): avant}, RSA, masques("26002", "26003"))
    publier(premiere, "r1")
    seconde = replace(premiere, valeurs={("rsa", 2024): apres}, masques=masques("26001", "26002", "26003"))
    constats = juger(seconde)
    assert incidents(constats) == {("commune:26001", "nb_rsa")}
    assert not constats.echecs
    for incident in constats.a_decider:
        registres.decider(registre, incident.incident_id, "A. Responsable", "assumer", "révision de la Caf")
    assert juger(seconde).succes


def test_what_hides_the_new_value_of_a_revised_cell_is_no_incident_of_its_own(
    juger: Juger, publier: Publier, registre: Path
) -> None:
    """26001 was 26 and is 2: with it are hidden its sums, which were shown, and are no one's."""
    avant = {"26001": 26, "26002": 10, "26003": 12}
    premiere = Marts({c: "E1" for c in avant}, {("rsa", 2024): avant}, RSA)
    publier(premiere, "r1")
    valeurs = {("rsa", 2024): {**avant, "26001": 2}}
    seconde = replace(premiere, valeurs=valeurs, masques=masques("26001", "epci:E1", "departement:26"))
    sensibles = pa.Table.from_pylist(
        [{"millesime": 2024, "niveau": "commune", "code": "26001", "formule": "rsa"}]
    )
    constats = juger(seconde, sensibles=sensibles)
    assert incidents(constats) == {("commune:26001", "nb_rsa")} and not constats.echecs
    for incident in constats.a_decider:
        registres.decider(registre, incident.incident_id, "A. Responsable", "assumer", "révision de la Caf")
    assert juger(seconde, sensibles=sensibles).succes
    publier(seconde, "r2")
    assert juger(seconde, sensibles=sensibles).succes


def test_what_earlier_releases_leave_of_a_territory_is_an_incident(
    juger: Juger, publier: Publier, registre: Path
) -> None:
    """No row is by commune; the EPCI and the CTG without 26001, where there are 3, were shown."""
    montree = marts(niveaux=("epci", "ctg"), ctg={"c": ["26002", "26003"]})
    publier(montree, "r1")
    cachee = replace(montree, masques=masques("epci:E1"))
    constats = juger(cachee)
    assert not constats.echecs and incidents(constats) == {("epci:E1", "nb_rsa")}
    for incident in constats.a_decider:
        registres.decider(registre, incident.incident_id, "A. Responsable", "assumer", "avant la règle")
    assert juger(cachee).succes


def fines(valeurs: dict[tuple[str, int], dict[str, int]]) -> pa.Table:
    """The figures of today by commune, as the zones behind tell them."""
    return pa.Table.from_pylist(
        [
            {"millesime": annee, "cog_millesime": 2025, "mesure_id": mesure, "atome": c, "valeur": v}
            for (mesure, annee), siennes in valeurs.items()
            for c, v in siennes.items()
            if v
        ]
    )


REVISEE = {"26001": 3, "26002": 4, "26003": 2}
"""26003 was 9; hidden today with its EPCI, of which 16 was said. 26001 and 26002 are hidden, then and now."""


def reviser(publier: Publier, **communes: int) -> Marts:
    """A release, then the revised month under masks of its own, and two CTG drawn since."""
    avant = {**REVISEE, "26003": 9}
    niveaux = ("commune", "epci", "ctg")
    premiere = Marts(
        {c: "E1" for c in avant}, {("rsa", 2024): avant}, RSA, masques("26001", "26002"), niveaux=niveaux
    )
    publier(premiere, "r1")
    return replace(
        premiere,
        valeurs={("rsa", 2024): {**REVISEE, **communes}},
        masques=masques("26001", "26002", "26003", "epci:E1"),
        ctg={"c1": ["26002", "26003"]},
    )


def test_an_old_sum_with_a_member_that_changed_is_no_equation_of_today(
    juger: Juger, publier: Publier
) -> None:
    """26002 and 26003 make 6 today: less the 9 of then, 26002 would be -3."""
    revisee = reviser(publier)
    constats = juger(revisee, fines=fines(revisee.valeurs))
    assert constats.succes and not constats.incidents, constats.message
    # Taken for figures of today, the words of then accuse cells that they say nothing of.
    sans = juger(revisee)
    assert ("exacte", "commune:26002", "nb_rsa") in natures(sans) or incidents(sans)


def test_what_is_left_of_an_old_sum_still_binds_the_members_that_did_not_change(
    juger: Juger, publier: Publier
) -> None:
    """16 - 9 = 7 is 26001 + 26002, as it was; two CTG that print 6 and 5 give all three away."""
    revisee = replace(reviser(publier), ctg={"c1": ["26002", "26003"], "c2": ["26001", "26003"]})
    constats = juger(revisee, fines=fines(revisee.valeurs))
    assert ("exacte", "commune:26001", "nb_rsa") in natures(constats)


def test_what_is_left_of_an_old_sum_binds_nobody_once_a_hidden_member_changed(
    juger: Juger, publier: Publier
) -> None:
    """26002 is 6 and was 4, hidden then and now: 7 is of the version of then."""
    revisee = replace(
        reviser(publier, **{"26002": 6}), ctg={"c1": ["26002", "26003"], "c2": ["26001", "26003"]}
    )
    constats = juger(revisee, fines=fines(revisee.valeurs))
    assert constats.succes, constats.message


def test_a_cell_that_was_shown_and_has_not_changed_is_an_incident_as_before(
    juger: Juger, publier: Publier
) -> None:
    """26003 is still 9 and hidden under a rule that became stricter: what was said gives it away."""
    revisee = reviser(publier, **{"26003": 9})
    constats = juger(replace(revisee, ctg={}), fines=fines(revisee.valeurs))
    assert ("commune:26003", "nb_rsa") in incidents(constats)


def test_a_share_whose_whole_is_nobody_since_a_revision_stays_hidden(juger: Juger, publier: Publier) -> None:
    """2 of the 3 foyers of 26001 had the RSA, hidden; they left. A share of nobody, shown as such, says zero
    of its whole today: what a sum has lost since is what 26001 was.
    """
    part = {"part_rsa": Indicateur("ratio", "rsa", "foyers", part=True)}
    avant = {
        ("rsa", 2024): {"26001": 2, "26002": 3, "26003": 20},
        ("foyers", 2024): {"26001": 3, "26002": 40, "26003": 60},
    }
    caches = masques("26001", "26002", indicateur="part_rsa")
    premiere = Marts({c: "E1" for c in avant["rsa", 2024]}, avant, part, caches)
    publier(premiere, "r1")
    apres = {cle: {**v, "26001": 0} for cle, v in avant.items()}
    exigences = replace(EXIGENCES, groupe=frozenset({"rsa"}))
    # 26002 stays hidden, with the sums that would give it away.
    toutes = masques("26001", "26002", "epci:E1", "departement:26", indicateur="part_rsa")

    def de_26001(caches: set[tuple[str, int, str]]) -> set[str]:
        constats = juger(
            replace(premiere, valeurs=apres, masques=caches), exigences=exigences, fines=fines(apres)
        )
        return {e.nature for e in constats.echecs if e.cellule.territoire_id == "commune:26001"}

    assert de_26001(toutes - masques("26001", indicateur="part_rsa")) == {"demasquee"}
    assert not de_26001(toutes)


def test_an_old_sum_that_still_holds_is_read_less_its_members_that_changed(
    juger: Juger, publier: Publier
) -> None:
    """26003 lost one and 26004 gained one: 21 - 9 - 5 is 26001 + 26002 as it was, and 21 - 7 - 6 is 26003."""
    avant = {"26001": 3, "26002": 4, "26003": 9, "26004": 5}
    premiere = Marts(
        {c: "E1" for c in avant},
        {("rsa", 2024): avant},
        RSA,
        masques("26001", "26002"),
        niveaux=("commune", "epci"),
    )
    publier(premiere, "r1")
    apres = {("rsa", 2024): {**avant, "26003": 4, "26004": 10}}
    revisee = replace(premiere, valeurs=apres, masques=masques("26001", "26002", "26003"))
    constats = juger(revisee, fines=fines(apres))
    assert ("exacte", "commune:26003", "nb_rsa") in natures(constats)
    sans_la_somme = replace(revisee, masques=revisee.masques | masques("26004"))
    constats = juger(sans_la_somme, fines=fines(apres))
    assert ("exacte", "commune:26003", "nb_rsa") not in natures(constats), constats.message


def test_old_sums_that_cross_are_read_less_each_other_where_one_member_changed(
    juger: Juger, publier: Publier
) -> None:
    """26001 gained one: 5 of E1 and 11 - 6 of CTG c1 are as wrong, so that 26002 is 26004.

    Today 10 - 6 is 26003.
    """
    avant = {"26001": 3, "26002": 2, "26003": 6, "26004": 2, "26005": 9}
    premiere = Marts(
        {c: "E1" if c < "26003" else "E2" for c in avant},
        {("rsa", 2024): avant},
        RSA,
        masques("26001", "26002", "26004", "epci:E2"),
        ctg={"c1": ["26001", "26003", "26004"]},
        niveaux=("commune", "epci", "ctg"),
    )
    publier(premiere, "r1")

    def de_26003(**apres: int) -> bool:
        valeurs = {("rsa", 2024): {**avant, "26003": 4, **apres}}
        caches = premiere.masques | masques("26003")
        constats = juger(replace(premiere, valeurs=valeurs, masques=caches), fines=fines(valeurs))
        return ("exacte", "commune:26003", "nb_rsa") in natures(constats)

    assert de_26003(**{"26001": 4})
    # 26002 gained one too: what both sums say of each other is of the 26002 of then.
    assert not de_26003(**{"26001": 4, "26002": 3})
