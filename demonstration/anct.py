"""ANCT files: the programmes of each commune, which are facts, and invented France services points.

Numbers for the Baronnies and the Drôme come from `calibration.csv`; no e-mail nor telephone is anybody's.
"""

import csv

from demonstration import faits
from demonstration.faits import BARONNIES, DROME, Territoire
from demonstration.formats import texte_csv
from demonstration.invention import cibles, repartir, tirage

_ENTETE = (
    "id_fs,insee_dep,lib_fs,adresse,complement_adresse,insee_com,code_postal,lib_com,latitude,longitude,mail,"
    "telephone,h_lundi,h_mardi,h_mercredi,h_jeudi,h_vendredi,h_samedi,prise_rdv,commentaire,type_fs,format_fs,"
    "groupe_fs,labellisation_fs"
)
_ENTETE_ZONAGES = (
    "insee_com,lib_com,id_pvd,id_ti,id_crte,id_acv,id_ami,id_fabp,id_amm,id_habinclus,id_cite,id_cde,id_fs,"
    "id_acv2,id_va,id_site"
)
# Outside the Drôme, one point for so many communes.
_COMMUNES_PAR_POINT = 10
_FORMES = [("Principal", "Bus_équivalent"), ("Antenne", "Fixe_antenne(s)"), ("Principal", "Multisites")]
_HORAIRES = ["09:00 - 12:00 / 13:30 - 16:30", "08:30 - 12:00", "13:30 - 17:30", ""]
_DATES = ["01/01/2020", "15/01/2021", "01/01/2022", "15/11/2022"]


def communes_servies() -> list[Territoire]:
    """The most populated communes of each EPCI, as many as the EPCI has points in that département."""
    groupes: dict[tuple[str, str], list[Territoire]] = {}
    for c in faits.communes(2024):
        groupes.setdefault((c.epci, c.departement), []).append(c)
    points_baronnies = int(cibles()["france_services", f"epci:{BARONNIES}", 2024])
    points_drome = int(cibles()["france_services", f"departement:{DROME}", 2024])
    autres_drome = {
        siren: len(membres)
        for (siren, departement), membres in groupes.items()
        if departement == DROME and siren != BARONNIES
    }
    points = repartir(points_drome - points_baronnies, autres_drome) | {BARONNIES: points_baronnies}
    return [
        commune
        for (siren, departement), membres in groupes.items()
        for commune in sorted(membres, key=lambda c: (-c.pmun[2022], c.code))[
            : points[siren] if departement == DROME else len(membres) // _COMMUNES_PAR_POINT
        ]
    ]


def _point(identifiant: int, c: Territoire) -> dict[str, str]:
    jours = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi")
    # A fixed main site for most; the other forms in turn for one point in four.
    fixe = tirage(f"forme {c.code}", 0, 3) > 0
    type_fs, format_fs = ("Principal", "Fixe") if fixe else _FORMES[identifiant % len(_FORMES)]
    permanences = "Permanences sur rendez-vous :\n- le lundi matin en mairie ;\n- le jeudi après-midi."
    return {
        "id_fs": str(identifiant),
        "insee_dep": c.departement,
        "lib_fs": f"France services de démonstration, {c.libelle}",
        "insee_com": c.code,
        "lib_com": c.libelle,
        **{f"h_{jour}": _HORAIRES[tirage(f"horaires {c.code} {jour}", 0, 3)] for jour in jours},
        "prise_rdv": "Oui" if fixe else "Non",
        "commentaire": permanences if tirage(f"permanences {c.code}", 0, 3) == 0 else "",
        "type_fs": type_fs,
        "format_fs": format_fs,
        "labellisation_fs": f"Espace labellisé {_DATES[tirage(f'label {c.code}', 0, 3)]}",
    }


def _zonages(cog: int) -> bytes:
    entete = _ENTETE_ZONAGES.split(",")
    lignes = []
    for c in faits.communes(cog):
        ligne = faits.zonages().get(c.code, {}) | {"insee_com": c.code, "lib_com": c.libelle}
        lignes.append([ligne.get(colonne, "") for colonne in entete])
    return texte_csv(entete, lignes, ",", "\r\n", csv.QUOTE_ALL)


def fichiers() -> dict[str, bytes]:
    """The ANCT files: path in the mirror to content."""
    entete = _ENTETE.split(",")
    lignes = [
        [point.get(colonne, "") for colonne in entete]
        for point in (_point(rang, c) for rang, c in enumerate(communes_servies(), start=1))
    ]
    return {
        "anct/liste-fs-20240801.csv": texte_csv(entete, lignes, ",", guillemets=csv.QUOTE_ALL),
        **{f"anct/ngeo-anct-cog{cog}.csv": _zonages(cog) for cog in (2023, 2024)},
    }
