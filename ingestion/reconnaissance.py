"""Which contract a header is of: every layout beside it, the nearest first. Reads no data file."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingestion.contrats import Contrat, Millesime, Ressource, charger_contrats
from ingestion.contrats.grammaire import FormatTableur, Layout

# Words that the name of a field leaves out of its label.
_MOTS_VIDES = frozenset(("a", "d", "de", "des", "du", "en", "l", "la", "le", "les"))
# Parameters that a millésime gives by itself; a layout with others is compared in its declared millésimes.
_DE_L_ANNEE = {"aa": r"(?P<aa>\d\d)", "millesime": r"(?P<millesime>\d{4})"}


@dataclass(frozen=True)
class Ressemblance:
    """A header beside one layout, in the millésimes that come nearest.

    `declares`: those are in the contract; else the header alone names them. `part`: common headers among all
    those of the file and of the layout, 1 for the very same ones.
    """

    source: str
    ressource: str
    layout: str
    millesimes: tuple[int, ...]
    declares: bool
    communs: tuple[str, ...]
    manquants: tuple[str, ...]
    inconnus: tuple[str, ...]
    sans_nom: int
    sans_nom_attendus: int

    @property
    def exacte(self) -> bool:
        """Whether the file has the headers of the layout, all of them and no other."""
        return not self.manquants and not self.inconnus and self.sans_nom == self.sans_nom_attendus

    @property
    def part(self) -> float:
        """Share of common headers."""
        ecarts = len(self.manquants) + len(self.inconnus) + (self.sans_nom != self.sans_nom_attendus)
        return len(self.communs) / max(len(self.communs) + ecarts, 1)

    @cached_property
    def proches(self) -> dict[str, str]:
        """Each unknown header that looks like a missing one: in another case, or a few letters apart."""
        if len(self.manquants) == len(self.inconnus) == 1:
            # One for one: whatever the spelling.
            return {self.inconnus[0]: self.manquants[0]}
        plis = {m.casefold(): m for m in self.manquants}
        lies = {i: difflib.get_close_matches(i.casefold(), plis, 1, 0.75) for i in self.inconnus}
        return {i: plis[p[0]] for i, p in lies.items() if p}


def reconnaitre(entetes: Sequence[str], contrats: Mapping[str, Contrat] | None = None) -> list[Ressemblance]:
    """Compare a header with every layout of every contract, the nearest first; one without any is left out.

    A template (`P{aa}_POP`) is filled by the declared millésimes, and by the years that the header spells.
    """
    trouvees = [
        r
        for contrat in (contrats or charger_contrats()).values()
        for ressource in contrat.ressources.values()
        if not isinstance(ressource.format, FormatTableur)
        for nom in ressource.layouts
        if (r := _comparer(entetes, ressource, nom)) and r.communs
    ]
    return sorted(trouvees, key=lambda r: (-r.part, not r.declares))


def en_libelles(entetes: Sequence[str]) -> bool:
    """Whether a header is made of labels, as the button of a portal writes them, and not of field names.

    Date référence;Numéro commune;Nom commune        yes        dtreffre;numcomdo;nomcom        no
    """
    dits = [e for e in entetes if e]
    return len(dits) > 2 and sum(" " in e or not e.isascii() for e in dits) * 2 >= len(dits)


def sous_libelles(entetes: Iterable[str], contrats: Mapping[str, Contrat]) -> Ressource | None:
    """Return the ressource of a portal whose fields these labels name, most of them and three at least.

    Numéro de l'école → numeroecole ← numero_ecole
    """
    lus = {*map(_plie, entetes)}

    def part(ressource: Ressource) -> float:
        champs = [{_plie(g) for g in layout.gabarits} for layout in ressource.layouts.values()]
        return max(len(c & lus) / len(c) if len(c & lus) > 2 else 0 for c in champs)

    portails = [r for c in contrats.values() for r in c.ressources.values() if r.a_des_libelles]
    proche = max(portails, key=part, default=None)
    return proche if proche and part(proche) > 0.5 else None


def _plie(nom: str) -> str:
    """Letters and digits of a label or of a field, without accents nor what a field leaves out."""
    nu = unicodedata.normalize("NFKD", nom.casefold()).encode("ascii", "ignore").decode()
    return "".join(m for m in re.findall(r"[a-z0-9]+", nu) if m not in _MOTS_VIDES)


def _comparer(entetes: Sequence[str], ressource: Ressource, nom: str) -> Ressemblance | None:
    layout = ressource.layouts[nom]
    declarees = {m: e for m, e in ressource.millesimes.items() if nom in e.layout}
    essayees = {m: Millesime(millesime=m, layout=[nom]) for m in _annees_dites(layout, entetes)}
    presents = set(filter(None, entetes))
    groupes: dict[frozenset[str], list[int]] = {}
    for m, edition in (essayees | declarees).items():
        groupes.setdefault(frozenset(map(edition.gabarit, layout.gabarits)), []).append(m)
    if not groupes:
        return None
    attendus = min(groupes, key=lambda a: (len(a ^ presents), not {*groupes[a]} & {*declarees}))
    declares = [m for m in groupes[attendus] if m in declarees]
    ordre = (essayees | declarees)[groupes[attendus][0]]
    return Ressemblance(
        ressource.source,
        ressource.nom,
        nom,
        tuple(sorted(declares or groupes[attendus])),
        bool(declares),
        communs=tuple(e for e in entetes if e in attendus),
        manquants=tuple(dict.fromkeys(e for g in layout.gabarits if (e := ordre.gabarit(g)) not in presents)),
        inconnus=tuple(e for e in entetes if e and e not in attendus),
        sans_nom=sum(e == "" for e in entetes),
        sans_nom_attendus=layout.unnamed_columns,
    )


def _annees_dites(layout: Layout, entetes: Iterable[str]) -> set[int]:
    """Years that a header spells where a template of the layout has one; none for other parameters."""
    gabarits = [g for g in layout.gabarits if "{" in g]
    formes = []
    for gabarit in gabarits:
        motif = re.escape(gabarit)
        for champ, forme in _DE_L_ANNEE.items():
            motif = motif.replace(re.escape(f"{{{champ}}}"), forme, 1)
        if r"\{" in motif:
            return set()
        formes.append(re.compile(motif))
    vus = (m.groupdict() for e in entetes for f in formes if (m := f.fullmatch(e)))
    return {int(v.get("millesime") or f"20{v['aa']}") for v in vus}
