"""Two revisions of one month, one upon the other, a night each: nobody is asked, what nothing moved stays."""

import random
import shutil
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from arrondis import cellules, gele, par_commune, sommes_fausses
from commande import DEMONSTRATION, Observatoire

MOIS = "2022-12"
FICHIER = Path("extrait", MOIS, "extrait_202212.parquet")
# `ctg` on the demonstration of another folder, its first argument.
AILLEURS = """
import sys
from pathlib import Path
from orchestration.nuit import reglages
reglages.DEMONSTRATION = Path(sys.argv.pop(1))
from orchestration.cli import main
main(prog_name="ctg")
"""


@pytest.fixture(scope="module")
def ici(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Observatoire:
    """The home of the shared night, where one territory is printed: pages are not what is revised."""
    copie = demonstration.copie(tmp_path_factory.mktemp("revisions"))
    ailleurs = shutil.copytree(DEMONSTRATION, copie.home.parent / "demonstration")
    return Observatoire(
        copie.home,
        (*copie.options, "--imprimer", "epci:200068229"),
        (sys.executable, "-c", AILLEURS, str(ailleurs)),
    )


def reviser(fichier: Path, foyers: int) -> None:
    """Drop the month again: so many foyers have another situation, an e-mail or none, and 100 € more."""
    table = pq.read_table(fichier)
    ayants = [rang for rang, droit in enumerate(table["top_droit"].to_pylist()) if droit]
    choisis = set(random.Random(foyers).sample(ayants, foyers))
    revise = pa.array([rang in choisis for rang in range(table.num_rows)])
    seul, autre = sorted(set(table["sit_fam"].to_pylist()) - {None})[:2]
    situation = pc.if_else(pc.equal(table["sit_fam"], seul), autre, seul)
    for nom, valeurs in {
        "sit_fam": situation,
        "top_mail": pc.invert(table["top_mail"]),
        "cumul_familiales": pc.add(table["cumul_familiales"], pa.scalar(Decimal("100.00"))),
    }.items():
        colonne = pc.if_else(revise, valeurs, table[nom]).cast(table.schema.field(nom).type)
        table = table.set_column(table.column_names.index(nom), nom, colonne)
    pq.write_table(table, fichier)


@pytest.mark.parametrize("foyers", [200, 40])
def test_a_revision_is_published_by_the_night_that_finds_it(ici: Observatoire, foyers: int) -> None:
    avant, servie = gele(ici.home, MOIS), ici.courante.name
    reviser(ici.home.parent / "demonstration" / FICHIER, foyers)
    nuit = ici.nuit()
    assert nuit.code == 0, nuit.erreurs
    assert ici.courante.name != servie
    assert "waiting" not in ici.ctg("extrait", "list").sortie

    apres = gele(ici.home, MOIS)
    vraies = par_commune(avant.compte), par_commune(apres.compte)
    dites = par_commune(avant.arrondi), par_commune(apres.arrondi)
    bouge = {cle for cle in vraies[1] if vraies[0][cle] != vraies[1][cle]}
    assert len(bouge) > foyers // 4
    assert {cle for cle in dites[1] if dites[0][cle] != dites[1][cle]} <= bouge

    lues = cellules(ici, MOIS)
    assert {c.niveau for c in lues} == {"commune", "epci", "departement"}
    assert [c for c in lues if not c.basse <= c.vraie <= c.haute] == []
    assert sommes_fausses(ici, MOIS) == []
