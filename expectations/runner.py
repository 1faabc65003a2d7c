"""Runs the suites on the night's build with Great Expectations and writes the validation folder.

Belongs here: reading the lots under the row cap, one checkpoint per mart, turning results into a Bilan.
A suite that is empty, skipped or in error has failed.
Does not: what is measured (`suites.py`), thresholds (`seuils.yml`), rendering (`rapport.py`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd

from expectations import rapport
from expectations.bilan import Bilan, BilanMart, Constat
from expectations.seuils import Controle, Seuils, charger
from expectations.suites import Attente, Lot, suites


@dataclass(frozen=True)
class Contexte:
    """Profile and scope of the night, as the release states them (`demo`, `departement:26`)."""

    profil: Literal["demo", "mirror", "live"]
    perimetre: str


class AttentesInexecutables(Exception):
    """A suite cannot judge its mart: nothing to read, too much to read, or an expectation in error."""


def valider(build_db: Path, previous_release: Path | None, sortie: Path, contexte: Contexte) -> Bilan:
    """Judge schema `marts` of a closed build file; write `summary.json`, `mouvement.json`, `rapport.html`.

    `previous_release` is a release folder (its `parquet/` is read) or None before the first one; `sortie` is
    the `validation/` folder, created when absent. No file holds a clock. `summary.json` depends on the build
    alone, so that an unchanged night repeats it; the other two also depend on the previous release.
    Raises duckdb.Error when the build or the previous Parquet cannot be read at all; a mart that cannot be
    judged is a failed BilanMart, not an exception.
    """
    seuils = charger()
    with duckdb.connect(str(build_db), read_only=True) as con:
        par_mart = suites(con, seuils, contexte.profil, previous_release)
        bilans = [_juger(con, mart, lots, seuils) for mart, lots in par_mart.items()]
    if not any(mart.startswith("mart_") for mart in par_mart):
        bilans.append(
            BilanMart("mart_*", erreur="schema marts of the build holds no mart_ table: run dbt build")
        )
    bilan = Bilan(contexte.profil, contexte.perimetre, bilans)
    rapport.ecrire(bilan, sortie)
    return bilan


def _juger(con: duckdb.DuckDBPyConnection, mart: str, lots: list[Lot], seuils: Seuils) -> BilanMart:
    controles = seuils.controles_de(mart)
    try:
        cadres = {lot.nom: _lire(con, lot, int(seuils.plafond_lignes.valeur)) for lot in lots}
        vides = [lot for lot in lots if cadres[lot.nom].empty]
        if muets := [lot.nom for lot in vides if lot.si_vide is None]:
            raise AttentesInexecutables(f"lots without a row: {', '.join(muets)}; is the mart empty?")
        attentes = [(lot, a) for lot in lots if lot not in vides for a in lot.attentes]
        # One frame per mart: an expectation ignores the rows of the other lots, which lack its column.
        cadre = pd.concat([c.assign(lot=nom) for nom, c in cadres.items() if not c.empty], ignore_index=True)
        resultats = _executer(mart, cadre, [a for _, a in attentes], controles)
    except (duckdb.Error, AttentesInexecutables) as erreur:
        return BilanMart(mart, erreur=f"suite not run: {erreur}")
    constats = [_constat(lot, a, controles[a.controle], cadre, resultats[a.controle]) for lot, a in attentes]
    constats += [_sans_objet(lot, a, controles[a.controle]) for lot in vides for a in lot.attentes]
    return BilanMart(mart, constats)


def _lire(con: duckdb.DuckDBPyConnection, lot: Lot, plafond: int) -> pd.DataFrame:
    if lot.requete is None:
        return pd.DataFrame()
    cadre: pd.DataFrame = con.execute(f"from ({lot.requete}) limit {plafond + 1}").df()
    if len(cadre) > plafond:
        raise AttentesInexecutables(
            f"lot {lot.nom} has more than {plafond} rows:"
            " aggregate it further, or raise plafond_lignes in seuils.yml"
        )
    return cadre


def _executer(
    mart: str, cadre: pd.DataFrame, attentes: list[Attente], controles: dict[str, Controle]
) -> dict[str, dict[str, Any]]:
    """Run one checkpoint; returns Great Expectations' `result` by control. Raises AttentesInexecutables."""
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
    lot = contexte.data_sources.add_pandas("build").add_dataframe_asset(mart)
    definition = contexte.validation_definitions.add(
        gx.ValidationDefinition(
            name=mart,
            data=lot.add_batch_definition_whole_dataframe(mart),
            suite=contexte.suites.add(
                gx.ExpectationSuite(
                    name=mart, expectations=[_expectation(a, controles[a.controle]) for a in attentes]
                )
            ),
        )
    )
    checkpoint = contexte.checkpoints.add(
        gx.Checkpoint(
            name=mart, validation_definitions=[definition], result_format={"result_format": "COMPLETE"}
        )
    )
    (validation,) = checkpoint.run(batch_parameters={"dataframe": cadre}).run_results.values()
    resultats = {}
    for resultat in validation.results:
        donnees: dict[str, Any] = resultat.to_json_dict()
        controle = donnees["expectation_config"]["meta"]["controle"]
        if "element_count" not in donnees["result"]:
            causes = {cause["exception_message"] for cause in donnees["exception_info"].values()}
            raise AttentesInexecutables(f"expectation {controle} in error: {'; '.join(sorted(causes))}")
        resultats[controle] = donnees["result"]
    if manquants := {a.controle for a in attentes} - resultats.keys():
        raise AttentesInexecutables(f"expectations skipped by Great Expectations: {sorted(manquants)}")
    return resultats


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
        case "bornes":
            return ExpectColumnValuesToBeBetween(**commun, min_value=controle.min, max_value=controle.max)


def _constat(
    lot: Lot, attente: Attente, controle: Controle, cadre: pd.DataFrame, resultat: dict[str, Any]
) -> Constat:
    lignes = cadre[cadre["lot"] == lot.nom]
    mesures = lignes[attente.colonne]
    fautives = cadre.loc[resultat["unexpected_index_list"] or []]
    examines = int(mesures.notna().sum())
    non_verifies = (
        lignes[lignes["non_verifie"].notna()] if attente.controle == "hors_tolerance" else lignes[:0]
    )
    return Constat(
        attente.controle,
        lot.nom,
        controle.libelle,
        controle.raison,
        controle.severite,
        "sans_objet" if not examines else "non_conforme" if len(fautives) else "conforme",
        _attendu(attente, controle),
        _observe(attente, controle, mesures, fautives),
        examines,
        len(fautives),
        [_ligne(lot, attente, controle, ligne) for _, ligne in fautives.head(5).iterrows()],
        [
            {cle: _texte(ligne[cle]) for cle in (*lot.cles, "non_verifie")}
            for _, ligne in non_verifies.iterrows()
        ],
    )


def _sans_objet(lot: Lot, attente: Attente, controle: Controle) -> Constat:
    return Constat(
        attente.controle,
        lot.nom,
        controle.libelle,
        controle.raison,
        controle.severite,
        "sans_objet",
        _attendu(attente, controle),
        lot.si_vide or "",
    )


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
    if attente.genre == "bornes":
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
