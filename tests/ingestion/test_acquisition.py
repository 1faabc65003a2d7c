import json
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from petite_source import COG_2022, REGISTRE_2022, changer, sha

from ingestion.acquisition import Acquisition, BilanSource, FichierRetenu, Profil
from ingestion.contrats import charger_contrats
from ingestion.contrats.empreinte import schema_normalise
from ingestion.contrats.exigences import Bornes, RegleRevision
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.jugement import juger
from ingestion.pays_entier import FichierDeReference
from ingestion.typage import normaliser_fichier

Nuit = Callable[[], tuple[BilanSource, BilanSource]]
EN_2022 = ("registre", "communes", 2022)


def retenu(acquisition: Acquisition) -> FichierRetenu:
    (fichier,) = (f for f in acquisition.fichiers_retenus() if f.source == "registre")
    return fichier


def seuils(acquisition: Acquisition, **quoi: object) -> None:
    """Change its thresholds."""
    actuels = acquisition.contrats["registre"].ressources["communes"].thresholds
    changer(acquisition, thresholds=actuels.model_copy(update=quoi))


def marquer_foyers(acquisition: Acquisition) -> None:
    """Give `foyers` a marker, and so a companion: every file is typed again."""
    colonnes = acquisition.contrats["registre"].ressources["communes"].columns
    changer(
        acquisition, columns={**colonnes, "foyers": colonnes["foyers"].model_copy(update={"missing": [""]})}
    )


TOUTE = RegleRevision(max_changed_share=1, max_relative_change=math.inf)


def evenements(acquisition: Acquisition) -> list[str]:
    lignes = (acquisition.home / "landing/journal.jsonl").read_text().splitlines()
    return [e["event"] for e in map(json.loads, lignes) if e["source"] == "registre"]


def test_a_first_file_is_accepted_and_told_in_full(acquisition: Acquisition, nuit: Nuit) -> None:
    recu, normalise = nuit()
    assert [p.millesime for p in recu.absents] == [2021] and not recu.refus
    assert [p.sha256 for p in normalise.acceptes] == [sha(REGISTRE_2022)] and not normalise.refus
    fichier = retenu(acquisition)
    assert fichier.recu_le.endswith("+00:00")
    assert replace(fichier, parquet=Path(), recu_le="") == FichierRetenu(
        source="registre",
        ressource="communes",
        millesime=2022,
        sha256=sha(REGISTRE_2022),
        fichier="registre2022.csv",
        membre=None,
        lignes=5,
        lignes_ecartees=0,
        niveau="commune",
        forme="colonnes",
        couverture="france",
        absence="inconnu",
        champ=None,
        cogs=(2022,),
        paris_lyon_marseille=None,
        publie_le=date(2023, 6, 1),
        recu_le="",
        parquet=Path(),
        perime=False,
    )
    assert fichier.parquet.parent == acquisition.home / "normalised/registre/communes/2022"
    assert evenements(acquisition) == ["recu", "normalise", "accepte"]


def test_an_unchanged_night_writes_nothing(acquisition: Acquisition, nuit: Nuit) -> None:
    nuit()
    avant = {p: p.stat().st_mtime_ns for p in acquisition.home.rglob("*") if p.is_file()}
    recu, normalise = nuit()
    assert recu.inchanges and normalise.inchanges and not normalise.acceptes
    assert {p: p.stat().st_mtime_ns for p in acquisition.home.rglob("*") if p.is_file()} == avant


@pytest.mark.parametrize(
    ("texte", "code", "observe"),
    [
        (REGISTRE_2022.replace("2A004;100;s;Ajaccio\n", ""), "departement_manquant", "no row for 2A"),
        ("\n".join(REGISTRE_2022.split("\n")[:4]) + "\n", "nombre_de_lignes", "3 rows"),
        (REGISTRE_2022.split("\n")[0] + "\n", "nombre_de_lignes", "0 rows"),
        (REGISTRE_2022.replace(";300;", ";3000;"), "total_hors_bornes", "a total of 3215"),
        (REGISTRE_2022.replace("1600", "160000"), "rapport_hors_bornes", "317.671 (163600.75"),
        (
            REGISTRE_2022.replace("1600", "1").replace("1500.5", "2").replace("0;2100.25", "55;2"),
            "rapport_hors_bornes",
            "0.009 (5",
        ),
        (REGISTRE_2022.replace(";60;1500.5;", ";45;150.5;"), "montre_sous_seuil", "1 rows show it below"),
        (REGISTRE_2022.replace("FOY22", "FOY21"), "colonne_manquante", "missing 'FOY22' (renamed 'FOY21'?)"),
    ],
)
def test_a_file_is_judged_as_a_whole(nuit: Nuit, miroir: Path, texte: str, code: str, observe: str) -> None:
    (miroir / "registre2022.csv").write_text(texte)
    (refus,) = nuit()[1].refus
    assert refus.code == code and observe in refus.observe
    # Refused again the night after, and still by name.
    assert [e.code for e in nuit()[1].refus] == [code]


def test_a_demonstration_is_not_judged_as_a_country(acquisition: Acquisition, miroir: Path) -> None:
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("2A004;100;s;Ajaccio\n", ""))
    demo = Acquisition(
        acquisition.home,
        acquisition.contrats,
        Profil("demo", str(miroir), couverture_imposee="epci_de_departement:26"),
    )
    demo.recevoir("registre")
    assert not demo.normaliser("registre").refus
    assert retenu(demo).couverture == "epci_de_departement:26"


def test_the_imposed_couverture_narrows_the_country_and_nothing_else() -> None:
    profil, contrats = Profil("demo", "x", couverture_imposee="epci_de_departement:26"), charger_contrats()

    def couverture(source: str, nom: str) -> str:
        r = contrats[source].ressources[nom]
        edition = r.edition(min(r.millesimes), glissante=False)
        assert edition
        return profil.couverture(r, edition)

    assert couverture("insee_bpe", "communes") == "epci_de_departement:26"
    assert couverture("cnaf_allocataires_communes", "communes") == "departement:26"
    assert couverture("insee_filosofi", "communes") == "liste"
    assert couverture("cnaf_taux_couverture_national", "courant") == "france_hors_mayotte"


def test_values_ten_times_too_large_are_refused_by_name_even_in_a_revision(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    dix_fois = REGISTRE_2022.replace("1500.5", "15005").replace("1600", "16000").replace("2100.25", "21002.5")
    (miroir / "registre2022.csv").write_text(dix_fois)
    (refus,) = nuit()[1].refus
    assert refus.code == "rupture" and "multiplied by 10" in refus.observe
    assert retenu(acquisition).sha256 == sha(REGISTRE_2022) and retenu(acquisition).perime


def test_values_are_compared_with_the_nearest_millesime(nuit: Nuit, miroir: Path) -> None:
    avant = REGISTRE_2022.replace("FOY22", "FOY21").replace("REV22", "REV21")
    (miroir / "registre2021.csv").write_text(avant)
    (miroir / "registre2022.csv").write_text(
        REGISTRE_2022.replace("1500.5", "150.05").replace("1600", "160").replace("2100.25", "210.025")
    )
    _, normalise = nuit()
    assert [p.millesime for p in normalise.acceptes] == [2021]
    assert [(e.code, e.millesime) for e in normalise.refus] == [("rupture", 2022)]


def test_a_revision_is_told_every_night_and_used_only_once_accepted(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    revise = REGISTRE_2022.replace("1600", "1680").replace(
        "26001;60;1500.5;Solaure\n", "97608;5;s;Mamoudzou\n"
    )
    (miroir / "registre2022.csv").write_text(revise)
    (refus,) = nuit()[1].refus
    assert refus.code == "revision"
    assert (
        "1 rows added, 1 removed, 1 changed of 4; largest relative change 5.0%; columns revenu (1)"
        in refus.observe
    )
    assert f"ctg sources accept registre communes 2022 {sha(revise)[:12]}" in refus.que_faire
    assert retenu(acquisition).sha256 == sha(REGISTRE_2022) and retenu(acquisition).perime
    journal = evenements(acquisition)
    assert journal[3:] == ["recu", "normalise", "revision"]

    assert [e.code for e in nuit()[1].refus] == ["revision"]
    assert evenements(acquisition) == journal

    with pytest.raises(ErreurSource, match="sha_inconnu"):
        acquisition.accepter(*EN_2022, "0000")
    acquisition.accepter(*EN_2022, sha(revise)[:12])
    assert not nuit()[1].refus
    assert retenu(acquisition).sha256 == sha(revise) and not retenu(acquisition).perime


def test_a_blank_that_says_another_thing_is_a_revision(nuit: Nuit, miroir: Path) -> None:
    """Secret, then missing: neither has a value, and a reader is told the reason."""
    nuit()
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("100;s;Ajaccio", "100;;Ajaccio"))
    (refus,) = nuit()[1].refus
    assert "0 rows added, 0 removed, 1 changed of 5" in refus.observe and "revenu (1)" in refus.observe


def test_a_revision_that_is_withdrawn_is_forgotten(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("1600", "1601"))
    assert nuit()[1].refus
    (miroir / "registre2022.csv").write_text(REGISTRE_2022)
    assert not nuit()[1].refus and not retenu(acquisition).perime


@pytest.mark.parametrize(("revenu", "acceptee"), [("1601", True), ("1700", False)])
def test_a_small_revision_is_accepted_by_the_contract(
    acquisition: Acquisition, nuit: Nuit, miroir: Path, revenu: str, acceptee: bool
) -> None:
    seuils(acquisition, revision=RegleRevision(max_changed_share=0.25, max_relative_change=0.01))
    nuit()
    revise = REGISTRE_2022.replace("1600", revenu)
    (miroir / "registre2022.csv").write_text(revise)
    _, normalise = nuit()
    assert bool(normalise.acceptes) == acceptee and bool(normalise.refus) != acceptee
    assert (retenu(acquisition).sha256 == sha(revise)) == acceptee


def test_what_a_person_went_back_from_is_not_accepted_again_by_the_contract(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    seuils(acquisition, revision=TOUTE)
    nuit()
    revise = REGISTRE_2022.replace("1600", "1601")
    (miroir / "registre2022.csv").write_text(revise)
    assert nuit()[1].acceptes and retenu(acquisition).sha256 == sha(revise)
    acquisition.accepter("registre", "communes", 2022, sha(REGISTRE_2022)[:12])
    for _ in range(2):
        (refus,) = nuit()[1].refus
        assert (refus.code, refus.attendu) == ("revision", "the bytes that were chosen over these by hand")
        assert retenu(acquisition).sha256 == sha(REGISTRE_2022)
    encore = REGISTRE_2022.replace("1600", "1602")
    (miroir / "registre2022.csv").write_text(encore)
    assert nuit()[1].acceptes and retenu(acquisition).sha256 == sha(encore), "another one is judged anew"
    acquisition.accepter("registre", "communes", 2022, sha(revise)[:12])
    assert retenu(acquisition).sha256 == sha(revise), "by hand, anything may be used again"


def test_what_a_person_left_aside_is_not_accepted_by_a_rule_declared_since(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("1600", "1601"))
    nuit()
    acquisition.accepter(*EN_2022, sha(REGISTRE_2022)[:12])
    seuils(acquisition, revision=TOUTE)
    assert [e.attendu for e in nuit()[1].refus] == ["the bytes that were chosen over these by hand"]
    assert retenu(acquisition).sha256 == sha(REGISTRE_2022)


def test_typing_the_file_in_use_again_does_not_undo_the_refusal_of_a_newer_one(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text("<html>")
    assert nuit()[0].refus and retenu(acquisition).perime
    marquer_foyers(acquisition)
    nuit()
    assert "foyers__marque" in pq.read_schema(retenu(acquisition).parquet).names
    assert retenu(acquisition).perime


def test_one_broken_millesime_stops_no_other(acquisition: Acquisition, nuit: Nuit, miroir: Path) -> None:
    (miroir / "registre2021.csv").write_text("<html>")
    recu, normalise = nuit()
    assert [e.millesime for e in recu.refus] == [2021]
    assert [p.millesime for p in normalise.acceptes] == [2022]


def test_a_revised_cog_types_again_the_files_that_depend_on_it(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    avant = retenu(acquisition)
    (miroir / "cog2022.csv").write_text(COG_2022.replace("COM,97101\n", ""))
    _, normalise = nuit()
    assert retenu(acquisition).parquet == avant.parquet, "a pending COG is not in use"
    (piece,) = acquisition.journal().etat("insee_cog_communes", "communes", 2022).revisions
    acquisition.accepter("insee_cog_communes", "communes", 2022, piece)
    _, normalise = nuit()
    assert [(e.motif, e.codes, e.lignes) for e in normalise.ecartes] == [("hors_cog", ["97101"], [5])]
    assert retenu(acquisition).parquet != avant.parquet and retenu(acquisition).lignes_ecartees == 1
    ecartes = retenu(acquisition).parquet.with_suffix(".ecartes.parquet")
    assert pq.read_table(ecartes)["code"].to_pylist() == ["97101"]


def test_an_accepted_file_that_a_new_contract_refuses_stays_in_use(
    acquisition: Acquisition, nuit: Nuit
) -> None:
    nuit()
    avant = retenu(acquisition)
    seuils(acquisition, rows=Bornes(min=6, max=8))
    assert [e.code for e in nuit()[1].refus] == ["nombre_de_lignes"]
    assert retenu(acquisition) == replace(avant, perime=True)


@pytest.mark.parametrize(
    ("revisee", "accepte"), [(REGISTRE_2022, True), (REGISTRE_2022.replace("1600", "1680"), False)]
)
def test_a_revision_that_only_brings_what_a_contract_reads_since_is_used(
    acquisition: Acquisition, nuit: Nuit, miroir: Path, revisee: str, accepte: bool
) -> None:
    """The one in use is refused under the contract that grew: nothing of it is read, nothing printed moves.

    Where another figure moves too, it waits, and the message does not say that the other stays in use.
    """
    nuit()
    r = acquisition.contrats["registre"].ressources["communes"]
    (nom, layout), *_ = r.layouts.items()
    colonne = r.columns["foyers"].model_copy(update={"description": "Dwellings", "min": 0})
    grandi = layout.model_copy(update={"columns": {**layout.columns, "LOG{aa}": "logements"}})
    changer(acquisition, columns={**r.columns, "logements": colonne}, layouts={**r.layouts, nom: grandi})
    entete, *lignes = revisee.splitlines()
    texte = "\n".join([f"{entete};LOG22", *(f"{x};10" for x in lignes), ""])
    (miroir / "registre2022.csv").write_text(texte)
    refus = {e.code: e for e in nuit()[1].refus}
    etat = acquisition.journal().etat(*EN_2022)
    assert etat.accepte == sha(texte if accepte else REGISTRE_2022)
    if accepte:
        # Of the former one nobody has anything to do.
        assert not refus and not nuit()[1].refus
        assert retenu(acquisition).sha256 == sha(texte)
    else:
        assert set(refus) == {"colonne_manquante", "revision"}
        dit = str(refus["revision"])
        assert "changed of 5" in dit and "columns revenu (1), logements (5)" in dit
        assert "until then there is no figure of 2022" in dit


def test_a_new_contract_types_the_file_in_use_again_while_a_revision_waits(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("1600", "1680"))
    assert [e.code for e in nuit()[1].refus] == ["revision"]
    marquer_foyers(acquisition)
    assert [e.code for e in nuit()[1].refus] == ["revision"]
    assert retenu(acquisition).sha256 == sha(REGISTRE_2022)
    assert "foyers__marque" in pq.read_schema(retenu(acquisition).parquet).names


def test_the_refusal_of_a_former_file_ends_with_its_use(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    seuils(acquisition, revision=TOUTE)
    nuit()
    r = acquisition.contrats["registre"].ressources["communes"]
    changer(
        acquisition, columns={**r.columns, "revenu": r.columns["revenu"].model_copy(update={"max": 2000})}
    )
    assert [e.code for e in nuit()[1].refus] == ["valeur_hors_bornes"]
    assert retenu(acquisition).perime
    corrige = REGISTRE_2022.replace("2100.25", "1900.25")
    (miroir / "registre2022.csv").write_text(corrige)
    assert not nuit()[1].refus
    assert retenu(acquisition).sha256 == sha(corrige) and not retenu(acquisition).perime
    assert acquisition.journal().etat(*EN_2022).refus is None


def test_two_files_are_compared_once_both_are_typed(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    """A backup holds no typed file."""
    nuit()
    revise = REGISTRE_2022.replace("1600", "1680")
    (miroir / "registre2022.csv").write_text(revise)
    nuit()
    retenu(acquisition).parquet.unlink()
    deux = (sha(REGISTRE_2022)[:12], sha(revise)[:12])
    with pytest.raises(ErreurSource, match="ctg sources fetch registre") as e:
        acquisition.diff(*EN_2022, *deux)
    assert e.value.code == "sha_inconnu" and f"the typed file of {deux[0]} is not" in e.value.observe
    nuit()
    assert acquisition.diff(*EN_2022, *deux).changees == 1


def test_a_file_is_compared_with_one_typed_before_its_contract_grew(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    """What the older Parquet lacks is not compared; what it has is."""
    nuit()
    avant = retenu(acquisition).parquet
    pq.write_table(pq.read_table(avant).drop_columns(["foyers"]), avant)
    r = acquisition.contrats["registre"].ressources["communes"]
    edition = r.edition(2021, glissante=False)
    assert edition and r.thresholds.ratio_to_last
    bornes = r.thresholds.ratio_to_last.model_copy(update={"columns": ["foyers", "revenu"]})
    r = r.model_copy(update={"thresholds": r.thresholds.model_copy(update={"ratio_to_last": bornes})})
    for facteur, code in (("", None), ("0", "rupture")):
        texte = REGISTRE_2022.replace("1500.5", f"1500{facteur}.5").replace("1600", f"1600{facteur}")
        fichier = miroir / "registre2021.csv"
        fichier.write_text(
            texte.replace("2100.25", f"2100{facteur}.25").replace("FOY22;REV22", "FOY21;REV21")
        )
        lieu = Lieu("registre", "communes", 2021, fichier.name)
        table = normaliser_fichier(fichier, r, edition, "f", None, lieu).table
        with nullcontext() if code is None else pytest.raises(ErreurSource, match=code):
            juger(table, r, edition, None, FichierDeReference(2022, avant), lieu, national=False)


def test_a_revision_waits_where_the_file_in_use_is_gone_and_can_no_more_be_typed(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    """A home restored from a backup, whose landed file was damaged since: one source stopped the night."""
    nuit()
    retenu(acquisition).parquet.unlink()
    recu = acquisition.landing.fichier("registre", "communes", 2022, sha(REGISTRE_2022))
    recu.chmod(0o644)
    recu.write_text(REGISTRE_2022.replace("1600", "1601"))
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("1600", "1680"))
    assert {e.code for e in nuit()[1].refus} == {"octets_alteres"}


def test_a_corrected_contract_is_not_judged_by_what_the_wrong_one_read(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    """1.500 was read as 1500: a thousand times less is the correction, and no break of the series."""
    texte = REGISTRE_2022.replace("1500.5", "1.500").replace("1600", "1.600").replace("0;2100.25", "50;5.100")
    (miroir / "registre2022.csv").write_text(texte)
    juste = acquisition.contrats["registre"].ressources["communes"]
    faux = juste.format.model_copy(update={"decimal": ",", "thousands": "."})
    acquisition.contrats["registre"].ressources["communes"] = juste.model_copy(update={"format": faux})
    assert nuit()[1].acceptes
    assert pq.read_table(retenu(acquisition).parquet)["revenu"].to_pylist()[0] == 1500
    acquisition.contrats["registre"].ressources["communes"] = juste
    assert not nuit()[1].refus
    assert float(pq.read_table(retenu(acquisition).parquet)["revenu"].to_pylist()[0]) == 1.5


def test_what_was_never_received_is_an_empty_file_of_its_type(acquisition: Acquisition) -> None:
    vides = acquisition.jamais_recues()
    assert vides.keys() == {("registre", "communes"), ("insee_cog_communes", "communes")}
    schema = schema_normalise(acquisition.contrats["registre"].ressources["communes"])
    assert pq.read_table(vides["registre", "communes"]).equals(schema.empty_table())
    assert acquisition.fichiers_retenus() == []


@pytest.mark.parametrize(("nom", "miroir"), [("live", "x"), ("mirror", None), ("demo", "file:///x")])
def test_a_profile_without_its_origin_is_refused(nom: str, miroir: str | None) -> None:
    with pytest.raises(ValueError, match="mirror"):
        Profil(nom, miroir)  # type: ignore[arg-type]
