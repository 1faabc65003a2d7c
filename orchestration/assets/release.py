"""The last asset: the release readers open. What it contains and how it is swapped is `publication`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from expectations.runner import Contexte, valider
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from ingestion.publiable import publiable
from publication.releases import magasin
from publication.releases.fabrication import FaitsDeLaNuit, Lot, publier_tous
from publication.releases.perimetres import nom_de, ouvrir
from publication.site.impression import Impression
from socle.disque import creer_dossier_clos

from ..actifs import CLE_RELEASE, EQUIPE, FRAICHEUR_RELEASE, ecrit_dans, liens
from ..nuit import garde_arrondi
from ..nuit.certificat import certifier
from ..nuit.code import commit
from ..nuit.lignes import garder_lignes
from ..nuit.nuit import Nuit
from ..nuit.perimetres import restreindre
from ..nuit.structures import garder_structures
from ..progression import annoncer
from ..resources import LaNuit, dit_les_pannes
from .postgres import terminer
from .warehouse import HORS_CSV, MASQUEES, PROMESSES, entrepot


@dg.asset(
    key=CLE_RELEASE,
    deps=sorted(cle for cle in entrepot.keys if cle.path[0] == "marts"),
    group_name="publication",
    kinds={"duckdb", "parquet", "csv"},
    owners=EQUIPE,
    freshness_policy=FRAICHEUR_RELEASE,
    metadata=ecrit_dans(Path(__file__)),
    description="The immutable release and the move of `current` to it, for each scope of the night. Runs "
    "only when every mart kept its promises; publishes nothing when the content is already in service.",
)
@dit_les_pannes
def release(context: dg.AssetExecutionContext, nuit: LaNuit) -> Iterator[dg.MaterializeResult[None]]:
    """Publish the marts of the night, then to PostgreSQL where there is one."""
    if not nuit.jugee:
        raise dg.Failure(
            "A release is what a whole construction built and judged: run the job `construction`.",
            allow_retries=False,
        )
    ouvrir(nuit.chemins.releases, nuit.reglages.perimetres)
    # The scope that covers the whole build comes first: its marts are already there.
    ordre = sorted(nuit.reglages.perimetres, key=lambda p: p != nuit.construction.perimetre_entier)
    par_perimetre = dict(zip(ordre, publier_tous(_lots(nuit, ordre)), strict=True))
    publications = {p: par_perimetre[p] for p in nuit.reglages.perimetres}
    premiere = publications[nuit.reglages.perimetre]
    message = premiere.message
    if nuit.reglages.autres:
        message = "\n".join(f"{p}: {publication.message}" for p, publication in publications.items())
    etats = {publication.etat for publication in publications.values()}
    etat = next(e for e in ("publiee", "publiee_sans_bascule", "inchangee") if e in etats)
    releases = {p: publication.release_id for p, publication in publications.items()}
    # Readers have the releases: an error from here on follows a publication.
    nuit.resume.conclure(etat, premiere.release_id, message, releases)
    base = nuit.construction.base
    for release_id in releases.values():
        garder_lignes(base, nuit.chemins.lignes_internes, release_id, nuit.chemins.releases)
        garder_structures(base, nuit.chemins.structures, release_id, nuit.chemins.releases)
    # This night removes them, or finishes the removal of a killed night.
    for retiree in () if nuit.jour else garde_arrondi.releases_a_retirer(nuit.reglages):
        magasin.retirer(retiree)
        context.log.info(f"removed: {retiree.name}, whose counts of persons gave some away")
    nuit.memoriser(releases)
    context.log.info(message)
    yield dg.MaterializeResult(
        metadata={
            "etat": etat,
            "release": premiere.release_id,
            "content_hash": premiere.content_hash,
            **liens(premiere.dossier),
            **{f"release de {p}": publications[p].release_id for p in nuit.reglages.autres},
        }
    )
    terminer(context, nuit, message)


def _lots(nuit: Nuit, perimetres: Sequence[str]) -> Iterator[Lot]:
    """Yield what is published of each scope, once the marts of the build are those of that scope."""
    for perimetre in perimetres:
        validation = nuit.construction.validation
        if perimetre != nuit.construction.perimetre_entier:
            annoncer(f"publication/{perimetre}")
            validation = _juger_a_part(nuit, perimetre)
        magasin = nuit.reglages.magasin(perimetre)
        yield Lot(magasin, nuit.construction.base, validation, _faits(nuit, perimetre))


def _juger_a_part(nuit: Nuit, perimetre: str) -> Path:
    """Make the marts those of one scope of the build, and judge them; return what the gate says of them."""
    base, validation = nuit.construction.base, nuit.construction.validation_de(perimetre)
    restreindre(base, perimetre, nuit.construction.dbt)
    bilan = valider(
        base, nuit.precedente(perimetre), validation, Contexte(nuit.reglages.profil, perimetre), MASQUEES
    )
    if not bilan.succes:
        raise dg.Failure(
            f"Scope {perimetre}: nothing is published, of any scope.\n{bilan.message}", allow_retries=False
        )
    certifier(nuit.reglages, base, validation)
    return validation


def _faits(nuit: Nuit, perimetre: str) -> FaitsDeLaNuit:
    """What the release of a scope says of the night."""
    noms, code, pages = nuit.identifiants, nuit.code, creer_dossier_clos(nuit.chemins.pages)
    if perimetre != nuit.reglages.perimetre:
        pages = creer_dossier_clos(pages / nom_de(perimetre))
    return FaitsDeLaNuit(
        profil=nuit.reglages.profil,
        perimetre=perimetre,
        debut=nuit.debut,
        commit=commit(),
        code=code,
        refus=tuple(dict.fromkeys(publiable(r, nuit.acquisition.contrats) for r in nuit.resume.refus)),
        attentes=tuple(map(str, nuit.attentes)),
        recus={
            (f.source, f.ressource, f.millesime, noms.de(f.source, f.sha256)): f.recu_le for f in nuit.retenus
        }
        | {
            (SOURCE_EXTRAIT, RESSOURCE_EXTRAIT, m.millesime, noms.de(SOURCE_EXTRAIT, m.sha256)): m.recu_le
            for m in nuit.micro.acceptes()
            if m.annuel
        },
        as_of=str(nuit.jour) if nuit.jour else None,
        choix=tuple(noms.anonymiser(c.to_dict()) for c in (*nuit.acquisition.choix, *nuit.micro.choix())),
        masquees=MASQUEES,
        hors_csv=HORS_CSV,
        promesses=PROMESSES,
        impression=Impression(nuit.reglages.imprimes_de(perimetre), pages, code),
        construction=nuit.reglages.perimetres if nuit.reglages.autres else (),
        abimees=frozenset(nuit.abimees),
        journaux=nuit.journaux,
    )
