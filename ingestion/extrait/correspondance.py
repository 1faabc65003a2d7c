"""The mapping of one Caf: its columns, codes and months in the terms of the contract, checked as a whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ingestion.contrats.chargement import ClesUniques
from ingestion.contrats.grammaire import Couverture, Encodage
from ingestion.extrait.contrat import NOMBRES, ContratExtrait, charger_contrat
from socle.erreurs import ErreurCtg

NOM_FICHIER = "correspondance_extrait.yml"
BOOLEENS = {"oui": True, "non": False}
RANG = re.compile(r"\{(n|nn)\}")

Mois = Annotated[str, Field(pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])$")]
Nom = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
OuiNon = Literal["oui", "non"]


def _forme(*exigees: str) -> AfterValidator:
    def verifier(forme: str) -> str:
        reste = forme
        for lettres in ("AAAA", "MM", "JJ"):
            if lettres in exigees and forme.count(lettres) != 1:
                raise ValueError(f"a form with {', '.join(exigees)}, each once, is expected")
            reste = reste.replace(lettres, "")
        if re.search(r"[^/. -]", reste):
            raise ValueError("only AAAA, MM, JJ, /, ., - and spaces may stand in a form")
        return forme

    return AfterValidator(verifier)


FormeDate = Annotated[str, _forme("AAAA", "MM", "JJ")]
FormeMois = Annotated[str, _forme("AAAA", "MM")]


class CorrespondanceInvalide(ErreurCtg):
    """Every error of a mapping file, one `path.to.key: message` each."""

    def __init__(self, fichier: Path, erreurs: list[str]) -> None:
        """Keep the list; the message shows it whole."""
        self.fichier = fichier
        self.erreurs = erreurs
        super().__init__(f"{len(erreurs)} error(s) in the mapping {fichier}:\n" + "\n".join(erreurs))


class ModeleSouple(BaseModel):
    """Base of the grammar: unknown keys are errors, nothing changes. Scalars come as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FormatCsvExtrait(ModeleSouple):
    """Delimited text with a header."""

    type: Literal["csv"]
    encodage: Encodage
    separateur: Annotated[str, Field(min_length=1, max_length=1)]
    decimale: Literal[".", ","]
    date: FormeDate = "AAAA-MM-JJ"
    mois: FormeMois = "AAAA-MM"
    fin_sans_saut: OuiNon = "non"


class FormatParquet(ModeleSouple):
    """Parquet, whose columns may be text or typed."""

    type: Literal["parquet"]
    date: FormeDate = "AAAA-MM-JJ"
    mois: FormeMois = "AAAA-MM"

    @property
    def decimale(self) -> str:
        """Numbers of a typed column have one form."""
        return "."


Format = Annotated[FormatCsvExtrait | FormatParquet, Field(discriminator="type")]


class EnfantsRepetes(ModeleSouple):
    """Children as repeated columns: `colonnes` are patterns, with {n} (1, 2…) or {nn} (01, 02…)."""

    repetees: Annotated[int, Field(ge=1)]
    colonnes: dict[str, str]

    def par_enfant(self) -> list[dict[str, str]]:
        """For each rank, from 1, the header of each column of the contract."""
        return [
            {
                cible: patron.replace("{nn}", f"{rang:02}").replace("{n}", str(rang))
                for patron, cible in self.colonnes.items()
            }
            for rang in range(1, self.repetees + 1)
        ]


class EnfantsFichier(ModeleSouple):
    """Children as a second file, one row per child; `fichier` is its name or a pattern."""

    fichier: str
    colonnes: dict[str, str]
    ignorees: list[str] = []


class Disposition(ModeleSouple):
    """How a file is laid out: source columns by name, codes, blanks, children."""

    format: Format
    fichier: str | None = None
    colonnes: dict[str, str]
    ignorees: list[str] = []
    codes: dict[str, dict[str, str]] = {}
    vides: list[str] = [""]
    vide_vaut_zero: list[str] = []
    arrondies: list[str] = []
    enfants: EnfantsRepetes | EnfantsFichier

    @property
    def fichier_enfants(self) -> str | None:
        """Name or pattern of the second file, if there is one."""
        return self.enfants.fichier if isinstance(self.enfants, EnfantsFichier) else None


class MoisDeclare(ModeleSouple):
    """A month that may be taken in."""

    statut: Literal["semi_definitif", "definitif"]
    disposition: str | None = None
    cog: Annotated[int, Field(ge=1943, le=2999)] | None = None
    finalite: str | None = None


class Correspondance(ModeleSouple):
    """The whole mapping file."""

    couverture: Couverture
    cog: Annotated[int, Field(ge=1943, le=2999)]
    conservation_depot_jours: Annotated[int, Field(ge=0, le=366)] = 0
    conservation_micro_mois: Annotated[dict[Nom, Annotated[int, Field(ge=1, le=1200)]], Field(min_length=1)]
    purge_de_nuit: OuiNon = "non"
    mois: dict[Mois, MoisDeclare]
    dispositions: Annotated[dict[str, Disposition], Field(min_length=1)]

    def disposition(self, mois: str) -> Disposition:
        """Layout of the files of a declared month."""
        nom = self.mois[mois].disposition
        return self.dispositions[nom] if nom else next(iter(self.dispositions.values()))

    def finalite(self, mois: str) -> str:
        """Purpose a declared month is kept for."""
        return self.mois[mois].finalite or next(iter(self.conservation_micro_mois))

    def cog_du_mois(self, mois: str) -> int:
        """Year of the COG of a declared month."""
        return self.mois[mois].cog or self.cog

    def empreinte(self, mois: str) -> str:
        """Hash (64 hex) of all that decides the rows of a month's micro Parquet, besides its files."""
        contenu = {
            "disposition": self.disposition(mois).model_dump(),
            "cog": self.cog_du_mois(mois),
            "finalite": self.finalite(mois),
            "code": _empreinte_code(),
        }
        return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


@cache
def _empreinte_code() -> str:
    ici = Path(__file__).parent
    noms = (
        "schema.py",
        "valeurs.py",
        "colonnes.py",
        "lecture.py",
        "enfants.py",
        "pseudonymes.py",
        "ecriture.py",
    )
    # Who may have the extract, and its title, decide of no row.
    contrat = charger_contrat().model_dump_json(include={"cle", "colonnes", "enfants"})
    lus = [contrat.encode(), *((ici / nom).read_bytes() for nom in noms)]
    lus.append((ici.parent / "cellules.py").read_bytes())
    return hashlib.sha256(b"\0".join(lus)).hexdigest()


def chemin_correspondance(home: Path, env: Mapping[str, str] = os.environ) -> Path:
    """Path of the mapping: `CTG_CORRESPONDANCE`, else `correspondance_extrait.yml` in CTG_HOME."""
    return Path(env.get("CTG_CORRESPONDANCE") or home / NOM_FICHIER)


def charger_correspondance(fichier: Path) -> Correspondance:
    """Load a mapping and check it. Raises `CorrespondanceInvalide` with every error, or for no file."""
    try:
        brut = yaml.load(fichier.read_text(encoding="utf-8-sig"), _Chargeur)
        correspondance = Correspondance.model_validate(brut)
    except OSError as e:
        absente = f"it cannot be read ({e.strerror}): start from the one `ctg extrait template` writes"
        raise CorrespondanceInvalide(fichier, [absente]) from e
    except ValidationError as e:
        erreurs = [f"{'.'.join(map(str, d['loc'])) or 'file'}: {d['msg']}" for d in e.errors()]
        raise CorrespondanceInvalide(fichier, erreurs) from e
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as e:
        raise CorrespondanceInvalide(fichier, [f"this is not YAML in UTF-8: {e}"]) from e
    if erreurs := list(_incoherences(correspondance, charger_contrat())):
        raise CorrespondanceInvalide(fichier, erreurs)
    return correspondance


class _Chargeur(ClesUniques, yaml.CBaseLoader):
    """Every scalar is text, so that `01` stays `01`."""


def _incoherences(c: Correspondance, contrat: ContratExtrait) -> Iterator[str]:
    for mois, declare in c.mois.items():
        if declare.disposition is None and len(c.dispositions) > 1:
            yield f"mois.{mois}: name its disposition, one of {', '.join(c.dispositions)}"
        elif declare.disposition is not None and declare.disposition not in c.dispositions:
            yield f"mois.{mois}.disposition: {declare.disposition} is not under dispositions"
        if declare.finalite is None and len(c.conservation_micro_mois) > 1:
            yield f"mois.{mois}: name its finalite, one of {', '.join(c.conservation_micro_mois)}"
        elif declare.finalite is not None and declare.finalite not in c.conservation_micro_mois:
            yield f"mois.{mois}.finalite: {declare.finalite} is not under conservation_micro_mois"
    for nom, d in c.dispositions.items():
        for message in (*_colonnes(d, contrat), *_codes(d, contrat), *_enfants(d, contrat)):
            yield f"dispositions.{nom}.{message}"


def _colonnes(d: Disposition, contrat: ContratExtrait) -> Iterator[str]:
    yield from _cibles("colonnes", d.colonnes, contrat.colonnes)
    for nom, colonne in contrat.colonnes.items():
        if colonne.obligatoire and nom not in d.colonnes.values():
            yield f"colonnes: no source column is bound to {nom}, which is mandatory"
    for entete in sorted(set(d.colonnes) & set(d.ignorees)):
        yield f"ignorees: {entete} is also under colonnes"
    for cle, noms, types in (
        ("vide_vaut_zero", d.vide_vaut_zero, NOMBRES),
        ("arrondies", d.arrondies, ("decimal",)),
    ):
        for nom in noms:
            if nom not in contrat.colonnes or contrat.colonnes[nom].type not in types:
                yield f"{cle}: {nom} is not a column of the contract of type {' or '.join(types)}"


def _codes(d: Disposition, contrat: ContratExtrait) -> Iterator[str]:
    colonnes = {**contrat.colonnes, "aeeh": contrat.enfants.colonnes["aeeh"]}
    lies = {*d.colonnes.values(), *d.enfants.colonnes.values()}
    for nom, codes in d.codes.items():
        colonne = colonnes.get(nom)
        if colonne is None or colonne.type not in ("code", "booleen"):
            yield f"codes.{nom}: not a column of the contract that holds codes or a boolean"
            continue
        permis = colonne.valeurs or list(BOOLEENS)
        for code, cible in codes.items():
            if cible not in permis:
                yield f"codes.{nom}.{code}: {cible} is not one of {', '.join(permis)}"
    if isinstance(d.format, FormatCsvExtrait):
        for nom in sorted(lies & {n for n, c in colonnes.items() if c.type == "booleen"} - set(d.codes)):
            yield f"codes: {nom} is a boolean: say which codes of the file mean oui and which non"


def _enfants(d: Disposition, contrat: ContratExtrait) -> Iterator[str]:
    permises = dict(contrat.enfants.colonnes)
    if isinstance(d.enfants, EnfantsFichier):
        permises |= {nom: contrat.colonnes[nom] for nom in ("id_foyer", "mois")}
        if "id_foyer" not in d.enfants.colonnes.values():
            yield "enfants.colonnes: no source column is bound to id_foyer"
    else:
        if d.enfants.repetees > contrat.enfants.maximum:
            yield f"enfants.repetees: at most {contrat.enfants.maximum}"
        for patron in d.enfants.colonnes:
            if not RANG.search(patron):
                yield f"enfants.colonnes.{patron}: no {{n}} in the name of a repeated column"
        entetes = Counter(e for enfant in d.enfants.par_enfant() for e in enfant.values())
        for entete in sorted(e for e, n in entetes.items() if n > 1 or e in d.colonnes or e in d.ignorees):
            yield f"enfants.colonnes: {entete} is bound twice"
    yield from _cibles("enfants.colonnes", d.enfants.colonnes, permises)
    if len({"naissance", "age"} & set(d.enfants.colonnes.values())) != 1:
        yield "enfants.colonnes: bind either naissance or age, not both"


def _cibles(cle: str, colonnes: Mapping[str, str], permises: Mapping[str, object]) -> Iterator[str]:
    for entete, cible in colonnes.items():
        if cible not in permises:
            yield f"{cle}.{entete}: {cible} is not a column of the contract"
    for cible, n in Counter(colonnes.values()).items():
        if n > 1:
            yield f"{cle}: {n} source columns are bound to {cible}"
