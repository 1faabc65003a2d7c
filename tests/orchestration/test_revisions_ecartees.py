"""A revision that earlier releases give away is set aside: which one, what is read, when it is tried anew."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from petit_extrait import MOIS, Atelier, en_csv, foyers

from confidentialite.memoire import registre
from confidentialite.preuve.constats import Cellule, Constat, Incident
from ingestion import ecartees
from ingestion.ecartees import Ecartee
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from orchestration.cli import main
from orchestration.nuit import revisions
from orchestration.nuit.code import empreinte_code
from tests.constats import RIEN_A_DIRE

CELLULE = Cellule("commune:26220", "montant_prestations_handicap", 2022)
PROPRES = replace(RIEN_A_DIRE, registre_rang=1)
A_DECIDER = replace(PROPRES, incidents=(Incident("0" * 12, CELLULE), Incident("1" * 12, CELLULE)))


def ecartee(**champs: Any) -> Ecartee:
    """A revision of the month, set aside on two incidents."""
    dits: dict[str, Any] = {
        **{
            "source": SOURCE_EXTRAIT,
            "ressource": RESSOURCE_EXTRAIT,
            "periode": MOIS,
            "fichier": "foyers.csv",
        },
        **{"sha256": "b" * 64, "avant": "a" * 64, "constats": (), "code": empreinte_code()},
        "incidents": (("0" * 12, "one cell"), ("1" * 12, "another")),
    }
    return Ecartee(**{**dits, **champs})


@pytest.fixture
def revise(tmp_path: Path) -> tuple[Atelier, str, str]:
    """A month taken in, then its revision, accepted; the sha256 of both."""
    atelier = Atelier(tmp_path / "home", secret=secrets.token_bytes(32))
    for nombre in (3, 4):
        atelier.deposer(en_csv(foyers(nombre)))
        atelier.reception().recevoir()
    etat = atelier.micro().journal().etat(MOIS)
    assert etat.accepte and etat.en_attente
    atelier.micro().accepter(MOIS, etat.en_attente)
    return atelier, etat.accepte, etat.en_attente


def test_the_month_in_use_is_the_former_one_until_it_is_decided(revise: tuple[Atelier, str, str]) -> None:
    atelier, avant, apres = revise
    (en_usage,) = atelier.micro().mois_retenus()
    assert (en_usage.sha256, en_usage.perime) == (apres, False)
    empreinte = atelier.micro().empreintes()
    ecartees.ecrire(atelier.home, [ecartee(sha256=apres, avant=avant)])
    (en_usage,) = atelier.micro().mois_retenus()
    assert (en_usage.sha256, en_usage.perime) == (avant, True)
    assert atelier.micro().empreintes() != empreinte
    # Another content is accepted: what was set aside is no longer what would be read.
    ecartees.ecrire(atelier.home, [ecartee(sha256="c" * 64, avant=avant)])
    assert atelier.micro().mois_retenus()[0].sha256 == apres
    ecartees.ecrire(atelier.home, [])
    assert not (atelier.home / ecartees.NOM).exists()


def test_what_is_set_aside_says_what_where_and_what_to_do() -> None:
    erreur = str(ecartee().erreur())
    assert f"month {MOIS}" in erreur and "2 incident(s)" in erreur
    assert "ctg secret decide --tout" in erreur and "aaaaaaaaaaaa stays in use" in erreur
    sans_recours = str(ecartee(constats=("nb_rsa, commune:26220, 2022: can be recomputed",)).erreur())
    assert "no decision ends it" in sans_recours and "commune:26220" in sans_recours
    registre_ = ecartee(source="caf_equipements", ressource="structures", periode="2024").erreur()
    assert (registre_.source, registre_.millesime) == ("caf_equipements", 2024)


def _reprendre(atelier: Atelier) -> list[Ecartee]:
    return list(
        revisions.reprendre(atelier.home, atelier.home / "registre", SimpleNamespace(), atelier.micro())
    )


def test_it_is_tried_again_once_each_incident_is_decided_and_not_before(
    revise: tuple[Atelier, str, str],
) -> None:
    atelier, avant, apres = revise
    mise = ecartee(sha256=apres, avant=avant)
    ecartees.ecrire(atelier.home, [mise])
    assert _reprendre(atelier) == [mise]
    registre.decider(atelier.home / "registre", "0" * 12, "A. B.", "assumer", "révision")
    assert _reprendre(atelier) == [mise]
    registre.decider(atelier.home / "registre", "1" * 12, "A. B.", "assumer", "révision")
    assert _reprendre(atelier) == [] and atelier.micro().mois_retenus()[0].sha256 == apres


@pytest.mark.parametrize("champ", [{"code": "autre"}, {"sha256": "c" * 64}], ids=["code", "content"])
def test_it_is_tried_again_under_another_code_or_when_another_content_is_accepted(
    revise: tuple[Atelier, str, str], champ: dict[str, str]
) -> None:
    atelier, avant, apres = revise
    ecartees.ecrire(atelier.home, [ecartee(**{"sha256": apres, "avant": avant} | champ)])
    assert _reprendre(atelier) == []


def test_findings_are_not_decided_away(revise: tuple[Atelier, str, str]) -> None:
    atelier, avant, apres = revise
    mise = ecartee(sha256=apres, avant=avant, incidents=(), constats=("a finding",))
    ecartees.ecrire(atelier.home, [mise])
    assert _reprendre(atelier) == [mise]


@pytest.fixture
def nuit(revise: tuple[Atelier, str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A night after a release of the former month; `verdicts`: what the proof says, build after build."""
    atelier, avant, _ = revise
    nuit = SimpleNamespace(
        jour=None,
        releases=atelier.home / "releases",
        construction=None,
        identifiants=SimpleNamespace(de=lambda source, sha256: f"nom-{sha256}", public=lambda source: True),
        micro=atelier.micro(),
        retenus=(),
        mises=[],
        verdicts=[],
    )

    def ecarter(mises: list[Ecartee]) -> None:
        nuit.mises += mises
        ecartees.ecrire(atelier.home, nuit.mises)
        nuit.micro = atelier.micro()

    nuit.ecarter = ecarter
    (atelier.home / "registre").mkdir(parents=True)
    (atelier.home / "registre" / "000001-r1.parquet").touch()
    release = nuit.releases / "r1"
    release.mkdir(parents=True)
    (release / "SUCCESS").touch()
    entree = {
        "source": SOURCE_EXTRAIT,
        "ressource": RESSOURCE_EXTRAIT,
        "millesime": 2022,
        "fichier_id": f"nom-{avant}",
    }
    (release / "MANIFEST.json").write_text(json.dumps({"release_id": "r1", "inputs": [entree]}))
    monkeypatch.setattr("publication.releases.magasin.montrer", lambda *_: {"inputs": [entree]})

    class Audit:
        def __init__(self, *_: Any) -> None: ...

        def __enter__(self) -> Any:
            return lambda: nuit.verdicts.pop(0)

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("orchestration.nuit.secret.audit_de_la_nuit", Audit)
    yield nuit


def test_a_revision_that_raises_nothing_is_proved_once_and_stays(
    nuit: Any, revise: tuple[Atelier, str, str]
) -> None:
    nuit.verdicts = [PROPRES]
    assert list(revisions.eprouver(nuit)) == [] and nuit.verdicts == []
    assert nuit.micro.mois_retenus()[0].sha256 == revise[2]


def test_one_that_raises_incidents_is_set_aside_with_all_of_them(
    nuit: Any, revise: tuple[Atelier, str, str]
) -> None:
    nuit.verdicts = [A_DECIDER]
    ((mise,),) = revisions.eprouver(nuit)
    assert (mise.sha256, mise.avant, mise.periode) == (revise[2], revise[1], MOIS)
    assert [i for i, _ in mise.incidents] == ["0" * 12, "1" * 12]
    assert nuit.micro.mois_retenus()[0].sha256 == revise[1]


def test_so_is_one_whose_findings_nobody_can_decide_on(nuit: Any) -> None:
    nuit.verdicts = [replace(PROPRES, echecs=(Constat("bornes", CELLULE),))]
    ((mise,),) = revisions.eprouver(nuit)
    assert mise.constats and "commune:26220" in mise.constats[0]


def test_those_of_the_years_that_the_proof_names_go_first_and_the_others_where_it_does_not_end(
    nuit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 2021 and 2022, what 2022 gives away is first tried without the revision of 2022 alone."""
    ou = ("caf_equipements", "structures")
    toutes = [revisions.Revision(*ou, annee, "f.csv", "b" * 64, "a" * 64) for annee in ("2021", "2022")]
    monkeypatch.setattr(
        revisions,
        "a_eprouver",
        lambda nuit: [r for r in toutes if r.periode not in {m.periode for m in nuit.mises}],
    )
    nuit.verdicts = [A_DECIDER, A_DECIDER, PROPRES]
    assert [[m.periode for m in mises] for mises in revisions.eprouver(nuit)] == [["2022"], ["2021"]]
    assert nuit.verdicts == [PROPRES]


def test_a_night_without_a_revision_proves_nothing_beforehand(nuit: Any, revise: Any) -> None:
    ecartees.ecrire(revise[0].home, [ecartee(sha256=revise[2], avant=revise[1])])
    nuit.micro = revise[0].micro()
    # The verdicts are empty: asking for one would fail.
    assert list(revisions.eprouver(nuit)) == []
    nuit.jour = "a day"
    assert revisions.a_eprouver(nuit) == []


def _ctg(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["secret", *arguments])


def test_incidents_are_shown_and_decided_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    ecartees.ecrire(tmp_path, [ecartee()])
    montres = _ctg("incidents").output
    assert "Set aside until each is decided" in montres and montres.count("[to be decided]") == 2
    signe = ("--par", "A. B.", "--raison", "révision de la Caf")
    assert _ctg("decide", *signe).exit_code == 2
    assert _ctg("decide", "0" * 12, "--tout", *signe).exit_code == 2
    assert _ctg("decide", "0" * 12, *signe).exit_code == 0
    assert _ctg("decide", "--tout", *signe).exit_code == 0
    assert set(registre.decisions(tmp_path / "registre")) == {"0" * 12, "1" * 12}
    assert "already" in _ctg("decide", "--tout", *signe).output
    assert "[to be decided]" not in _ctg("incidents").output
