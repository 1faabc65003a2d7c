"""The lines of an audit, what is to be corrected first, for every form; and the form of the terminal."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from rich.markup import escape
from rich.table import Table

from publication.controle_documents import A_CORRIGER, Audit
from publication.controle_documents.controles import FUITES, PASSES, declarations
from publication.controle_documents.mots import GRAVITES, STATUTS, VERDICTS, en_clair
from publication.lecture.lots import Ligne

_STYLES = {"conforme": "green", "écart d'arrondi": "green", "non vérifiable": "dim", "divulgation": "magenta"}
_DITS = ("imprime", "entrepot", "explication", "calcul", "attendu", "observe", "territoire")


def chiffres(audit: Audit) -> list[dict[str, Any]]:
    """Every printed figure: those to correct first, the gravest first, else in the order of the document."""
    gravite = ("divulgation", "mauvais_univers", "ecart", "non_verifiable", "ecart_arrondi", "conforme")
    return [
        {
            "ligne": str(c["ligne"]),
            "indicateur": c["indicateur_id"],
            "libelle": c["libelle"],
            "territoire": c["territoire"] or c["territoire_id"],
            "periode": _periode(c),
            "imprime": c["dite"],
            "suffixe": c["suffixe"],
            "entrepot": c["entrepot"] or "",
            "verdict": VERDICTS[c["verdict"]],
            "explication": c["explication"],
            "a_corriger": c["verdict"] in A_CORRIGER,
        }
        for c in sorted(audit.chiffres, key=lambda c: gravite.index(c["verdict"]))
    ]


def controles(audit: Audit) -> list[dict[str, Any]]:
    """Every result of a check, in the same order; `lignes`: those of the document it is about."""
    noms = {c["territoire_id"]: c["territoire"] for c in audit.chiffres}
    titres = {d["rule"]: d["titre"] for d in declarations()}
    return [
        {
            "check_id": c["check_id"],
            "controle": f"{c['check_id']} {c['rule']}",
            "territoire": noms.get(c["territoire_id"]) or c["territoire_id"] or "document",
            "calcul": c["expression"],
            "attendu": c["expected"] or "",
            "observe": c["observed"] or "",
            "status": c["status"],
            "statut_dit": STATUTS[c["status"]],
            "titre": titres[c["rule"]],
            "gravite": GRAVITES[c["severity"]],
            "explication": c["explanation"] or "",
            "lignes": ", ".join(map(str, c["lignes"])),
            "a_corriger": _a_revoir(c),
        }
        for c in sorted(audit.controles, key=lambda c: (not _a_revoir(c), [*GRAVITES].index(c["severity"])))
    ]


def clair(audit: Audit, ligne: Ligne, dits: Collection[str] = _DITS) -> dict[str, Any]:
    """Return a line whose texts say names, and numbers as a French page prints them."""
    return {nom: en_clair(x, audit.noms) if nom in dits else x for nom, x in ligne.items()}


def titre(audit: Audit) -> str:
    """Name the document and the release it was judged against."""
    return f"Audit de {audit.document.document_id} face à la publication {audit.release_id}" + (
        " (chiffres de démonstration, inventés)" if audit.demonstration else ""
    )


# The terminal -----------------------------------------------------------------------------------------------


def tables(audit: Audit, tout: bool = False) -> list[Table]:
    """The tables of a terminal: what is to be corrected or confirmed; all the rest after it with `tout`."""
    faits = [
        (
            *(c["ligne"], f"{c['indicateur']}\n{c['territoire']}, {c['periode']}", c["imprime"]),
            *(c["entrepot"], _colore(c["verdict"], _STYLES.get(c["verdict"], "red")), c["explication"]),
        )
        for c in chiffres(audit)
        if tout or c["a_corriger"]
    ]
    verifies = [
        (
            *(f"{c['check_id']} {c['titre']}\n{c['territoire']}", c["calcul"], c["attendu"], c["observe"]),
            _colore(c["statut_dit"], _style(c["status"])),
            c["explication"],
        )
        for c in controles(audit)
        if tout or c["a_corriger"]
    ]
    colonnes = ("ligne", "chiffre", "imprimé", "entrepôt", "verdict", "explication")
    des_controles = ("contrôle", "calcul", "attendu", "observé", "statut", "explication")
    return [
        *([_table(titre(audit), colonnes, faits)] if faits else []),
        *(
            [_table("Contrôles" if tout else "Contrôles à revoir", des_controles, verifies)]
            if verifies
            else []
        ),
    ]


def _style(status: str) -> str:
    return "magenta" if status in FUITES else "green" if status in PASSES else "red"


class _Marque(str):
    """A text with marks of rich of its own."""


def _colore(texte: str, style: str) -> str:
    return _Marque(f"[{style}]{texte}[/]")


def _table(titre: str, colonnes: Collection[str], rangees: Collection[Collection[str]]) -> Table:
    table = Table(
        title=titre, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for colonne in colonnes:
        table.add_column(colonne, overflow="fold")
    for rangee in rangees:
        table.add_row(*(x if isinstance(x, _Marque) else escape(x) for x in rangee))
    return table


def resume(audit: Audit, tout: bool = True) -> str:
    """Counts of verdicts and statuses, checks that did not apply; what was left out without `tout`."""
    verdicts = Counter(c["verdict"] for c in audit.chiffres)
    statuts = Counter(c["status"] for c in audit.controles)
    lignes = [
        f"{_compte(len(audit.chiffres), 'chiffre')} : "
        + ", ".join(f"{libelle} {verdicts[v]}" for v, libelle in VERDICTS.items() if verdicts[v]),
        f"{_compte(len(audit.controles), 'contrôle')} : "
        + ", ".join(f"{libelle} {statuts[s]}" for s, libelle in STATUTS.items() if statuts[s]),
    ]
    if audit.sans_objet:
        siens = {d["check_id"]: d["titre"] for d in reversed(declarations())}
        manquent = ", ".join(f"{siens[c].lower()} ({c})" for c in audit.sans_objet)
        lignes.append(f"Sans objet, faute de termes dans le document : {manquent}")
    if not tout:
        vus = sum(c["verdict"] in A_CORRIGER for c in audit.chiffres), sum(map(_a_revoir, audit.controles))
        reste = len(audit.chiffres) - vus[0], len(audit.controles) - vus[1]
        rien = "" if any(vus) else "Rien à corriger. "
        dits = f"{_compte(reste[0], 'chiffre')}, {_compte(reste[1], 'contrôle')}"
        lignes.append(f"{rien}Le reste ({dits}) : --tout")
    return "\n".join(lignes)


def _compte(n: int, mot: str) -> str:
    return f"{n} {mot}{'s' if n > 1 else ''}"


# The page of the demonstration ------------------------------------------------------------------------------


def page_des_ecarts(audit: Audit) -> str:
    """Page (Markdown) of the printed figures that the release does not give, each with the reason."""
    autres = [c for c in audit.chiffres if not (c["retrouve"] or c["verdict"] == "conforme")]
    lignes = [
        f"{len(audit.chiffres) - len(autres)} des {len(audit.chiffres)} chiffres imprimés sont ceux de la"
        " release, à la précision imprimée. Les autres :\n",
        "| Indicateur | Territoire | Période | Imprimé | Ici | Pourquoi |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{c['indicateur_id']}` | {c['territoire']} | {_periode(c)} "
            f"| {c['dite'] or 'rien'} | {c['entrepot'] or 'nd'} | {c['explication']} |"
            for c in autres
        ),
    ]
    return "\n".join(lignes) + "\n"


def _a_revoir(c: Ligne) -> bool:
    return c["status"] not in PASSES


def _periode(c: Ligne) -> str:
    return str(c["periode"]).replace("annee_non_precisee", "sans année")
