"""Marts of one EPCI and of what is around it, made by hand for a test."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import duckdb

from publication.lecture.marts import Marts
from publication.portraits.contenu import essentiel as regles
from publication.portraits.contenu.essentiel import du_theme, essentiel
from publication.portraits.contenu.faits import Faits
from socle.affichage import afficher_ecart, afficher_relative
from tests.publication.portraits.phrases_tenues import Dictionnaire, verifier

SEEDS = Path(regles.__file__).parents[3] / "dbt_project" / "seeds"
COMPARATEURS = ("epci", "departement", "region", "france", "pairs")
LARGES = COMPARATEURS[:-1]
Cellule = tuple[str, float, float | None]
"""Statut, value and half-width of its bounds (None: no upper bound). A `secret` cell holds a value that
nobody may have: no mart does, and the sentences must not see it if one did."""
LIEUX = {
    "epci": ("epci:200068229", "CC des Baronnies"),
    "voisin": ("epci:242600534", "CC du Diois"),
    "departement": ("departement:26", "Drôme"),
    "region": ("region:84", "Auvergne-Rhône-Alpes"),
    "france": ("france:FR", "France"),
}
SUJET = LIEUX["epci"][0]
DICTIONNAIRE = {
    # theme, univers, unite, decimales, polarite, methode, numerateur, decalage
    "population_municipale": (
        *("portrait_social", "POP", "personnes", 0, "neutre", "somme", "population", None),
    ),
    "part_allocataires_rsa": ("portrait_social", "FA", "pourcent", 1, "defavorable", "ratio", "rsa", None),
    "montant_annuel_par_allocataire": (
        *("financement", "AAN", "EUR par allocataire", 0, "neutre", "ratio", "montant", None),
    ),
    "part_maisons": ("logement", "LOG", "pourcent", 1, "neutre", "ratio", "maisons", None),
    "part_sans_mots": ("logement", "RPR", "pourcent", 1, "favorable", "ratio", "sans_mots", None),
    "taux_couverture_petite_enfance": (
        *("petite_enfance", "ENF", "places pour 100 enfants", 1, "favorable", "publie", "taux", None),
    ),
    "france_services_10000_hab": (
        *("acces_droits", "POP", "structures pour 10 000 habitants", 1, "favorable", "ratio", "points", None),
    ),
    "nb_places_eaje_cible": ("petite_enfance", "PL", "places", 0, "favorable", "specifique", None, None),
    "nb_places_eaje": ("petite_enfance", "PL", "places", 0, "favorable", "somme", "places_eaje", None),
    "ctg_v2_debut": ("gouvernance", "CTG", "annee", 0, "neutre", "specifique", None, None),
    "nb_enfants_moins_3_ans": ("petite_enfance", "ENF", "enfants", 0, "neutre", "somme", "enfants", None),
    "evolution_enfants_moins_3_ans": (
        *("petite_enfance", "ENF", "pourcent", 1, "neutre", "evolution", "enfants", 4),
    ),
}
Bornee = tuple[str, Any, float | None, float | None]
REFUSEE = {
    **{"evolution": None, "forme": "refusee", "en_pourcentage": False, "evolution_affichee": "non lisible"},
    **{"a_peu_pres": False, "mouvement": "non_lisible", "couleur": None},
}
PROCHES = 0.5
RANGS = ("observe", "arrondi", "partiel", "secret", "non_disponible", "sans_objet")


# What readers ask of each figure, and none of these sentences is made of.
_SANS_OBJET = (
    *("niveau", "code", "libelle", "valeur_affichee", "motif", "demonstration"),
    *("millesime_base", "millesime_denominateur"),
)


class Monde:
    """Marts of one EPCI and of what is around it, each figure and each evolution as it is given."""

    def __init__(self, dictionnaire: Mapping[str, tuple[Any, ...]] = DICTIONNAIRE) -> None:
        self.dictionnaire = dictionnaire
        self.con = duckdb.connect()
        self.con.execute("create schema marts; set schema = 'marts'")
        self.con.execute(
            "create table dim_territoire (territoire_id varchar, niveau varchar, code varchar,"
            " libelle varchar, departement varchar, region varchar, epci varchar);"
            "create table dim_indicateur (indicateur_id varchar, theme varchar, ordre integer,"
            " libelle varchar, univers varchar, unite varchar, decimales integer, polarite varchar,"
            " methode varchar, numerateur varchar, decalage integer, comparable boolean,"
            " theme_ordre integer as (1), prevu boolean as (indicateur_id = 'nb_places_eaje_cible'),"
            " etendue_lisible double as (10), assise_numerateur boolean as (false), ecart_minimal double as"
            " (case unite when 'pourcent' then 0.5 when 'places pour 100 enfants' then 1 when"
            " 'structures pour 10 000 habitants' then 0.2 end), ecart_minimal_relatif double as (2.0));"
            "create table ruptures_series (territoire_id varchar, niveau varchar, indicateur_id varchar,"
            " millesime integer, nature varchar);"
            "create table fct_indicateurs (territoire_id varchar, indicateur_id varchar, millesime integer,"
            " statut varchar, lisibilite varchar, valeur double, borne_basse double, borne_haute double,"
            " champ varchar, motif_code varchar, source_ids varchar, numerateur double as (null),"
            " denominateur double as (null), ecart_type_arrondi double as (0.0),"
            + ", ".join(f"{colonne} varchar as (null)" for colonne in _SANS_OBJET)
            + ");"
            "create table dim_source (source_id varchar, producteur varchar);"
            "insert into dim_source values ('cnaf', 'Cnaf'), ('insee', 'Insee');"
            "create table mart_evolutions_dites (territoire_id varchar, indicateur_id varchar,"
            " millesime_debut integer, millesime_fin integer, statut varchar, motif_code varchar,"
            " valeur_debut double, valeur_fin double, evolution double, forme varchar,"
            " en_pourcentage boolean, evolution_affichee varchar, a_peu_pres boolean, mouvement varchar,"
            " couleur varchar, lecture_motif_code varchar, choisie boolean default true, depuis_de integer,"
            " depuis_a integer, reserve_code varchar, stable_depuis integer, contraire_depuis integer,"
            " contraire_affichee varchar"
            + "".join(f", evolution_{x}_affichee varchar, evolution_{x}_rapport varchar" for x in LARGES)
            + ")"
        )
        colonnes = "".join(
            f", valeur_{x} double, valeur_{x}_statut varchar, ecart_{x} double, ecart_{x}_lecture varchar,"
            f" ecart_{x}_dit varchar, reserve_{x}_code varchar"
            for x in COMPARATEURS
        )
        self.con.execute(
            "create table mart_comparaisons (territoire_id varchar, niveau varchar, indicateur_id varchar,"
            " millesime integer, polarite varchar, valeur double, statut varchar, borne_basse double,"
            f" borne_haute double{colonnes}, groupe_pairs varchar, nb_pairs integer,"
            " nb_pairs_sans_valeur integer, rang_motif_code varchar, rang integer, rang_au_mieux integer,"
            " rang_au_pire integer, rang_statut varchar, nb_ex_aequo integer,"
            " valeur_pairs_borne_basse double, valeur_pairs_borne_haute double,"
            " valeur_pairs_lisibilite varchar)"
        )
        self.con.execute(
            f"create table dim_unite as from read_csv('{SEEDS / 'unites.csv'}', all_varchar = true)"
        )
        self.unites = Marts(self.con).unites
        for identifiant, libelle in LIEUX.values():
            nature, code = identifiant.split(":")
            epci = code if nature == "epci" else None
            self._ajouter("dim_territoire", identifiant, nature, code, libelle, "26", "84", epci)
        for ordre, (indicateur_id, (theme, *reste)) in enumerate(dictionnaire.items()):
            libelle = f"Libellé de {indicateur_id}"
            self._ajouter("dim_indicateur", indicateur_id, theme, ordre, libelle, *reste, reste[4] != "somme")

    def _chiffre(
        self,
        territoire_id: str,
        indicateur_id: str,
        millesime: int,
        cellule: Cellule,
        champ: str | None = None,
        lisibilite: str = "point",
        source: str = "cnaf",
    ) -> None:
        statut, valeur, *bornes = _bornee(cellule)
        ligne = (territoire_id, indicateur_id, millesime, statut, lisibilite, valeur, *bornes, champ)
        self._ajouter("fct_indicateurs", *ligne, None, source)

    def _ajouter(self, table: str, *valeurs: Any) -> None:
        self.con.execute(f"insert into {table} values ({', '.join('?' * len(valeurs))})", list(valeurs))

    def figure(
        self,
        indicateur_id: str,
        millesime: int,
        cellules: dict[str, Cellule],
        pairs: Cellule | None = None,
        reserves: Collection[str] = (),
        rang: tuple[int, int, int, int] = (1, 0, 5, 0),
        champ: str | None = None,
        territoire: str = SUJET,
        lisibilite: str = "point",
    ) -> None:
        """Set a figure beside others, as mart_comparaisons does. `rang`: rank, ex aequo, peers, unknown."""
        polarite, methode = self.dictionnaire[indicateur_id][4:6]
        for niveau, cellule in cellules.items():
            identifiant = territoire if niveau == "epci" else LIEUX[niveau][0]
            self._chiffre(
                identifiant,
                indicateur_id,
                millesime,
                cellule,
                champ,
                lisibilite if niveau == "epci" else "point",
            )
        statut, valeur, basse, haute = _bornee(cellules["epci"])
        comparees: list[Any] = []
        for x in COMPARATEURS:
            autre = pairs if x == "pairs" else cellules.get(x) if x != "epci" else None
            if autre is None or methode == "somme":
                comparees += [None, "sans_objet", None, None, None, None]
                continue
            statut_x, valeur_x, basse_x, haute_x = _bornee(autre)
            ecart = None if None in (valeur, valeur_x) else valeur - valeur_x
            lecture = _lecture(ecart, _moins(basse, haute_x), _moins(haute, basse_x), polarite)
            dit = None
            if ecart is not None and x not in reserves and (x != "pairs" or (autre[2] or 0) <= 5):
                dit = self._dit(indicateur_id, ecart, max(abs(valeur), abs(valeur_x)), lecture)
            comparees += [valeur_x, statut_x, ecart, lecture, dit, "source" if x in reserves else None]
        place, ex_aequo, nombre, sans = rang
        pire = max(statut, pairs[0] if pairs else statut, key=RANGS.index)
        self._ajouter(
            "mart_comparaisons",
            *(territoire, territoire.split(":")[0], indicateur_id, millesime, polarite),
            *(valeur, statut, basse, haute, *comparees),
            *("EPCI semblables", nombre, sans, None, *[place if pairs else None] * 3),
            *(pire, ex_aequo, *(_bornee(pairs)[2:] if pairs else (None, None))),
            pairs and ("point" if (pairs[2] or 0) <= 5 else "intervalle"),
        )

    def _dit(self, indicateur_id: str, ecart: float, grand: float, lecture: str | None) -> str | None:
        (minimal,) = self.con.execute(
            "select coalesce(ecart_minimal, 0) from dim_indicateur where indicateur_id = ?", [indicateur_id]
        ).fetchall()[0]
        if abs(round(ecart, 9)) < max(minimal, grand * 0.02):
            return "proche"
        if lecture == "non_significatif":
            return None
        return "au_dessus" if ecart > 0 else "au_dessous"

    def mouvement(
        self,
        indicateur_id: str,
        debut: tuple[int, Cellule],
        fin: tuple[int, Cellule],
        refus: str | None = None,
        deja: tuple[int, ...] = (),
        etablie: bool = False,
        **dite: Any,
    ) -> None:
        """Tell an evolution, as mart_evolutions_dites does. Its ends become figures, but in years `deja`.

        `dite`: other columns of its row.
        """
        for millesime, cellule in (debut, fin):
            if millesime not in deja:
                self._chiffre(SUJET, indicateur_id, millesime, cellule)
        a, b = _bornee(debut[1]), _bornee(fin[1])
        pire = max(a[0], b[0], key=RANGS.index)
        ligne = {
            **{
                "territoire_id": SUJET,
                "indicateur_id": indicateur_id,
                "statut": "refusee" if refus else pire,
            },
            **{"millesime_debut": debut[0], "millesime_fin": fin[0], "motif_code": refus},
            **{"valeur_debut": a[1], "valeur_fin": b[1]},
            **(REFUSEE if refus else self._dite(indicateur_id, a, b, etablie)),
            **dite,
        }
        if RANGS.index(pire) <= RANGS.index("partiel"):
            marques = ", ".join("?" * len(ligne))
            self.con.execute(
                f"insert into mart_evolutions_dites ({', '.join(ligne)}) values ({marques})",
                [*ligne.values()],
            )

    def ailleurs(
        self, indicateur_id: str, niveau: str, debut: tuple[int, Cellule], fin: tuple[int, Cellule]
    ) -> None:
        """Tell how a wider territory moved between the same years, beside an evolution already told.

        Its last figure is there already.
        """
        self._chiffre(LIEUX[niveau][0], indicateur_id, *debut)
        dite = self._dite(indicateur_id, _bornee(debut[1]), _bornee(fin[1]), False)
        (ici,) = self.con.execute(
            "select evolution, 100 * evolution / valeur_debut, en_pourcentage from mart_evolutions_dites"
            " where indicateur_id = ?",
            [indicateur_id],
        ).fetchall()
        la_bas = 100 * dite["evolution"] / debut[1][1] if dite["en_pourcentage"] else dite["evolution"]
        ampleur = ici[1] if ici[2] else ici[0]
        rapport = "plus" if abs(ampleur) > abs(la_bas) else "moins"
        if ampleur * la_bas < 0:
            rapport = "inverse"
        elif abs(ampleur - la_bas) <= PROCHES:
            rapport = "comme"
        self.con.execute(
            f"update mart_evolutions_dites set evolution_{niveau}_affichee = ?,"
            f" evolution_{niveau}_rapport = ? where indicateur_id = ?",
            [dite["evolution_affichee"], rapport if dite["forme"] == "mesuree" else None, indicateur_id],
        )

    def _dite(self, indicateur_id: str, a: Bornee, b: Bornee, etablie: bool) -> dict[str, Any]:
        """What is said between two figures that are shown."""
        _, _, unite, decimales, polarite, methode, *_ = self.dictionnaire[indicateur_id]
        if None in (a[1], b[1]):
            return REFUSEE
        ecarts = evolution, *bouts = b[1] - a[1], _moins(b[2], a[3]), _moins(b[3], a[2])
        peu = methode == "somme" and a[1] < 20
        lecture = _lecture(*ecarts, "neutre" if peu else polarite)
        etendue = None if None in bouts or not a[1] else 100 * (bouts[1] - bouts[0]) / a[1]
        pourcent = bool(methode == "somme" and a[1] and not peu and (etendue is None or etendue <= 10))
        texte = (
            afficher_relative(100 * evolution / a[1])
            if pourcent
            else afficher_ecart(evolution, self.unites[unite], decimales)
        )
        net = lecture != "non_significatif"
        sens = "hausse" if evolution > 0 else "baisse"
        return {
            **{"evolution": evolution, "forme": "mesuree" if net else "non_significative"},
            **{
                "en_pourcentage": net and pourcent,
                "evolution_affichee": texte if net else "non significative",
            },
            "a_peu_pres": bool(pourcent and etendue is not None and etendue > 1),
            "mouvement": (sens if etablie else "deux_niveaux") if net else "sans_mouvement",
            "couleur": lecture if etablie and net else "neutre",
            "lecture_motif_code": "depart_trop_faible" if peu else None,
        }

    def rupture(self, indicateur_id: str, millesime: int) -> None:
        """Begin a series anew: of the evolutions told so far, those that go across have the reserve."""
        self._ajouter("ruptures_series", None, "epci", indicateur_id, millesime, "serie")
        self.con.execute(
            "update mart_evolutions_dites set reserve_code = 'serie', mouvement = 'reservee'"
            " where indicateur_id = $1 and evolution is not null"
            " and millesime_debut < $2 and $2 <= millesime_fin",
            [indicateur_id, millesime],
        )

    def dire(
        self, depuis: int | None = None, theme: str | None = None, comparer: tuple[str, ...] = ()
    ) -> list[str]:
        """Return the sentences of L'essentiel, or of a theme, each held to its figures."""
        d = Dictionnaire(self.con)
        faits = Faits(Marts(self.con), SUJET, depuis, theme, comparer)
        messages = (essentiel if theme is None else du_theme)(faits, d.chiffre)
        for message in messages:
            verifier(d, SUJET, message)
        return [message.texte for message in messages]


def _bornee(cellule: Cellule) -> Bornee:
    statut, valeur, marge = cellule
    if statut in ("non_disponible", "sans_objet"):
        return statut, None, None, None
    if statut == "observe":
        marge = 0.0
    return statut, valeur, valeur - (marge or 0), None if marge is None else valeur + marge


def _moins(un: float | None, autre: float | None) -> float | None:
    return None if un is None or autre is None else un - autre


def _lecture(ecart: float | None, basse: float | None, haute: float | None, polarite: str) -> str | None:
    if ecart is None:
        return None
    if not ((basse is not None and basse > 0) or (haute is not None and haute < 0)):
        return "non_significatif"
    if polarite == "neutre":
        return "neutre"
    return "favorable" if (ecart > 0) == (polarite == "favorable") else "defavorable"


def exact(valeur: float) -> Cellule:
    return "observe", valeur, 0
