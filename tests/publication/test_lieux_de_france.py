"""Names and postal codes of France, of the producers' files, asked of a release of the Drôme."""

import os
import random
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from publication.lecture.lieux import LieuNonCompris, reserve, trouver
from publication.lecture.noms import Noms
from publication.lecture.vocabulaire import mots_d_un_nom
from tests.publication.petits_noms import Place, postal, publies

VILLES, HOMONYMES, CODES = 86, 20, 200


@pytest.fixture(scope="module")
def communes(reel: Path) -> pd.DataFrame:
    """The communes of 2025 by code: name, département, inhabitants, postal codes."""
    cog = pd.read_csv(reel / "insee/cog/v_commune_2025.csv", dtype=str)
    ville = cog[cog.TYPECOM == "ARM"].set_index("COM").COMPARENT
    lues = pd.read_csv(reel / "insee/populations/donnees_communes_pop2023.csv", sep=";", dtype={"COM": str})
    postaux = pd.read_csv(reel / "laposte/019HexaSmal_2023.csv", sep=";", dtype=str)
    habitants = lues.groupby(lues.COM.map(ville).fillna(lues.COM)).PMUN.sum()
    codes = postaux.Code_commune_INSEE.map(ville).fillna(postaux.Code_commune_INSEE)
    return (
        cog[cog.TYPECOM == "COM"]
        .set_index("COM")[["LIBELLE", "DEP"]]
        .assign(cle=lambda c: c.LIBELLE.map(lambda nom: " ".join(mots_d_un_nom(nom))))
        .join(habitants.rename("habitants"))
        .join(postaux.groupby(codes).Code_postal.agg(lambda lus: [*dict.fromkeys(lus)]).rename("postaux"))
    )


@pytest.fixture(scope="module")
def drome(communes: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    places = {
        c.Index: Place(
            f"commune:{c.Index}",
            c.LIBELLE,
            None if pd.isna(c.habitants) else int(c.habitants),
            ici=c.DEP == "26",
        )
        for c in communes.itertuples()
    }
    assert len(places) > 34_000 and sum(p.ici for p in places.values()) > 350
    codes = communes.postaux.explode().dropna()
    noms = [nom for code, sien in codes.items() for nom in postal(sien, [places[code]])]
    return publies([Place("departement:26", "Drôme", 521_000), *places.values(), *noms])


def demander(drome: duckdb.DuckDBPyConnection, nom: str) -> tuple[str | None, str]:
    """What answers a name, and what is said."""
    try:
        return trouver(drome, nom).territoire_id, ""
    except LieuNonCompris as refus:
        assert refus.compris is None, nom
        return None, str(refus)


def test_the_largest_towns_are_said_to_be_elsewhere(
    communes: pd.DataFrame, drome: duckdb.DuckDBPyConnection
) -> None:
    villes = communes[communes.DEP != "26"].nlargest(VILLES, "habitants")
    assert {"Paris", "Lyon", "Marseille"} <= {*villes.LIBELLE}
    for ville in villes.itertuples():
        trouve, dit = demander(drome, ville.LIBELLE)
        assert trouve is None and f"{ville.LIBELLE} ({ville.DEP})" in dit.partition(" dans cette")[0], dit
        for code in ville.postaux:
            trouve, dit = demander(drome, code)
            assert trouve is None and f"{ville.LIBELLE} ({ville.DEP})" in dit, (code, dit)


def test_the_commonest_names_are_answered_with_one_that_bears_them_or_are_not(
    communes: pd.DataFrame, drome: duckdb.DuckDBPyConnection
) -> None:
    noms = communes.cle.value_counts()[:HOMONYMES]
    assert noms.min() >= 5
    for cle in noms.index:
        siens = communes[communes.cle == cle]
        trouve, dit = demander(drome, siens.LIBELLE.iloc[0])
        if trouve:
            # The one of the release, where none elsewhere is larger.
            assert trouve == f"commune:{siens.habitants.idxmax()}"
        else:
            grande = siens.loc[siens.habitants.idxmax()]
            assert f"{grande.LIBELLE} ({grande.DEP})" in dit, (cle, dit)


def test_a_postal_code_is_all_its_communes_and_what_has_it_for_a_code(
    communes: pd.DataFrame, drome: duckdb.DuckDBPyConnection
) -> None:
    portes = communes[["postaux", "habitants", "DEP"]].explode("postaux").dropna(subset="postaux")
    portes = portes.sort_index().sort_values("habitants", ascending=False, kind="stable")
    siens = portes.groupby("postaux", sort=True).apply(lambda c: [*c.index], include_groups=False)
    ici = {code for code, lus in siens.items() if any(communes.DEP[c] == "26" for c in lus)}
    tires = random.Random(int(os.environ["CTG_GRAINE"])).sample([*siens.index], CODES)
    assert {"26110", "26220", "84110"} <= ici | {*siens.index} and len(ici) > 50
    for code in sorted({*tires, *ici}):
        lus = siens[code]
        tous = [*lus, code] if code in communes.index and code not in lus else lus
        dedans = tuple(f"commune:{c}" for c in tous if communes.DEP[c] == "26")
        lieu = Noms(drome, [code]).entier([code], set())
        assert lieu
        if tous == lus and len(dedans) == len(tous) and (code not in lus or len(lus) == 1):
            assert (lieu.candidats, lieu.autres, lieu.dehors) == (dedans, (), ()), code
        else:
            assert (lieu.candidats, lieu.autres) == ((), dedans) and bool(lieu.dehors) == (
                len(dedans) < len(tous)
            )
        dite = reserve(drome, code) or ""
        nom = communes.LIBELLE[lus[0]] if len(lus) == 1 else f"{len(lus)} communes"
        assert dite.startswith(f"{code} est le code postal de {nom}"), dite
        assert ("code Insee de" in dite) == (code in communes.index), dite
