"""Writes the validation folder: two JSON files and one French page that opens offline; no clock anywhere."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.bilan import Bilan, BilanMart, Constat
from socle.affichage import nombre
from socle.disque import ecriture_atomique

GABARITS = Path(__file__).with_name("templates")

ETATS = {
    "conforme": "Conforme",
    "non_conforme": "Non conforme",
    "sans_objet": "Sans objet",
}
CHAMPS = {
    "identifiant": "Indicateur",
    "indicateur_id": "Indicateur",
    "territoire_id": "Territoire",
    "niveau": "Niveau",
    "millesime": "Millésime",
    "observe": "Observé",
    "exemples": "Premiers territoires ou détail",
    "non_verifie": "Raison",
}
SEVERITES = {"critical": "Bloquant", "warning": "Avertissement", "info": "Information"}


def ecrire(bilan: Bilan, dossier: Path) -> None:
    """Write `summary.json`, `mouvement.json` and `rapport.html` in `dossier`, each in one atomic rename."""
    dossier.mkdir(parents=True, exist_ok=True)
    _remplacer(dossier / "summary.json", _json(bilan, lambda constat: constat.lot != "mouvement"))
    _remplacer(dossier / "mouvement.json", _json(bilan, lambda constat: constat.lot == "mouvement"))
    _remplacer(dossier / "rapport.html", page(bilan))


def page(bilan: Bilan) -> str:
    """The French report, one self-contained HTML page."""
    environnement = Environment(
        loader=FileSystemLoader(GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    constats = [constat for mart in bilan.marts for constat in mart.constats]
    return environnement.get_template("rapport.html.j2").render(
        bilan=bilan,
        champs=CHAMPS,
        etats=ETATS,
        severites=SEVERITES,
        milliers=milliers,
        premieres=premieres,
        pluriel=pluriel,
        comptes={
            "Bloquant": sum(c.bloquant for c in constats) + sum(m.erreur is not None for m in bilan.marts),
            "Avertissement": sum(c.etat == "non_conforme" and c.severite == "warning" for c in constats),
            "Information": sum(c.etat == "non_conforme" and c.severite == "info" for c in constats),
            "Conforme": sum(c.etat == "conforme" for c in constats),
            "Sans objet": sum(c.etat == "sans_objet" for c in constats),
        },
    )


def milliers(compte: int) -> str:
    """Write a whole number in French."""
    return nombre(compte, 0)


def pluriel(mot: str, compte: int) -> str:
    """Write a word as its count asks; « Sans objet » does not vary."""
    return f"{mot}s" if compte > 1 and mot != "Sans objet" else mot


def premieres(constat: Constat) -> str:
    """Say how many failures the list is taken from, and how many rows they hold.

    57 rows in 17 groups, 5 of which are listed: `5 sur 17 groupes en échec (57 lignes sur 1 832)`.
    """
    groupes = "groupe en échec" if constat.groupes == 1 else "groupes en échec"
    lignes = (
        f" ({milliers(constat.anomalies)} {constat.unite} sur {milliers(constat.examines)})"
        if constat.unite == "lignes"
        else ""
    )
    return f"{len(constat.premieres)} sur {milliers(constat.groupes)} {groupes}{lignes}"


def _json(bilan: Bilan, garde: Callable[[Constat], bool]) -> str:
    marts = [BilanMart(m.mart, [c for c in m.constats if garde(c)], m.erreur) for m in bilan.marts]
    contenu: dict[str, Any] = {
        "profil": bilan.profil,
        "perimetre": bilan.perimetre,
        "succes": not any(m.erreur or any(c.bloquant for c in m.constats) for m in marts),
        "marts": [asdict(m) for m in marts if m.constats or m.erreur],
    }
    return json.dumps(contenu, ensure_ascii=False, indent=2) + "\n"


def _remplacer(fichier: Path, texte: str) -> None:
    with ecriture_atomique(fichier, 0o644) as flux:
        flux.write(texte.encode())
