"""Runs the suites on the night's build with Great Expectations and writes the validation folder.

A suite that is empty, skipped or in error has failed.
"""

import importlib.util
import sys
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd

from expectations import rapport
from expectations.bilan import Bilan, BilanMart, Constat, Unite
from expectations.juges import ETOILE
from expectations.seuils import Controle, Seuils, charger
from expectations.suites import Masquees, References, suites
from expectations.suites.commun import Attente, Lot
from socle.erreurs import ErreurCtg


@dataclass(frozen=True)
class Contexte:
    """Profile and scope of the night, as the release states them (`demo`, `departement:26`)."""

    profil: Literal["demo", "mirror", "live"]
    perimetre: str


class AttentesInexecutables(ErreurCtg):
    """A suite cannot judge its mart: nothing to read, too much to read, or an expectation in error."""


@dataclass(frozen=True)
class Mesures:
    """What was measured of one mart: one frame per lot; `erreur` says why the mart cannot be judged."""

    mart: str
    lots: list[Lot]
    cadres: dict[str, pd.DataFrame]
    erreur: str | None = None

    @property
    def remplis(self) -> list[Lot]:
        """The lots that returned a row."""
        return [lot for lot in self.lots if not self.cadres[lot.nom].empty]


def valider(
    build_db: Path,
    previous_release: Path | None,
    sortie: Path,
    contexte: Contexte,
    masquees: Masquees,
    seuls: Collection[str] | None = None,
) -> Bilan:
    """Judge schema `marts` of a closed build file; write `summary.json`, `mouvement.json`, `rapport.html`.

    `previous_release` is a release folder (its `parquet/` is read) or None before the first one; `sortie` is
    the `validation/` folder, created when absent; `masquees` the columns a statut blanks, by table; `seuls`
    the marts to judge, all of them by default. No file holds a clock. `summary.json` depends on the build
    alone, so that an unchanged night repeats it; the other two also depend on the previous release.
    Raises duckdb.Error when the build or the previous Parquet cannot be read at all; a mart that cannot be
    judged is a failed BilanMart, not an exception.
    """
    seuils = charger()
    # Queries run beside each other: cores that one takes from another are time lost.
    with duckdb.connect(str(build_db), read_only=True, config={"threads": 1}) as con:
        references = References.lire(con, seuils, contexte.profil, previous_release)
        # Before anything is measured: an unreadable previous release is no fault of a mart.
        references.offrir(con.cursor())
        par_mart = suites(con, seuils, previous_release, masquees)
        if seuls is not None:
            par_mart = {mart: lots for mart, lots in par_mart.items() if mart in seuls}
        bilans = juger(con, par_mart, seuils, references.offrir)
    if seuls is None and par_mart.keys() <= set(ETOILE):
        bilans.append(
            BilanMart("mart_*", erreur="schema marts of the build holds no mart_ table: run dbt build")
        )
    bilan = Bilan(contexte.profil, contexte.perimetre, bilans)
    rapport.ecrire(bilan, sortie)
    return bilan


def juger(
    con: duckdb.DuckDBPyConnection,
    par_mart: dict[str, list[Lot]],
    seuils: Seuils,
    preparer: Callable[[duckdb.DuckDBPyConnection], None],
) -> list[BilanMart]:
    """Judge the lots of each mart; `preparer` gives a connection what their queries read beside the marts.

    Queries run beside each other and while Great Expectations is being imported. Marts that share their
    controls are judged at once, for a validation costs more than the checks in it.
    """
    plafond = int(seuils.plafond_lignes.valeur)
    with ThreadPoolExecutor(2) as ouvriers:
        lus = {
            mart: {lot.nom: ouvriers.submit(_lire, con, lot, plafond, preparer) for lot in lots}
            for mart, lots in par_mart.items()
        }
        _importer_great_expectations()
        mesures = [_mesurer(mart, lots, lus[mart]) for mart, lots in par_mart.items()]
    groupes: dict[str, list[Mesures]] = {}
    for mesure in mesures:
        if mesure.erreur is None:
            groupes.setdefault(seuils.cle_de(mesure.mart), []).append(mesure)
    bilans = {m.mart: BilanMart(m.mart, erreur=m.erreur) for m in mesures if m.erreur}
    lot_gx = _lot_gx()
    for cle, groupe in groupes.items():
        bilans |= _juger_groupe(lot_gx, groupe, seuils.controles[cle])
    return [bilans[mart] for mart in par_mart]


def _lire(
    con: duckdb.DuckDBPyConnection,
    lot: Lot,
    plafond: int,
    preparer: Callable[[duckdb.DuckDBPyConnection], None],
) -> pd.DataFrame:
    if lot.requete is None:
        return pd.DataFrame()
    with con.cursor() as curseur:
        preparer(curseur)
        cadre: pd.DataFrame = curseur.execute(f"from ({lot.requete}) limit {plafond + 1}").df()
    if len(cadre) > plafond:
        raise AttentesInexecutables(
            f"lot {lot.nom} has more than {plafond} rows:"
            " aggregate it further, or raise plafond_lignes in seuils.yml"
        )
    return cadre


def _mesurer(mart: str, lots: list[Lot], lus: "dict[str, Future[pd.DataFrame]]") -> Mesures:
    """Wait for the lots of a mart, and refuse those that Great Expectations would pass over in silence."""
    try:
        mesures = Mesures(mart, lots, {nom: lu.result() for nom, lu in lus.items()})
        vides = [lot for lot in lots if lot not in mesures.remplis]
        if muets := [lot.nom for lot in vides if lot.si_vide is None]:
            raise AttentesInexecutables(
                f"lots without a row: {', '.join(muets)}; is the mart empty, or no column declared masked?"
            )
        for lot in mesures.remplis:
            for attente in lot.attentes:
                if attente.colonne not in mesures.cadres[lot.nom]:
                    raise AttentesInexecutables(
                        f"expectation {attente.controle} in error: lot {lot.nom} has no column"
                        f" {attente.colonne}"
                    )
        if not any(lot.attentes for lot in mesures.remplis):
            raise AttentesInexecutables("no expectation to run")
    except (duckdb.Error, AttentesInexecutables) as erreur:
        return Mesures(mart, lots, {}, f"suite not run: {erreur}")
    return mesures


def _juger_groupe(lot_gx: Any, groupe: list[Mesures], controles: dict[str, Controle]) -> dict[str, BilanMart]:
    """Judge marts that have the same controls, in one validation.

    Their lots follow each other in one frame; an expectation ignores the rows of the lots that lack its
    column, and each failing row goes back to its lot by its place:

        rows 0-1  mart_logement / profil           silence 0, 1
        row  2    mart_logement / territoires      absents 0
        rows 3-4  mart_parentalite / profil        silence 0, 0       failing: row 1, of mart_logement
    """
    attentes: dict[str, Attente] = {}
    debuts: dict[tuple[str, str], int] = {}
    cadres: list[pd.DataFrame] = []
    for mesures in groupe:
        for lot in mesures.remplis:
            debuts[mesures.mart, lot.nom] = sum(len(cadre) for cadre in cadres)
            cadres.append(mesures.cadres[lot.nom])
            attentes |= {a.controle: a for a in lot.attentes}
    colonnes = sorted({a.colonne for a in attentes.values()})
    cadre = pd.concat([c[[n for n in colonnes if n in c]] for c in cadres], ignore_index=True)
    try:
        fautives = _executer(lot_gx, cadre, list(attentes.values()), controles)
    except AttentesInexecutables as erreur:
        return {m.mart: BilanMart(m.mart, erreur=f"suite not run: {erreur}") for m in groupe}
    bilans = {}
    for mesures in groupe:
        constats = []
        for lot in mesures.remplis:
            lignes, debut = mesures.cadres[lot.nom], debuts[mesures.mart, lot.nom]
            for attente in lot.attentes:
                places = [p - debut for p in fautives[attente.controle] if 0 <= p - debut < len(lignes)]
                constats.append(
                    _constat(lot, attente, controles[attente.controle], lignes, lignes.iloc[places])
                )
        for lot in mesures.lots:
            if lot not in mesures.remplis:
                vide = mesures.cadres[lot.nom]
                constats += [_constat(lot, a, controles[a.controle], vide, vide) for a in lot.attentes]
        bilans[mesures.mart] = BilanMart(mesures.mart, constats)
    return bilans


def _importer_great_expectations() -> None:
    """Import it without SciPy's statistics, which it names for tests of distributions that no suite asks.

    They are read where one of their names is first used.
    """
    import scipy

    if "scipy.stats" not in sys.modules and (spec := importlib.util.find_spec("scipy.stats")) and spec.loader:
        paresseux = importlib.util.LazyLoader(spec.loader)
        spec.loader = paresseux
        scipy.stats = sys.modules["scipy.stats"] = importlib.util.module_from_spec(spec)
        paresseux.exec_module(scipy.stats)
    import great_expectations  # noqa: F401


def _lot_gx() -> Any:
    """Return what Great Expectations makes a batch of any frame with, in one context for the whole night."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    contexte = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),  # no docs site in the temporary folder
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    return (
        contexte.data_sources.add_pandas("build")
        .add_dataframe_asset("marts")
        .add_batch_definition_whole_dataframe("lots")
    )


def _executer(
    lot_gx: Any, cadre: pd.DataFrame, attentes: list[Attente], controles: dict[str, Controle]
) -> dict[str, list[int]]:
    """Run one validation; return the places of the failing rows by control. Raises AttentesInexecutables."""
    import great_expectations as gx

    if inconnus := sorted({a.controle for a in attentes} - controles.keys()):
        raise AttentesInexecutables(
            f"{', '.join(inconnus)}: no line in expectations/seuils.yml says how severe it is; add one"
        )
    suite = gx.ExpectationSuite(
        name="attentes", expectations=[_expectation(a, controles[a.controle]) for a in attentes]
    )
    validation = lot_gx.get_batch({"dataframe": cadre}).validate(
        suite, result_format={"result_format": "COMPLETE"}
    )
    fautives: dict[str, list[int]] = {}
    for resultat in validation.results:
        donnees: dict[str, Any] = resultat.to_json_dict()
        controle = donnees["expectation_config"]["meta"]["controle"]
        if "element_count" not in donnees["result"]:
            causes = {cause["exception_message"] for cause in donnees["exception_info"].values()}
            raise AttentesInexecutables(f"expectation {controle} in error: {'; '.join(sorted(causes))}")
        fautives[controle] = donnees["result"]["unexpected_index_list"] or []
    if manquants := {a.controle for a in attentes} - fautives.keys():
        raise AttentesInexecutables(f"expectations skipped by Great Expectations: {sorted(manquants)}")
    return fautives


def _expectation(attente: Attente, controle: Controle) -> Any:
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
        ExpectColumnValuesToBeInSet,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_unique import (
        ExpectColumnValuesToBeUnique,
    )

    commun: dict[str, Any] = {
        "column": attente.colonne,
        "severity": controle.severite,
        "meta": {"controle": attente.controle, "raison": controle.raison},
    }
    match attente.genre:
        case "liste":
            return ExpectColumnValuesToBeInSet(**commun, value_set=list(controle.valeurs or ()))
        case "unique":
            return ExpectColumnValuesToBeUnique(**commun)
        case "plage":
            return ExpectColumnValuesToBeBetween(**commun, min_value=controle.min, max_value=controle.max)


def _constat(
    lot: Lot, attente: Attente, controle: Controle, lignes: pd.DataFrame, fautives: pd.DataFrame
) -> Constat:
    dit = partial(
        Constat,
        *(attente.controle, lot.nom, controle.libelle, controle.raison, controle.severite),
        attendu=_attendu(attente, controle),
    )
    if lignes.empty:
        return dit(etat="sans_objet", observe=lot.si_vide or "")
    mesures = lignes[attente.colonne]
    juges = lignes[mesures.notna()]
    examines, anomalies, unite = _portee(attente, juges, fautives)
    muettes = lignes[lignes["non_verifie"].notna()] if attente.controle == "hors_tolerance" else lignes[:0]
    return dit(
        etat="sans_objet" if juges.empty else "non_conforme" if len(fautives) else "conforme",
        observe=_observe(attente, controle, mesures, fautives),
        examines=examines,
        anomalies=anomalies,
        unite=unite,
        groupes=len(fautives),
        premieres=[_ligne(lot, attente, controle, ligne) for _, ligne in fautives.head(5).iterrows()],
        non_verifies=[
            {cle: _texte(ligne[cle]) for cle in (*lot.cles, "non_verifie")} for _, ligne in muettes.iterrows()
        ],
    )


def _portee(attente: Attente, juges: pd.DataFrame, fautives: pd.DataFrame) -> tuple[int, int, Unite]:
    """Return how many were examined, how many of these are wrong, and the unit of both: rows or groups.

    A lot without `lignes` has one row per row of its mart.
    """
    if "lignes" not in juges:
        return len(juges), len(fautives), "lignes"
    if attente.compte:
        return int(juges["lignes"].sum()), int(fautives[attente.colonne].sum()), "lignes"
    if attente.genre != "plage":
        return int(juges["lignes"].sum()), int(fautives["lignes"].sum()), "lignes"
    return len(juges), len(fautives), "groupes"


def _attendu(attente: Attente, controle: Controle) -> str:
    if attente.genre == "unique":
        return "aucun doublon"
    if controle.valeurs is not None:
        return ", ".join(controle.valeurs)
    if controle.max == 0:
        return "aucune anomalie"
    bornes = (("au moins", controle.min), ("au plus", controle.max))
    return " et ".join(f"{mot} {_mesure(valeur, controle)}" for mot, valeur in bornes if valeur is not None)


def _observe(attente: Attente, controle: Controle, mesures: "pd.Series[Any]", fautives: pd.DataFrame) -> str:
    mesures = mesures.dropna()
    if mesures.empty:
        return "rien à vérifier"
    if attente.genre == "liste":
        return ", ".join(sorted(set(mesures)))
    if attente.genre == "unique":
        doubles = fautives[attente.colonne].nunique()
        return f"{doubles} identifiant{'s' * (doubles > 1)} en double" if doubles else "aucun doublon"
    if controle.max == 0:
        total = int(mesures.sum())
        return f"{total} anomalie{'s' * (total > 1)}" if total else "aucune anomalie"
    if controle.min is not None:
        return f"minimum {_mesure(mesures.min(), controle)}"
    return f"maximum {_mesure(mesures.max(), controle)}"


def _ligne(lot: Lot, attente: Attente, controle: Controle, ligne: "pd.Series[Any]") -> dict[str, str]:
    champs = {cle: _texte(ligne[cle]) for cle in lot.cles}
    if attente.genre == "plage":
        champs["observe"] = _mesure(ligne[attente.colonne], controle)
    else:
        champs[attente.colonne] = _texte(ligne[attente.colonne])
    exemples = ligne.get(f"{attente.controle}_exemples")
    return champs | ({"exemples": str(exemples)} if pd.notna(exemples) else {})


def _mesure(valeur: float, controle: Controle) -> str:
    return f"{valeur * 100:.2f} %".replace(".", ",") if controle.unite == "part" else _texte(valeur)


def _texte(valeur: Any) -> str:
    """French text of a cell; whole numbers lose the decimals that sharing a frame gave them."""
    if isinstance(valeur, float) and valeur.is_integer():
        return str(int(valeur))
    return str(valeur).replace(".", ",") if isinstance(valeur, float) else str(valeur)
