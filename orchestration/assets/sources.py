"""Producers' files and the extract, received and typed, and whether they are news: one step (ADR 10, 18).

It wires `ingestion` and `nuit` to Dagster. No metadata, log or check of the extract has a number of rows: it
would be a number of persons.
"""

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from ingestion.acquisition import SOURCE_COG, BilanSource, FichierRetenu, dans_l_ordre
from ingestion.contrats import DOSSIER, Contrat, charger_contrats
from ingestion.contrats.fiche import Fiche
from ingestion.extrait.avancement import DeTempsEnTemps
from ingestion.extrait.contrat import FICHIER, charger_contrat
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.lecteur import LECTEUR

from ..actifs import (
    CHECK_REFUS,
    CLE_MICRO,
    CLE_RELEASE,
    cle_normalisee,
    ecrit_dans,
    fraicheur_de,
    liens,
    proprietaires,
)
from ..exploitation.purge import RIEN, purger_de_nuit
from ..nuit.nuit import Nuit
from ..nuit.territoires import exiger_connus
from ..progression import annoncer
from ..resources import RECEVOIR, LaNuit, dit_les_pannes
from .postgres import terminer

CONTRATS = charger_contrats()


def cle_source(source_id: str) -> dg.AssetKey:
    """Key of the producer's files, outside this project."""
    return dg.AssetKey(["sources", source_id])


def cle_landing(source_id: str) -> dg.AssetKey:
    """Key of the landed files of a source."""
    return dg.AssetKey(["landing", source_id])


def _kinds(contrat: Contrat) -> set[str]:
    return {r.format.kind for r in contrat.ressources.values()}


def _contrat(fiche: Fiche) -> dict[str, dg.CodeReferencesMetadataValue]:
    return ecrit_dans(DOSSIER / f"{fiche.source}.yml" if fiche.source in CONTRATS else FICHIER)


def _externe(fiche: Fiche, kinds: set[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        cle_source(fiche.source),
        group_name="sources",
        description=f"{fiche.title}. {fiche.description}",
        kinds=kinds,
        owners=proprietaires(fiche),
        freshness_policy=fraicheur_de(fiche.delais),
        metadata={
            "producteur": fiche.producer,
            "licence": fiche.licence,
            "cadence": fiche.cadence,
            "page": dg.MetadataValue.url(str(fiche.page)),
            **_contrat(fiche),
        },
    )


def _landing(contrat: Contrat) -> dg.AssetSpec:
    return dg.AssetSpec(
        cle_landing(contrat.source),
        deps=[cle_source(contrat.source)],
        group_name="landing",
        kinds=_kinds(contrat),
        owners=proprietaires(contrat),
        description=f"{contrat.title}. Files as received, unchanged, addressed by their content.",
        metadata=_contrat(contrat),
        skippable=True,
    )


def _normalised(contrat: Contrat) -> dg.AssetSpec:
    # Codes are checked against the COG, so the COG is accepted first.
    cog = [] if contrat.source == SOURCE_COG else [cle_normalisee(SOURCE_COG)]
    return dg.AssetSpec(
        cle_normalisee(contrat.source),
        deps=[cle_landing(contrat.source), *cog],
        group_name="normalised",
        kinds={"parquet", "python"},
        owners=proprietaires(contrat),
        description=f"{contrat.title}. Accepted files, typed by their contract and nothing else.",
        metadata=_contrat(contrat),
        skippable=True,
    )


# Seconds between two lines of the journal while an extract is read.
PAS_DU_SUIVI = 60

source_extrait = _externe(charger_contrat(), {"csv", "parquet"})
extrait = dg.AssetSpec(
    CLE_MICRO,
    deps=[source_extrait.key],
    group_name="micro",
    kinds={"parquet", "python"},
    owners=proprietaires(charger_contrat()),
    description="Months of the extract taken in: whitelisted columns, keyed pseudonyms, communes and age "
    "bands, in the closed micro zone. The raw file is removed at the end of its declared retention.",
    metadata=ecrit_dans(FICHIER),
    skippable=True,
)
externes = [*(_externe(CONTRATS[s], _kinds(CONTRATS[s])) for s in dans_l_ordre(CONTRATS)), source_extrait]


def _aucun_refus(cle: dg.AssetKey, quoi: str, dernier: str) -> dg.AssetCheckSpec:
    description = (
        f"No {quoi} was refused, and no revision waits for a decision. A refused file leaves the last"
        f" accepted {dernier} in use."
    )
    return dg.AssetCheckSpec(CHECK_REFUS, asset=cle, description=description)


@dataclass
class Passage:
    """What the night did source by source and for the extract, and the errors, which stopped no source."""

    landing: dict[str, BilanSource] = field(default_factory=dict)
    normalised: dict[str, BilanSource] = field(default_factory=dict)
    extraits: list[dg.MaterializeResult[None]] = field(default_factory=list)
    erreurs: list[Exception] = field(default_factory=list)

    def nouvelles(self, source: str) -> bool:
        """Whether a source had news tonight, or still has a refused file."""
        recu, norme = self.landing.get(source), self.normalised.get(source)
        return bool(
            (recu and (recu.recus or recu.refus))
            or (norme and (norme.acceptes or norme.ecartes or norme.refus))
        )


@dg.multi_asset(
    name=RECEVOIR,
    specs=[
        *(_landing(CONTRATS[s]) for s in dans_l_ordre(CONTRATS)),
        extrait,
        *(_normalised(CONTRATS[s]) for s in dans_l_ordre(CONTRATS)),
    ],
    check_specs=[
        *(_aucun_refus(cle_normalisee(s), "file of this source", "one") for s in dans_l_ordre(CONTRATS)),
        _aucun_refus(CLE_MICRO, "extract", "month"),
    ],
    can_subset=True,
)
@dit_les_pannes
def reception(context: dg.AssetExecutionContext, nuit: LaNuit) -> Iterator[dg.MaterializeResult[None]]:
    """Receive and type every source, then decide whether there is something to build.

    Dagster is told of a source to which something happened, and of all of them when the night builds: the
    build waits for each of its inputs. A broken source stops no other; the first error is raised once each
    had its turn, and every one is in the log.
    """
    if not context.selected_asset_keys:
        raise dg.Failure(
            "Whether a file was refused is said as it is received: materialize the landing and the typed"
            " files of this source, or the extract.",
            allow_retries=False,
        )
    passage = _recevoir_tout(context, nuit)
    yield from passage.extraits
    dits = {s for s in CONTRATS if passage.nouvelles(s)}
    if dits:
        # Dagster wants the COG told before the sources that depend on it.
        dits.add(SOURCE_COG)
    yield from _dire(nuit, passage, dits)
    if passage.erreurs:
        raise passage.erreurs[0]
    if not (nuit.seule or context.is_subset):
        if not a_construire(context, nuit):
            return
        if nuit.partie == "reception":
            nuit.resume.passer()
    yield from _dire(nuit, passage, CONTRATS.keys() - dits)


def a_construire(context: dg.AssetExecutionContext, nuit: Nuit) -> bool:
    """Whether there is something to build; end the night where its inputs are those of the release in
    service.

    Raises `dg.Failure` where nothing can be built.
    """
    for attente in nuit.attentes:
        context.log.warning(str(attente))
    if manque := _ce_qui_manque(nuit):
        raise dg.Failure(manque, allow_retries=False)
    exiger_connus(nuit.reglages, nuit.retenus)
    nuit.resume.noter_abimees(nuit.abimees.values())
    for abimee in nuit.abimees.values():
        context.log.warning(f"{abimee.fait}. Next: {abimee.suite}")
    if deja := nuit.deja_publiee():
        _ne_rien_construire(context, nuit, deja)
    return not deja


def _recevoir_tout(context: dg.AssetExecutionContext, nuit: Nuit) -> Passage:
    """Receive and type the sources that the run asks for, one by one; a failure stops no other."""
    demandes, passage = context.selected_asset_keys, Passage()

    @contextmanager
    def etape(nom: str) -> Iterator[None]:
        annoncer(nom)
        try:
            yield
        except Exception as e:
            context.log.error(f"{nom}: {type(e).__name__}: {e}")
            passage.erreurs.append(e)

    nuit.acquisition.solder()
    recues = [s for s in dans_l_ordre(CONTRATS) if cle_landing(s) in demandes]
    with nuit.acquisition.devancer(recues):
        for source in recues:
            with etape(f"landing/{source}"):
                recu = passage.landing[source] = _noter(context, nuit, nuit.acquisition.recevoir(source))
                nuit.resume.noter_lus(source, ((p.ressource, p.millesime) for p in recu.absents))
                _dater(context, source, passage.landing[source].recus)
    for source in (s for s in dans_l_ordre(CONTRATS) if cle_normalisee(s) in demandes):
        with etape(f"normalised/{source}"):
            passage.normalised[source] = _noter(context, nuit, nuit.acquisition.normaliser(source))
    # The build needs the memory of the process that reads files.
    LECTEUR.fermer()
    if CLE_MICRO in demandes:
        with etape("/".join(CLE_MICRO.path)):
            passage.extraits.append(_recevoir_extrait(context, nuit))
    return passage


def _ne_rien_construire(context: dg.AssetExecutionContext, nuit: Nuit, deja: str) -> None:
    """End a night whose inputs are those of the release in service."""
    message = f"Nothing changed since release {deja}: nothing is built, nothing is published."
    if nuit.abimees:
        message = f"No input changed since release {deja}; what readers have is damaged, and pinned."
    context.log.info(message)
    nuit.resume.conclure("inchangee", deja, message)
    # Without this event, Dagster would call the release late.
    ou = liens(nuit.reglages.magasin(nuit.reglages.perimetre) / deja)
    context.log_event(
        dg.AssetMaterialization(CLE_RELEASE, metadata={"etat": "inchangee", "release": deja, **ou})
    )
    # The database may have been out of reach when that release was published.
    terminer(context, nuit, message)


def _dater(context: dg.AssetExecutionContext, source: str, recus: Sequence[object]) -> None:
    """Tell Dagster that a producer published: the age of this event says whether its source is late."""
    if recus:
        context.log_event(dg.AssetMaterialization(cle_source(source), metadata={"recus": len(recus)}))


def _noter(context: dg.AssetExecutionContext, nuit: Nuit, bilan: BilanSource) -> BilanSource:
    """Say what was refused or set aside where a person sees it: the log, and the summary of the night."""
    nuit.resume.noter(bilan)
    for fait in (*bilan.refus, *bilan.ecartes):
        context.log.warning(str(fait))
    return bilan


def _dire(nuit: Nuit, passage: Passage, sources: Set[str]) -> Iterator[dg.MaterializeResult[None]]:
    """Events of these sources, the COG first."""
    retenus: dict[str, list[FichierRetenu]] = {s: [] for s in sources}
    for fichier in nuit.retenus:
        retenus.get(fichier.source, []).append(fichier)
    refus: dict[str, list[dict[str, Any]]] = {s: [] for s in sources}
    for r in nuit.resume.refus:
        refus.get(r["source"], []).append(r)
    for source in (s for s in dans_l_ordre(CONTRATS) if s in sources):
        if source in passage.landing:
            yield dg.MaterializeResult(
                asset_key=cle_landing(source), metadata=_bilan(passage.landing[source])
            )
        if source in passage.normalised:
            types = _types(source, passage.normalised[source], retenus[source])
            # A source that was typed and not received keeps its last verdict.
            if source in passage.landing or refus[source]:
                types = types._replace(check_results=[verdict(cle_normalisee(source), refus[source])])
            yield types


def _types(source: str, bilan: BilanSource, retenus: list[FichierRetenu]) -> dg.MaterializeResult[None]:
    """The typed files of a source in use."""
    return dg.MaterializeResult(
        asset_key=cle_normalisee(source),
        metadata={
            **_bilan(bilan),
            "dagster/row_count": sum(f.lignes for f in retenus),
            "lignes_ecartees": sum(f.lignes_ecartees for f in retenus),
            "fichiers": dg.MetadataValue.md(
                "\n".join(f"- {f.ressource} {f.millesime}: {f.fichier} ({f.lignes})" for f in retenus)
                or "none received"
            ),
        },
    )


# Label on the page of each field of a refusal; the page sorts by label.
CE_QUI_EST_DIT = (
    *(("what", "titre"), ("where", "ou")),
    *(("observed", "observe"), ("expected", "attendu"), ("next", "que_faire")),
)


def verdict(cle: dg.AssetKey, refus: Sequence[dict[str, Any]]) -> dg.AssetCheckResult:
    """Whether a file was refused; of each, what a person has to know, on the page itself."""
    faits = {}
    for rang, erreur in enumerate(refus, 1):
        prefixe = f"{rang}." if len(refus) > 1 else ""
        for place, (quoi, champ) in enumerate(CE_QUI_EST_DIT, 1):
            faits[f"{prefixe}{place} {quoi}"] = dg.MetadataValue.text(erreur[champ])
    return dg.AssetCheckResult(
        asset_key=cle,
        check_name=CHECK_REFUS,
        passed=not refus,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{len(refus)} file(s) refused: the last accepted ones stay in use."
        if refus
        else "none refused",
        metadata=faits,
    )


def _bilan(bilan: BilanSource) -> dict[str, Any]:
    comptes = ("recus", "inchanges", "absents", "acceptes", "refus")
    metadata: dict[str, Any] = {compte: len(getattr(bilan, compte)) for compte in comptes}
    if bilan.refus:
        metadata["erreurs"] = dg.MetadataValue.md("\n\n".join(f"```\n{e}\n```" for e in bilan.refus))
    return metadata


def _recevoir_extrait(context: dg.AssetExecutionContext, nuit: Nuit) -> dg.MaterializeResult[None]:
    """Take in the months that wait."""
    # What is kept of a night holds no number of rows.
    bilan = nuit.recevoir_l_extrait(DeTempsEnTemps(context.log.info, PAS_DU_SUIVI, lignes=False))
    _dater(context, SOURCE_EXTRAIT, bilan.recus)
    nuit.resume.noter_lus(SOURCE_EXTRAIT, ())
    nuit.resume.noter_refus(bilan.refus)
    for erreur in bilan.refus:
        context.log.warning(str(erreur))
    purge = RIEN if nuit.jour else purger_de_nuit(nuit.reglages)
    for ligne in purge.lignes:
        context.log.info(f"purged: {ligne}")
    if a_purger := sorted({*bilan.a_purger} - {d.mois for d in purge.mois}):
        context.log.warning(f"past their retention: {', '.join(a_purger)}; run `ctg extrait purge`")
    en_usage = [f"- {m.mois} ({m.statut}): {m.sha256[:12]}" for m in nuit.micro.mois_retenus()]
    refus = [r for r in nuit.resume.refus if r["source"] == SOURCE_EXTRAIT]
    return dg.MaterializeResult(
        asset_key=CLE_MICRO,
        metadata={
            "recus": bilan.recus,
            "inchanges": bilan.inchanges,
            "acceptes": bilan.acceptes,
            "bruts_retires": bilan.retires,
            "a_purger": a_purger,
            "purges": purge.lignes,
            "mois": dg.MetadataValue.md("\n".join(en_usage) or "none taken in"),
        },
        check_results=[verdict(CLE_MICRO, refus)],
    )


def _ce_qui_manque(nuit: Nuit) -> str | None:
    """Say why the night cannot build: an empty origin, or no reference geography."""
    if nuit.resume.origine_vide:
        return (
            f"{nuit.reglages.miroir_dit} holds none of the files the contracts name: is it the right mirror,"
            " and is it mounted? Nothing is built, what readers have is untouched"
        )
    recues = {f.source for f in nuit.retenus}
    manquantes = [s for s, c in CONTRATS.items() if c.indispensable and s not in recues]
    if attentes := [str(a) for a in nuit.attentes if a.source in manquantes]:
        return (
            "indispensable sources have files, and none that can be read yet. Nothing can be built without "
            "the reference geography:\n" + "\n".join(attentes)
        )
    if manquantes and nuit.jour:
        raisons = "\n".join(
            f"  {c.source}/{c.ressource} {c.millesime}: {c.raison}"
            for c in nuit.acquisition.choix
            if c.source in manquantes
        )
        return (
            f"on {nuit.jour}, indispensable sources have no file: {', '.join(manquantes)}.\n{raisons}\n"
            "Nothing can be built without the reference geography: choose a later day, receive the files "
            "(`ctg refresh`), or give the day of publication (`publie_le`) in ingestion/sources"
        )
    if manquantes:
        return (
            f"indispensable sources without any accepted file: {', '.join(manquantes)}. Nothing can be built "
            "without the reference geography: see `ctg sources list`, then provide the files"
        )
    return None
