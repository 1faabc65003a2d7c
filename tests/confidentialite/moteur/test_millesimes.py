"""Successive releases: what was shown cannot be taken back, what was hidden stays hidden."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from confidentialite.cle import confier
from confidentialite.moteur import resolution
from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.masques import DivulgationAnterieure
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import (
    COG,
    MILLESIME,
    Indicateur,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
)
from tests.confidentialite.moteur.oracle import Masques

NB = (Indicateur("nb", "tout"),)


class Releases:
    """Releases in a row, each with its world and masks, and the register they leave."""

    def __init__(self) -> None:
        self.sorties: list[tuple[Monde, Masques]] = []
        self.registre: list[dict[str, Any]] = []

    def publier(self, monde: Monde, **options: Any) -> Masques:
        monde = replace(monde, registre=tuple(self.registre))
        masques = masquer(monde, **options)
        self.sorties.append((monde, masques))
        self.registre += monde.inscrire(masques, len(self.sorties))
        return masques

    def publier_en_assumant(self, monde: Monde) -> Masques:
        """As the night does: what earlier releases tell a lone contributor already is assumed."""
        try:
            return self.publier(monde)
        except DivulgationAnterieure as incident:
            return self.publier(monde, assumees=incident.cellules)

    def sans_memoire(self, monde: Monde) -> Masques:
        """Masks of a world as if nothing had ever been released."""
        return masquer(replace(monde, registre=()))

    def protegees(self) -> list[oracle.Forme]:
        """Every forme that some release owed a secret, over the communes of its time."""
        toutes = {f.vecteur: f for monde, _ in self.sorties for f in oracle.primaires(monde)}
        return list(toutes.values())

    def exactes(self) -> list[oracle.Forme]:
        return oracle.exactes(self.sorties, self.protegees())

    def saines(self) -> bool:
        return not self.exactes() and not oracle.lignes_recalculables(self.sorties)


def communes(valeurs: dict[str, int], **ensembles: Sequence[str]) -> Monde:
    """A count of communes, often named by one letter; an ensemble is `epci_x="abc"` or `ctg_x="ab"`."""
    territoires: dict[tuple[str, str], list[str]] = {("commune", c): [c] for c in valeurs}
    for nom, membres in ensembles.items():
        niveau, code = nom.split("_")
        territoires[niveau, code] = list(membres)
    return Monde({(MILLESIME, "tout"): dict(valeurs)}, territoires, NB)


def lieux(masques: Masques) -> set[str]:
    return {t for t, *_ in masques}


def test_the_same_release_again_changes_nothing() -> None:
    releases = Releases()
    monde = monde_aleatoire(3, 3, 7)
    assert releases.publier(monde) == releases.publier(monde) != set()


def test_a_whole_that_its_producer_rounds_was_never_shown_exactly() -> None:
    """All but one of a commune have the AAH: Cafdata's rounded whole does not give that one away."""
    communes = [f"c{i}" for i in range(4)]
    entiers = {"c0": 9, "c1": 40, "c2": 55, "c3": 61}
    monde = Monde(
        valeurs={
            (MILLESIME, "foyers_allocataires"): dict(entiers),
            (MILLESIME, "foyers_aah"): {"c0": 8, "c1": 12, "c2": 9, "c3": 7},
        },
        territoires={**{("commune", c): [c] for c in communes}, ("epci", "e"): communes},
        indicateurs=[Indicateur("part_allocataires_aah", "foyers_aah", "foyers_allocataires")],
        publics={
            (MILLESIME, "foyers_allocataires", "commune", c): (5 * round(n / 5) - 2, 5 * round(n / 5) + 4)
            for c, n in entiers.items()
        },
    )
    releases = Releases()
    assert releases.publier(monde) == releases.publier(monde)


def test_a_zoning_change_that_would_subtract_is_caught() -> None:
    # b moves to another EPCI: alone, the new release would show the EPCI {a, c} and hide c beside a; but c
    # was shown before.
    releases = Releases()
    avant = communes({"a": 3, "b": 10, "c": 12, "d": 40}, epci_x="abc", epci_y="d")
    apres = communes({"a": 3, "b": 10, "c": 12, "d": 40}, epci_x="ac", epci_y="bd")
    assert lieux(releases.publier(avant)) == {"commune:a", "commune:b"}
    seule = releases.sans_memoire(apres)
    assert "epci:x" not in lieux(seule)
    # Taken with what was shown before, the release made without memory gives a away.
    assert oracle.exactes([*releases.sorties, (apres, seule)], releases.protegees())
    assert "epci:x" in lieux(releases.publier(apres))
    assert releases.saines()


def test_a_merger_does_not_unmask_the_commune_it_swallows() -> None:
    # a merges with b, which was shown, and c with d: their sums, fine by themselves, would give a and c away,
    # and no territory of today bears their names.
    releases = Releases()
    avant = communes({"a": 3, "b": 17, "c": 12, "d": 19}, epci_x="abcd")
    fusion = replace(
        avant,
        territoires={
            ("commune", "ab"): ["a", "b"],
            ("commune", "cd"): ["c", "d"],
            ("epci", "x"): list("abcd"),
        },
    )
    # Under this key, c is drawn to go with a.
    with confier(b"1"):
        assert lieux(releases.publier(avant)) == {"commune:a", "commune:c"}
        seule = releases.sans_memoire(fusion)
        assert seule == set()
        assert oracle.exactes([*releases.sorties, (fusion, seule)], releases.protegees())
        assert lieux(releases.publier(fusion)) == {"commune:ab", "commune:cd"}
    assert releases.saines()


def test_a_revision_keeps_what_was_hidden_hidden() -> None:
    # a grows to 30 when revised: nothing in itself hides it any more, and it stays hidden.
    releases = Releases()
    releases.publier(communes({"a": 3, "b": 10, "c": 12}, epci_x="abc"))
    revise = communes({"a": 30, "b": 10, "c": 12}, epci_x="abc")
    assert releases.sans_memoire(revise) == set()
    assert lieux(releases.publier(revise)) == {"commune:a", "commune:b"}
    assert releases.saines()


def test_the_next_millesime_never_unmasks_and_moves_masks_little() -> None:
    releases = Releases()
    un = communes({"a": 3, "b": 10, "c": 12}, epci_x="abc")
    premiers = releases.publier(un)
    deux = replace(
        un, valeurs={**un.valeurs, (MILLESIME + 1, "tout"): {"a": 4, "b": 14, "c": 12}}, registre=()
    )
    masques = releases.publier(deux)
    assert premiers <= masques
    assert {m for m in masques if m[1] == MILLESIME} == premiers
    assert lieux({m for m in masques if m[1] == MILLESIME + 1}) == {"commune:a", "commune:c"}
    assert releases.saines()


def fusionner(monde: Monde) -> dict[tuple[str, str], list[str]]:
    """Territories of a seeded world once c01 and c02 have merged."""
    territoires: dict[tuple[str, str], list[str]] = {k: list(v) for k, v in monde.territoires.items()}
    del territoires["commune", "c01"], territoires["commune", "c02"]
    territoires["commune", "c01+c02"] = ["c01", "c02"]
    return territoires


@pytest.mark.parametrize("graine", range(8))
def test_three_releases_of_seeded_worlds_never_add_up_to_a_leak(graine: int) -> None:
    """A first release, then a merger, then a zoning change with the next millésime."""
    releases = Releases()
    premier = monde_aleatoire(graine, 2, 7)
    un = releases.publier(premier)
    territoires = fusionner(premier)
    fusion = replace(premier, territoires=territoires)
    deux = releases.publier_en_assumant(fusion)
    suite = monde_aleatoire(graine + 100, 2, 7)
    annee = {(MILLESIME + 1, m): v for (_, m), v in suite.valeurs.items()}
    zonage = {k: v for k, v in territoires.items() if k[0] != "epci"}
    zonage |= {("epci", "e0"): ["c00", "c01", "c02"], ("epci", "e3"): ["c03", "c04", "c05", "c06"]}
    troisieme = replace(premier, valeurs={**premier.valeurs, **annee}, territoires=zonage)
    trois = releases.publier_en_assumant(troisieme)
    assert releases.exactes() == []
    assert oracle.lignes_recalculables(releases.sorties) == []
    # What was masked stays so while its territory is there.
    assert {m for m in un if m[0] not in ("commune:c01", "commune:c02")} <= deux
    assert {m for m in deux if not m[0].startswith("epci")} <= trois


def test_seeded_sequences_leak_without_memory() -> None:
    """The worlds of the test above are no easy ones: forgetting the first release gives cells away."""
    fuites = 0
    for graine in range(8):
        releases = Releases()
        premier = monde_aleatoire(graine, 2, 7)
        releases.publier(premier)
        fusion = replace(premier, territoires=fusionner(premier))
        sorties = [*releases.sorties, (fusion, releases.sans_memoire(fusion))]
        fuites += bool(oracle.exactes(sorties, releases.protegees()))
    assert fuites > 0


PLUS_STRICT = regles(seuil_frequence=8)


def test_a_rule_that_makes_a_shown_cell_primary_stops_the_release() -> None:
    releases = Releases()
    monde = communes({"a": 7, "b": 10, "c": 12}, epci_x="abc")
    assert releases.publier(monde) == set()
    with pytest.raises(DivulgationAnterieure) as incident:
        releases.publier(monde, parametres=PLUS_STRICT)
    message = str(incident.value)
    assert f"commune:a {MILLESIME} (tout)" in message
    assert "ctg secret" in message
    for valeur in (" 7", "29", " 10", "12"):
        assert valeur not in message.replace("divulgation antérieure", "")


def test_a_disclosure_that_a_person_takes_note_of_stays_hidden_and_hides_nothing_else() -> None:
    releases = Releases()
    monde = communes({"a": 7, "b": 10, "c": 12}, epci_x="abc")
    releases.publier(monde)
    assumees = frozenset({(MILLESIME, "commune", "a", "nb")})
    assert lieux(releases.publier(monde, assumees=assumees, parametres=PLUS_STRICT)) == {"commune:a"}
    # Another cell in the same case is not covered by that decision.
    with pytest.raises(DivulgationAnterieure, match="commune:b"):
        releases.publier(monde, assumees=assumees, parametres=regles(seuil_frequence=11))


def test_a_disclosure_under_the_geography_of_then_can_be_taken_note_of() -> None:
    releases = Releases()
    releases.publier(communes({"a": 7, "b": 10, "c": 12}, epci_x="abc"))
    autre = communes({"a": 7, "b": 10, "c": 12}, epci_x="ab", epci_y="c")
    with pytest.raises(DivulgationAnterieure, match="commune:a"):
        releases.publier(autre, parametres=PLUS_STRICT)
    assumees = frozenset({(MILLESIME, "commune", "a", "nb")})
    assert lieux(releases.publier(autre, assumees=assumees, parametres=PLUS_STRICT)) == {"commune:a"}


def test_a_revision_that_makes_a_shown_cell_primary_hides_its_new_value() -> None:
    """26 was said of a, never 2: the sums of today, less b and c, which have not changed, would say it."""
    releases = Releases()
    releases.publier(communes({"a": 26, "b": 10, "c": 12, "d": 9}, epci_x="abc", departement_26="abcd"))
    revise = communes({"a": 2, "b": 10, "c": 12, "d": 9}, epci_x="abc", departement_26="abcd")
    assert lieux(releases.publier(revise)) == {"commune:a", "epci:x", "departement:26"}


def test_a_sum_of_then_less_what_was_revised_still_holds_of_the_others() -> None:
    """a was 26 and is 30: what was said of the EPCI says b + c, of which two CTG would give the parts."""
    avant = communes({"a": 26, "b": 3, "c": 4}, epci_x="abc")
    apres = communes({"a": 30, "b": 3, "c": 4, "d": 9}, ctg_p="bd", ctg_q="cd")
    # d has no row: alone, b + d and c + d give nothing; with b + c, they give all three.
    muet = replace(apres, territoires={k: v for k, v in apres.territoires.items() if k != ("commune", "d")})
    assert lieux(masquer(muet)) == {"commune:b", "commune:c"}
    registre = avant.inscrire(masquer(avant), 1)
    assert lieux(masquer(replace(muet, registre=registre))) & {"ctg:p", "ctg:q"}


def test_a_hidden_cell_that_is_zero_today_stays_hidden() -> None:
    """Shown, it would leave yesterday's sum to the other cell that was hidden with it."""
    releases = Releases()
    avant = communes({"a": 2, "b": 3, "c": 9, "d": 12}, epci_x="abcd")
    assert lieux(releases.publier(avant)) == {"commune:a", "commune:b"}
    apres = replace(avant, valeurs={(MILLESIME, "tout"): {"b": 3, "c": 9, "d": 12}})
    assert lieux(releases.publier(apres)) == {"commune:a", "commune:b", "epci:x"}


def test_a_hidden_share_that_is_zero_today_stays_hidden() -> None:
    part = Indicateur("part", "part", "tout")
    tout = {"a": 40, "b": 50, "c": 60}
    avant = replace(
        communes({"a": 40, "b": 50, "c": 60}, epci_x="abc"),
        valeurs={(MILLESIME, "tout"): tout, (MILLESIME, "part"): {"a": 2, "b": 20, "c": 30}},
        indicateurs=(*NB, part),
    )
    releases = Releases()
    cachees = releases.publier(avant)
    assert ("commune:a", MILLESIME, "part") in cachees
    sans = {(MILLESIME, "tout"): tout, (MILLESIME, "part"): {"b": 20, "c": 30}}
    assert cachees <= releases.publier(replace(avant, valeurs=sans))


def test_a_hidden_share_of_nobody_today_stays_hidden() -> None:
    """Shown as a share of nobody, it says 0 foyers in a: the one that the EPCI has lost was there."""
    part = Indicateur("part", "part", "tout")
    tout = {"a": 1, "b": 3, "c": 6, "d": 20}
    avant = replace(
        communes(tout, epci_x="abcd"),
        valeurs={(MILLESIME, "tout"): tout, (MILLESIME, "part"): {"b": 1, "c": 3, "d": 10}},
        indicateurs=(*NB, part),
    )
    releases = Releases()
    assert {("commune:a", MILLESIME, "part"), ("commune:a", MILLESIME, "nb")} <= releases.publier(avant)
    apres = {**avant.valeurs, (MILLESIME, "tout"): {"b": 3, "c": 6, "d": 20}}
    assert ("commune:a", MILLESIME, "part") in releases.publier(replace(avant, valeurs=apres))
    assert ("commune:a", MILLESIME, "part") not in releases.sans_memoire(replace(avant, valeurs=apres))


def test_a_sum_that_two_revisions_leave_as_it_was_still_tells_the_others() -> None:
    """c lost one and d gained one: 27 is still so, and so is 27 - 5 - 6 = 16 of the others. d shown, c is
    what is left: 27 - 16 - 7.
    """
    releases = Releases()
    avant = communes({"a": 6, "b": 4, "c": 5, "d": 6, "e": 4, "f": 2}, epci_x="abcdef")
    releases.publier(avant)
    apres = communes({"a": 6, "b": 4, "c": 4, "d": 7, "e": 4, "f": 2}, epci_x="abcdef")
    cachees = lieux(releases.publier(apres))
    assert cachees - lieux(releases.sorties[0][1]) == {"commune:c", "commune:d"}


def test_two_old_sums_that_cross_still_tell_what_lies_outside_both() -> None:
    """a gained one, and 5 of a and b is as wrong by it as 5 of a and g, once e of then is out of 11: b is g.
    Today 6 and 10 of both would give e away: 10 - 6.
    """
    releases = Releases()
    avant = communes({"a": 3, "b": 2, "e": 6, "g": 2}, epci_x="ab", ctg_g="aeg")
    assert lieux(releases.publier(avant)) == {"commune:a", "commune:b", "commune:g"}
    apres = communes({"a": 4, "b": 2, "e": 4, "g": 2}, epci_x="ab", ctg_g="aeg")
    assert lieux(releases.publier(apres)) & {"epci:x", "ctg:g"}
    # Alone, the second one says nothing of b and g.
    assert not lieux(releases.sans_memoire(apres)) & {"epci:x", "ctg:g"}


def test_what_is_zero_everywhere_today_and_medians_stay_hidden_too() -> None:
    releases = Releases()
    avant = replace(
        communes({"a": 2, "b": 3}),
        medianes={(MILLESIME, "loyer", "commune", "a"): (21.5, 4)},
        indicateurs=(*NB, Indicateur("med", "loyer", methode="micro")),
    )
    cachees = releases.publier(avant)
    assert {i for _, _, i in cachees} == {"nb", "med"}
    apres = replace(
        avant,
        valeurs={(MILLESIME, "tout"): {}},
        medianes={(MILLESIME, "loyer", "commune", "a"): (21.5, 6)},
    )
    assert releases.publier(apres) == cachees


PAR_EPCI = (Indicateur("nb", "tout", niveaux=("epci", "departement")),)


def test_a_piece_of_a_territory_of_then_is_judged_by_itself() -> None:
    """c was in e with a and b, and 52 was said of them: today's e, without it, says 50."""
    valeurs = {"a": 30, "b": 20, "c": 2, "d": 30, "g": 40, "h": 50}
    avant = replace(
        communes(valeurs, epci_e="abc", epci_f="dgh", departement_26="abcdgh"), indicateurs=PAR_EPCI
    )
    apres = replace(
        communes(valeurs, epci_e="ab", epci_f="cdgh", departement_26="abcdgh"), indicateurs=PAR_EPCI
    )
    releases = Releases()
    assert releases.publier(avant) == set()
    assert lieux(releases.publier(apres)) == {"epci:e", "epci:f"}


def test_what_was_said_of_a_wide_territory_less_a_revised_epci_still_holds() -> None:
    """60 and 113 were said: b + c is 53 then as now, and today's 55 would leave 2 of a."""
    zones = {"epci_a": "ab", "epci_b": "cd", "epci_c": "eg", "departement_26": "abcdeg"}
    avant = communes({"a": 30, "b": 30, "c": 1, "d": 2, "e": 25, "g": 25}, **zones)
    apres = communes({"a": 1, "b": 1, "c": 1, "d": 2, "e": 25, "g": 25}, **zones)
    releases = Releases()
    assert lieux(releases.publier(replace(avant, indicateurs=PAR_EPCI))) == {"epci:b", "epci:c"}
    masques = releases.publier(replace(apres, indicateurs=PAR_EPCI))
    assert lieux(masques) == {"epci:a", "epci:b", "epci:c", "departement:26"}


def test_a_piece_that_earlier_releases_give_away_hides_its_territory() -> None:
    niveaux = (Indicateur("nb", "tout", niveaux=("epci", "ctg")),)
    monde = replace(communes({"a": 12, "b": 10, "c": 2}, epci_e="abc", ctg_p="ab"), indicateurs=niveaux)
    dite = replace(monde, registre=monde.inscrire(set(), 1))
    with pytest.raises(DivulgationAnterieure, match="epci:e"):
        masquer(dite)
    assert lieux(masquer(dite, assumees=frozenset({(MILLESIME, "epci", "e", "nb")}))) == {"epci:e"}


def test_a_commune_is_known_under_the_code_of_its_time() -> None:
    """26009 was hidden and merges into 26216, which was shown: today's, less what was said, would be it."""
    releases = Releases()
    codes = ("26009", "26216", "26003", "26004")
    avant = communes(dict(zip(codes, (3, 7, 4, 9), strict=True)), epci_x=codes)
    assert lieux(releases.publier(avant)) == {"commune:26009", "commune:26003"}
    apres = replace(
        communes({"26216": 10, "26003": 4, "26004": 9}, epci_x=codes[1:]),
        cog=COG + 1,
        passage=((COG, "26009", "26216"), (COG, "26216", "26216"), (COG + 1, "26216", "26216")),
    )
    assert lieux(releases.publier(apres)) == {"commune:26216", "commune:26003"}


def test_releases_that_together_gave_away_a_commune_of_then_are_an_incident() -> None:
    # Nobody minded the merger at the time: b, then a + b. The commune a is no territory of today.
    avant = communes({"a": 3, "b": 17})
    apres = replace(avant, territoires={("commune", "ab"): ["a", "b"]})
    premiers = masquer(avant)
    assert lieux(premiers) == {"commune:a"}
    registre = [*avant.inscrire(premiers, 1), *apres.inscrire(set(), 2)]
    with pytest.raises(DivulgationAnterieure, match=f"commune:a {MILLESIME}"):
        masquer(replace(apres, registre=registre))
    assumees = frozenset({(MILLESIME, "commune", "a", "nb")})
    assert masquer(replace(apres, registre=registre), assumees=assumees) == set()


def test_what_was_shown_before_narrows_intervals_as_well() -> None:
    """Only the EPCI of then was shown: c, shown today, would leave two for a and b, that is one each."""
    monde = communes({"a": 1, "b": 1, "c": 10})
    registre = [{**_montree("epci", "x", 12), "atomes": ["a", "b", "c"]}]
    seules = Defenses(singletons=False)
    assert lieux(masquer(monde, defenses=seules)) == {"commune:a", "commune:b"}
    avec = masquer(replace(monde, registre=registre), defenses=seules)
    assert lieux(avec) == {"commune:a", "commune:b", "commune:c"}


def test_taking_note_of_a_share_covers_what_it_leaves_of_its_whole() -> None:
    part = Indicateur("part", "part", "tout")
    avant = replace(
        communes({"a": 40, "b": 50}),
        valeurs={(MILLESIME, "tout"): {"a": 40, "b": 50}, (MILLESIME, "part"): {"a": 33, "b": 20}},
        indicateurs=(*NB, part),
    )
    releases = Releases()
    assert releases.publier(avant) == set()
    with pytest.raises(DivulgationAnterieure, match=r"commune:a .*part"):
        releases.publier(avant, parametres=PLUS_STRICT)
    assumees = frozenset({(MILLESIME, "commune", "a", "part")})
    masques = releases.publier(avant, assumees=assumees, parametres=PLUS_STRICT)
    assert ("commune:a", MILLESIME, "part") in masques
    assert not [m for m in masques if m[0] == "commune:b"]


def test_earlier_releases_that_together_pin_a_cell_do_not_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interval is too tight, and its only loose neighbour is known through earlier releases."""
    eliminer, passages = resolution.eliminer, []

    def compter(*arguments: Any) -> Any:
        passages.append(1)
        assert len(passages) < 50, "the suppressor goes round in circles"
        return eliminer(*arguments)

    monkeypatch.setattr(resolution, "eliminer", compter)
    # b and c are known apart from earlier zonings, hence b + c; a + d = 2 is tight: hiding b + c won't help.
    monde = communes({"a": 1, "b": 10, "c": 12, "d": 1}, epci_x="abcd", ctg_z="bc")
    registre = [
        {**ligne, "atomes": list(atomes)}
        for ligne, atomes in (
            (_montree("epci", "x", 24), "abcd"),
            (_montree("epci", "u", 10), "b"),
            (_montree("epci", "v", 12), "c"),
        )
    ]
    monde = replace(monde, registre=registre)
    with pytest.raises(DivulgationAnterieure, match=r"commune:a.*commune:d"):
        masquer(monde, defenses=Defenses(singletons=False))
    assumees = frozenset({(MILLESIME, "commune", c, "nb") for c in "ad"})
    masques = masquer(monde, defenses=Defenses(singletons=False), assumees=assumees)
    assert {"commune:a", "commune:d"} == lieux(masques)


def _montree(niveau: str, code: str, valeur: float) -> dict[str, Any]:
    return {
        "release_id": "r1", "rang": 1, "millesime": MILLESIME, "niveau": niveau, "code": code,
        "indicateur_id": "nb", "statut": "observe", "valeur": valeur, "numerateur": None,
        "denominateur": None,
    }  # fmt: skip


def test_an_evolution_is_shown_only_where_both_its_years_are() -> None:
    evolution = Indicateur("evol", "tout", methode="evolution", decalage=1)
    un = communes({"a": 30, "b": 10, "c": 12}, epci_x="abc")
    monde = replace(
        un,
        valeurs={**un.valeurs, (MILLESIME + 1, "tout"): {"a": 3, "b": 14, "c": 12}},
        indicateurs=(*NB, evolution),
    )
    masques = masquer(monde)
    assert ("commune:a", MILLESIME + 1, "evol") in masques
    # The year of its base is shown by itself.
    assert ("commune:a", MILLESIME, "nb") not in masques
    assert oracle.lignes_recalculables([(monde, masques)]) == []
    assert oracle.exactes([(monde, masques)], oracle.primaires(monde)) == []
    # The base year alone being secret hides the evolution as well.
    inverse = replace(monde, valeurs={(MILLESIME, "tout"): {"a": 3, "b": 10, "c": 12},
                                      (MILLESIME + 1, "tout"): {"a": 30, "b": 14, "c": 12}})  # fmt: skip
    assert ("commune:a", MILLESIME + 1, "evol") in masquer(inverse)
    assert ("commune:a", MILLESIME + 1, "nb") not in masquer(inverse)
