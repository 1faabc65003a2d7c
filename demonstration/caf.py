"""Registers of the Caf and of the Département: invented structures, totals of the Baronnies from the deck.

Anything the deck does not state of the Baronnies (amounts, financing, agréments) is `nd`, never invented.
"""

from collections.abc import Iterator, Mapping, Sequence

from demonstration import faits
from demonstration.faits import BARONNIES, DROME, Territoire
from demonstration.formats import classeur_xlsx, texte_csv
from demonstration.invention import cibles, repartir, tirage
from ingestion.contrats import charger_contrats

_ANNEE = 2024
# Inhabitants for one structure where there is no target, and the bounds of its capacity.
_HABITANTS = {
    "eaje": 3000,
    "mam": 15_000,
    "rpe": 20_000,
    "laep": 20_000,
    "alsh": 2500,
    "accueil_jeunes": 12_000,
    "clas": 12_000,
    "centre_social": 15_000,
    "evs": 15_000,
    "fjt": 60_000,
    "permanence_caf": 20_000,
    "point_numerique_caf": 20_000,
}
_CAPACITES = {"eaje": (12, 40), "alsh": (24, 80), "fjt": (20, 60)}
_EUROS_PAR_PLACE = {"eaje": 6500, "alsh": 700}
_HABITANTS_PAR_CENTRE = 15_000
_HABITANTS_PAR_ASSISTANT = 400
# The one structure of the Baronnies that the schéma names.
_SOURIS_VERTES = ("eaje", "26063")

Ligne = dict[str, object]


def _par_epci() -> dict[str, list[Territoire]]:
    """The communes of each EPCI that are in the Drôme, the most populated first: a Caf has no other."""
    communes = sorted(
        (c for c in faits.communes(_ANNEE) if c.departement == DROME), key=lambda c: (-c.pmun[2021], c.code)
    )
    return {siren: [c for c in communes if c.epci == siren] for siren in faits.epci(_ANNEE)}


def _cible(nom: str, annee: int) -> int:
    return int(cibles()[nom, f"epci:{BARONNIES}", annee])


def _nombre(cible: str, epci: str, communes: Sequence[Territoire], habitants: int) -> int:
    if epci == BARONNIES:
        return _cible(cible, _ANNEE)
    return round(sum(c.pmun[2021] for c in communes) / habitants)


def _structures(annee: int) -> Iterator[Ligne]:
    """Structures of a year, in the order of EPCI, type and commune; the Eaje alone before the last year."""
    for epci, communes in _par_epci().items():
        for type_, habitants in _HABITANTS.items():
            if annee < _ANNEE and type_ != "eaje":
                continue
            nombre = _nombre(type_, epci, communes, habitants)
            lieux = [communes[rang % len(communes)] for rang in range(nombre)]
            lignes: list[Ligne] = [
                {
                    "annee": annee,
                    "id_structure": f"{type_}-{epci}-{rang}",
                    "type": type_,
                    "libelle": "Les Souris vertes"
                    if (type_, c.code) == _SOURIS_VERTES
                    else f"Structure de démonstration {type_} {rang}, {c.libelle}",
                    "code": c.code,
                }
                for rang, c in enumerate(lieux, 1)
            ]
            completer = _des_baronnies if epci == BARONNIES else _des_voisins
            yield from completer(type_, annee, lignes, communes)


def _des_baronnies(
    type_: str, annee: int, lignes: list[Ligne], communes: Sequence[Territoire]
) -> list[Ligne]:
    """What the deck states: places of the Eaje, and how many have the label."""
    if type_ == "eaje":
        poids = {
            str(ligne["id_structure"]): tirage(f"places {ligne['id_structure']}", 10, 20) for ligne in lignes
        }
        places = repartir(_cible("places_eaje", annee), poids)
        for rang, ligne in enumerate(lignes):
            ligne["places"] = places[str(ligne["id_structure"])]
            if annee == _ANNEE:
                ligne["avip"] = "oui" if rang < _cible("eaje_avip", annee) else "non"
    return lignes


def _gestionnaire(ligne: Ligne, commune: Territoire) -> str:
    """Who runs a structure: its commune, its EPCI, an association of several EPCI, or one of its own."""
    return (
        f"Commune de {commune.libelle}",
        f"Intercommunalité {commune.epci}",
        "Fédération de démonstration",
        f"Association de la {ligne['libelle']}",
    )[tirage(f"gestionnaire {ligne['id_structure']}", 0, 3)]


def _des_voisins(type_: str, annee: int, lignes: list[Ligne], communes: Sequence[Territoire]) -> list[Ligne]:
    par_code = {c.code: c for c in communes}
    for ligne in lignes:
        cle = str(ligne["id_structure"])
        ligne["gestionnaire"] = _gestionnaire(ligne, par_code[str(ligne["code"])])
        if type_ in _CAPACITES:
            places = tirage(f"places {cle}", *_CAPACITES[type_]) - tirage(f"hausse {cle}", 0, 4) * (
                annee < _ANNEE
            )
            ligne["places"] = places
        if type_ == "eaje":
            paje = tirage(f"paje {cle}", 0, 5) == 0
            ligne |= {"financement": "paje" if paje else "psu", "places_psu": 0 if paje else ligne["places"]}
            ligne["avip"] = "oui" if tirage(f"avip {cle}", 0, 3) == 0 else "non"
        if type_ in _EUROS_PAR_PLACE and annee == _ANNEE:
            montant = int(str(ligne["places"])) * _EUROS_PAR_PLACE[type_] + tirage(f"montant {cle}", 0, 5000)
            ligne |= {"montant_caf": montant, "montant_bonus_territoire": montant // 5}
        if type_ in ("centre_social", "evs"):
            fin = tirage(f"agrément {cle}", _ANNEE + 1, _ANNEE + 4)
            zone = [str(ligne["code"]), *(c.code for c in communes[:3] if c.code != ligne["code"])]
            ligne |= {"agrement_debut": f"{fin - 3}-01-01", "agrement_fin": f"{fin}-12-31"}
            ligne["zone_influence"] = " ; ".join(zone)
    return lignes


def _assistants_maternels(annee: int) -> Iterator[list[object]]:
    for epci, communes in _par_epci().items():
        habitants = {c.code: c.pmun[2021] for c in communes}
        total = (
            _cible("assistants_maternels_actifs", annee)
            if epci == BARONNIES
            else sum(habitants.values()) // _HABITANTS_PAR_ASSISTANT
        )
        for code, nombre in sorted(repartir(total, habitants).items()):
            if nombre:
                yield [annee, code, nombre]


def _centres_medico_sociaux() -> Iterator[list[object]]:
    for epci, communes in _par_epci().items():
        for c in communes[: _nombre("centres_medico_sociaux", epci, communes, _HABITANTS_PAR_CENTRE)]:
            yield [_ANNEE, f"CMS-{c.code}", f"Centre de démonstration, {c.libelle}", c.code]


def _rangs(colonnes: Mapping[str, object], lignes: Iterator[Ligne]) -> list[list[object]]:
    """Rows of a table, `nd` where nothing is stated."""
    return [[ligne.get(c, "nd") for c in colonnes] for ligne in lignes]


def fichiers() -> dict[str, bytes]:
    """Files of the Caf and of the Département: path in the mirror to content."""
    contrats = charger_contrats()
    caf, cd = (contrats[source].ressources for source in ("caf_equipements", "cd_pmi"))
    colonnes = caf["structures"].columns
    structures = [ligne for annee in (2019, _ANNEE) for ligne in _rangs(colonnes, _structures(annee))]
    return {
        "caf/equipements/2024/structures.csv": texte_csv([*colonnes], structures, ";"),
        "caf/equipements/2023/assistants_maternels.csv": texte_csv(
            [*caf["assistants_maternels"].columns], _assistants_maternels(2023), ";"
        ),
        "cd/pmi/2024/centres_medico_sociaux.xlsx": classeur_xlsx(
            "centres", [[*cd["centres_medico_sociaux"].columns], *_centres_medico_sociaux()]
        ),
    }
