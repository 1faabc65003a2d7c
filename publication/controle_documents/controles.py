"""The checks of a document's figures, with each other and with the release: the SQL of `controles.yml`, run.

A check whose terms the document does not print has no result.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import yaml

from publication.lecture.lignes import lignes

FUITES = ("FUITE", "OK_MAIS_FUITE")
PASSES = ("OK", "OK_ARRONDI", "DERIVE")

_INDICATEUR = re.compile(r"\b(?:evolution|montant|nb|part|personnes|population|taux)_\w+")
_RESULTATS = ("expression", "attendu", "observe", "statut", "delta", "dit", "lignes", "vise")


@cache
def declarations() -> tuple[Mapping[str, str], ...]:
    """The declared checks, in order."""
    lues = yaml.safe_load(lire("controles.yml"))
    return tuple(_sous_sa_forme(c, lues["formes"].get(c.get("forme"), {})) for c in lues["controles"])


def _sous_sa_forme(controle: dict[str, str], forme: Mapping[str, str]) -> Mapping[str, str]:
    cible = controle.get("cible", "")
    return {nom: texte.replace("{cible}", cible) for nom, texte in forme.items()} | controle


def lire(nom: str) -> str:
    """Read a file of this folder."""
    return (files("publication.controle_documents") / nom).read_text(encoding="utf-8")


def controler(con: duckdb.DuckDBPyConnection) -> tuple[list[dict[str, Any]], list[str]]:
    """Run every declared check; return the results, and the check_id that found nothing to apply to."""
    noms = sorted(set(_INDICATEUR.findall(lire("controles.yml"))))
    con.execute(
        "create temp table toutes as pivot (select territoire_id, nom, termes as t from termes)"
        f" on nom in {tuple(noms)} using first(t) group by territoire_id"
    )
    resultats = [resultat for d in declarations() for resultat in lignes(con, _requete(d), {**_dits(d)})]
    for resultat in resultats:
        resultat["lignes"] = tuple(dict.fromkeys(resultat["lignes"]))
    appliques = {r["check_id"] for r in resultats}
    return resultats, [c for c in dict.fromkeys(d["check_id"] for d in declarations()) if c not in appliques]


def _dits(declaration: Mapping[str, str]) -> dict[str, str | None]:
    return {nom: declaration.get(nom) for nom in ("check_id", "rule", "gravite", "note")}


def _requete(declaration: Mapping[str, str]) -> str:
    """Write the query of a check, in the order of the document.

    Where the figures that disagree are the release's, each of a printed year, the document is not at fault: a
    rate of one producer over a count of another has no whole numerator.
    """
    relation = _calcul(declaration["calcul"]) if "calcul" in declaration else declaration["depuis"]
    sinon = {"expression": "expression", "dit": "annees_dites(annees)", "lignes": "lignes"}
    if "calcul" not in declaration:
        sinon["dit"] = "null"
    noms = sorted(set(_INDICATEUR.findall(" ".join(declaration[n] for n in declaration.keys() - {"rule"}))))
    resultats = ", ".join(f"{declaration.get(nom) or sinon.get(nom, 'null')} as {nom}" for nom in _RESULTATS)
    return f"""
        with larges as (select {", ".join(("territoire_id", *noms))} from toutes),
        x as (select x.* {", " + declaration["avec"] if "avec" in declaration else ""}
                   from {relation} as x {declaration.get("joint", "")}),
        r as (select territoire_id, {resultats} from x),
        p as (
            select *, statut = 'KO' and (
                select bool_and(j.repris and j.verdict = 'conforme' and j.debut is not null)
                from jugements as j where list_contains(r.lignes, j.ligne)
            ) as publies
            from r where statut is not null
        )
        select
            $check_id as check_id, $rule as rule, territoire_id, expression, attendu as expected,
            observe as observed, delta::double as delta, if(publies, 'A_VERIFIER', statut) as status,
            case
                when statut in {FUITES} then 'securite' when statut in {PASSES} then 'info' else $gravite
            end as severity,
            nullif(concat_ws(
                ' ; ', dit, if(publies, 'ces chiffres sont ceux de la release', null), $note::varchar
            ), '') as explanation,
            lignes, vise
        from p
        order by lignes
    """


def _calcul(formule: str) -> str:
    """Write the relation of a formula, worked out at every corner of what its terms may be.

    100 * a / b    v: at the printed numbers; bas, haut: at the lowest a and highest b, the reverse
    """
    noms = list(dict.fromkeys(_INDICATEUR.findall(formule)))
    au_coin = _INDICATEUR.sub(lambda m: f"[{m[0]}.v, {m[0]}.bas, {m[0]}.haut][c_{m[0]}.i]", formule)
    coins = ", ".join(f"range(1, 4) as c_{nom}(i)" for nom in noms)
    dite = _INDICATEUR.sub(lambda m: f"' || {m[0]}.dit || '", formule)
    return f"""(
        select l.*, k.v, k.bas, k.haut, '{dite}' as expression,
            {" || ".join(f"{nom}.lignes" for nom in noms)} as lignes,
            {" || ".join(f"{nom}.annees" for nom in noms)} as annees
        from larges as l
        inner join (
            select territoire_id, max(f) filter (nominal) as v, min(f) as bas, max(f) as haut
            from (select territoire_id, {au_coin} as f, {" + ".join(f"c_{n}.i" for n in noms)} = {len(noms)}
                as nominal from larges, {coins})
            where f is not null group by all having bool_and(isfinite(f))
        ) as k on l.territoire_id = k.territoire_id
    )"""
