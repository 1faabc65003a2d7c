"""The audit of a published document: its figures against a release, and against each other.

Reads a document and the marts of one release, and writes nothing itself: `verdicts.sql` judges each figure,
the SQL of `controles.yml` sets them side by side.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from confidentialite.regle import PETIT
from publication.controle_documents.controles import FUITES, PASSES, controler, lire
from publication.controle_documents.lecture import DocumentAudite
from publication.controle_documents.lecture import lire as lire_document
from publication.controle_documents.ouverture import suffixe
from publication.lecture.fichiers import BASE
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts, connecter
from publication.lecture.membres import membres
from publication.lecture.niveaux import NIVEAUX

A_CORRIGER = ("ecart", "mauvais_univers", "divulgation")
"""Verdicts that ask the author of the document for a correction."""


@dataclass(frozen=True)
class Audit:
    """What an audit found: a row per printed figure, and per result of a check.

    `sans_objet`: checks whose terms the document does not print; `noms`: what identifiers are called.
    """

    document: DocumentAudite
    release_id: str
    demonstration: bool
    chiffres: Sequence[Ligne]
    controles: Sequence[Ligne]
    sans_objet: Sequence[str]
    noms: Mapping[str, str] = field(default_factory=dict)

    @property
    def a_corriger(self) -> bool:
        """Whether a figure or a check calls for a correction (what is only to be confirmed does not)."""
        return any(c["verdict"] in A_CORRIGER for c in self.chiffres) or any(
            c["status"] not in (*PASSES, "A_VERIFIER") for c in self.controles
        )


def auditer(dossier: Path, fichier: Path) -> Audit:
    """Audit the document `fichier` against the release in `dossier`.

    Raises DocumentIllisible when the document is not in the expected form.
    """
    document = lire_document(fichier)
    with connecter(dossier / BASE) as con:
        marts = Marts(con)
        _poser(con, document)
        con.execute(lire("verdicts.sql"))
        con.execute(lire("termes.sql"))
        controles, sans_objet = controler(con)
        return Audit(
            document,
            marts.release["release_id"],
            marts.demonstration,
            [_conclure(c, controles) for c in marts.lignes(_CHIFFRES)],
            controles,
            sans_objet,
            {n["nom"]: n["dit"] for n in marts.lignes(_NOMS)},
        )


def _poser(con: duckdb.DuckDBPyConnection, document: DocumentAudite) -> None:
    """Set beside the marts what is printed, the communes of each territory, and the words of universes."""
    imprimes = [
        c | {"niveau": NIVEAUX[str(c["territory_level"])].court, "suffixe": suffixe(str(c["unit"]))}
        for c in document.chiffres
    ]
    colonnes = ", ".join(f"{nom} {'integer' if nom == 'ligne' else 'varchar'}" for nom in imprimes[0])
    con.execute(f"create temp table imprime ({colonnes})")
    con.executemany(
        f"insert into imprime values ({', '.join('?' * len(imprimes[0]))})", [[*c.values()] for c in imprimes]
    )
    con.execute(
        f"""
        create temp table membres as
        select distinct m.territoire_id, t.territoire_id as commune
        from ({membres()}) as m
        inner join dim_territoire as t on t.niveau = 'commune' and m.code = t.code
        where m.territoire_id in (select territory_level || ':' || territory_code from imprime)
        union
        select territoire_id, territoire_id from dim_territoire
        where
            niveau = 'commune'
            and territoire_id in (select territory_level || ':' || territory_code from imprime)
        """
    )
    con.execute("create temp table vocabulaire (mot varchar, univers varchar[])")
    con.executemany(
        "insert into vocabulaire values (strip_accents(?), ?)",
        [[v["mot"], v["univers"].split("+")] for v in csv.DictReader(lire("vocabulaire.csv").splitlines())],
    )
    con.execute(f"set variable petit = {PETIT}")


_CHIFFRES = """
    select
        ligne, theme, indicator_id as indicateur_id, label as libelle, territoire_id,
        territory_name as territoire, periode, nullif(valeur_imprimee, '') as valeur_imprimee, unit as unite,
        if(seule_annee, 'non_verifiable', verdict) as verdict,
        explication || if(seule_annee, ', et le document peut parler d''une autre', '') as explication,
        cellule.valeur, cellule.valeur_texte, if(cellule.valeur is null, null, cellule.bas) as borne_basse,
        if(cellule.valeur is null, null, cellule.haut) as borne_haute, nombre - cellule.valeur as ecart,
        cellule.millesime, cellule.statut, cellule.source_ids,
        if(valeur_imprimee = '', null, univers) as univers,
        array_to_string(nommes, '+') as univers_nomme, lecture.indicateur_id as lecture_indicateur_id,
        lecture.millesime as lecture_millesime, lecture.valeur as lecture_valeur, dite, suffixe,
        coalesce(cellule.valeur between bas - 1e-9 and haut + 1e-9, false) as retrouve,
        case
            when cellule.valeur is null then coalesce(cellule.valeur_texte, cellule.statut)
            when nombre is null then ecrire(cellule.valeur)
            else nombre_dit(jugements, cellule)
        end || ' (' || cellule.millesime || ')' as entrepot
    from jugements order by ligne
"""

_NOMS = """
    select nom, first(dit order by rang, ligne) as dit from (
        select territoire_id as nom, libelle as dit, 1 as rang, 0 as ligne from dim_territoire
        where territoire_id in (select territoire_id from document)
        union all select source_id, titre, 1, 0 from dim_source
        union all select indicateur_id, '« ' || libelle || ' »', 1, 0 from dim_indicateur
        -- Else those that the document gives to what is its own.
        union all select indicator_id, '« ' || label || ' »', 2, ligne from document
        union all select territoire_id, territory_name, 2, ligne from document where territory_name <> ''
    ) group by nom
"""


def _conclure(chiffre: dict[str, Any], controles: Sequence[Ligne]) -> dict[str, Any]:
    """Add to a verdict what the checks prove of the figure.

    A divulgation outweighs everything. A sum or a ratio of the document itself decides only where the
    warehouse cannot, as it cannot of a figure without a year that differs from the one year received, unless
    another indicateur is what was printed.
    """
    for controle in (c for c in controles if c["vise"] == chiffre["ligne"]):
        if controle["status"] in FUITES:
            chiffre["verdict"] = "divulgation"
        elif chiffre["verdict"] == "non_verifiable" and controle["status"] in ("OK_ARRONDI", "KO"):
            chiffre["verdict"] = "ecart_arrondi" if controle["status"] == "OK_ARRONDI" else "ecart"
        else:
            continue
        chiffre["explication"] = (
            f"{controle['check_id']} : {controle['explanation']} ; {chiffre['explication']}"
        )
    cites = dict.fromkeys(c["check_id"] for c in controles if chiffre["ligne"] in c["lignes"])
    return chiffre | {"controles": "+".join(cites) or None}
