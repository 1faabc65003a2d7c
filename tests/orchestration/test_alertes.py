"""What the night tells people who are not looking: received on loopback, by HTTP and by mail."""

import json
import os
import signal
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commande import Observatoire, attendre_annonce, tuer
from messages import DIFFUSIONS, HIER, INTERNE, REFUS, Webhook, envoyer_a, nuit, serveur_de_mail

from expectations.bilan import Bilan, BilanMart, Constat
from ingestion.lectures import REPERE, EnCours
from orchestration.checks import _echecs
from orchestration.exploitation.alertes import (
    AlertesRefusees,
    Envois,
    dire_la_tuee,
    lire_destinations,
    prevenir,
)
from orchestration.exploitation.alertes.faits import NON_CITE
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.resume import commencer, finir


def test_a_refused_source_is_told_once_then_its_end(http: Webhook, chemins: Chemins) -> None:
    assert prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER) == Envois(1)
    (recu,) = http.recus
    assert (
        recu["title"] == "[CTG] insee_filosofi/epci: [colonne_manquante] a column of the contract is missing"
    )
    assert recu["type"] == "failure"
    assert recu["message"].splitlines()[:6] == [
        *("source: insee_filosofi/epci", "millésime: 2019", f"what: {REFUS['titre']}"),
        "observed: no column MED19 (millésime 2019, file a.csv)",
        *("expected: MED19", "next: add a layout"),
    ]
    assert prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER + timedelta(days=1)) == Envois()
    # A night that stopped before it could say so is no recovery.
    assert prevenir(chemins, nuit(etat="echec"), DIFFUSIONS, HIER + timedelta(days=2)) == Envois()
    assert prevenir(chemins, nuit(), DIFFUSIONS, HIER + timedelta(days=3)) == Envois(1)
    assert (http.recus[-1]["title"], http.recus[-1]["type"]) == ("[CTG] insee_filosofi/epci: over", "success")
    # And if it comes back, it is told again.
    assert prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER + timedelta(days=4)) == Envois(1)


def test_each_source_has_one_message_and_a_quiet_time_ends_with_a_summary(
    http: Webhook, tmp_path: Path
) -> None:
    chemins = envoyer_a(tmp_path / "home", http.adresse, silence_jours=3)
    deux = [REFUS, REFUS | {"millesime": 2020}, INTERNE]
    assert prevenir(chemins, nuit(*deux), DIFFUSIONS, HIER) == Envois(2)
    for jour in (1, 2):
        assert prevenir(chemins, nuit(*deux), DIFFUSIONS, HIER + timedelta(days=jour)) == Envois()
    assert prevenir(chemins, nuit(*deux), DIFFUSIONS, HIER + timedelta(days=3)) == Envois(1)
    dit = http.recus[-1]
    assert dit["title"] == "[CTG] nights go on, 3 thing(s) told before stand"
    assert "since the last message: 3 inchangee" in dit["message"]
    assert dit["message"].count("since 2026-11-25, insee_filosofi/epci: [colonne_manquante]") == 2


def test_of_a_file_that_is_not_public_nothing_is_quoted(http: Webhook, chemins: Chemins) -> None:
    inconnue = REFUS | {"source": "durand.csv", "observe": "Mme Durand"}
    prevenir(chemins, nuit(INTERNE, inconnue), DIFFUSIONS, HIER)
    assert len(http.recus) == 2
    for recu in http.recus:
        assert NON_CITE in recu["message"]
        dit = (recu["title"] + recu["message"]).lower()
        assert not [mot for mot in ("martin", "durand", "med19") if mot in dit]
    assert [r["title"].split(":")[0] for r in http.recus] == ["[CTG] caf_accueil", "[CTG] depot"]


CONSTAT = Constat(
    **{"controle": "hors_bornes", "lot": "taux", "libelle": "x", "raison": "r", "severite": "critical"},
    **{"etat": "non_conforme", "attendu": "0 to 100", "observe": "187", "examines": 10, "anomalies": 4},
    premieres=[{"territoire_id": f"commune:2600{n}", "valeur": "187"} for n in range(4)],
)
BILAN = Bilan("demo", "departement:26", [BilanMart("mart_logement", [CONSTAT])])


@pytest.mark.parametrize(
    "bonne",
    [{"etat": "publiee", "controles": []}, {"etat": "inchangee"}],
    ids=["judged again", "back to the inputs of the release in service"],
)
def test_a_failing_check_is_told_with_its_first_rows_and_ends_when_it_is_corrected(
    http: Webhook, chemins: Chemins, bonne: dict[str, Any]
) -> None:
    rate = nuit(etat="echec", controles=list(_echecs(BILAN, None)))
    assert prevenir(chemins, rate, DIFFUSIONS, HIER) == Envois(1)
    message = http.recus[0]["message"]
    assert message.startswith("source: marts.mart_logement\nwhat: hors_bornes (critical)\nobserved: 187\n")
    assert message.count("territoire_id=commune:2600") == 3, "the first rows, not all"
    # A night that stopped before the checks judges nothing.
    arretee = nuit(etat="echec")
    assert prevenir(chemins, arretee, DIFFUSIONS, HIER + timedelta(hours=1)) == Envois()
    assert prevenir(chemins, nuit(**bonne), DIFFUSIONS, HIER + timedelta(hours=2)) == Envois(1)
    assert http.recus[-1]["title"] == "[CTG] marts.mart_logement: over"


def test_a_mail_reaches_its_server(tmp_path: Path) -> None:
    with serveur_de_mail() as (boite, port):
        adresse = f"mailto://127.0.0.1:{port}?from=nuit@exemple.fr&to=equipe@exemple.fr"
        assert prevenir(envoyer_a(tmp_path / "home", adresse), nuit(REFUS), DIFFUSIONS, HIER) == Envois(1)
    (mail,) = boite.recus
    assert mail["To"] == "equipe@exemple.fr"
    texte = "".join(p.get_payload(decode=True).decode() for p in mail.walk() if not p.is_multipart())
    assert "observed: no column MED19" in texte


def test_an_address_that_does_not_answer_is_told_stops_nothing_and_is_tried_again(
    http: Webhook, tmp_path: Path
) -> None:
    sourde = "json://nuit:motdepasse@127.0.0.1:1/ctg?token=secret"
    chemins = envoyer_a(tmp_path / "home", sourde)
    envois = prevenir(chemins, nuit(REFUS, INTERNE), DIFFUSIONS, HIER)
    assert envois.envoyes == 0 and len(envois.echecs) == 1, "asked once a night"
    assert "127.0.0.1:1" in envois.echecs[0]
    assert not [mot for mot in ("motdepasse", "secret") if mot in envois.echecs[0]]
    # Another that answers is no less told; and what nobody took is told the next night.
    envoyer_a(tmp_path / "home", sourde, http.adresse)
    assert prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER).envoyes == 1


@pytest.mark.parametrize(
    ("contenu", "dit"),
    [
        ("destinations: [nawak]", "address 1 is none that Apprise knows"),
        ("destinations: []", "destinations: List should have at least 1 item"),
        ("destination: x", "destinations: Field required; destination: Extra inputs"),
        ("[", "it is not YAML"),
        ("{destinations: ['json://u:motdepasse@h'], silence_jours: zéro}", "silence_jours: Input should be"),
    ],
)
def test_a_file_of_addresses_that_cannot_be_used_is_told_without_a_password(
    contenu: str, dit: str, tmp_path: Path
) -> None:
    chemins = Chemins(tmp_path)
    chemins.alertes.write_text(contenu)
    with pytest.raises(AlertesRefusees, match=dit) as refus:
        lire_destinations(chemins)
    assert "motdepasse" not in str(refus.value)
    assert prevenir(chemins, nuit(), DIFFUSIONS, HIER).echecs == [str(refus.value)]


def test_without_a_file_nothing_is_sent_and_nothing_kept(tmp_path: Path) -> None:
    assert prevenir(Chemins(tmp_path), nuit(REFUS), DIFFUSIONS, HIER) == Envois()
    assert list(tmp_path.iterdir()) == []


def test_a_night_that_fails_tells_it_and_then_that_it_is_over(http: Webhook, tmp_path: Path) -> None:
    (tmp_path / "miroir").mkdir()
    observatoire = Observatoire.miroir(tmp_path)
    chemins = envoyer_a(observatoire.home, http.adresse)
    nuit = observatoire.nuit()
    assert nuit.code == 1
    (recu,) = http.recus
    assert recu["title"].startswith(
        f"[CTG] night, step recevoir: {tmp_path / 'miroir'} holds none of the files"
    )
    assert observatoire.nuit().code == 1 and len(http.recus) == 1
    (tmp_path / "miroir").rmdir()
    assert observatoire.nuit().code == 1
    assert "is not a folder.\nnext: mount it" in http.recus[1]["message"]
    connus = json.loads(chemins.alertes_dites.read_text())["connus"]
    assert sorted(cle[:16] for cle in connus) == ["echec/recevoir//", "echec/start/the "]


def test_a_night_with_a_refused_file_tells_it_then_its_end(
    http: Webhook, demonstration: Observatoire, tmp_path: Path
) -> None:
    observatoire = demonstration.copie(tmp_path)
    envoyer_a(observatoire.home, http.adresse)
    faux = observatoire.home / "depot" / "insee_filosofi" / "inconnue"
    for dossier in (faux.parent, faux):
        dossier.mkdir(mode=0o700)
    (faux / "a.csv").write_text("x")
    nuit = observatoire.nuit()
    assert nuit.code == 2, nuit.erreurs
    (recu,) = http.recus
    assert "a folder unknown to the contract" in recu["message"] and "insee_filosofi" in recu["title"]
    (faux / "a.csv").unlink()
    assert observatoire.nuit().code == 0
    assert http.recus[-1]["title"] == "[CTG] insee_filosofi/inconnue: over"
    essai = observatoire.ctg("alertes", "essai")
    assert (essai.code, essai.sortie) == (0, "1 address(es) took the message.\n")


def test_a_watch_tells_an_address_that_is_gone_and_ends_nothing_that_nights_told(
    http: Webhook, chemins: Chemins
) -> None:
    prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER)
    gone = REFUS | {"code": "statut_http", "observe": "HTTP 404", "url": "https://exemple.fr/a.csv"}
    assert prevenir(chemins, {"etat": "veille", "veille": [gone]}, DIFFUSIONS, HIER) == Envois(1)
    assert "observed: HTTP 404" in http.recus[-1]["message"]
    assert "watch of addresses" in http.recus[-1]["message"]
    assert prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER) == Envois(), "a night asks less"
    assert prevenir(chemins, {"etat": "veille", "veille": []}, DIFFUSIONS, HIER) == Envois(1)
    assert set(json.loads(chemins.alertes_dites.read_text())["connus"]) == {
        "refus/colonne_manquante/insee_filosofi/epci/2019"
    }


def test_a_night_that_was_killed_is_told_once_by_what_runs_next_then_its_end(
    http: Webhook, chemins: Chemins
) -> None:
    assert dire_la_tuee(chemins) == (None, Envois()), "no night, nothing to tell"
    commencer(chemins)
    debut, envois = dire_la_tuee(chemins)
    assert debut and envois == Envois(1)
    assert f"what: the night begun on {debut} did not end" in http.recus[-1]["message"]
    assert "next: `ctg doctor`" in http.recus[-1]["message"]
    # The timer of the unit, the watch, the night after: none repeats it.
    assert dire_la_tuee(chemins) == (debut, Envois())
    veille = {"etat": "veille", "veille": [], "tuee": debut}
    assert prevenir(chemins, veille, DIFFUSIONS, HIER) == Envois()
    assert prevenir(chemins, nuit(etat="echec", tuee=debut), DIFFUSIONS, HIER) == Envois()
    # The night that goes to its end is the one that ends it.
    assert prevenir(chemins, nuit(tuee=debut), DIFFUSIONS, HIER) == Envois(1)
    assert http.recus[-1]["title"] == "[CTG] night: over"
    finir(chemins)
    assert dire_la_tuee(chemins) == (None, Envois())
    assert prevenir(chemins, nuit(tuee=None), DIFFUSIONS, HIER) == Envois()


def test_a_night_killed_as_it_read_a_file_says_which(http: Webhook, chemins: Chemins) -> None:
    commencer(chemins)
    chemins.journal.parent.mkdir()
    lecture = EnCours("dgcl_epci_composition", "composition", 2024, "epci.xlsx", "0" * 64, "typer")
    (chemins.journal.parent / REPERE).write_text(json.dumps(asdict(lecture)))
    debut, envois = dire_la_tuee(chemins)
    assert debut and debut.endswith(f"reading dgcl_epci_composition/composition/2024/{'0' * 12},")
    assert envois == Envois(1) and f"the night begun on {debut} did not end" in http.recus[-1]["message"]


def test_a_night_killed_by_the_kernel_is_told_by_the_unit_and_the_doctor(
    http: Webhook, demonstration: Observatoire, tmp_path: Path
) -> None:
    observatoire = demonstration.copie(tmp_path)
    envoyer_a(observatoire.home, http.adresse)
    nuit = observatoire.lancer("refresh", *observatoire.options)
    try:
        attendre_annonce(nuit, "landing/anct_france_services")
        # Nothing is new: it would end before the command below has.
        os.killpg(nuit.pid, signal.SIGSTOP)
        assert observatoire.ctg("alertes", "tuee").sortie == "", "it runs"
    finally:
        tuer(nuit)
    assert http.recus == []
    dit = observatoire.ctg("alertes", "tuee")
    assert dit.code == 0 and "did not end. 1 message(s) sent." in dit.sortie
    assert [r["title"].partition(":")[0] for r in http.recus] == ["[CTG] night"]
    docteur = observatoire.ctg("doctor")
    assert docteur.code == 1 and "NO   last night   the night begun on " in docteur.sortie
