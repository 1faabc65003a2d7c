"""Numbers read a column at once are those that the rule reads one by one, and so is all that is refused."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from abime import FUZZ
from hypothesis import given
from hypothesis import strategies as st
from petit_extrait import CONTRAT, correspondance

from ingestion.extrait import nombres
from ingestion.extrait.colonnes import Lecteur, Lien, liens_foyers
from ingestion.extrait.correspondance import Disposition
from ingestion.extrait.erreurs import Constats, lieu_extrait
from ingestion.extrait.pseudonymes import en_cles_directes
from ingestion.extrait.valeurs import Regle

NOMBRES = [n for n, c in CONTRAT.colonnes.items() if c.type in ("entier", "decimal")]

# Numbers as files write them, and what looks like one.
ecrits = st.one_of(
    st.decimals(-10, 10**7, places=2).map(lambda d: f"{d:f}"),
    st.integers(-10, 10**10).map(str),
    st.text("0123456789.,", max_size=12),
    st.text("0123456789.,-+ eE\x00'/:é", max_size=10),
)
textes = st.one_of(ecrits, ecrits.map(lambda t: t.replace(".", ",")), st.just(""))
types = st.sampled_from(
    [
        (pa.string(), textes),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 200_000)),
        (pa.uint8(), st.integers(0, 255)),
        *(
            (pa.decimal128(38, s), st.decimals(-(10**12), 10**25, places=s) | st.decimals(0, 10**5, places=s))
            for s in (0, 1, 2, 4)
        ),
        (pa.float64(), st.floats() | st.decimals(0, 10**6, places=3).map(float)),
        (pa.float64(), st.decimals(0, 10**5, places=2).map(lambda d: float(d) + 3e-7)),
    ]
)


LIENS = {
    lien.cible: lien
    for lien in liens_foyers(Disposition.model_validate(correspondance()["dispositions"]["ici"]), CONTRAT)
}


def _lire(lien: Lien, colonne: pa.Array) -> tuple[list[Any], list[str]]:
    constats = Constats(lieu_extrait("2022-12", "foyers.csv"))
    valeurs = Lecteur(constats).lire(lien, colonne, 7)()
    assert valeurs.type == lien.regle.type_stocke
    return valeurs.to_pylist(), [str(e) for e in constats.erreurs(lambda rang: rang)]


@FUZZ
@given(st.data())
def test_column_at_once_reads_as_cell_by_cell(data: st.DataObject) -> None:
    """Values, kinds of fault, rows, in every rule of a number, text or typed, nulls and slices included."""
    type_, cellules = data.draw(types)
    lien = LIENS[
        data.draw(st.sampled_from(("ruc", "montant_apl", "nb_personnes", "quotient_familial", "loyer")))
    ]
    regle = replace(
        lien.regle,
        vides=data.draw(st.sampled_from(({""}, {"", "."}, {"", "0"}, {"", "-1"}))),
        vide=data.draw(st.sampled_from(("inconnu", "zero", "refuse"))),
        arrondie=data.draw(st.booleans()) and lien.regle.colonne.type == "decimal",
        # Numbers of a typed column have one mark.
        decimale=data.draw(st.sampled_from(".,")) if pa.types.is_string(type_) else ".",
    )
    lien = replace(lien, regle=regle)
    valeurs = data.draw(st.lists(st.none() | cellules, min_size=1, max_size=12))
    colonne = pa.array(valeurs, type_)[data.draw(st.integers(0, 2)) :]
    d_emblee = _lire(lien, colonne)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(Regle, "d_emblee", lambda *_: None)
        assert d_emblee == _lire(lien, colonne)


@pytest.mark.parametrize("ecrire", ["{:.2f}", "{:.1f}", "{:.0f}"])
def test_usual_amounts_are_all_read_at_once(ecrire: str) -> None:
    """Nothing of a usual file is left to the slow way: every whole euro, decime and cent up to a bound."""
    pas = {"{:.2f}": 100, "{:.1f}": 10, "{:.0f}": 1}[ecrire]
    montants = [*range(30_000), *range(99_900 * pas, 99_999 * pas, 7)]
    lus = nombres.lire(pa.array([ecrire.format(Decimal(m) / pas) for m in montants]), 2, ".")
    assert lus is not None and lus.surs.all() and lus.vides is None
    assert lus.valeurs.tolist() == [m * 100 // pas for m in montants]


identifiants = st.text(max_size=20) | st.sampled_from(["", "\x00", "a", "a\x00", "é" * 8, "0" * 15, "0" * 16])


@FUZZ
@given(st.lists(identifiants, min_size=1, max_size=30))
def test_keys_of_a_check_tell_the_same_foyers_apart_as_pseudonyms(ids: list[str]) -> None:
    cles = en_cles_directes(pa.array(ids))
    assert len(np.unique(cles)) == len(set(ids))
    assert len({(c, i) for c, i in zip(cles.tolist(), ids, strict=True)}) == len(set(ids))
