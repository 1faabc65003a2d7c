"""How sure a figure is, and what is printed of it: a table of cases, read by the SQL of the marts."""

import csv
from pathlib import Path

import duckdb
import jinja2
import pytest

from socle.affichage import Unite, afficher

DBT = Path(__file__).resolve().parents[2] / "dbt_project"
with (DBT / "seeds" / "unites.csv").open(encoding="utf-8", newline="") as lus:
    UNITES = {ligne["unite"]: Unite.lire(ligne) for ligne in csv.DictReader(lus)}
INFINI = None
"""A bound that nobody knows."""

CAS = [
    # unit, decimals, value, bounds, the most its denominator can be, how sure, printed
    ("pourcent", 1, 12.1, 12.0, 12.2, 3230, "point", "12,1 %"),
    ("pourcent", 1, 50.0, 45.0, 55.0, 40, "point", "50 %"),
    ("pourcent", 1, 50.0, 44.9, 55.0, 40, "intervalle", "entre 44,9 et 55,0 %"),
    ("pourcent", 1, 55.8, 31.5, 83.6, 40, "intervalle", "entre 31 et 84 %"),
    # A bound is never printed inside of itself.
    ("pourcent", 1, 20.0, 14.27, 25.73, 60, "intervalle", "entre 14,2 et 25,8 %"),
    # A share known to a quarter of itself at most is a point, whatever few points that is.
    ("pourcent", 1, 4.0, 3.0, 5.0, 900, "point", "4 %"),
    ("pourcent", 1, 4.0, 3.0, 5.1, 900, "intervalle", "entre 3,0 et 5,1 %"),
    # A numerator rounded to zero, however near its upper bound is, unless that prints as zero too.
    ("pourcent", 1, 0.0, 0.0, 14.3, 28, "intervalle", "au plus 14,3 %"),
    ("pourcent", 1, 0.0, 0.0, 2.0, 100, "intervalle", "au plus 2,0 %"),
    ("pourcent", 1, 0.0, 0.0, 0.04, 5000, "point", "0,0 %"),
    ("pourcent", 1, 0.0, 0.0, 0.0, 5000, "point", "0,0 %"),
    ("pourcent", 1, 3.0, 0.0, 12.9, 60, "intervalle", "au plus 12,9 %"),
    ("pourcent", 1, 12.0, 11.0, INFINI, 60, "intervalle", "au moins 11,0 %"),
    # Of too few: what the denominator may be at most decides, an unknown one does not.
    ("pourcent", 1, 50.0, 50.0, 50.0, 2, "trop_peu", "trop peu"),
    ("pourcent", 1, 50.0, 40.0, 60.0, 19.99, "trop_peu", "trop peu"),
    ("pourcent", 1, 50.0, 47.5, 52.5, 20, "point", "50 %"),
    ("pourcent", 1, 50.0, 40.0, 60.0, 21, "intervalle", "entre 40 et 60 %"),
    ("pourcent", 1, 50.0, 47.5, 52.5, INFINI, "point", "50 %"),
    ("evolution en pourcent", 1, 0.0, -0.4, 0.4, 900, "point", "0,0 %"),
    ("evolution en pourcent", 1, 6.0, 0.0, 12.0, 900, "intervalle", "entre 0,0 et +12,0 %"),
    # A count: half its interval beside its value.
    ("foyers", 0, 5, 3, 7, INFINI, "intervalle", "entre 3 et 7"),
    ("foyers", 0, 10, 8, 12, INFINI, "point", "10"),
    ("foyers", 0, 12, 9, 15, INFINI, "point", "12"),
    ("foyers", 0, 12, 9, 15.1, INFINI, "intervalle", "entre 9 et 16"),
    ("foyers", 0, 0, 0, 2, INFINI, "intervalle", "au plus 2"),
    ("foyers", 0, 0, 0, 0, INFINI, "point", "0"),
    ("foyers", 0, 1240, 1240, INFINI, INFINI, "intervalle", "au moins 1 240"),
    ("EUR", 0, 900.0, 400.0, 1400.0, INFINI, "intervalle", "entre 400 et 1 400 €"),
    ("EUR par allocataire", 2, 5000.0, 2941.2, 7692.3, INFINI, "intervalle", "entre 2 900 et 7 700 €"),
    # A number has no more digits than half its interval knows.
    ("EUR par allocataire", 2, 4478.16, 4462.0, 4495.0, INFINI, "point", "4 480 €"),
    ("EUR par allocataire", 2, 4478.16, 4478.16, 4478.16, INFINI, "point", "4 478,16 €"),
    ("foyers", 0, 4675100, 4674600, 4675600, INFINI, "point", "4 675 100"),
    ("foyers", 0, 4444.6, 4434.6, 4454.6, INFINI, "point", "4 440"),
    ("foyers", 0, 445, 435, 455, INFINI, "point", "450"),
    # A number at one end of its interval is no estimate: most of what it adds up is printed 0.
    ("pourcent", 1, 12.5, 12.4, 13.6, 3230, "intervalle", "entre 12,4 et 13,6 %"),
    ("pourcent", 1, 12.5, 12.2, 13.3, 3230, "point", "12,5 %"),
    ("foyers", 0, 400, 396, 421, INFINI, "intervalle", "entre 396 et 421"),
    ("evolution en places", 0, 1, -2, 4, INFINI, "intervalle", "entre −2 et +4"),
    # Other rates, as counts are.
    ("structures pour 10 000 habitants", 1, 2.0, 1.5, 2.5, 4000, "point", "2,0"),
    ("structures pour 10 000 habitants", 1, 2.0, 0.9, 3.0, 4000, "intervalle", "entre 0,9 et 3,0"),
    # No interval, whatever the unit: a year, a number that nobody rounded.
    ("annee", 0, 2019, 2019, 2019, INFINI, "point", "2019"),
]

_RENDU = jinja2.Environment().from_string(
    (DBT / "macros" / "affichage.sql").read_text(encoding="utf-8")
    + (DBT / "macros" / "lisibilite.sql").read_text(encoding="utf-8")
    + "select "
    "{{ lisibilite('l.valeur', 'l.basse', 'l.haute', 'l.den', 'l.statut', 'l.decimales', 'u', 'seuils') }},"
    "{{ valeur_affichee('l.valeur', 'null', 'l.statut', 'u', '$lisibilite', 'ecrits') }}"
    " from (select *, {{ nombres_ecrits('valeur', 'decimales', '$lisibilite', 'basse', 'haute') }} as ecrits"
    " from (select $valeur::double as valeur, $basse::double as basse, $haute::double as haute,"
    " $den::double as den, $statut as statut, $decimales::integer as decimales)) as l"
    " cross join ({{ seuils_de_lisibilite() }}) as seuils"
    " cross join (from unites where unite = $unite) as u",
)
_CON = duckdb.connect()
for seed in ("unites", "parametres"):
    _CON.execute(f"create table {seed} as from read_csv('{DBT}/seeds/{seed}.csv', header=true, delim=',')")
_REQUETE = _RENDU.render(ref=lambda nom: nom)


@pytest.mark.parametrize(
    ("unite", "decimales", "valeur", "basse", "haute", "den", "attendue", "imprime"), CAS
)
@pytest.mark.parametrize("statut", ["observe", "partiel"])
def test_ce_qui_s_imprime_d_un_chiffre(
    unite: str,
    decimales: int,
    valeur: float,
    basse: float | None,
    haute: float | None,
    den: float | None,
    attendue: str,
    imprime: str,
    statut: str,
) -> None:
    parametres = dict(valeur=valeur, basse=basse, haute=haute, den=den, statut=statut)
    parametres |= dict(decimales=decimales, unite=unite, lisibilite=attendue)
    lue = _CON.execute(_REQUETE, parametres).fetchone()
    texte = afficher(valeur, UNITES[unite], decimales, statut, attendue, (basse, haute))
    assert lue == (attendue, texte)
    assert texte.replace("\u202f", " ") == imprime


@pytest.mark.parametrize("statut", ["secret", "non_disponible", "sans_objet"])
def test_sans_chiffre_il_n_y_a_rien_a_lire(statut: str) -> None:
    parametres = dict.fromkeys(("valeur", "basse", "haute", "den", "lisibilite"))
    parametres |= dict(statut=statut, decimales=1, unite="pourcent")
    lue = _CON.execute(_REQUETE, parametres).fetchone()
    assert lue is not None
    assert lue[0] is None
