"""What three people can carry: no function, file or class that has to be read in several sittings."""

import ast
from pathlib import Path

import pytest

from orchestration.racine import RACINE

PIECES = ("socle", "confidentialite", "publication", "bi", "spark")
LIGNES_D_UN_FICHIER, LIGNES_D_UNE_FONCTION, MEMBRES_D_UNE_CLASSE = 500, 60, 20


def membres(classe: ast.ClassDef) -> set[str]:
    """Its methods, its fields and its constants."""
    noms: set[str] = set()
    for partie in classe.body:
        match partie:
            case ast.FunctionDef(name=nom) | ast.AsyncFunctionDef(name=nom):
                noms.add(nom)
            case ast.AnnAssign(target=ast.Name(id=nom)):
                noms.add(nom)
            case ast.Assign(targets=cibles):
                noms |= {cible.id for cible in cibles if isinstance(cible, ast.Name)}
    return noms


def trop_lourds(fichier: Path) -> list[str]:
    """What is too heavy in a file, by name."""
    texte = fichier.read_text(encoding="utf-8")
    lignes = len(texte.splitlines())
    trouves = [f"{lignes} lines"] if lignes > LIGNES_D_UN_FICHIER else []
    for noeud in ast.walk(ast.parse(texte)):
        match noeud:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                longueur = (noeud.end_lineno or 0) - noeud.lineno + 1
                if longueur > LIGNES_D_UNE_FONCTION:
                    trouves.append(f"{noeud.name}: {longueur} lines")
            case ast.ClassDef() if len(membres(noeud)) > MEMBRES_D_UNE_CLASSE:
                trouves.append(f"{noeud.name}: {len(membres(noeud))} members")
    return [f"{fichier.relative_to(RACINE)}: {dit}" for dit in trouves]


@pytest.mark.parametrize("piece", PIECES)
def test_nothing_is_too_heavy_to_be_read_at_once(piece: str) -> None:
    fichiers = [*(RACINE / piece).rglob("*.py")]
    assert fichiers
    assert [dit for fichier in fichiers for dit in trop_lourds(fichier)] == []
