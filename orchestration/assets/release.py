"""The last asset: the release readers open. What it contains and how it is swapped is `publication`."""

from typing import Any

import dagster as dg

from ingestion.extrait.erreurs import RESSOURCE, SOURCE
from ingestion.extrait.zones import creer_dossier

from ..nuit.code import empreinte_code
from ..nuit.lignes import garder_lignes
from ..nuit.masques import garder_masques
from ..nuit.structures import garder_structures
from ..resources import Nuit, commit
from ..translator import EQUIPE
from .warehouse import HORS_CSV, MASQUEES, entrepot


@dg.asset(
    key=["publication", "release"],
    deps=sorted(cle for cle in entrepot.keys if cle.path[0] == "marts"),
    group_name="publication",
    kinds={"duckdb", "parquet", "csv"},
    owners=EQUIPE,
    description="The immutable release and the move of `current` to it. Runs only when every mart kept its "
    "promises; publishes nothing when the content is already in service.",
)
def release(context: dg.AssetExecutionContext, nuit: Nuit) -> dg.MaterializeResult[None]:
    """Publish the marts of the night."""
    # Imported late: a night where nothing changed publishes nothing.
    from publication.releases.fabrication import FaitsDeLaNuit, publier
    from publication.releases.impression import Impression

    code = empreinte_code()
    creer_dossier(nuit.chemins.pages)
    noms = nuit.identifiants
    faits = FaitsDeLaNuit(
        profil=nuit.reglages.profil,
        perimetre=nuit.reglages.perimetre,
        debut=nuit.debut,
        commit=commit(),
        code=code,
        refus=tuple(noms.dire(r["source"], r["texte"], _bref(r)) for r in nuit.refus),
        attentes=tuple(map(str, nuit.attentes)),
        recus={
            (f.source, f.ressource, f.millesime, noms.de(f.source, f.sha256)): f.recu_le for f in nuit.retenus
        }
        | {
            (SOURCE, RESSOURCE, m.millesime, noms.de(SOURCE, m.sha256)): m.recu_le
            for m in nuit.micro.acceptes()
            if m.annuel
        },
        noms=noms.de,
        as_of=nuit.as_of,
        choix=tuple(noms.anonymiser(c.to_dict()) for c in (*nuit.acquisition.choix, *nuit.micro.choix())),
        masquees=MASQUEES,
        hors_csv=HORS_CSV,
        impression=Impression(nuit.reglages.imprimes, nuit.chemins.pages, code),
    )
    publication = publier(nuit.releases, nuit.base, nuit.validation, faits)
    garder_masques(nuit.base, nuit.chemins.masques, publication.release_id, nuit.releases)
    garder_lignes(nuit.base, nuit.chemins.lignes_internes, publication.release_id, nuit.releases)
    garder_structures(nuit.base, nuit.chemins.structures, publication.release_id, nuit.releases)
    nuit.conclure(publication.etat, publication.release_id, publication.message)
    context.log.info(publication.message)
    return dg.MaterializeResult(
        metadata={
            "etat": publication.etat,
            "release": publication.release_id,
            "content_hash": publication.content_hash,
            "dossier": dg.MetadataValue.path(str(publication.dossier)),
            "site": dg.MetadataValue.path(str(publication.dossier / "site" / "index.html")),
            "rapport": dg.MetadataValue.path(str(publication.dossier / "validation" / "rapport.html")),
        }
    )


def _bref(refus: dict[str, Any]) -> str:
    """A refusal without what it quotes: the message in full is the night's, and of its account alone."""
    periode = "" if refus["millesime"] is None else f" {refus['millesime']}"
    ou = f"{refus['source']}/{refus['ressource']}{periode}"
    return f"[{refus['code']}] {ou}: a file that is not public was refused"
