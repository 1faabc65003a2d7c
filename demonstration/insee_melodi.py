"""The invented census of 2022 as files of observations (Melodi): levels, older censuses, other dimensions."""

from decimal import Decimal

from demonstration import faits
from demonstration.faits import BARONNIES, DROME
from demonstration.formats import archive_zip, texte_csv
from demonstration.insee_recensement import TENDANCES, logements_publies, observes_en_2022, vieillir
from demonstration.invention import tirage
from ingestion.contrats import charger_contrats
from ingestion.contrats.grammaire import OBJET, PERIODE, TERRITOIRE, VALEUR

# Melodi prints five decimals: figures are integers of that unit.
_DECIMALES = 5
_RP, _COG = 2022, 2025
_ANCIENS = (2016, 2011)
# Second homes lose some too: the series that the deck's page cites stays that of 2018.
_TENDANCES = TENDANCES | {"logements_residences_secondaires": (-2, 6)}
# What no commune of the demonstration makes up: how many times the Drôme, about.
_ORDRES = {("REG", "84"): 16, ("FRANCE", "F"): 130, ("FRANCE", "FM"): 126}
# An observation that no mesure reads: dwellings of three rooms, people at work, families by age of children.
_AUTRES = {
    "insee_rp_logement": ("residences_principales", {"OCS": "DW_MAIN", "NOR": "R3"}),
    "insee_rp_emploi": ("actifs_15_64", {"EMPSTA_ENQ": "1"}),
    "insee_rp_familles": ("familles", {"NCH": "CH2_Y_LT25"}),
}


def _l_annee(source: str, annee: int) -> dict[str, dict[str, int]]:
    """What each commune counts in a census of the file."""
    return {
        code: vieillir(code, nombres, _RP - annee, _TENDANCES)
        for code, nombres in observes_en_2022()[source].items()
    }


def _territoires(source: str, annee: int) -> dict[tuple[str, str], dict[str, int]]:
    """Every territory of a file, zonings among them: (GEO_OBJECT, GEO) to what it counts."""
    communes = _l_annee(source, annee)
    membres: dict[tuple[str, str], list[str]] = {}
    for c in faits.communes(_COG):
        membres.setdefault(("COM", c.code), []).append(c.code)
        membres.setdefault(("EPCI", c.epci), []).append(c.code)
        # The only département whose every commune is here.
        if c.departement == DROME:
            membres.setdefault(("DEP", DROME), []).append(c.code)
        if c.epci == BARONNIES:
            # Invented zonings, one of which has the code of a commune.
            membres.setdefault(("ZE2020", "8400"), []).append(c.code)
            membres.setdefault(("BV2022", "26220"), []).append(c.code)
    sommes: dict[tuple[str, str], dict[str, int]] = {
        place: {nom: sum(communes[code][nom] for code in codes) for nom in communes[codes[0]]}
        for place, codes in membres.items()
    }
    for (objet, geo), fois in _ORDRES.items():
        # One draw for the years of a territory, so that they compare.
        sommes[objet, geo] = {
            nom: n * fois * tirage(f"{nom} {objet} {geo}", 92, 108) // 100
            for nom, n in sommes["DEP", DROME].items()
        }
    return {place: logements_publies(n) if "appartements" in n else n for place, n in sommes.items()}


def _double(en_unites: int) -> str:
    """A number as Melodi writes it: five decimals at most, `41834380.01626` as `4.183438001626E7`."""
    n = Decimal(en_unites).scaleb(-_DECIMALES).normalize()
    if n >= 10**7:
        return f"{n.scaleb(-n.adjusted()):f}E{n.adjusted()}"
    texte = f"{n:f}"
    return texte if "." in texte else f"{texte}.0"


def _fichier(source: str) -> tuple[str, bytes]:
    ressource = charger_contrats()[source].ressources["communes"]
    edition = ressource.millesimes[_RP]
    long = ressource.layouts[edition.layout[0]].long
    assert long and edition.mirror and edition.member
    autre, codes_autres = _AUTRES[source]
    entete = [TERRITOIRE, OBJET, *long.dimensions, *long.markers, PERIODE, VALEUR]
    lignes = []
    for annee in sorted((_RP, *_ANCIENS)):
        for (objet, geo), nombres in sorted(_territoires(source, annee).items()):
            lues = [(codes, nombres[mesure]) for mesure, codes in long.mesures.items()]
            for codes, n in [*lues, (codes_autres, nombres[autre] * 2 // 5)]:
                dimensions = long.dimensions | codes
                lignes.append(
                    [geo, objet, *dimensions.values(), *("A" for _ in long.markers), annee, _double(n)]
                )
    metadonnees = [
        [d, code]
        for d in long.dimensions
        for code in sorted({str(ligne[entete.index(d)]) for ligne in lignes})
    ]
    return edition.mirror, archive_zip(
        {
            edition.member: texte_csv(entete, lignes, ";"),
            edition.member.replace("_data", "_metadata"): texte_csv(["COD_VAR", "COD_MOD"], metadonnees, ";"),
        }
    )


def fichiers() -> dict[str, bytes]:
    """Every file of observations: path in the mirror to content."""
    return dict(map(_fichier, ("insee_rp_logement", "insee_rp_emploi", "insee_rp_familles")))
