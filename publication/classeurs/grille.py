"""A sheet of many rows in little time: DuckDB writes the rows, XlsxWriter everything around them.

XlsxWriter takes a second for 130 000 cells, and a release has millions. It writes a *model row*, one blank
cell for each format; their numbers are read back, and the row gives way to the rows that a query makes.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import duckdb
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from publication.commun.tableur import FORMULE
from socle.affichage import MARQUES, PRECISION
from socle.sql import nom_sql, texte_sql

_FEUILLE = "xl/worksheets/sheet1.xml"
_PAR_LOT = 5_000
# What XML 1.0 cannot hold, and what turns the direction of the text around it.
_INTERDITS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{fffe}\x{ffff}]"


@dataclass(frozen=True)
class Style:
    """The number under which a sheet knows a format; `prefixe`: the one for texts that begin as a formula."""

    numero: int
    prefixe: int


def texte(colonne: int, sql: str, style: Style) -> str:
    """Return the SQL of a cell that holds a text, whatever it begins with; nothing where it is null."""
    propre = f"left(regexp_replace({sql}, {texte_sql(_INTERDITS)}, '', 'g'), 32767)"
    echappe = f"replace(replace(replace({propre}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    debut = f"{propre}[1] in ({', '.join(map(texte_sql, FORMULE))})"
    return (
        f"{_debut(colonne)} || if({debut}, {style.prefixe}, {style.numero})"
        f' || \'" t="inlineStr"><is><t xml:space="preserve">\' || {echappe} || \'</t></is></c>\''
    )


def marque(colonne: int, mot: str, style: Style) -> str:
    """Return the SQL of a cell that holds a mark."""
    return f'{_debut(colonne)} || \'{style.numero}" t="inlineStr"><is><t>{mot}</t></is></c>\''


def nombre(colonne: int, sql: str, style: str) -> str:
    """Return the SQL of a cell that holds a number, given as text; `style` is SQL too."""
    return f"{_debut(colonne)} || {style} || '\"><v>' || {sql} || '</v></c>'"


def arrondi(valeur: str, decimales: int) -> str:
    """Return the SQL of a number rounded as it is printed (`socle.affichage.arrondi`), as text."""
    juste = f"cast(cast({valeur} as varchar) as decimal({15 + PRECISION}, {PRECISION}))"
    return f"cast(cast({juste} as decimal({15 + decimales}, {decimales})) as varchar)"


def selon_le_statut(colonne: int, statut: str, montre: str, style_marque: Style) -> str:
    """Return the SQL of a figure: its mark under a statut that shows none, `montre` elsewhere."""
    cas = " ".join(f"when '{s}' then {marque(colonne, mot, style_marque)}" for s, mot in MARQUES.items())
    # Its argument names the row, so that it is worked out for that row alone.
    vide = f"error(concat('no value in column {statut.removesuffix('_statut')}, row ', r, ' of its sheet'))"
    return f"case coalesce({nom_sql(statut)}, 'non_disponible') {cas} else coalesce({montre}, {vide}) end"


def styles(livre: bytes, rang_modele: int) -> list[int]:
    """Return the number of the format of each cell of the model row."""
    with zipfile.ZipFile(BytesIO(livre)) as archive:
        feuille = archive.read(_FEUILLE).decode()
    trouve = _modele(rang_modele).search(feuille)
    assert trouve is not None
    return [int(numero) for numero in re.findall(r'<c r="[A-Z]+[0-9]+" s="([0-9]+)"/>', trouve[0])]


def remplir(
    livre: bytes,
    fichier: Path,
    con: duckdb.DuckDBPyConnection,
    cellules: Sequence[str],
    relation: str,
    premier: int,
    lignes: int,
) -> None:
    """Write the workbook to `fichier`, its model row replaced by the `lignes` rows of `relation`, in order.

    Column `r` of `relation` numbers its rows in the sheet, from `premier`, the place of the model row.
    """
    # One call for the whole row: a chain of || copies what stands before at every step.
    rangee = ", ".join(("'<row r=\"', r, '\">'", *cellules, "'</row>'"))
    rangees = con.execute(f"select concat({rangee}) from ({relation}) order by r")
    with (
        zipfile.ZipFile(BytesIO(livre)) as modele,
        zipfile.ZipFile(fichier, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for membre in modele.infolist():
            # Without a date, as XlsxWriter writes its own.
            fixe = zipfile.ZipInfo(membre.filename)
            fixe.compress_type, fixe.external_attr = zipfile.ZIP_DEFLATED, membre.external_attr
            contenu = modele.read(membre)
            if membre.filename != _FEUILLE:
                archive.writestr(fixe, contenu)
                continue
            derniere = xl_rowcol_to_cell(max(premier - 1, premier + lignes - 1), len(cellules) - 1)
            feuille = re.sub(
                r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{derniere}"/>', contenu.decode()
            )
            avant, apres = _modele(premier).split(feuille)
            # Never ZIP64, of which Excel says that it repairs the file.
            with archive.open(fixe, "w") as ouvert:
                for morceau in (avant, *_par_lots(rangees), apres):
                    ouvert.write(morceau.encode())


def _par_lots(rangees: duckdb.DuckDBPyConnection) -> Iterator[str]:
    while lot := rangees.fetchmany(_PAR_LOT):
        yield "".join(rangee for (rangee,) in lot)


def _modele(rang: int) -> re.Pattern[str]:
    return re.compile(rf'<row r="{rang + 1}"[^>]*>.*?</row>')


def _debut(colonne: int) -> str:
    return f"'<c r=\"{xl_col_to_name(colonne)}' || r || '\" s=\"'"
