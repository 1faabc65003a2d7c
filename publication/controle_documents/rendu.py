"""The lines of an audit, what is to be corrected first, for every form; and the form of the terminal."""

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from rich.markup import escape
from rich.table import Table

from publication.controle_documents import A_CORRIGER, Audit
from publication.controle_documents.contexte import FUITES, PASSES, Resultat
from publication.controle_documents.intervalles import ecrire
from publication.controle_documents.mots import STATUTS, en_clair, titres
from publication.controle_documents.ouverture import suffixe
from publication.controle_documents.regles import declarations
from publication.controle_documents.verdicts import VERDICTS, Jugement, decrire

_STYLES = {"conforme": "green", "écart d'arrondi": "green", "non vérifiable": "dim", "divulgation": "magenta"}
_ORDRE = ("divulgation", "mauvais_univers", "ecart", "non_verifiable", "ecart_arrondi", "conforme")
_GRAVITES = ("securite", "majeur", "moyen", "faible", "info")
GRAVITES = {"securite": "secret", "majeur": "majeur", "moyen": "moyen", "faible": "faible", "info": ""}


@dataclass(frozen=True)
class LigneChiffre:
    """A printed figure, as it is told."""

    ligne: int
    indicateur: str
    libelle: str
    territoire: str
    periode: str
    imprime: str
    suffixe: str
    entrepot: str
    verdict: str
    explication: str
    a_corriger: bool


@dataclass(frozen=True)
class LigneControle:
    """The outcome of a check, as it is told; `lignes`: those of the document it is about."""

    controle: str
    territoire: str
    calcul: str
    attendu: str
    observe: str
    statut: str
    statut_dit: str
    titre: str
    gravite: str
    explication: str
    lignes: str
    a_corriger: bool


_Ligne = TypeVar("_Ligne", LigneChiffre, LigneControle)
_DITS = ("imprime", "entrepot", "explication", "calcul", "attendu", "observe", "territoire")


def chiffres(audit: Audit) -> list[LigneChiffre]:
    """Every printed figure: those to correct first, the gravest first, else in the order of the document."""
    return [
        LigneChiffre(
            j.chiffre.ligne,
            j.chiffre.indicator_id,
            j.chiffre.label,
            j.chiffre.territory_name or j.chiffre.territoire_id,
            _periode(j),
            j.chiffre.imprime,
            suffixe(j.chiffre.unit),
            _valeur(j),
            VERDICTS[j.verdict],
            j.explication,
            j.verdict in A_CORRIGER,
        )
        for j in _ranges(audit)
    ]


def controles(audit: Audit) -> list[LigneControle]:
    """Every result of a check, in the same order."""
    noms = {j.chiffre.territoire_id: j.chiffre.territory_name for j in audit.jugements}
    return [
        LigneControle(
            f"{c.check_id} {c.rule}",
            noms.get(c.territoire_id or "") or c.territoire_id or "document",
            c.expression,
            c.expected,
            c.observed,
            c.status,
            STATUTS[c.status],
            titres()[c.rule],
            GRAVITES[c.severity],
            c.explanation,
            ", ".join(map(str, c.lignes)),
            _a_revoir(c),
        )
        for c in _ordonnes(audit)
    ]


def clair(audit: Audit, ligne: _Ligne) -> _Ligne:
    """Return a line whose texts say names, and numbers as a French page prints them."""
    textes: dict[str, Any] = {
        champ.name: en_clair(getattr(ligne, champ.name), audit.noms)
        for champ in fields(ligne)
        if champ.name in _DITS
    }
    return replace(ligne, **textes)


def titre(audit: Audit) -> str:
    """Name the document and the release it was judged against."""
    return f"Audit de {audit.document.document_id} face à la publication {audit.release_id}" + (
        " (chiffres de démonstration, inventés)" if audit.demonstration else ""
    )


# The terminal -----------------------------------------------------------------------------------------------


def tables(audit: Audit, tout: bool = False) -> list[Table]:
    """The tables of a terminal: what is to be corrected or confirmed; all the rest after it with `tout`."""
    faits = [c for c in chiffres(audit) if tout or c.a_corriger]
    verifies = [c for c in controles(audit) if tout or c.a_corriger]
    faites = []
    if faits:
        colonnes = ("ligne", "chiffre", "imprimé", "entrepôt", "verdict", "explication")
        faites.append(_table(titre(audit), *colonnes))
        for c in faits:
            dit = f"{c.indicateur}\n{c.territoire}, {c.periode}"
            verdict = f"[{_STYLES.get(c.verdict, 'red')}]{c.verdict}[/]"
            textes = (escape(texte) for texte in (str(c.ligne), dit, c.imprime, c.entrepot))
            faites[-1].add_row(*textes, verdict, escape(c.explication))
    if verifies:
        colonnes = ("contrôle", "calcul", "attendu", "observé", "statut", "explication")
        faites.append(_table("Contrôles" if tout else "Contrôles à revoir", *colonnes))
        for v in verifies:
            dit = f"{v.controle.split(' ')[0]} {v.titre}\n{v.territoire}"
            style = "magenta" if v.statut in FUITES else "green" if v.statut in PASSES else "red"
            textes = (escape(texte) for texte in (dit, v.calcul, v.attendu, v.observe))
            faites[-1].add_row(*textes, f"[{style}]{v.statut_dit}[/]", escape(v.explication))
    return faites


def resume(audit: Audit, tout: bool = True) -> str:
    """Counts of verdicts and statuses, checks that did not apply; what was left out without `tout`."""
    verdicts = Counter(j.verdict for j in audit.jugements)
    statuts = Counter(c.status for c in audit.controles)
    lignes = [
        f"{_compte(len(audit.jugements), 'chiffre')} : "
        + ", ".join(f"{libelle} {verdicts[v]}" for v, libelle in VERDICTS.items() if verdicts[v]),
        f"{_compte(len(audit.controles), 'contrôle')} : "
        + ", ".join(f"{libelle} {statuts[s]}" for s, libelle in STATUTS.items() if statuts[s]),
    ]
    if audit.sans_objet:
        siens = {d["check_id"]: d["titre"] for d in reversed(declarations())}
        manquent = ", ".join(f"{siens[c].lower()} ({c})" for c in audit.sans_objet)
        lignes.append(f"Sans objet, faute de termes dans le document : {manquent}")
    if not tout:
        vus = sum(j.verdict in A_CORRIGER for j in audit.jugements), sum(map(_a_revoir, audit.controles))
        reste = len(audit.jugements) - vus[0], len(audit.controles) - vus[1]
        rien = "" if any(vus) else "Rien à corriger. "
        dits = f"{_compte(reste[0], 'chiffre')}, {_compte(reste[1], 'contrôle')}"
        lignes.append(f"{rien}Le reste ({dits}) : --tout")
    return "\n".join(lignes)


def _compte(n: int, mot: str) -> str:
    return f"{n} {mot}{'s' if n > 1 else ''}"


# The page of the demonstration ------------------------------------------------------------------------------


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


def _ranges(audit: Audit) -> list[Jugement]:
    return sorted(audit.jugements, key=lambda j: (_ORDRE.index(j.verdict), j.chiffre.ligne))


def _ordonnes(audit: Audit) -> list[Resultat]:
    return sorted(audit.controles, key=lambda c: (not _a_revoir(c), _GRAVITES.index(c.severity)))


def _a_revoir(c: Resultat) -> bool:
    return c.status not in PASSES


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
