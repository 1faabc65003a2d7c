"""An audit shown in French: tables and a summary on a terminal, a page of the rest. Decides nothing."""

from collections import Counter

from rich.markup import escape
from rich.table import Table

from publication.documents import Audit
from publication.documents.contexte import FUITES, PASSES
from publication.documents.intervalles import ecrire
from publication.documents.verdicts import VERDICTS, Jugement, decrire

_STYLES = {"conforme": "green", "ecart_arrondi": "green", "non_verifiable": "dim", "divulgation": "magenta"}


def table_des_chiffres(audit: Audit) -> Table:
    """One line per printed figure, in the order of the document."""
    table = _table(
        f"Audit de {audit.document.document_id} face à la release {audit.release_id}"
        + (" (chiffres de démonstration, inventés)" if audit.demonstration else ""),
        "ligne",
        "chiffre",
        "imprimé",
        "entrepôt",
        "verdict",
        "explication",
    )
    for j in audit.jugements:
        c = j.chiffre
        table.add_row(
            str(c.ligne),
            f"{c.indicator_id}\n{c.territoire_id}, {_periode(j)}",
            c.imprime,
            escape(_valeur(j)),
            f"[{_STYLES.get(j.verdict, 'red')}]{VERDICTS[j.verdict]}[/]",
            escape(j.explication),
        )
    return table


def table_des_controles(audit: Audit) -> Table:
    """One line per check and territory."""
    table = _table("Contrôles", "contrôle", "calcul", "attendu", "observé", "statut", "explication")
    for c in audit.controles:
        style = "magenta" if c.status in FUITES else "green" if c.status in PASSES else "red"
        table.add_row(
            f"{c.check_id} {c.rule}\n{c.territoire_id or 'document'}",
            *(escape(texte) for texte in (c.expression, c.expected, c.observed)),
            f"[{style}]{c.status}[/]",
            escape(c.explanation),
        )
    return table


def resume(audit: Audit) -> str:
    """Counts of verdicts and statuses, and the checks that did not apply."""
    verdicts = Counter(j.verdict for j in audit.jugements)
    statuts = Counter(c.status for c in audit.controles)
    lignes = [
        f"{len(audit.jugements)} chiffres : "
        + ", ".join(f"{verdicts[v]} {libelle}" for v, libelle in VERDICTS.items() if verdicts[v]),
        f"{len(audit.controles)} résultats de contrôle : "
        + ", ".join(f"{nombre} {statut}" for statut, nombre in sorted(statuts.items())),
    ]
    if audit.sans_objet:
        lignes.append(f"Sans objet, faute de termes dans le document : {', '.join(audit.sans_objet)}")
    return "\n".join(lignes)


def page_des_ecarts(audit: Audit) -> str:
    """Page (Markdown) of the printed figures that the release does not give, each with the reason."""
    autres = [j for j in audit.jugements if not _retrouve(j)]
    lignes = [
        f"{len(audit.jugements) - len(autres)} des {len(audit.jugements)} chiffres imprimés sont ceux de la"
        " release, à la précision imprimée. Les autres :\n",
        "| Indicateur | Territoire | Période | Imprimé | Ici | Pourquoi |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{j.chiffre.indicator_id}` | {j.chiffre.territory_name} | {_periode(j)} "
            f"| {j.chiffre.imprime or 'rien'} | {_valeur(j) or 'nd'} | {j.explication} |"
            for j in autres
        ),
    ]
    return "\n".join(lignes) + "\n"


def _retrouve(j: Jugement) -> bool:
    """Whether the release's figure, rounded as the document prints it, is the printed one."""
    if j.cellule is None or j.verdict == "conforme" or j.chiffre.intervalle is None:
        return j.verdict == "conforme"
    valeur = j.cellule.valeur
    return valeur is not None and j.chiffre.intervalle.bas <= valeur <= j.chiffre.intervalle.haut


def _periode(j: Jugement) -> str:
    return "sans année" if j.chiffre.annees is None else j.chiffre.period


def _valeur(j: Jugement) -> str:
    if j.cellule is None:
        return ""
    if j.cellule.valeur is None:
        return f"{j.cellule.valeur_texte or j.cellule.statut} ({j.cellule.millesime})"
    if j.chiffre.nombre is None:
        return f"{ecrire(j.cellule.valeur)} ({j.cellule.millesime})"
    return f"{decrire(j.chiffre, j.cellule).split(' (')[0]} ({j.cellule.millesime})"


def _table(titre: str, *colonnes: str) -> Table:
    table = Table(
        title=titre, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for colonne in colonnes:
        table.add_column(colonne, overflow="fold")
    return table
