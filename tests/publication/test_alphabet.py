"""Names in the order of the French alphabet: one key, in SQL and in Python, in every list of names."""

import random
import re

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.racine import RACINE
from publication.lecture.alphabet import NOM, cle

COMMUNES = (
    *("Beauvoisin", "Bénivay-Ollon", "Bésignan", "Buis-les-Baronnies", "Châteauneuf-de-Bordette"),
    *("Chaudebonne", "Chauvac-Laux-Montaux", "L'Épine", "Œuilly", "Ollon", "Saint-Étienne"),
    *("Saint-Sauveur-Gouvernet", "Sainte-Euphémie", "Saint-Vincent"),
)


def test_names_stand_in_the_order_of_the_alphabet() -> None:
    attendu = [n for n in COMMUNES if n not in ("Sainte-Euphémie", "Saint-Vincent")]
    # Word by word: every Saint before the first Sainte.
    attendu += ["Saint-Vincent", "Sainte-Euphémie"]
    melees = random.Random(26).sample(COMMUNES, len(COMMUNES))
    assert sorted(melees, key=cle) == attendu
    with duckdb.connect() as con:
        lues = con.execute(
            f"select nom from (select unnest(?) as nom) order by {NOM.format('nom')}", [melees]
        ).fetchall()
    assert [nom for (nom,) in lues] == attendu


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("aàâäbcçéèêëiîïoôœæŒÆuùûüÿyÉÈÀÇ -'’/()0129."), max_size=20))
@example("L'Épine-Œuvre")
def test_sql_and_python_have_one_key(nom: str) -> None:
    with duckdb.connect() as con:
        assert con.execute(f"select {NOM.format('$nom')}", {"nom": nom}).fetchall() == [(cle(nom),)]


def test_no_list_is_in_the_order_of_bytes() -> None:
    """É stands after z among them: a query that sorts by a name does so by `NOM`."""
    nus = re.compile(r"order by[^\"\n]*[ ,]([a-z]\.)?(libelle|producteur|titre)\b")
    assert [f.name for f in (RACINE / "publication").rglob("*.py") if nus.search(f.read_text())] == []
