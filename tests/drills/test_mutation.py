"""What is told of mutants, and that those declared are of the code as it stands; no mutant is run here."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.drills.mutation.__main__ import TOUS, tirer
from tests.drills.mutation.mutants import (
    ECHU,
    RACINE,
    SAUTE,
    TUE,
    Changement,
    Declares,
    Mutant,
    changement,
    declares,
    engendres,
    etendue,
    sort,
)

PETIT = "confidentialite.regle.primaire.petit"
DIFF = """--- confidentialite/regle/primaire.py
+++ confidentialite/regle/primaire.py
@@ -1,4 +1,4 @@
 def petit(
-    seuil = seuil or p.seuil_frequence.valeur
-    return 0 <= effectif_ < seuil
+    return None
"""


def test_a_mutant_is_known_by_its_function_and_the_lines_it_changes() -> None:
    vu = changement(PETIT, DIFF)
    seuil = "seuil = seuil or p.seuil_frequence.valeur"
    assert vu == Changement(PETIT, f"{seuil}{SAUTE}return 0 <= effectif_ < seuil", "return None")


@pytest.mark.parametrize(
    ("nom", "fonction"),
    [
        (
            "confidentialite.moteur.espace.xǁEspaceǁreste__mutmut_3",
            "confidentialite.moteur.espace.Espace.reste",
        ),
        ("confidentialite.moteur.espace.x_reste__mutmut_12", "confidentialite.moteur.espace.reste"),
    ],
)
def test_the_function_of_a_mutant_is_that_of_its_file(nom: str, fonction: str) -> None:
    assert Mutant(nom, Path("confidentialite/moteur/espace.py")).fonction == fonction


def test_what_a_mutant_came_to_is_read_from_the_exit_code_of_its_tests(tmp_path: Path) -> None:
    """-24 is the limit of processor time, 33 that no quick test calls its function."""
    codes = {f"confidentialite.regle.primaire.x_petit__mutmut_{k}": k for k in (0, 1, 33, -24)}
    meta = tmp_path / "confidentialite" / "regle" / "primaire.py.meta"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"exit_code_by_key": codes}))
    lus = engendres(tmp_path)
    assert {m.fichier for m in lus} == {Path("confidentialite/regle/primaire.py")}
    assert [sort(code) for code in lus.values()] == ["survived", TUE, "no tests", ECHU]


def test_a_seed_draws_the_same_mutants_of_the_modules_asked_for() -> None:
    espace = [Mutant(f"confidentialite.moteur.espace.x_{k}", Path("e.py")) for k in range(50)]
    autres = [Mutant(f"confidentialite.moteur.bornes.x_{k}", Path("b.py")) for k in range(50)]
    tous = [*espace, *autres]
    assert tirer(tous, ["moteur.espace"], TOUS, 0) == sorted(m.nom for m in espace)
    deux = [tirer(ordre, ["moteur"], "7", 3) for ordre in (tous, tous[::-1])]
    assert deux[0] == deux[1] and len(deux[0]) == 7
    assert tirer(tous, ["moteur"], "7", 4) != deux[0]
    assert len(tirer(tous, ["moteur"], "1000", 3)) == 100
    with pytest.raises(SystemExit, match=r"no module .* moteur\.espaces"):
        tirer(tous, ["moteur.espaces"], TOUS, 0)


def test_a_declared_mutant_may_live_and_is_stale_once_it_is_killed_or_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vu, parti, famille = (Changement(PETIT, a, "b") for a in ("a", "parti", 'lire("utf-8")'))
    connus = Declares({re.compile('.*"utf-8".*'): "one encoding"}, {vu: "equivalent", parti: "equivalent"})
    assert [connus.raison(c) for c in (vu, famille)] == ["equivalent", "one encoding"]
    assert connus.raison(Changement(PETIT, "a", "c")) is None
    assert connus.raison(Changement(f"{PETIT}s", "a", "b")) is None
    mutant = Mutant(
        "confidentialite.regle.primaire.x_petit__mutmut_1", Path("confidentialite/regle/primaire.py")
    )
    monkeypatch.setattr(Mutant, "changement", lambda _: vu)
    for dits, perimes in (({}, 1), ({mutant: "survived"}, 1), ({mutant: TUE}, 2)):
        assert len(list(connus.perimes(dits, [mutant]))) == perimes
    assert "parti" in "".join(connus.perimes({}, [mutant]))


@pytest.mark.parametrize("seul", declares().seuls, ids=lambda c: f"{c.fonction}: {c.apres}")
def test_a_declared_mutant_changes_lines_that_stand_in_its_function(seul: Changement) -> None:
    module = next(
        f
        for f in (RACINE / "confidentialite").rglob("*.py")
        if seul.fonction.startswith(".".join(f.relative_to(RACINE).with_suffix("").parts) + ".")
    )
    debut, fin = etendue(module.relative_to(RACINE), seul.fonction)
    lignes = {ligne.strip() for ligne in module.read_text("utf-8").splitlines()[debut - 1 : fin]}
    assert set(seul.avant.split(SAUTE)) <= lignes


def test_every_declaration_says_why() -> None:
    connus = declares()
    assert all(len(raison) > 10 for raison in (*connus.familles.values(), *connus.seuls.values()))


def test_the_tests_that_judge_and_those_set_aside_are_there() -> None:
    reglages = tomllib.loads((RACINE / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    choix = reglages["pytest_add_cli_args_test_selection"]
    chemins = [c.removeprefix("--ignore=") for c in choix if not c.startswith("-k=")]
    assert all((RACINE / chemin).exists() for chemin in [*chemins, *reglages["also_copy"]])
    assert all((RACINE / module).exists() for module in reglages["do_not_mutate"])
    (tus,) = (c.removeprefix("-k=not ") for c in choix if c.startswith("-k="))
    fichiers = [f for c in chemins for f in (RACINE / c).rglob("test_*.py")]
    noms = re.findall(r"^def (test_\w+)", "\n".join(f.read_text("utf-8") for f in fichiers), re.MULTILINE)
    assert not [mot for mot in re.findall(r"\w+", tus) if mot != "or" and not any(mot in n for n in noms)]
