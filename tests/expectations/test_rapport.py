"""The French page: complete, escaped, readable without a network, free of any clock."""

import json
from html.parser import HTMLParser

from expectations import rapport
from expectations.bilan import Bilan, BilanMart, Constat

LIGNE = {"niveau": "commune", "observe": "2", "exemples": "commune:26220 : 203900,0 <b>"}


def constat(**champs) -> Constat:
    base = {
        "controle": "hors_plage",
        "lot": "profil",
        "libelle": "Valeurs dans la plage de leur unité",
        "raison": "Une valeur impossible trahit une colonne décalée.",
        "severite": "critical",
        "etat": "non_conforme",
        "attendu": "aucune anomalie",
        "observe": "2 anomalies",
        "examines": 12,
        "anomalies": 2,
        "groupes": 1,
        "premieres": [LIGNE],
    }
    return Constat(**(base | champs))


def bilan(*constats: Constat, erreur: str | None = None) -> Bilan:
    return Bilan("demo", "departement:26", [BilanMart("fct_indicateurs", constats, erreur)])


class Liens(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.externes: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.externes += [
            v for k, v in attrs if k in {"src", "href", "srcset", "action"} and not v.startswith("#")
        ]
        assert tag not in {"script", "link", "iframe", "img"}


def test_page_shows_failure_reason_threshold_and_first_rows():
    page = rapport.page(bilan(constat()))
    for texte in (
        "Publication refusée",
        "chiffres inventés",
        "Valeurs dans la plage de leur unité",
        "Une valeur impossible trahit",
        "aucune anomalie",
        "2 anomalies",
        "commune:26220 : 203900,0 &lt;b&gt;",
    ):
        assert texte in page


def test_page_relates_what_it_lists_to_what_it_counts():
    page = rapport.page(bilan(constat(examines=1832, anomalies=57, groupes=17, observe="57 anomalies")))
    assert "<td>1\u202f832 lignes</td>" in page
    assert "1 sur 17 groupes en échec (57 lignes sur 1\u202f832)" in page
    part = constat(examines=238, anomalies=3, groupes=3, unite="groupes")
    page = rapport.page(bilan(part))
    assert "<td>238 groupes</td>" in page and "1 sur 3 groupes en échec</caption>" in page


def test_page_is_self_contained():
    page = rapport.page(bilan(constat()))
    liens = Liens()
    liens.feed(page)
    assert liens.externes == []
    assert "http" not in page
    assert "@import" not in page
    assert "url(" not in page


def test_warning_lets_the_publication_through():
    avertissement = bilan(constat(severite="warning"))
    assert avertissement.succes
    page = rapport.page(avertissement)
    assert "Publication autorisée" in page
    assert "<b>1</b>Avertissement</li>" in page and "L'avertissement ci-dessous reste à lire." in page
    deux = rapport.page(bilan(constat(severite="warning"), constat(severite="warning", controle="autre")))
    assert "<b>2</b>Avertissements</li>" in deux and "Les avertissements ci-dessous restent à lire." in deux


def test_information_is_shown_and_is_no_warning():
    page = rapport.page(bilan(constat(severite="info", libelle="Territoires renseignés")))
    assert "Territoires renseignés" in page and '<span class="etat info">Information</span>' in page
    assert "commune:26220" in page, "with its first rows"
    assert "<b>0</b>Avertissement</li>" in page and "<b>1</b>Information</li>" in page
    assert "à lire" not in page


def test_suite_not_run_refuses_the_publication():
    assert "Contrôles non exécutés, donc en échec" in rapport.page(bilan(erreur="suite not run: boom"))
    assert "Aucun contrôle exécuté, donc en échec" in rapport.page(bilan())
    assert not bilan().succes
    assert not Bilan("demo", "france", []).succes


def test_files_are_written_whole_and_repeat_to_the_byte(tmp_path):
    deux = bilan(constat(), constat(controle="part_perdue", lot="mouvement"))
    rapport.ecrire(deux, tmp_path)
    avant = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    rapport.ecrire(deux, tmp_path)
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir()} == avant
    assert set(avant) == {"summary.json", "mouvement.json", "rapport.html"}
    controles = {
        nom: [c["controle"] for m in json.loads(avant[nom])["marts"] for c in m["constats"]]
        for nom in ("summary.json", "mouvement.json")
    }
    assert controles == {"summary.json": ["hors_plage"], "mouvement.json": ["part_perdue"]}


def test_message_gives_the_first_failing_rows_and_the_next_step():
    message = bilan(constat()).message
    assert "hors_plage (critical) failed on 2 of 12 rows" in message
    assert "niveau=commune, observe=2, exemples=commune:26220" in message
    assert "Next: " in message
