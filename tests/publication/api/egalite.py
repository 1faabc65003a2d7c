"""What an API says of figures, to be held to the mart: of every territory of a release, none left out."""

import json
from pathlib import Path
from typing import Any

import duckdb

Cle = tuple[str, str, int]
Dits = dict[Cle, tuple[Any, ...]]

_CHIFFRES = """
    select territoire_id, indicateur_id, millesime, valeur, valeur_texte, borne_basse, borne_haute,
        valeur_affichee, statut, lisibilite, motif
    from marts.fct_indicateurs as f
"""
DES_COMMUNES = """
    where niveau = 'commune' and millesime = (
        select max(millesime) from marts.fct_indicateurs as d where d.indicateur_id = f.indicateur_id
        and d.niveau = 'commune' and d.statut in ('observe', 'arrondi', 'partiel')
    )
"""
AU_DESSUS = "where niveau <> 'commune'"


def du_mart(release: Path, lesquels: str = "", serres: bool = False) -> Dits:
    """The figures of the mart; `serres`: bounds are None where they say no more than the figure."""
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        lus = con.execute(_CHIFFRES + lesquels).fetchall()
    dits: Dits = {}
    for t, i, m, nombre, texte, basse, haute, *reste in lus:
        valeur = texte if nombre is None else round(nombre, 9)
        bornes = tuple(b if b is None else round(b, 9) for b in (basse, haute))
        sans = bornes == (None, None) or (serres and {*bornes} == {valeur})
        dits[t, i, m] = (valeur, None if sans else bornes, *reste)
    return dits


def d_un_objet(c: dict[str, Any]) -> tuple[Any, ...]:
    """A figure whose parts are named."""
    bornes = c["bornes"] and tuple(c["bornes"])
    return (c["valeur"], bornes, *(c[nom] for nom in ("valeur_affichee", "statut", "lisibilite", "motif")))


def des_territoires(release: Path) -> Dits:
    """Those of the files of territories."""
    dits: Dits = {}
    for lu in _fichiers(release, "territoires"):
        for nom, tableau in lu["tableaux"].items():
            for millesime, c in tableau["chiffres"].items():
                _entier(tableau, c["source"])
                dits[lu["territoire"]["territoire_id"], nom, int(millesime)] = d_un_objet(c)
    return dits


def des_indicateurs(release: Path) -> Dits:
    """Those of the files of indicateurs."""
    return {
        (territoire_id, lu["indicateur_id"], int(millesime)): _cellule(lu, cellule)
        for lu in _fichiers(release, "indicateurs")
        for territoire_id, siens in lu["chiffres"].items()
        for millesime, cellule in siens.items()
    }


def des_communes(release: Path) -> Dits:
    """Those of the files of départements."""
    return {
        (f"commune:{code}", nom, tableau["millesime"]): _cellule(tableau, cellule)
        for lu in _fichiers(release, "communes")
        for nom, tableau in lu["tableaux"].items()
        for code, cellule in tableau["chiffres"].items()
    }


def _fichiers(release: Path, sorte: str) -> list[Any]:
    return [json.loads(f.read_text()) for f in (release / "api/v1/chiffres" / sorte).iterdir()]


def _cellule(tableau: dict[str, Any], cellule: list[Any]) -> tuple[Any, ...]:
    valeur, affichee, bornes, *reste, source = cellule
    _entier(tableau, source)
    return (valeur, bornes and tuple(bornes), affichee, *reste)


def _entier(tableau: dict[str, Any], source: int) -> None:
    """A number goes nowhere without what it counts, its unit, its source and how to quote it."""
    assert tableau["univers"] and tableau["unite"] and tableau["indicateur"] and tableau["sources"][source]
