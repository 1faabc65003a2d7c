"""The figures of the portrait made by hand, as they are made: places, indicateurs, cells, tables.

Belongs here: what its charts, maps and sections share. Does not: any of these (`dessins.py`, `exemples.py`).
The figures are those of the demonstration or invented.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from publication.lecture.chiffres import Cellule, Chiffre, Ton
from publication.portraits.modele import Colonne, Tableau
from socle.affichage import MARQUES
from socle.statuts import Statut

FINE = "\u202f"
"""Between thousands."""
INSECABLE = "\u00a0"
"""Before a unit."""

CTG = ("ctg:baronnies-2025", "Baronnies en Drôme provençale")
DROME = ("departement:26", "Drôme")
REGION = ("region:84", "Auvergne-Rhône-Alpes")
FRANCE = ("france:FR", "France")

COMMUNES = (
    ("26220", "Nyons"),
    ("26063", "Buis-les-Baronnies"),
    ("26182", "Mirabel-aux-Baronnies"),
    ("26377", "Vinsobres"),
    ("26340", "Séderon"),
    ("26193", "Montbrun-les-Bains"),
    ("26306", "Sainte-Jalle"),
    ("26264", "Rémuzat"),
)

BANDEAU = "Démonstration : chiffres inventés, à ne pas citer"


@dataclass
class Releve:
    """Cells as they are made, and the figures they print, gathered for `Document.chiffres`."""

    chiffres: dict[str, Chiffre] = field(default_factory=dict)

    def cellule(
        self,
        indicateur: tuple[str, str, str, str],
        territoire: tuple[str, str],
        millesime: int,
        nombre: float | None = None,
        decimales: int = 0,
        statut: Statut = "observe",
        bornes: tuple[float, float] | None = None,
        motif: str | None = None,
        ton: Ton = "neutre",
    ) -> Cellule:
        """One figure: `indicateur` is its id, label, unit and source."""
        identifiant, libelle, unite, source = indicateur
        reference = f"{identifiant}|{territoire[0]}|{millesime}"
        suffixe = {"%": f"{INSECABLE}%", "euros": f"{INSECABLE}€"}.get(unite, "")

        def imprime(n: float) -> str:
            return f"{n:,.{decimales}f}".replace(",", FINE).replace(".", ",") + suffixe

        texte = MARQUES[statut] if nombre is None else imprime(nombre)
        self.chiffres[reference] = Chiffre(
            reference,
            identifiant,
            *territoire,
            millesime,
            libelle,
            texte,
            nombre,
            decimales,
            unite,
            statut,
            univers="foyers allocataires" if "foyers" in identifiant else "population",
            source=f"{source}, {millesime}",
            intervalle=f"entre {imprime(bornes[0])} et {imprime(bornes[1])}" if bornes else None,
            motif=motif,
            demonstration=True,
        )
        basse, haute = bornes or (None, None)
        return Cellule(texte, nombre, decimales, suffixe, statut, reference, basse, haute, ton)


PAUVRETE = ("part_foyers_bas_revenus", "Part des foyers à bas revenus", "%", "Cnaf, Cafdata")
RSA = ("part_foyers_rsa", "Part des allocataires percevant le RSA", "%", "Cnaf, Cafdata")
ALLOCATAIRES = ("nb_foyers_allocataires", "Foyers allocataires", "foyers", "Cnaf, Cafdata")
COUVERTURE = (
    "taux_couverture_petite_enfance",
    "Taux de couverture petite enfance",
    "%",
    "Cnaf, taux de couverture",
)
JEUNES_ENFANTS = ("nb_enfants_moins_3_ans", "Enfants de moins de 3 ans", "enfants", "Insee, recensement")
NIVEAU_DE_VIE = ("mediane_niveau_vie", "Niveau de vie médian", "euros", "Insee, Filosofi")
MONOPARENTALES = (
    "part_familles_monoparentales_allocataires_bas_revenus",
    "Part des familles monoparentales allocataires dont le revenu par unité de consommation est sous le "
    "seuil de bas revenus",
    "%",
    "Caf de la Drôme, extrait des allocataires",
)
PLACES = ("nb_places_eaje", "Places d'accueil collectif (Eaje)", "places", "Caf de la Drôme, structures")
OFFRE = ("capacite_theorique_accueil", "Capacité théorique d'accueil", "places", "Cnaf, taux de couverture")
FINANCEMENT = ("financement_eaje_rpe", "Financement Eaje et Rpe", "euros", "Caf de la Drôme, financements")
AVIP = ("nb_eaje_avip", "Eaje labellisés Avip", "structures", "Caf de la Drôme, structures")
MONTANT = ("montant_prestations_total", "Prestations versées", "euros", "Caf de la Drôme, prestations")


def texte(valeur: str) -> Cellule:
    """A cell that names its row, or prints a text."""
    return Cellule(texte=valeur)


def table(
    titre: str, colonnes: Iterable[str], *lignes: tuple[Cellule, ...], **reste: tuple[str, ...]
) -> Tableau:
    """A table whose first column names the rows and whose others hold figures."""
    premiere, *autres = colonnes
    return Tableau(titre, (Colonne(premiere), *(Colonne(t, chiffres=True) for t in autres)), lignes, **reste)


def bas_revenus(r: Releve) -> Cellule:
    return r.cellule(PAUVRETE, CTG, 2022, 35.2, 1, "arrondi", (34.9, 35.6))
