"""Finding a place: by its identifier, its code or its name, in the release that is read."""

import duckdb

from publication.lignes import lignes
from socle.erreurs import ErreurPublication

_AU_PLUS = 20

NOM = (
    "trim(regexp_replace(strip_accents(replace(replace(lower({}), 'œ', 'oe'), 'æ', 'ae')),"
    " '[^a-z0-9]+', ' ', 'g'))"
)
"""SQL of a name as it is compared: letters and digits alone, without accents, œ as it is typed."""

_ORDRE = "list_position(['commune', 'epci', 'ctg', 'departement', 'region', 'france'], niveau), libelle, code"


def trouver(con: duckdb.DuckDBPyConnection, demande: str) -> tuple[str, str, str]:
    """Return territoire_id, niveau and libellé of the one place that `demande` names.

    An identifier (`epci:200068229`) or a code first, then a whole name, then pieces of one:

        26220, commune:26220, Nyons, nyons      Nyons
        cc baronnies                            CC des Baronnies en Drôme provençale
        saint                                   refused, and those it may be are listed

    Raises ErreurPublication when no place, or several, answer.
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
                        *(f"  {t['territoire_id']:<22} {t['libelle']}" for t in trouves[:_AU_PLUS]),
                        *([f"  … et {reste} autres : préciser le nom"] if reste > 0 else []),
                    ]
                )
            )
    raise ErreurPublication(
        f"Aucun territoire de cette publication ne répond à « {demande} ». Donner un nom, un code Insee ou"
        " un identifiant niveau:code, comme commune:26220 ; ils sont dans la table dim_territoire."
    )
