"""Settings: what each profile settles, what is refused, and what a folder remembers."""

import json
from pathlib import Path

import pytest

from ingestion.contrats import charger_contrats
from ingestion.journal import Journal
from orchestration.exploitation.diagnostic.entrees import miroir as miroir_vu
from orchestration.nuit.chemins import HomeRefuse
from orchestration.nuit.nouveau import empreinte_entrees
from orchestration.nuit.reglages import (
    PROFILS,
    NuitEnCours,
    ReglageRefuse,
    Reglages,
    dossier_home,
    exiger_miroir,
    lier,
    lire,
    verrou,
)
from orchestration.racine import RACINE


def _env(home: Path, **variables: str) -> dict[str, str]:
    return {"CTG_HOME": str(home)} | variables


def test_sans_rien_dire_c_est_la_demonstration(tmp_path: Path) -> None:
    miroir = RACINE / "demonstration" / "miroir"
    assert lire(_env(tmp_path)) == Reglages(tmp_path, "demo", "departement:26", str(miroir))


def test_chaque_profil_a_sa_carte(tmp_path: Path) -> None:
    miroir = lire(_env(tmp_path, CTG_PROFILE="mirror", CTG_MIRROR="https://exemple.org/depot"))
    assert (miroir.perimetre, miroir.miroir) == ("france", "https://exemple.org/depot")
    live = lire(_env(tmp_path, CTG_PROFILE="live"))
    assert (live.perimetre, live.miroir) == ("france", None)
    assert [nom for nom, defaut in PROFILS.items() if defaut.planifiee] == ["live"]
    assert [nom for nom, defaut in PROFILS.items() if defaut.couverture_imposee] == ["demo"]


def test_le_dossier_est_var_ou_ctg_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert dossier_home({}) == RACINE / "var", "that of the checkout, wherever the command is typed"
    assert dossier_home({"CTG_HOME": "ailleurs"}, nouveau=True) == tmp_path / "ailleurs"
    # A warehouse that was made by its place, when the working directory decided.
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "liaison.json").write_text("{}")
    with pytest.raises(HomeRefuse, match=f"export CTG_HOME={tmp_path}/var"):
        dossier_home({})


@pytest.mark.parametrize(
    "perimetre",
    [
        "france",
        "region:84",
        "departement:26",
        "departement:2A",
        "departement:974",
        "epci:200068229",
        "ctg:baronnies-2025",
    ],
)
def test_perimetres_lus(tmp_path: Path, perimetre: str) -> None:
    assert lire(_env(tmp_path, CTG_PERIMETRE=perimetre)).perimetre == perimetre


@pytest.mark.parametrize(
    "perimetre",
    [
        "26",
        "departement:260",
        "departement:2C",
        "region:8",
        "epci:20006822",
        "ctg:",
        "ctg:Les Baronnies",
        "commune:26220",
        "france:FR",
        "France",
    ],
)
def test_perimetres_refuses(tmp_path: Path, perimetre: str) -> None:
    with pytest.raises(ReglageRefuse, match=r"cannot be read: write france, region:84") as refus:
        lire(_env(tmp_path, CTG_PERIMETRE=perimetre))
    assert repr(perimetre) in str(refus.value)


def test_plusieurs_perimetres_dans_leur_ordre_chacun_une_fois(tmp_path: Path) -> None:
    lus = lire(_env(tmp_path, CTG_PERIMETRE="departement:26, epci:200068229,departement:26"))
    assert lus.perimetres == ("departement:26", "epci:200068229")
    assert (lus.perimetre, lus.autres) == ("departement:26", ("epci:200068229",))
    for faux in ("departement:26,", "departement:26;epci:200068229", "departement:26,Baronnies"):
        with pytest.raises(ReglageRefuse, match="cannot be read"):
            lire(_env(tmp_path, CTG_PERIMETRE=faux))


def test_le_premier_perimetre_reste_les_autres_vont_et_viennent(tmp_path: Path) -> None:
    """Readers of releases/current find what they found; a scope more takes nothing from them."""
    lier(lire(_env(tmp_path, CTG_PERIMETRE="departement:26")), perimetre=True)
    assert "autres" not in json.loads((tmp_path / "liaison.json").read_text())
    deux = lire(_env(tmp_path, CTG_PERIMETRE="departement:26,epci:200068229"))
    # Until it has a release, a scope that was tried is not remembered.
    lier(deux, perimetre=False)
    assert lire(_env(tmp_path)).perimetres == ("departement:26",)
    lier(deux, perimetre=True)
    lier(deux, perimetre=False)
    assert lire(_env(tmp_path)) == deux
    with pytest.raises(ReglageRefuse, match=r"--perimetre departement:26,epci:200068229$"):
        lire(_env(tmp_path, CTG_PERIMETRE="epci:200068229"))
    lier(lire(_env(tmp_path, CTG_PERIMETRE="departement:26")), perimetre=True)
    assert lire(_env(tmp_path)).perimetres == ("departement:26",)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"CTG_PROFILE": "prod"}, "profile 'prod' is unknown: choose one of demo, mirror, live"),
        ({"CTG_PROFILE": "mirror"}, "profile mirror needs a folder or an address: --mirror DIR_OR_URL"),
        ({"CTG_MIRROR": "/srv/miroir"}, "profile demo has no mirror"),
        ({"CTG_PROFILE": "live", "CTG_MIRROR": "/srv/miroir"}, "profile live has no mirror"),
    ],
)
def test_profils_refuses(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    with pytest.raises(ReglageRefuse, match=message):
        lire(_env(tmp_path, **variables))


def test_ce_qu_une_nuit_imprime_est_un_reglage(tmp_path: Path) -> None:
    d_office = lire(_env(tmp_path))
    assert d_office.imprimes_de("departement:26") == ("ctg", "departement", "epci", "region")
    assert d_office.imprimes_de("france") == ("ctg", "departement", "region")
    voulus = lire(_env(tmp_path, CTG_IMPRIMER="ctg, commune:26220,ctg:baronnies-2025,commune:26220"))
    assert voulus.imprimes == ("commune:26220", "ctg", "ctg:baronnies-2025") == voulus.imprimes_de("france")
    for faux in ("commun", "epci,", "epci:../x", "ctg;epci"):
        with pytest.raises(ReglageRefuse, match="CTG_IMPRIMER names"):
            lire(_env(tmp_path, CTG_IMPRIMER=faux))


def test_imprimer_autre_chose_est_nouveau(tmp_path: Path) -> None:
    imprime = [
        empreinte_entrees([], [], lire(_env(tmp_path, **choix)))
        for choix in ({}, {"CTG_IMPRIMER": "ctg"}, {"CTG_IMPRIMER": "region,epci,departement,ctg"})
    ]
    assert imprime[0] == imprime[2] != imprime[1]


def test_un_dossier_qui_a_publie_se_souvient_et_refuse_un_autre_usage(tmp_path: Path) -> None:
    premiers = lire(
        _env(tmp_path, CTG_PROFILE="mirror", CTG_MIRROR="https://exemple.org", CTG_PERIMETRE="region:84")
    )
    lier(premiers, perimetre=True)
    lier(premiers, perimetre=False)
    assert lire(_env(tmp_path)) == premiers
    for autre in ({"CTG_PROFILE": "demo"}, {"CTG_PERIMETRE": "france"}, {"CTG_PROFILE": "live"}):
        with pytest.raises(ReglageRefuse, match="holds the mirror profile on region:84") as refus:
            lire(_env(tmp_path, **autre))
        assert "Next: correct what is mistyped, or leave it out; else set CTG_HOME to another folder" in str(
            refus.value
        )


def test_un_dossier_qui_n_a_rien_publie_n_est_lie_qu_a_son_profil(tmp_path: Path) -> None:
    lier(lire(_env(tmp_path, CTG_PERIMETRE="epci:200068229")), perimetre=False)
    assert lire(_env(tmp_path, CTG_PERIMETRE="france")).perimetre == "france"
    assert lire(_env(tmp_path)).perimetre == "departement:26"
    with pytest.raises(ReglageRefuse, match="holds the demo profile on no scope yet"):
        lire(_env(tmp_path, CTG_PROFILE="live"))


def test_le_miroir_peut_changer_d_adresse_et_est_garde_absolu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    lier(lire(_env(home, CTG_PROFILE="mirror", CTG_MIRROR="ancien"), nouveau=True), perimetre=False)
    lier(lire(_env(home, CTG_MIRROR="nouveau")), perimetre=False)
    monkeypatch.chdir(home)
    assert lire(_env(home)).miroir == str(tmp_path / "nouveau")


def test_un_miroir_qui_n_est_pas_la_est_refuse(tmp_path: Path) -> None:
    def reglages(miroir: str) -> Reglages:
        return lire(_env(tmp_path / "home", CTG_PROFILE="mirror", CTG_MIRROR=miroir), nouveau=True)

    exiger_miroir(reglages(str(tmp_path)))
    exiger_miroir(reglages("https://exemple.org/depot"))
    exiger_miroir(lire(_env(tmp_path / "home"), nouveau=True))
    (tmp_path / "fichier").touch()
    for absent in ("absent", "fichier"):
        with pytest.raises(ReglageRefuse, match=f"the mirror {tmp_path / absent} is not a folder"):
            exiger_miroir(reglages(str(tmp_path / absent)))


def test_un_miroir_qui_a_perdu_ce_qu_il_donnait_est_refuse(tmp_path: Path) -> None:
    """An unmounted share is an empty folder: the night would find that nothing changed."""
    miroir, home = tmp_path / "miroir", tmp_path / "home"
    env = _env(home, CTG_PROFILE="mirror", CTG_MIRROR=str(miroir))
    contrat = charger_contrats()["insee_filosofi_cc"]
    donnes = [
        (r.nom, millesime, edition.mirror)
        for r in contrat.ressources.values()
        for millesime, edition in r.millesimes.items()
        if edition.mirror
    ][:3]
    home.mkdir()
    lier(lire(env, nouveau=True), perimetre=False)
    journal = Journal(home / "landing" / "journal.jsonl")
    for nom, millesime, fichier in donnes:
        (miroir / fichier).parent.mkdir(parents=True, exist_ok=True)
        (miroir / fichier).touch()
        journal.ecrire("recu", contrat.source, nom, millesime, sha256=str(millesime), origine="mirror")
    exiger_miroir(lire(env))
    distincts = sorted({fichier for *_, fichier in donnes})
    for fichier in distincts:
        (miroir / fichier).unlink()
    with pytest.raises(
        ReglageRefuse, match=f"lacks {len(distincts)} of the {len(distincts)} files that it gave"
    ):
        exiger_miroir(lire(env))
    (dit,) = miroir_vu(lire(env))
    assert dit.etat == "faute" and dit.suite.startswith("mount its share, or put them back")
    # Named by hand, another mirror is judged by what it has.
    (tmp_path / "autre").mkdir()
    exiger_miroir(lire(env | {"CTG_MIRROR": str(tmp_path / "autre")}))


def test_un_seul_ecrivain_a_la_fois(tmp_path: Path) -> None:
    with verrou(tmp_path / "home"):
        with pytest.raises(NuitEnCours, match="already running"), verrou(tmp_path / "home"):
            raise AssertionError("two writers")
        with verrou(tmp_path / "autre"):
            pass
    with verrou(tmp_path / "home"):
        pass


def test_lire_n_ecrit_rien(tmp_path: Path) -> None:
    lire(_env(tmp_path / "home"), nouveau=True)
    assert list(tmp_path.iterdir()) == []


def test_la_carte_des_chemins_est_celle_des_salles(tmp_path: Path) -> None:
    """A room that names a folder of its own names the one the map gives."""
    from ingestion.extrait.zones import Zones
    from orchestration.nuit.chemins import Chemins

    carte, zones = Chemins(tmp_path), Zones(tmp_path)
    assert (carte.depot, carte.agregats, carte.build) == (zones.depot, zones.agregats, zones.build)


def test_un_autre_compte_apprend_que_le_dossier_est_ferme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ferme(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "liaison.json").touch()
    monkeypatch.setattr(Path, "read_bytes", ferme)
    with pytest.raises(ReglageRefuse, match="closed to this account"):
        lire(_env(tmp_path))
