"""Finding a place: by its identifier, its code or its name, in the release that is read.

A place is exact or said: what is but a part of a name, near to one, elsewhere or without figures of its own
is refused, with what may have been meant.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import duckdb

from publication.lecture.alphabet import cle
from publication.lecture.lignes import lignes
from publication.lecture.noms import CODE_POSTAL, Lieu, Nom, Noms, tous
from publication.lecture.vocabulaire import Lexique, mots_d_un_nom
from socle.affichage import nombre
from socle.erreurs import ErreurPublication

_AU_PLUS = 20
_CINQ_CHIFFRES = re.compile(r"\d{5}")

SANS_CHIFFRE = {
    "arrondissement_municipal": "arrondissement municipal",
    "etablissement_public_territorial": "établissement public territorial",
}
"""What a name without figures of its own is, by its nature."""


class Territoire(NamedTuple):
    """A territory of the release."""

    territoire_id: str
    niveau: str
    libelle: str
    population: int | None

    @property
    def habitants(self) -> str:
        """Its population, after its name."""
        return "" if self.population is None else f", {nombre(self.population, 0)} habitants"


class LieuNonCompris(ErreurPublication):
    """No one place of the release is called so; `compris`: what is meant, where nothing else may be."""

    def __init__(self, message: str, proposes: Sequence[Territoire] = (), ailleurs: bool = False) -> None:
        """Say a message, then what may be meant; `ailleurs`: a place that the release leaves out is."""
        super().__init__("\n".join([message, *_listes(map(_ligne, proposes))]))
        self.compris = proposes[0] if len(proposes) == 1 and not ailleurs else None


def trouver(con: duckdb.DuckDBPyConnection, demande: str) -> Territoire:
    """Return the one territory that `demande` names wholly.

    `commune:26220`, `26220`, `nyons`, `la Drôme`, `agglo de Montélimar`, `CC des Baronnies`.
    Raises LieuNonCompris when none, or several, answer: with what they are, what the release leaves out, or
    the nearest names.
    """
    demande = demande.strip()
    if trouves := territoires(con, [demande]):
        return trouves[0]
    if len(trouves := territoires(con, _ids(con, "code = $dit", demande))) > 1:
        raise _plusieurs(demande, trouves)
    niveau, separe, code = demande.partition(":")
    if separe:
        _refuser(con, demande, tous(con, "n.code = $code", {"code": code}), niveau)
        raise _inconnu(con, demande, _ids(con, "levenshtein(territoire_id, $dit) = 1", demande))
    dits = mots_d_un_nom(demande)
    lieu = Noms(con, dits).entier(dits, set()) if dits else None
    if not _postal_dit(con, demande) and (lieu is None or not (lieu.candidats or lieu.dehors)):
        voulus = f"n.nature in {(*SANS_CHIFFRE,)} or n.code = $code or n.cle = $cle"
        _refuser(con, demande, tous(con, voulus, {"code": demande, "cle": " ".join(dits)}))
    if lieu is None:
        lu = Lexique(con).lire(demande)
        # Words that are no place are not left unheard: « RSA Nyons » is none.
        seul = len(lu.lieux) == 1 and not (lu.reste or lu.indicateurs or lu.annee)
        lieu = lu.lieux[0] if seul else Lieu(demande)
    if len(candidats := _exacts(territoires(con, lieu.candidats), demande)) == 1:
        return candidats[0]
    if candidats:
        raise _plusieurs(demande, candidats)
    raise _inconnu(con, demande, lieu.autres, lieu.dehors)


def codes_lus(con: duckdb.DuckDBPyConnection, phrase: str) -> list[str]:
    """Say of each code of five digits what it may be: a postal code, one of Insee, or both."""
    codes = dict.fromkeys(mot for mot in phrase.split() if _CINQ_CHIFFRES.fullmatch(mot))
    return [dit for code in codes if (dit := _code_lu(con, code))]


def reserve(con: duckdb.DuckDBPyConnection, phrase: str) -> str | None:
    """Say how codes of five digits were read, in one sentence."""
    return " ; ".join(codes_lus(con, phrase)) or None


def _code_lu(con: duckdb.DuckDBPyConnection, code: str) -> str | None:
    """Say what a code may be; nothing of one that is Insee's alone, where postal codes were received."""
    if (dit := _postal_dit(con, code)) or _postaux_recus(con):
        return dit
    for t in territoires(con, [f"commune:{code}"]):
        return (
            f"{code} est lu comme le code Insee de {t.libelle} ; comme code postal, il peut être"
            " celui d'autres communes, à demander par leur nom"
        )
    return None


def _postal_dit(con: duckdb.DuckDBPyConnection, code: str) -> str | None:
    """Say whose postal code it is, and whose code of Insee; nothing of what is no postal code."""
    noms = tous(con, "n.code = $code and n.niveau = 'commune' and n.forme = 'entiere'", {"code": code})
    postaux = [n.territoire_libelle for n in noms if n.nature == CODE_POSTAL]
    if not postaux:
        return None
    autres = sorted((n for n in noms if n.nature != CODE_POSTAL), key=lambda n: not n.propre)
    qui = postaux[0] if len(postaux) == 1 else f"{len(postaux)} communes"
    insee = f" et le code Insee de {autres[0].libelle} ({autres[0].territoire_id})" if autres else ""
    return f"{code} est le code postal de {qui}{insee}"


def _postaux_recus(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(lignes(con, f"select 1 from noms_territoires where nature = '{CODE_POSTAL}' limit 1"))


def lieu_refuse(con: duckdb.DuckDBPyConnection, lieu: Lieu) -> str:
    """Say why a place is not answered for: nothing is called so, or the release leaves it out."""
    if not (noms := lieu.dehors):
        return _postal_dit(con, lieu.dit) or f"Lieu non reconnu : {lieu.dit}"
    (lu,) = lignes(
        con,
        "select coalesce(t.libelle, 'France') as perimetre from dim_release as r"
        " left join dim_territoire as t on r.perimetre = t.territoire_id",
    )
    dits = ", ".join(noms[:_AU_PLUS]) + (" …" if len(noms) > _AU_PLUS else "")
    est = "n'est pas" if len(noms) == 1 else "ne sont pas"
    return f"{dits} {est} dans cette publication, dont le périmètre est : {lu['perimetre']}"


def sans_chiffre(nom: Nom) -> str:
    """Say of a name without figures of its own what it is, and whose figures hold its own."""
    code = nom.territoire_id.partition(":")[2]
    if nom.nature == "ancien_nom":
        return f"{nom.libelle} ({nom.code}) est l'ancien nom de {nom.territoire_libelle} ({code})"
    if nom.nature == "commune_reunie":
        return (
            f"{nom.libelle} ({nom.code}) est réunie à la commune {nom.territoire_libelle} ({code}) :"
            " l'entrepôt donne leurs chiffres ensemble"
        )
    parent, entier = ("la commune", "entière") if nom.niveau == "commune" else ("l'EPCI", "entier")
    dit = (
        f"{nom.libelle} ({nom.code}) est un {SANS_CHIFFRE[nom.nature]} de {parent} {nom.territoire_libelle}"
        f" ({code}) : l'entrepôt donne les chiffres de {parent} {entier}"
    )
    return dit if nom.communes is None else f"{dit} et de chacune de ses communes : {nom.communes}"


def _refuser(
    con: duckdb.DuckDBPyConnection, demande: str, noms: Sequence[Nom], niveau: str | None = None
) -> None:
    """Refuse what has no figure of its own, or is elsewhere; nothing where no name is wholly asked for."""
    voulus, code = _mots(demande), demande.rpartition(":")[2]
    noms = [n for n in noms if niveau in (None, n.niveau) and n.nature != CODE_POSTAL]
    portes = [n for n in noms if n.code == code or _mots(n.libelle) == voulus]
    portes = portes or [n for n in noms if voulus and voulus <= _mots(n.libelle)]
    ici = [n for n in portes if n.dans_la_publication]
    if any(n.propre for n in ici):
        return
    if ici:
        titre = f"{sans_chiffre(ici[0])}. Demander :"
        if len(ici) > 1:
            titre = f"{len(ici)} noms sans chiffre à eux répondent à « {demande} » :"
            titre = "\n".join([titre, *_listes(map(sans_chiffre, ici)), "Demander :"])
        raise LieuNonCompris(titre, territoires(con, [n.territoire_id for n in ici]))
    if portes:
        raise _inconnu(con, demande, (), list(dict.fromkeys(n.dit for n in portes)))


def _ids(con: duckdb.DuckDBPyConnection, condition: str, demande: str) -> list[str]:
    voulus = f"select territoire_id from dim_territoire where {condition} order by 1"
    return [lu["territoire_id"] for lu in lignes(con, voulus, {"dit": demande})]


def _plusieurs(demande: str, trouves: Sequence[Territoire]) -> LieuNonCompris:
    return LieuNonCompris(f"{len(trouves)} territoires répondent à « {demande} » ; en choisir un :", trouves)


def _inconnu(
    con: duckdb.DuckDBPyConnection, demande: str, proposes: Sequence[str], ailleurs: Sequence[str] = ()
) -> LieuNonCompris:
    trouves = territoires(con, proposes)
    dit = lieu_refuse(con, Lieu(demande, dehors=tuple(ailleurs)))
    suite = f"« {demande} » est peut-être :" if trouves else _comment(con)
    return LieuNonCompris(f"{dit}. {suite}", trouves, bool(ailleurs))


def _comment(con: duckdb.DuckDBPyConnection) -> str:
    codes = "postal ou Insee" if _postaux_recus(con) else "Insee (les codes postaux ne sont pas connus ici)"
    return (
        f"Donner un nom entier, un code {codes} ou un identifiant"
        " niveau:code, comme commune:26220 ; ils sont dans la table dim_territoire."
    )


def _exacts(trouves: list[Territoire], demande: str) -> list[Territoire]:
    """Keep those that are written so to the letter, articles included, where some are: Mées, Les Mées."""
    return [t for t in trouves if cle(t.libelle) == cle(demande)] or trouves


def territoires(con: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> list[Territoire]:
    """Return those of these identifiers that the release has, in their order."""
    ids = list(dict.fromkeys(ids))
    lus = lignes(
        con,
        "select t.territoire_id, t.niveau, t.libelle, max(n.population) as population"
        " from dim_territoire as t left join noms_territoires as n using (territoire_id)"
        " where list_contains($ids, t.territoire_id) group by all"
        " order by list_position($ids, any_value(t.territoire_id))",
        {"ids": ids},
    )
    return [Territoire(**lu) for lu in lus]


_ORDINAL = re.compile(r"\b(\d+)(?:er|e|eme|ere)\b")
_CREUX = {"arrondissement", "arrondissements", "arr", "de", "du", "la", "le", "l", "d", "ept"}


def _mots(nom: str) -> frozenset[str]:
    """What tells a name without figures from another: « 13ème arrondissement de Paris » is {13, paris}."""
    return frozenset(_ORDINAL.sub(r"\1", cle(nom)).split()) - _CREUX


def _listes(dits: Iterable[str]) -> list[str]:
    tous_dits = list(dits)
    reste = len(tous_dits) - _AU_PLUS
    suite = [f"  … et {reste} autres : préciser le nom"] if reste > 0 else []
    return [f"  {dit.strip()}" for dit in tous_dits[:_AU_PLUS]] + suite


def _ligne(t: Territoire) -> str:
    return f"{t.territoire_id:<22} {t.libelle}{t.habitants}"
