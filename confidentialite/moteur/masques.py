"""The masks of a night: every group decided, and its rows put together.

Belongs here: groups side by side, and which reason a row keeps. Does not: deciding a group (`decision.py`),
where decisions are kept and in which process they are made (`cache.py`, `processus.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from confidentialite import Entrees
from confidentialite.moteur.cache import Cache, empreinte
from confidentialite.moteur.decision import Cachee
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.groupes import Decoupe, Groupe
from confidentialite.moteur.phases.incidents import Cellule, DivulgationAnterieure
from confidentialite.moteur.processus import decider_tous
from confidentialite.moteur.registres import masquer_registres
from confidentialite.regle import parametres as parametres_
from confidentialite.regle import primaire, raisons
from confidentialite.regle.parametres import Parametres, Relations

SCHEMA = pa.schema(
    [
        ("territoire_id", pa.string()),
        ("millesime", pa.int32()),
        ("indicateur_id", pa.string()),
        ("raison", pa.string()),
        ("formule", pa.string()),
        ("communes", pa.int32()),
        ("protege", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Masque:
    """One hidden row. `raison` stays inside: readers see that a figure is secret, never why.

    `cachee`: the forme that hides it; None for what is no sum, and for what an earlier release hid.
    """

    territoire_id: str
    millesime: int
    indicateur_id: str
    raison: str
    cachee: Cachee | None = None


def masquer(entrees: Entrees, dossier: Path | None = None) -> pa.Table:
    """Return the masks of a night, as `confidentialite.masquer` says."""
    regles = parametres_.charger()
    masques, jugees = _decider_sans_incident(
        entrees, regles, parametres_.relations(), Cache(dossier) if dossier else None
    )
    extrait = pa.Table.from_pylist(
        [
            {
                "territoire_id": m.territoire_id,
                "millesime": m.millesime,
                "indicateur_id": m.indicateur_id,
                "raison": m.raison,
                "formule": m.cachee and m.cachee.formule,
                "communes": m.cachee and m.cachee.communes,
                "protege": m.cachee and m.cachee.protege,
            }
            for m in masques
        ],
        schema=SCHEMA,
    )
    registres = masquer_registres(entrees, jugees, regles.seuil_frequence.valeur)
    for champ in list(SCHEMA)[registres.num_columns :]:
        registres = registres.append_column(champ, pa.nulls(registres.num_rows, champ.type))
    cles = [(c, "ascending") for c in SCHEMA.names[:4]]
    return pa.concat_tables([extrait, registres.cast(SCHEMA)]).sort_by(cles)


def _decider_sans_incident(
    entrees: Entrees, parametres: Parametres, relations: Relations, cache: Cache | None
) -> tuple[list[Masque], pa.Table]:
    """Decide which rows to hide; what earlier releases disclose is assumed. Return the rows judged too.

    A group is decided again when what is assumed of it has grown.
    """
    assumees: frozenset[Cellule] = frozenset()
    decoupe = couper(entrees, parametres, relations)
    groupes = decoupe.groupes
    decides = _decider_les_groupes(groupes, cache)
    while (incident := next((d for d in decides if isinstance(d, DivulgationAnterieure)), None)) is not None:
        if incident.cellules <= assumees:
            raise incident
        assumees |= incident.cellules
        anciens, groupes = groupes, [g.assumant(assumees) for g in groupes]
        a_refaire = [k for k, (a, b) in enumerate(zip(anciens, groupes, strict=True)) if a is not b]
        refaits = _decider_les_groupes([groupes[k] for k in a_refaire], cache)
        for k, refait in zip(a_refaire, refaits, strict=True):
            decides[k] = refait
    if cache:
        cache.balayer()
    return assembler(decoupe, (d for d in decides if isinstance(d, list)), parametres), decoupe.jugees


def _decider_les_groupes(
    groupes: list[Groupe], cache: Cache | None
) -> list[list[Cachee] | DivulgationAnterieure]:
    """Decide groups, but for those whose decision is kept; keep the others'."""
    if cache is None:
        return decider_tous(groupes)
    return cache.completer(
        [empreinte(g) for g in groupes], lambda absents: decider_tous([groupes[k] for k in absents], cache)
    )


def assembler(decoupe: Decoupe, cachees: Iterable[Iterable[Cachee]], parametres: Parametres) -> list[Masque]:
    """The mask of each row that one of its formes hides, or that is hidden as a whole; sorted."""
    masques: dict[tuple[str, int, str], Masque] = {}
    toutes = sorted(
        (c for siennes in cachees for c in siennes), key=lambda c: (*c[:3], not c.faible, c.position)
    )
    # From the weakest reason to the strongest; of two formes, the last one says why.
    for c in toutes:
        if c.faible:
            masques[c[:3]] = Masque(*c[:3], c.raison, c)
    for cle in decoupe.tues:
        masques[cle] = Masque(*cle, raisons.ANTERIEURE)
    for territoire_id, millesime, indicateur_id, n in decoupe.hors_groupe:
        cle = territoire_id, millesime, indicateur_id
        if primaire.petit(n, parametres):
            masques[cle] = Masque(*cle, raisons.PEU)
    for c in toutes:
        if not c.faible:
            masques[c[:3]] = Masque(*c[:3], c.raison, c)
    return [masques[cle] for cle in sorted(masques)]
