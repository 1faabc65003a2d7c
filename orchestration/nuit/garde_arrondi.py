"""Refusals before a night that would round a count twice and give it away: exact releases, another key.

Belongs here: these refusals, and the record of an operator who overrides one. Does not: rounding
(`comptage`).
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from confidentialite.certificat import CONCEPTION_ARRONDIE, ordre_des_comptes
from confidentialite.cle import empreinte
from confidentialite.regle import lire
from ingestion.contrats import charger_contrats
from ingestion.extrait.identite import SOURCE_EXTRAIT
from publication.releases import magasin, perimetres
from publication.releases.verification import a_comparer
from socle.disque import creer_dossier_clos
from socle.etat import EtatIllisible
from socle.journaux import ajouter_evenement, lire_evenements

from .base import MESURES, mesures_protegees
from .cles import cle
from .reglages import ReglageRefuse, Reglages


def exiger_un_seul_arrondi(reglage: Reglages) -> None:
    """Raise ReglageRefuse where persons of this home were printed exactly, or rounded under another key.

    `--repartir` and `--nouvelle-cle` override the refusal, and the journal of the closed zone records it.
    Releases rounded along an order made from counts are accepted, and `--repartir` removes them too. The
    demonstration counts nobody.
    """
    if reglage.profil == "demo":
        return
    certificats = _certificats(reglage)
    exactes = [r for r, certificat in certificats.items() if _est_exacte(r, certificat)]
    if exactes and not reglage.repartir and not _reparties(reglage):
        raise ReglageRefuse(
            f"{len(exactes)} release(s) of this CTG_HOME print exact counts of persons"
            f" ({exactes[0].name}, of the design that hid cells): a rounding of the same files would meet"
            " them and give persons away. Nothing was done. Next: make a new CTG_HOME, without these"
            " files of persons; or, if no release of this one ever left the machine, `ctg refresh"
            " --repartir`, which removes them"
        )
    if reglage.repartir:
        exactes += [r for r, certificat in certificats.items() if ordre_des_comptes(certificat)]
    for retiree in exactes:
        if magasin.epinglee(retiree.parent) == retiree.name:
            raise ReglageRefuse(
                f"{retiree.name}, whose counts of persons give some away, is pinned, and this night would"
                " remove it. Nothing was done. Next: `ctg releases rollback --lift`, then start again"
            )
    if exactes and reglage.repartir:
        _noter(reglage, "repartie_le", [r.name for r in exactes])
    sienne = empreinte(cle(reglage, "arrondi"))
    autres = {c["cle"] for c in certificats.values() if c.get("cle") not in (None, sienne)}
    if not autres or sienne in _cles_admises(reglage):
        return
    if not reglage.nouvelle_cle:
        raise ReglageRefuse(
            f"{reglage.chemins.secret} is not the secret that this CTG_HOME rounded persons under (key"
            f" {sienne}, releases say {', '.join(sorted(autres))}): two keys give two roundings of one count."
            " Nothing was done. Next: put the secret back from a backup; or, if it is lost, `ctg refresh"
            " --nouvelle-cle`: files rounded already keep their figures, new ones are rounded under the new"
            " key"
        )
    _noter(reglage, "nouvelle_cle", sienne)


def releases_a_retirer(reglage: Reglages) -> Iterator[Path]:
    """Yield the releases that print exact counts of persons, and those that an operator stated never left
    the machine; the demonstration counts nobody.
    """
    if reglage.profil == "demo":
        return
    reparties = _reparties(reglage)
    for release, certificat in _certificats(reglage).items():
        if _est_exacte(release, certificat) or release.name in reparties:
            yield release


def precedente(store: Path, abimees: Collection[str] = ()) -> Path | None:
    """Return the release in service, for the gate to compare with; None where it prints exact counts.

    Beside exact counts, rounding would pass for a movement. In the place of one of `abimees`, return the
    newest whole release before it.
    """
    courante = a_comparer(store, abimees)
    if courante is None or _est_exacte(courante, magasin.lire_scelle(courante, magasin.CERTIFICAT)):
        return None
    return courante


def _est_exacte(release: Path, certificat: Mapping[str, Any]) -> bool:
    """Whether a release of the first design counts persons."""
    if certificat.get("conception", 1) >= CONCEPTION_ARRONDIE:
        return False
    entrees = magasin.montrer(release.parent, release.name)["inputs"]
    return any(f["source"] in _sources_de_personnes() for f in entrees)


@cache
def _sources_de_personnes() -> frozenset[str]:
    regles = lire(MESURES)
    registres = {
        contrat.source
        for contrat in charger_contrats().values()
        if any(mesures_protegees(contrat, ressource, regles) for ressource in contrat.ressources)
    }
    return frozenset({SOURCE_EXTRAIT, *registres})


def _certificats(reglage: Reglages) -> dict[Path, dict[str, Any]]:
    """Return the certificate of each release of this home. Raises ReglageRefuse where one cannot be read."""
    certificats = {}
    for store in perimetres.tous(reglage.chemins.releases):
        for release in magasin.completes(store):
            try:
                certificats[release] = magasin.lire_scelle(release, magasin.CERTIFICAT)
            except EtatIllisible as e:
                raise ReglageRefuse(
                    f"{e.fait}: how that release rounded persons is not known, and a night might round them"
                    " twice. Nothing was done. Next: put it back from a backup; or move its folder out of"
                    f" {store}, once another is in service (`ctg releases rollback ID`)"
                ) from None
    return certificats


def _reparties(reglage: Reglages) -> set[str]:
    """The releases that an operator stated never left the machine."""
    return {
        release
        for e in lire_evenements(reglage.chemins.journal_agregats)
        for release in e.get("repartie_le", ())
    }


def _cles_admises(reglage: Reglages) -> set[str]:
    journal = lire_evenements(reglage.chemins.journal_agregats)
    return {e["nouvelle_cle"] for e in journal if "nouvelle_cle" in e}


def _noter(reglage: Reglages, quoi: str, valeur: object) -> None:
    evenement = {"le": datetime.now(UTC).isoformat(timespec="seconds"), quoi: valeur}
    creer_dossier_clos(reglage.chemins.agregats)
    ajouter_evenement(reglage.chemins.journal_agregats, evenement)
