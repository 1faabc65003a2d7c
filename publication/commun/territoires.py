"""Finding a place: by its identifier, its code or its name, in the release that is read."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from publication.lecture.alphabet import NOM, cle
from publication.lecture.lignes import lignes
from publication.lecture.niveaux import NIVEAUX
from publication.lecture.vocabulaire import Lexique
from socle.erreurs import ErreurPublication

_AU_PLUS = 20

# What is asked for beside every place: an identifier by its code, anything else word by word, the longer ones
# weighing more (« des » is in many names). Told are those about as near as the nearest, if it is near at all.
_PROCHES = f"""
    with compares as (
        select
            *,
            string_split({NOM.format("libelle")}, ' ') as mots,
            string_split({NOM.format("$demande")}, ' ') as voulus,
            split_part($demande, ':', 2) as voulu
        from dim_territoire
    ),
    mesures as (
        select
            *,
            if(
                contains($demande, ':'),
                if(
                    niveau = split_part($demande, ':', 1),
                    1 - levenshtein(code, voulu) / greatest(len(code), len(voulu)),
                    0
                ),
                list_sum(
                    [len(v) * list_max([jaro_winkler_similarity(v, mot) for mot in mots]) for v in voulus]
                ) / nullif(list_sum([len(v) for v in voulus]), 0)
            ) as proximite
        from compares
    )
    select territoire_id, libelle from mesures
    qualify proximite >= 0.8 and proximite >= max(proximite) over () - 0.05
    order by
        proximite desc,
        jaro_winkler_similarity({NOM.format("libelle")}, {NOM.format("$demande")}) desc,
        {{ordre}}
    limit 5
"""

SANS_CHIFFRE = {
    "arrondissement_municipal": "arrondissement municipal",
    "etablissement_public_territorial": "établissement public territorial",
}
"""What a name of `noms_sans_chiffre` is, by its nature."""

_ORDRE = f"list_position({list(NIVEAUX)}, niveau), {NOM.format('libelle')}, code"


def trouver(con: duckdb.DuckDBPyConnection, demande: str) -> tuple[str, str, str]:
    """Return territoire_id, niveau and libellé of the one place that `demande` names.

    An identifier or a code first, then a whole name, then words as people say them, then pieces of a name:
    `26220`, `nyons`, `la Drôme`, `agglo de Montélimar`, `baronn`.
    Raises ErreurPublication when no place, or several, answer: with the nearest, or with those; and when what
    answers has no figure of its own (Paris 13e, a commune that merged), with the territory that has them.
    """
    nom, voulu = NOM.format("libelle"), NOM.format("$demande")
    morceaux = f"list_bool_and([contains({nom}, mot) for mot in string_split({voulu}, ' ')])"
    demandes = _mots(demande)

    def chercher(condition: str, **parametres: Any) -> list[dict[str, Any]]:
        requete = f"select territoire_id, niveau, libelle from dim_territoire where {condition}"
        return lignes(con, f"{requete} order by {_ORDRE}", parametres)

    etapes: tuple[tuple[Callable[[], list[dict[str, Any]]], Callable[[Mapping[str, str]], bool]], ...] = (
        (
            lambda: chercher("$demande in (territoire_id, code)", demande=demande),
            lambda n: demande.rpartition(":")[2] == n["code"],
        ),
        (
            lambda: chercher(f"{nom} = {voulu}", demande=demande),
            lambda n: _mots(n["libelle"]) == demandes,
        ),
        (
            lambda: chercher("territoire_id in (select unnest($ids))", ids=_entendus(con, demande)),
            lambda n: False,
        ),
        (
            lambda: chercher(f"len({voulu}) > 1 and {morceaux}", demande=demande),
            lambda n: bool(demandes) and demandes <= _mots(n["libelle"]),
        ),
    )
    for etape, repond in etapes:
        trouves = etape()
        if len(trouves) == 1:
            return trouves[0]["territoire_id"], trouves[0]["niveau"], trouves[0]["libelle"]
        if trouves:
            titre = f"{len(trouves)} territoires répondent à « {demande} » ; en choisir un :"
            raise _plusieurs(titre, [_ligne(t) for t in trouves])
        _refuser_sans_chiffre(con, demande, repond)
    _refuser_reunie(con, demande)
    proches = lignes(con, _PROCHES.format(ordre=_ORDRE), {"demande": demande})
    raise ErreurPublication(
        "\n".join(
            [
                f"Aucun territoire de cette publication ne répond à « {demande} »."
                + (" Les plus proches :" if proches else ""),
                *(_ligne(t) for t in proches),
                "Donner un nom, un code Insee ou un identifiant niveau:code, comme commune:26220 ; ils sont"
                " dans la table dim_territoire.",
            ]
        )
    )


def _entendus(con: duckdb.DuckDBPyConnection, demande: str) -> list[str]:
    """The territories that words may name, where they name one place and nothing else: « la Drôme »."""
    lu = Lexique.de(con).lire(demande)
    if len(lu.lieux) != 1 or lu.reste or lu.indicateurs:
        return []
    (lieu,) = lu.lieux
    return [*lieu.candidats, *lieu.autres]


def _refuser_sans_chiffre(
    con: duckdb.DuckDBPyConnection, demande: str, repond: Callable[[Mapping[str, str]], bool]
) -> None:
    noms = [n for n in lignes(con, "from noms_sans_chiffre order by code") if repond(n)]
    if len(noms) == 1:
        repondant = {"territoire_id": noms[0]["territoire_id"], "libelle": noms[0]["territoire_libelle"]}
        raise ErreurPublication(f"{sans_chiffre(noms[0])}. Demander :\n{_ligne(repondant)}")
    if noms:
        titre = f"{len(noms)} noms sans chiffre à eux répondent à « {demande} » :"
        raise _plusieurs(titre, [f"  {sans_chiffre(n)}" for n in noms])


def _refuser_reunie(con: duckdb.DuckDBPyConnection, demande: str) -> None:
    """Name the commune that holds what had this code before it merged."""
    niveau, _, code = demande.rpartition(":")
    reunies = lignes(
        con,
        "select distinct territoire_id, libelle from passage_communes"
        " inner join dim_territoire on niveau = 'commune' and code = code_reference"
        " where nature = 'fusion' and code_origine = $code order by all",
        {"code": code},
    )
    if reunies and niveau in ("", "commune"):
        raise ErreurPublication(
            f"{code} est le code d'une commune réunie depuis à une autre : l'entrepôt donne leurs chiffres"
            " ensemble. Demander :\n" + "\n".join(map(_ligne, reunies))
        )


def _plusieurs(titre: str, dits: list[str]) -> ErreurPublication:
    reste = len(dits) - _AU_PLUS
    suite = [f"  … et {reste} autres : préciser le nom"] if reste > 0 else []
    return ErreurPublication("\n".join([titre, *dits[:_AU_PLUS], *suite]))


def sans_chiffre(nom: Mapping[str, str]) -> str:
    """Say of a row of `noms_sans_chiffre` what it is, and whose figures hold its own."""
    niveau, _, code = nom["territoire_id"].partition(":")
    parent, entier = ("la commune", "entière") if niveau == "commune" else ("l'EPCI", "entier")
    dit = (
        f"{nom['libelle']} ({nom['code']}) est un {SANS_CHIFFRE[nom['nature']]} de"
        f" {parent} {nom['territoire_libelle']} ({code}) : l'entrepôt donne les chiffres de {parent} {entier}"
    )
    return dit if nom["communes"] is None else f"{dit} et de chacune de ses communes : {nom['communes']}"


_ORDINAL = re.compile(r"\b(\d+)(?:er|e|eme|ere)\b")
_CREUX = {"arrondissement", "arrondissements", "arr", "de", "du", "la", "le", "l", "d", "ept"}


def _mots(nom: str) -> frozenset[str]:
    """What tells a name without figures from another: « 13ème arrondissement de Paris » is {13, paris}."""
    return frozenset(_ORDINAL.sub(r"\1", cle(nom)).split()) - _CREUX


def _ligne(territoire: Mapping[str, str]) -> str:
    return f"  {territoire['territoire_id']:<22} {territoire['libelle']}"
