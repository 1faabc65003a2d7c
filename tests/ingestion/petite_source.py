"""A small register and its COG: contracts and files, for tests that need no real file."""

from hashlib import sha256
from pathlib import Path

from ingestion.acquisition import Acquisition, BilanSource, Profil, dans_l_ordre
from ingestion.cog import CogsRecus
from ingestion.contrats import Ressource, charger_contrats
from ingestion.erreurs import Lieu
from ingestion.typage import Normalise, normaliser_fichier

COG = """
source: insee_cog_communes
title: COG
producer: Insee
licence: LO2
page: https://example.org/
cadence: annuelle
indispensable: true
diffusion: publique
description: COG.
ressources:
  communes:
    grain: one line per code
    niveau: commune
    format: {kind: csv, encoding: utf-8, separator: ","}
    cle: [typecom, code]
    columns:
      typecom: {type: text, description: Kind}
      code: {type: code_commune, description: Code}
    layouts:
      l: {documente: invented, columns: {TYPECOM: typecom, COM: code}}
    thresholds:
      rows: {min: 1, max: 100}
      all_departements: {from_commune: code, except: ["26", "2A", "75", "971", "976"]}
    couverture: france
    absence: sans_objet
    millesimes:
      2022: {layout: l, cog: 2022, mirror: cog2022.csv}
"""

REGISTRE = """
source: registre
title: Registre
producer: Producteur
licence: LO2
page: https://example.org/
cadence: annuelle
indispensable: false
diffusion: publique
description: Register.
ressources:
  communes:
    grain: one line per commune
    niveau: commune
    format: {kind: csv, encoding: utf-8, separator: ";", decimal: "."}
    cle: [code]
    columns:
      code: {type: code_commune, description: Code}
      foyers: {type: integer, min: 0, max: 100000, multiple: 5, unit: foyers, description: Foyers}
      revenu: {type: decimal, min: 0, max: 1000000, missing: [""], secret: [s], description: Revenu}
    layouts:
      l: {documente: invented, columns: {CODE: code, "FOY{aa}": foyers, "REV{aa}": revenu, NOM: ~}}
    thresholds:
      rows: {min: 4, max: 8}
      codes_hors_cog: 1
      all_departements: {from_commune: code, except: ["976"]}
      ratio_to_last: {columns: [revenu], min: 0.5, max: 2}
      ratio_between: [{numerator: revenu, denominator: foyers, min: 0.01, max: 150}]
      shown_from: [{columns: [revenu], any_of: {foyers: 50, revenu: 200}}]
      totals: {foyers: {min: 100, max: 1000}}
    couverture: france
    absence: inconnu
    millesimes:
      2021: {layout: l, cog: 2022, mirror: registre2021.csv}
      2022: {layout: l, cog: 2022, mirror: registre2022.csv, publie_le: 2023-06-01}
"""

COG_2022 = "TYPECOM,COM\n" + "".join(
    f"{t},{c}\n"
    for t, c in [
        ("COM", "26001"),
        ("COM", "26002"),
        ("COM", "2A004"),
        ("COM", "97101"),
        ("COM", "97608"),
        ("ARM", "75101"),
        ("COMD", "26003"),
    ]
)
REGISTRE_2022 = (
    "CODE;FOY22;REV22;NOM\n"
    "26001;60;1500.5;Solaure\n"
    "26002;300;1600;Albon\n"
    "2A004;100;s;Ajaccio\n"
    "97101;55;;Les Abymes\n"
    '75101;0;2100.25;"Paris ""1er"""\n'
)


def glissant(url: str, *autres: tuple[str, str]) -> str:
    """The register at an address whose content rolls, with the year in each row, and these other changes."""
    contrat = REGISTRE
    for avant, apres in [
        ("cle: [code]", "cle: [annee, code]"),
        ("      code: {", "      annee: {type: year_of_month, description: Mois}\n      code: {"),
        (
            "    millesimes:",
            f"    rolling: {{url: '{url}', millesime_from_column: annee, layout: l, cog: newest}}\n"
            "    millesimes:",
        ),
        *autres,
    ]:
        assert avant in contrat
        contrat = contrat.replace(avant, apres, 1)
    return contrat


def petite_acquisition(
    dossier: Path, miroir: Path | str | None, contrats: dict[str, str], home: str = "home"
) -> Acquisition:
    """An acquisition under `dossier` of these contracts alone, from a mirror, or live where there is none."""
    sources = dossier / f"sources de {home}"
    sources.mkdir(exist_ok=True)
    for nom, texte in contrats.items():
        (sources / f"{nom}.yml").write_text(texte)
    profil = Profil("mirror", str(miroir)) if miroir else Profil("live", None)
    return Acquisition(dossier / home, charger_contrats(sources), profil)


def changer(acquisition: Acquisition, **quoi: object) -> None:
    """Change the contract of the register."""
    ressources = acquisition.contrats["registre"].ressources
    ressources["communes"] = ressources["communes"].model_copy(update=quoi)


def deposer(acquisition: Acquisition, contenu: str, nom: str = "registre.csv", millesime: int = 2022) -> Path:
    """Drop a file of the register."""
    fichier = acquisition.home / "depot/registre/communes" / str(millesime) / nom
    fichier.parent.mkdir(parents=True, exist_ok=True)
    fichier.write_text(contenu)
    return fichier


def typer(chemin: Path, r: Ressource, millesime: int, cogs: CogsRecus = None) -> Normalise:
    """A file as a contract types it."""
    edition = r.edition(millesime, glissante=False)
    assert edition
    return normaliser_fichier(
        chemin, r, edition, "f" * 64, cogs, Lieu(r.source, r.nom, millesime, chemin.name)
    )


def acquerir(acquisition: Acquisition) -> dict[str, tuple[BilanSource, BilanSource]]:
    """Run one night of acquisition: for each source, what was received and what was normalised."""
    return {
        s: (acquisition.recevoir(s), acquisition.normaliser(s)) for s in dans_l_ordre(acquisition.contrats)
    }


def sha(texte: str | bytes) -> str:
    return sha256(texte if isinstance(texte, bytes) else texte.encode()).hexdigest()
