"""Finding a place: by its identifier, its code or its name, in the release that is read."""

from collections.abc import Mapping

import duckdb

from publication.commun.alphabet import NOM
from publication.commun.lignes import lignes
from publication.commun.niveaux import NIVEAUX
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

_ORDRE = f"list_position({list(NIVEAUX)}, niveau), {NOM.format('libelle')}, code"


def trouver(con: duckdb.DuckDBPyConnection, demande: str) -> tuple[str, str, str]:
    """Return territoire_id, niveau and libellé of the one place that `demande` names.

    An identifier or a code first, then a whole name, then pieces of one: `26220`, `nyons`, `cc baronnies`.
    Raises ErreurPublication when no place, or several, answer: with the nearest, or with those.
    """
    nom, voulu = NOM.format("libelle"), NOM.format("$demande")
    for condition in (
        "$demande in (territoire_id, code)",
        f"{nom} = {voulu}",
        f"len({voulu}) > 1 and list_bool_and([contains({nom}, mot) for mot in string_split({voulu}, ' ')])",
    ):
        trouves = lignes(
            con,
            f"select territoire_id, niveau, libelle from dim_territoire where {condition} order by {_ORDRE}",
            {"demande": demande},
        )
        if len(trouves) == 1:
            return trouves[0]["territoire_id"], trouves[0]["niveau"], trouves[0]["libelle"]
        if trouves:
            reste = len(trouves) - _AU_PLUS
            raise ErreurPublication(
                "\n".join(
                    [
                        f"{len(trouves)} territoires répondent à « {demande} » ; en choisir un :",
                        *(_ligne(t) for t in trouves[:_AU_PLUS]),
                        *([f"  … et {reste} autres : préciser le nom"] if reste > 0 else []),
                    ]
                )
            )
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


def _ligne(territoire: Mapping[str, str]) -> str:
    return f"  {territoire['territoire_id']:<22} {territoire['libelle']}"
