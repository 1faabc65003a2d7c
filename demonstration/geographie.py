"""Files made of facts alone: COG, movements, composition of the EPCI, legal populations."""

import csv
from collections.abc import Iterator

from demonstration import faits
from demonstration.formats import classeur_xlsx, majuscules, texte_csv

_ARTICLES = {"0": "", "1": "", "2": "Le ", "3": "La ", "4": "Les ", "5": "L'"}


def _noms(tncc: str, libelle: str) -> tuple[str, str, str, str]:
    """TNCC, NCC, NCCENR and LIBELLE of a territory: the name without article, in capitals and not."""
    sans_article = libelle.removeprefix(_ARTICLES[tncc])
    return tncc, majuscules(sans_article), sans_article, libelle


def _cog(cog: int) -> bytes:
    entete = ["TYPECOM", "COM", "REG", "DEP", "CTCD", "ARR"]
    entete += ["TNCC", "NCC", "NCCENR", "LIBELLE", "CAN", "COMPARENT"]
    lignes = [
        [
            t.typecom,
            t.code,
            t.region,
            t.departement,
            t.departement and f"{t.departement}D",
            t.arrondissement,
            *_noms(t.tncc, t.libelle),
            t.canton,
            t.commune_parente,
        ]
        for t in faits.territoires(cog)
    ]
    if cog > 2019:
        return texte_csv(entete, lignes, ",", "\r\n")
    # 2019 alone: lower-case headers, no CTCD.
    ctcd = entete.index("CTCD")
    for ligne in [entete, *lignes]:
        del ligne[ctcd]
    return texte_csv([nom.lower() for nom in entete], lignes, ",", "\r\n", csv.QUOTE_ALL)


def _mouvements(cog: int) -> bytes:
    noms = ("TNCC", "NCC", "NCCENR", "LIBELLE")
    entete = ["MOD", "DATE_EFF"]
    for cote in ("AV", "AP"):
        entete += [f"TYPECOM_{cote}", f"COM_{cote}", *(f"{nom}_{cote}" for nom in noms)]
    lignes = [
        [
            m["mod"],
            m["date_effet"],
            m["typecom_avant"],
            m["code_avant"],
            *_noms(m["tncc_avant"], m["libelle_avant"]),
            m["typecom_apres"],
            m["code_apres"],
            *_noms(m["tncc_apres"], m["libelle_apres"]),
        ]
        for m in faits.mouvements(cog)
    ]
    return texte_csv(entete, lignes, ",", "\r\n")


def _epcicom(annee: int, rp: int) -> bytes:
    def lignes() -> Iterator[list[str | int | None]]:
        yield [
            *("dept", "siren", "raison_sociale", "nature_juridique", "mode_financ", "nb_membres"),
            *("total_pop_tot", "total_pop_mun", "dep_com", "insee", "siren_membre", "nom_membre"),
            *(f"ptot_{annee}", f"pmun_{annee}"),
        ]
        for e in faits.epci(annee).values():
            membres = [c for c in faits.communes(annee) if c.epci == e.siren]
            total_pmun = sum(c.pmun[rp] for c in membres)
            total_ptot = total_pmun + sum(c.pcap[rp] for c in membres)
            for c in membres:
                yield [
                    *(e.departement, int(e.siren), e.raison_sociale, e.nature_juridique, e.mode_financ),
                    *(len(membres), total_ptot, total_pmun, c.departement, c.code, None, c.libelle),
                    *(c.pmun[rp] + c.pcap[rp], c.pmun[rp]),
                ]

    return classeur_xlsx(f"Epcicom{annee}", lignes())


def _populations(rp: int) -> bytes:
    entetes = {
        2019: "REG;DEP;COM;PMUN;PCAP;PTOT",
        2020: "CODREG;REG;CODDEP;CODARR;CODCAN;CODCOM;COM;PMUN;PCAP;PTOT",
        2021: "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT",
        2022: "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT",
    }
    lignes = []
    for c in faits.communes(faits.COG_DU_RP[rp]):
        decoupage = [c.departement, c.arrondissement[2:], c.canton[2:], c.code[2:]]
        identite = {
            2019: [c.region, c.departement, c.code],
            2020: [c.region, faits.REGIONS[c.region], *decoupage, c.libelle],
        }.get(rp, [c.region, faits.REGIONS[c.region], *decoupage, c.code, c.libelle])
        lignes.append([*identite, c.pmun[rp], c.pcap[rp], c.pmun[rp] + c.pcap[rp]])
    return texte_csv(entetes[rp].split(";"), lignes, ";", "\r\n")


def fichiers() -> dict[str, bytes]:
    """Every file of facts: path in the mirror to content."""
    cog = {f"insee/cog/v_commune_{annee}.csv": _cog(annee) for annee in range(2021, 2026)}
    mouvements = {f"insee/cog/v_mvt_commune_{annee}.csv": _mouvements(annee) for annee in range(2023, 2026)}
    return {
        **cog,
        **mouvements,
        "insee/cog/communes-2019.csv": _cog(2019),
        "dgcl/epcicom2020.xlsx": _epcicom(2020, rp=2017),
        "dgcl/epcicom2023.xlsx": _epcicom(2023, rp=2020),
        "dgcl/epcicom2024.xlsx": _epcicom(2024, rp=2021),
        "insee/populations/donnees_communes_pop2019_cog2021.csv": _populations(2019),
        "insee/populations/donnees_communes_pop2020.csv": _populations(2020),
        "insee/populations/donnees_communes_pop2021_cog2023.csv": _populations(2021),
        "insee/populations/donnees_communes_pop2022.csv": _populations(2022),
    }
