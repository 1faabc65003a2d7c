"""Figures as readers see them, beside the release: each page and sheet is read again, believed in nothing.

A figure printed in a page or a workbook carries its reference, `indicateur|territoire|millesime`:

    <td data-chiffre="part_rsa|commune:26220|2022" data-statut="secret">s</td>
    <td data-chiffre="3.1">31,5 %</td>, where the page numbers its series and its territories, from 0:
    <script type="application/json" id="index-chiffres">{"series": ["part_rsa|2021", …], "territoires": {…}}
    sheet « Chiffres »: columns « Référence », « Valeur affichée » and, where they are, « Valeur », « Statut »
    sheet « Données »: a row of ids, `territoire_id`, `millesime` and those of indicateurs, over the figures
    a CSV beside the tables of the release: indicateur_id, territoire_id, millesime and the columns of figures

Belongs here: finding them in a published file, and what each must print according to `fct_indicateurs` of the
release being made. Where the release shows no figure, the mark of the statut and no digit; elsewhere the
release's figure. Does not: how a figure is worded (whatever writes it), nor what has no reference. A finding
names the reference and the statut, never a value.
"""

import datetime
import html
import io
import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from socle.affichage import MARQUES, MOIS
from socle.sql import texte_sql
from socle.statuts import SANS_DONNEE

_MUETS = frozenset(MARQUES.values())
_STATUTS = {
    "observé": "observe",
    "secret statistique": "secret",
    "non disponible": "non_disponible",
    "sans objet": "sans_objet",
}
"""How a workbook words a statut, where it is not as the release writes it."""

_REFERENCE = re.compile(rb"""\bdata-chiffre\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NUMERO = re.compile(r"([0-9]+)\.([0-9]+)")
_INDEX = re.compile(rb"""<script\b[^>]*\bid\s*=\s*["']index-chiffres["'][^>]*>(.*?)</script""", re.DOTALL)
_STATUT = re.compile(rb"""\bdata-statut\s*=\s*["']([^"']*)["']""")
_ATTRIBUT = re.compile(r"""([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ANNEE = re.compile(r"[0-9]{4}")
_ESPACES = re.compile(r"[ \t\r\n]+")
_BALISE = re.compile(r"<[^<>]*>")
_NOM = re.compile(rb"<([a-zA-Z][\w:-]*)")
_NOMBRE = re.compile("([-−–]?)(\\d{1,3}(?:[\u202f\u00a0]\\d{3})+(?!\\d)|\\d+)(?:[,.](\\d+))?")
_MESURE = re.compile("[-−–]?(\\d[\\d\u202f\u00a0]*(?:[,.]\\d+)?)(?:\\W|$)")
_DITS = ("value", "title", "aria-label", "alt", "content")
_STRUCTURE = ("data-chiffre", "data-millesime", "data-annee", "data-decimales", "data-colonne", "data-rang")
"""Attributes that may hold a number beside a figure that is not shown."""
_PORTEE = 4096
"""How far the end of an element is looked for, in bytes."""
_LOT = 200_000
_CLE = ("indicateur_id", "territoire_id", "millesime")
_NOMBRES = ("valeur", "borne_basse", "borne_haute", "numerateur", "denominateur")
_COLONNES = (*_NOMBRES, "valeur_affichee")
"""Columns of a CSV that hold a figure, under the names they have in `fct_indicateurs`."""
_FEUILLE, _FEUILLE_LARGE = "Chiffres", "Données"
_ENTOURAGE = frozenset(
    {
        "territoire_id",
        "libelle",
        "niveau",
        "millesime",
        "code",
        "epci_libelle",
        "departement",
        "demonstration",
    }
)
"""Columns of a wide sheet that hold no figure."""
_AU_PLUS = 100
"""Findings of one wide sheet: what is wrong with one is wrong with thousands."""


@dataclass(frozen=True, order=True)
class Ecart:
    """A printed figure that is not the release's: in which file, which reference, what is wrong."""

    fichier: str
    reference: str
    motif: str


@dataclass(frozen=True)
class _Montre:
    """What a file prints of a figure. `autres`: attributes or columns beside it that hold a number."""

    reference: str
    texte: str | float | None
    statut: str | None = None
    autres: tuple[str, ...] = ()


class Releve:
    """Figures read in published files, compared with the release a batch at a time."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dossier: Path) -> None:
        """Compare with the tables of the release in `dossier`."""
        fct = dossier / "parquet" / "fct_indicateurs.parquet"
        self._dossier = dossier
        self._con, self._fct = con, f"read_parquet({texte_sql(fct)})" if fct.is_file() else None
        self._lus: dict[tuple[str, _Montre], None] = {}
        self._ecarts: set[Ecart] = set()
        self._lignes = 0

    def lire(self, fichier: str, contenu: bytes) -> None:
        """Read the figures of a file, or of a member of one: a page or a workbook, others have none."""
        if contenu.startswith(b"PK\x03\x04"):
            montres = self._classeur(fichier, contenu)
        elif b"data-chiffre" in contenu:
            montres = self._page(fichier, contenu)
        else:
            return
        self._lus.update(((fichier, montre), None) for montre in montres)
        if len(self._lus) >= _LOT:
            self._comparer()

    def lire_csv(self, fichier: str, sql: str, noms: Collection[str]) -> None:
        """Read the figures of a CSV: `sql`, what to write after `from`; `noms`, its columns, all texts."""
        if not set(_CLE) <= {*noms}:
            return
        colonnes = ", ".join(
            nom if nom in noms else f"null::varchar as {nom}" for nom in (*_CLE, "statut", *_COLONNES)
        )
        source = f"select {texte_sql(fichier)} as fichier, {colonnes} from {sql}"
        if self._lignes == 0:
            self._con.execute(f"create or replace temp table lignes_lues as {source}")
        else:
            self._con.execute(f"insert into lignes_lues {source}")
        compte = self._con.execute("select count(*) from lignes_lues").fetchone()
        self._lignes = compte[0] if compte else 0
        if self._lignes >= _LOT:
            self._comparer_lignes()

    def ecarts(self) -> list[Ecart]:
        """Return what is not as the release says, sorted."""
        self._comparer()
        self._comparer_lignes()
        return sorted(self._ecarts)

    def _page(self, fichier: str, contenu: bytes) -> Iterator[_Montre]:
        """Yield the figures of a page. Each place is looked at once, within reach: no tree is built."""
        numerotees = _numerotees(contenu)
        for trouve in _REFERENCE.finditer(contenu):
            reference = html.unescape((trouve[1] or trouve[2] or b"").decode("utf-8", "replace"))
            if numero := _NUMERO.fullmatch(reference):
                entiere = numerotees(int(numero[1]), int(numero[2]))
                if entiere is None:
                    defaut = "is a number that the page does not give a series and a territory to"
                    self._ecarts.add(Ecart(fichier, reference, f"{defaut}: make the page again"))
                    continue
                reference = entiere
            debut = contenu.rfind(b"<", 0, trouve.start())
            fin = contenu.find(b">", trouve.end())
            nom = _NOM.match(contenu, debut) if debut >= 0 else None
            if nom is None or fin < 0:
                continue  # a text about the attribute, in a script or a comment
            texte = ""
            if contenu[fin - 1 : fin] != b"/":
                interieur = _interieur(contenu, nom[1], fin + 1)
                if interieur is None:
                    self._ecarts.add(
                        Ecart(
                            fichier,
                            reference,
                            f"stands in an element that does not end within {_PORTEE} bytes: put the"
                            " reference on the element that holds the figure alone",
                        )
                    )
                    continue
                texte = _sans_balises(interieur)
            balise = contenu[debut:fin]
            statut = _STATUT.search(balise)
            # Where a number is printed, it is the one that is judged.
            muet = texte == "" or texte.split(maxsplit=1)[0] in _MUETS
            yield _Montre(
                reference,
                texte,
                statut[1].decode("utf-8", "replace") if statut else None,
                _nombres_a_cote(balise, reference) if muet else (),
            )

    def _classeur(self, fichier: str, contenu: bytes) -> Iterator[_Montre]:
        """Yield the figures that a workbook lists in its sheet « Chiffres », if it has one."""
        from python_calamine import CalamineError, load_workbook

        try:
            classeur = load_workbook(io.BytesIO(contenu))
        except CalamineError:
            return  # an archive that is no workbook
        if _FEUILLE_LARGE in classeur.sheet_names:
            self._large(fichier, classeur.get_sheet_by_name(_FEUILLE_LARGE).to_python())
        if _FEUILLE not in classeur.sheet_names:
            return
        colonnes: dict[str, int] = {}
        for ligne in classeur.get_sheet_by_name(_FEUILLE).to_python():
            if not colonnes:
                # A banner may stand above the headings.
                titres = {str(v).strip().casefold(): rang for rang, v in enumerate(ligne)}
                if "référence" in titres and "valeur affichée" in titres:
                    colonnes = titres
                continue
            if reference := str(ligne[colonnes["référence"]]).strip():
                statut = str(ligne[colonnes["statut"]]).strip() if "statut" in colonnes else ""
                nombre = _valeur(ligne[colonnes["valeur"]]) if "valeur" in colonnes else None
                yield _Montre(
                    reference,
                    _valeur(ligne[colonnes["valeur affichée"]]),
                    _STATUTS.get(statut, statut) or None,
                    ("« Valeur »",) if isinstance(nombre, float) else (),
                )
                if isinstance(nombre, float):
                    yield _Montre(reference, nombre)
        if not colonnes:
            self._ecarts.add(
                Ecart(
                    fichier,
                    "",
                    f"has a sheet « {_FEUILLE} » without columns « Référence » and « Valeur affichée »: its"
                    " figures cannot be checked",
                )
            )

    def _large(self, fichier: str, rangees: list[list[Any]]) -> None:
        """Compare a sheet of one row per territory and year with the release, all its columns at once.

        The heading that follows the ids is left out; a column that is no indicateur holds no figure.
        """
        debut = next(
            (r for r, rangee in enumerate(rangees) if {"territoire_id", "millesime"} <= {*rangee}), None
        )
        if debut is None or self._fct is None:
            defaut = "has no row of ids: its figures cannot be checked"
            if debut is not None:
                defaut = "quotes figures, and the release has no fct_indicateurs"
            self._ecarts.add(Ecart(fichier, "", f"sheet « {_FEUILLE_LARGE} » {defaut}"))
            return
        colonnes = dict(zip(rangees[debut], zip(*rangees[debut + 2 :], strict=True), strict=False))
        if not colonnes:
            return
        indicateurs = [nom for nom in colonnes if nom in self._decimales]
        if inconnues := {*colonnes} - {*indicateurs} - _ENTOURAGE:
            noms = ", ".join(sorted(map(str, inconnues)))
            self._ecarts.add(Ecart(fichier, "", f"column(s) {noms} are no indicateur of this release"))
        lue = {
            "territoire_id": [*colonnes["territoire_id"]],
            "millesime": [int(a) for a in colonnes["millesime"]],
        }
        for rang, nom in enumerate(indicateurs):
            valeurs = colonnes[nom]
            # Millions of cells, most of them texts or numbers: nothing is called for those.
            textes = [v if type(v) is str else None if type(v) is float else str(_valeur(v)) for v in valeurs]
            lue[f"t{rang}"] = pa.array(textes, pa.string())
            lue[f"n{rang}"] = pa.array([v if type(v) is float else None for v in valeurs], pa.float64())
        rangs = range(len(indicateurs))
        self._con.register("feuille_lue", pa.table(lue))
        trouvees = self._con.execute(
            f"""
            with lus as (
                select territoire_id, millesime, unnest($ids) as indicateur_id, unnest($pas) as pas,
                    unnest([{", ".join(f"t{r}" for r in rangs)}]) as texte,
                    unnest([{", ".join(f"n{r}" for r in rangs)}]) as nombre
                from feuille_lue
            )
            select concat_ws('|', indicateur_id, territoire_id, millesime), f.statut
            from lus
            left join {self._fct} f using (indicateur_id, territoire_id, millesime)
            left join (select unnest($statuts) as statut, unnest($marques) as marque) m using (statut)
            where not coalesce(
                case
                    when f.statut is null then nombre is null and texte in ('nd', 'na')
                    when marque is not null then nombre is null and texte = marque
                    when f.valeur is null then nombre is null and texte = f.valeur_texte
                    when nombre is null then texte = if(f.valeur <> 0, 'oui', 'non')
                    else abs(nombre - f.valeur) <= 0.5 * pas * (1 + 1e-6) + 1e-9 * abs(f.valeur)
                end, false)
            order by all limit {_AU_PLUS}
            """,
            {
                "ids": indicateurs,
                "pas": [10.0 ** -self._decimales[i] for i in indicateurs],
                "statuts": list(MARQUES),
                "marques": list(MARQUES.values()),
            },
        ).fetchall()
        self._con.unregister("feuille_lue")
        for reference, statut in trouvees:
            dit = f"the release says {statut}" if statut else "the release has no such row"
            self._ecarts.add(Ecart(fichier, reference, f"is not printed as the release's figure where {dit}"))

    @cached_property
    def _decimales(self) -> dict[str, int]:
        """Decimals of each indicateur of the release."""
        dim = self._dossier / "parquet" / "dim_indicateur.parquet"
        if not dim.is_file():
            return {}
        lus = self._con.execute(f"select indicateur_id, decimales from read_parquet({texte_sql(dim)})")
        return dict(lus.fetchall())

    def _comparer(self) -> None:
        lus, self._lus = list(self._lus), {}
        if not lus:
            return
        if self._fct is None:
            for fichier, montre in lus:
                self._ecarts.add(
                    Ecart(fichier, montre.reference, "is quoted, and the release has no fct_indicateurs")
                )
            return
        morceaux = [montre.reference.split("|") for _, montre in lus]
        cles = [m if len(m) == 3 and _ANNEE.fullmatch(m[2]) else ("", "", "0") for m in morceaux]
        self._con.register(
            "chiffres_lus",
            pa.table(
                {
                    "rang": pa.array(range(len(lus)), pa.int32()),
                    "indicateur_id": [c[0] for c in cles],
                    "territoire_id": [c[1] for c in cles],
                    "millesime": pa.array([int(c[2]) for c in cles], pa.int32()),
                }
            ),
        )
        lignes = self._con.execute(
            f"""
            select l.rang, f.statut, f.valeur, f.valeur_texte
            from chiffres_lus l left join {self._fct} f using (indicateur_id, territoire_id, millesime)
            """
        ).fetchall()
        self._con.unregister("chiffres_lus")
        for rang, statut, valeur, valeur_texte in lignes:
            fichier, montre = lus[rang]
            if motif := _motif(montre, statut, valeur, valeur_texte):
                self._ecarts.add(Ecart(fichier, montre.reference, motif))

    def _comparer_lignes(self) -> None:
        """Compare the rows of CSVs with the release: the statut said, and each column that both have."""
        lignes, self._lignes = self._lignes, 0
        if lignes == 0:
            return
        if self._fct is None:
            for (fichier,) in self._con.execute("select distinct fichier from lignes_lues").fetchall():
                self._ecarts.add(Ecart(fichier, "", "quotes figures, and the release has no fct_indicateurs"))
            return
        connues = {nom for nom, *_ in self._con.execute(f"describe from {self._fct}").fetchall()}
        fautes = ["case when l.statut is distinct from f.statut and l.statut is not null then 'statut' end"]
        for nom in _COLONNES:
            # Nothing but the mark where no figure is shown; elsewhere, what the release has in that column.
            juste = "true"
            if nom in connues and nom in _NOMBRES:
                lu = f"try_cast(replace(l.{nom}, ',', '.') as double)"
                juste = (
                    f"if(f.{nom} is null, coalesce(l.{nom}, '') = '',"
                    f" coalesce(abs({lu} - f.{nom}) <= 1e-9 * greatest(1, abs(f.{nom})), false))"
                )
            elif nom in connues:
                juste = f"l.{nom} is not distinct from f.{nom}"
            fautes.append(
                f"case when l.{nom} is not null and not if(m.marque is null, {juste},"
                f" l.{nom} in ('', m.marque)) then '{nom}' end"
            )
        trouvees = self._con.execute(
            f"""
            select l.fichier, concat_ws('|', {", ".join(f"l.{c}" for c in _CLE)}), f.statut,
                unnest(list_filter([{", ".join(fautes)}], x -> x is not null))
            from lignes_lues l
            left join {self._fct} f
                on l.indicateur_id = f.indicateur_id and l.territoire_id = f.territoire_id
                and try_cast(l.millesime as integer) = f.millesime
            left join (select unnest(?) as statut, unnest(?) as marque) m
                on coalesce(f.statut, 'non_disponible') = m.statut
            """,
            [list(MARQUES), list(MARQUES.values())],
        ).fetchall()
        for fichier, reference, statut, colonne in trouvees:
            dit = f"the release says {statut}" if statut else "the release has no such row"
            self._ecarts.add(
                Ecart(fichier, reference, f"column {colonne} is not the release's where {dit}: make it again")
            )
        self._con.execute("drop table lignes_lues")


def _motif(montre: _Montre, statut: str | None, valeur: float | None, valeur_texte: str | None) -> str | None:
    """Return what is wrong with a printed figure, without saying any."""
    # Of a figure of which the release has no row, these may be said.
    attendus = (statut,) if statut else SANS_DONNEE
    dit = f"the release says {statut}" if statut else "the release has no such row"
    if montre.statut is not None and montre.statut not in attendus:
        return f"is said {montre.statut} where {dit}: make the file again from this release"
    marques = [MARQUES[s] for s in attendus if s in MARQUES]
    if marques:
        if montre.texte != "" and not _est_marque(montre.texte, marques):
            return (
                f"does not print `{'` or `'.join(marques)}` without a digit where {dit}: print the mark,"
                " and what is to be said of it elsewhere"
            )
        if montre.autres:
            return f"carries a number in {montre.autres[0]} where {dit}: leave it out"
        return None
    if montre.texte == "" or _est_le_chiffre(montre.texte, valeur, valeur_texte):
        return None
    return f"does not print the release's figure (statut {statut}): make the file again from this release"


def _est_marque(texte: str | float | None, marques: Collection[str]) -> bool:
    """Whether a text is a mark and, at most, words: "s", "s secret statistique"."""
    if not isinstance(texte, str) or not texte or any(c.isdigit() for c in texte):
        return False
    return texte.split(maxsplit=1)[0] in marques


def _est_le_chiffre(texte: str | float | None, valeur: float | None, valeur_texte: str | None) -> bool:
    """Whether a text prints a figure, to the decimals that it shows: "31,5 %" is 31.45."""
    if texte is None:
        return False
    if valeur is None:
        return valeur_texte is not None and _resume(str(texte)) == _resume(valeur_texte)
    if isinstance(texte, float):
        texte = f"{texte:.10f}".rstrip("0").rstrip(".")
    lu = _NOMBRE.search(texte)
    if lu is None:
        return False
    signe, entiers, decimales = lu.groups()
    nombre = float("".join(c for c in entiers if c.isdigit()) + "." + (decimales or "0"))
    ecart = abs((-nombre if signe else nombre) - valeur)
    return ecart <= 0.5 * 10.0 ** -len(decimales or "") * (1 + 1e-6) + 1e-9 * abs(valeur)


def _resume(texte: str) -> tuple[list[int], str]:
    """Return what makes a text the same figure however it is worded: its numbers, or its letters.

    "2025-12-31" and "31 décembre 2025" are 12, 31, 2025.
    """
    bas = texte.casefold()
    for rang, mois in enumerate(MOIS, 1):
        bas = re.sub(rf"\b{mois}\b", str(rang), bas)
    nombres = sorted(int(n) for n in re.findall(r"\d+", bas))
    return (nombres, "") if nombres else ([], " ".join(bas.split()))


def _numerotees(contenu: bytes) -> Callable[[int, int], str | None]:
    """Return what gives the reference of a series and a territory of a page, None where it has none such.

    A page has one index, or none: two are none.
    """
    series: list[str] = []
    territoires: list[str] = []
    trouves = _INDEX.findall(contenu)
    if len(trouves) == 1:
        try:
            index = json.loads(trouves[0])
            series = [s for s in index.get("series", ()) if isinstance(s, str)]
            territoires = list(index.get("territoires", ()))
        except (ValueError, AttributeError, TypeError):
            pass  # what is not an index numbers nothing

    def entiere(serie: int, territoire: int) -> str | None:
        if serie >= len(series) or territoire >= len(territoires):
            return None
        indicateur, _, millesime = series[serie].partition("|")
        return f"{indicateur}|{territoires[territoire]}|{millesime}"

    return entiere


def _interieur(contenu: bytes, nom: bytes, debut: int) -> str | None:
    """Return what stands in an element up to its own end, those of its name that it holds included."""
    profondeur = 1
    for balise in _du_nom(nom).finditer(contenu, debut, debut + _PORTEE):
        if balise[1]:
            profondeur -= 1
        elif not balise[2].endswith(b"/"):
            profondeur += 1
        if profondeur == 0:
            return contenu[debut : balise.start()].decode("utf-8", "replace")
    return None


@cache
def _du_nom(nom: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<(/?)" + re.escape(nom) + rb"(?=[\s/>])([^<>]*)>")


def _sans_balises(texte: str) -> str:
    return _ESPACES.sub(" ", html.unescape(_BALISE.sub(" ", texte))).strip(" ")


def _nombres_a_cote(balise: bytes, reference: str) -> tuple[str, ...]:
    """Return the attributes that give a number to a program or a voice: not a place, a size or the year."""
    noms = []
    for nom, double, simple in _ATTRIBUT.findall(balise.decode("utf-8", "replace")):
        nom = nom.lower()
        if nom in _STRUCTURE or not (nom.startswith(("data-", "aria-value")) or nom in _DITS):
            continue
        lu = _MESURE.match(html.unescape(double or simple).strip())
        if lu is not None and lu[1] != reference.rpartition("|")[2]:
            noms.append(nom)
    return tuple(sorted(noms))


def _valeur(cellule: Any) -> str | float | None:
    if isinstance(cellule, bool):
        return "oui" if cellule else "non"
    if isinstance(cellule, int | float):
        return float(cellule)
    if isinstance(cellule, datetime.date):
        return cellule.isoformat()[:10]
    return str(cellule).strip() or None
