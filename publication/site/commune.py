"""What the page of a commune says, before any HTML: figures and services of all communes, read at once.

Its sentences are those of portraits (`formulations.yml`), its figures are chosen in `plan.yml`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from publication.lecture import jeux
from publication.lecture.alphabet import cle
from publication.lecture.annees import annees_du_chiffre
from publication.lecture.citation import sources_dites
from publication.lecture.ecarts import QUANTILE
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.portraits.contenu.comparateurs import motif_dit
from publication.portraits.contenu.formulations import formulations
from publication.portraits.contenu.langue import accorder, de, designation, enumerer, majuscule, nom_de_lieu
from publication.portraits.contenu.plan import de_la_commune
from publication.site import adresses, mots
from publication.site.donnees import SOMMABLES
from publication.site.noms import Contenu, cellule, lien
from socle.affichage import arrondi, nombre
from socle.statuts import SANS_CHIFFRE

DIX = 10
"""Figures of a page."""

_REPERES = ("epci", "departement")
"""What a commune is set beside."""

_DE_LA_SOMME = (
    "decimales",
    "part_d_un_tout",
    "assise_minimale",
    "etendue_lisible",
    "etendue_lisible_relative",
    "biais_lisible",
)
"""What the dictionary says of a figure that its sum over communes is printed by."""

INCERTAIN = "Trop incertain pour un seul chiffre : il est quelque part entre ces bornes"

COTES = {"+": "au-dessus", "-": "au-dessous", "=": "proche"}
"""On which side of a comparator a figure is, by the sign that pages carry."""

_SIGNES = {"au_dessus": "+", "au_dessous": "-", "proche": "=", None: " "}
"""These signs, by what the marts say; a space where they say nothing."""


@dataclass(eq=False)
class Fiches:
    """The pages of communes of one release.

    `pages`: where each territory has its own; `portraits`: those that are printed.
    """

    marts: MartsEntiers
    pages: Mapping[str, str]
    portraits: Mapping[str, str]

    @cached_property
    def chiffres(self) -> list[str]:
        """The figures shown, the same on every page: the first of the plan that some commune has."""
        connus = (i for i in de_la_commune("chiffres") if (i, "commune") in self.marts.derniers)
        return list(connus)[:DIX]

    @cached_property
    def services(self) -> list[str]:
        """The services that are counted by commune."""
        return [i for i in de_la_commune("services") if (i, "commune") in self.marts.derniers]

    @cached_property
    def _reperes(self) -> dict[tuple[str, str, int], Ligne]:
        """What EPCI and départements show of these figures, all years."""
        return {
            (r["territoire_id"], r["indicateur_id"], r["millesime"]): r
            for r in jeux.chiffres_des_reperes(self.marts, self.chiffres, _REPERES)
        }

    def fiches(self, departement: str | None = None) -> Iterable[Contenu]:
        """Say every commune of a département, or of the scope, in the order of codes."""
        lus: dict[str, dict[str, Ligne]] = {}
        for d in jeux.fiches_des_communes(self.marts, [*self.chiffres, *self.services], departement):
            lus.setdefault(d["territoire_id"], {})[d["indicateur_id"]] = d
        for nom, c in sorted(self.marts.communes.items()):
            if departement in (None, c["departement"]):
                yield self._fiche(c, lus.get(nom, {}))

    @cached_property
    def plan(self) -> Contenu:
        """What scripts need to word, to add up and to print figures and services of communes."""
        return {
            "chiffres": [self._regle(self.marts.dictionnaire[i]) for i in self.chiffres],
            "services": [
                {"id": i, "libelle": self.marts.dictionnaire[i]["libelle"], "page": adresses.indicateur(i)}
                for i in self.services
            ],
            "statuts": mots.STATUT,
            "cotes": COTES,
            "incertain": INCERTAIN,
            "quantile": QUANTILE,
        }

    def plan_des_secteurs(self, peu: bool) -> Contenu:
        """Return the plan, and where each commune is; `anciens`: codes of those that merged into others."""
        return {
            **self.plan,
            "peu": peu,
            "anciens": dict(self.marts.passages),
            "departements": {
                departement: {
                    "nom": nom,
                    "codes": sorted(
                        c["code"] for c in self.marts.communes.values() if c["departement"] == departement
                    ),
                    "script": adresses.donnees(departement),
                    "carte": adresses.carte(departement),
                }
                for departement, nom in self.marts.departements.items()
            },
        }

    def _regle(self, i: Ligne) -> Contenu:
        unite = self.marts.unites[i["unite"]]
        return {
            "id": i["indicateur_id"],
            "libelle": i["libelle"],
            "page": adresses.indicateur(i["indicateur_id"]),
            "modeles": modeles(i, designation("commune")),
            "somme": modeles(i, "le secteur"),
            "suffixe": unite.suffixe,
            "unite": [] if unite.suffixe else [unite.libelle_singulier, unite.libelle_pluriel],
            "source": sources_dites(
                {"source_ids": self.marts.sources_des_communes[i["indicateur_id"]], "champ": None},
                self.marts.sources,
            ),
            "trop_peu": trop_peu_dit(i) if i["assise_minimale"] else "",
            "sommable": i["methode"] in SOMMABLES,
            "facteur": i["facteur"] if i["methode"] == "ratio" else None,
            **{champ: i[champ] for champ in _DE_LA_SOMME},
        }

    def table(self, departement: str) -> Contenu:
        """Group the communes of a département by EPCI, each with the figures of its own."""
        groupes: dict[str | None, list[Contenu]] = {}
        for fiche in self.fiches(departement):
            epci = self.marts.communes[fiche["territoire_id"]]["epci"]
            groupes.setdefault(epci, []).append(fiche)
        lieu = self.marts.territoires.get(f"departement:{departement}")
        tous = [fiche for siennes in groupes.values() for fiche in siennes]
        lus = [
            [c for f in tous if (c := f["chiffres"][rang])["chiffre"]] for rang in range(len(self.chiffres))
        ]
        annees = [_frequent(c["annees"] for c in siens) for siens in lus]
        millesimes = [
            next((c["millesime"] for c in siens if c["annees"] == dites), None)
            for siens, dites in zip(lus, annees, strict=True)
        ]
        return {
            "nom": self.marts.departements[departement],
            "annees": annees,
            "lieu": self._repere(lieu, millesimes) if lieu else None,
            "noms": [de("l'EPCI"), de_lui(lieu) if lieu else ""],
            "groupes": [
                {"epci": self._repere(t, millesimes) if t else None, "communes": siennes}
                for t, siennes in sorted(
                    ((self.marts.territoires.get(f"epci:{e}"), siennes) for e, siennes in groupes.items()),
                    key=lambda g: cle(g[0]["libelle"]) if g[0] else "~",
                )
            ],
        }

    def _repere(self, t: Ligne, millesimes: Iterable[int | None]) -> Contenu:
        """Name a comparator, with its figures of these years."""
        chiffres: list[Contenu | None] = []
        for indicateur_id, millesime in zip(self.chiffres, millesimes, strict=True):
            lu = self._reperes.get((t["territoire_id"], indicateur_id, millesime or 0))
            chiffres.append(lu and self._imprime(self.marts.dictionnaire[indicateur_id], lu))
        return {**lien(t, self.pages), "chiffres": chiffres}

    def _fiche(self, c: Ligne, siens: Mapping[str, Ligne]) -> Contenu:
        reperes = [
            t
            for niveau in _REPERES
            if c[niveau] and (t := self.marts.territoires.get(f"{niveau}:{c[niveau]}")) is not None
        ]
        return {
            **lien(c, self.pages),
            "nom": c["libelle"],
            "reunies": self.marts.reunies.get(c["territoire_id"], []),
            "portrait": self.portraits.get(c["territoire_id"]),
            "reperes": [
                {**lien(t, self.pages), "court": "EPCI" if t["niveau"] == "epci" else t["libelle"]}
                for t in reperes
            ],
            "chiffres": [self._chiffre(i, siens.get(i), reperes) for i in self.chiffres],
            "services": self._services(siens),
        }

    def _chiffre(self, indicateur_id: str, d: Ligne | None, reperes: list[Ligne]) -> Contenu:
        i = self.marts.dictionnaire[indicateur_id]
        unite = self.marts.unites[i["unite"]]
        dit: Contenu = {
            "indicateur_id": indicateur_id,
            "libelle": i["libelle"],
            "page": adresses.indicateur(indicateur_id),
            "unite": () if unite.suffixe else (unite.libelle_singulier, unite.libelle_pluriel),
            "chiffre": None,
            "sens": "aucun chiffre pour cette commune",
            "cotes": "",
            "reperes": [None] * len(reperes),
        }
        if d is None:
            return dit
        a_cote = [self._reperes.get((t["territoire_id"], indicateur_id, d["millesime"])) for t in reperes]
        cotes = [_SIGNES[d[f"ecart_{t['niveau']}_dit"]] for t in reperes]
        return {
            **dit,
            "phrase": phrase(i, d),
            "millesime": d["millesime"],
            "annees": annees_du_chiffre(d),
            "chiffre": self._imprime(i, d),
            "sens": _sens(i, d) or cotes_dits(cotes, [de_lui(t) for t in reperes]),
            "cotes": "".join(cotes).rstrip(),
            "reperes": [r and self._imprime(i, r) for r in a_cote],
        }

    def _imprime(self, i: Ligne, d: Ligne) -> Contenu:
        """Return a figure as `macros.valeur` prints it."""
        dite = cellule(self.marts, i, d)
        return {
            **dite,
            # site.js cites as observed what is not said to be anything else.
            "dit": "" if d["statut"] == "observe" else dite["dite"],
            "source": sources_dites(d, self.marts.sources),
        }

    def _services(self, siens: Mapping[str, Ligne]) -> Contenu:
        """Tell the services that are there from those that are not, and from those nobody tells of."""
        la, sans, tus = [], [], []
        for indicateur_id in self.services:
            i, d = self.marts.dictionnaire[indicateur_id], siens.get(indicateur_id)
            if d is None or d["statut"] in SANS_CHIFFRE:
                tus.append(i["libelle"])
            elif d["valeur"] == 0 and d["statut"] == "observe":
                sans.append(i["libelle"])
            else:
                nomme = {"libelle": i["libelle"], "page": adresses.indicateur(indicateur_id)}
                la.append({**nomme, **self._imprime(i, d), "annees": annees_du_chiffre(d)})
        return {"la": la, "sans": sans, "tus": tus, "annee": _frequent(s["annees"] for s in la)}


def modeles(i: Ligne, lieu: str) -> list[tuple[str, str]]:
    """Return what stands before a figure and after it in the sentence of portraits, singular and plural.

    part_allocataires_rsa       ("", " des foyers allocataires perçoivent le RSA"), twice

    Nothing where no sentence is declared that holds the figure as it is printed.
    """
    formulation = formulations().get(i["indicateur_id"])
    modele = (formulation and (formulation.commune or formulation.niveau)) or ""
    if "{valeur}" not in modele or "{annee}" in modele:
        return []
    dits = [accorder(modele, pluriel).replace("{territoire}", lieu) for pluriel in (False, True)]
    return [(majuscule(avant), apres) for avant, apres in (dit.split("{valeur}") for dit in dits)]


def phrase(i: Ligne, d: Ligne) -> tuple[str, str]:
    """Word a figure: what stands before its printed value, and after it; its label where it is not shown."""
    dits = modeles(i, designation("commune"))
    if not dits or d["lisibilite"] in (None, "trop_peu") or d["valeur"] is None:
        return f"{i['libelle']}\u00a0: ", ""
    singulier, pluriel = dits
    return pluriel if abs(arrondi(d["valeur"], i["decimales"])) >= 2 else singulier


def _sens(i: Ligne, d: Ligne) -> str | None:
    """Say in few words why a figure is not a point; None of one that is."""
    if d["statut"] in SANS_CHIFFRE:
        return majuscule(motif_dit(d["motif_code"], d["motif"]) or "motif non déclaré")
    if d["lisibilite"] == "trop_peu":
        return trop_peu_dit(i)
    return INCERTAIN if d["lisibilite"] == "intervalle" else None


def trop_peu_dit(i: Ligne) -> str:
    """Say why no figure is printed of so few."""
    moins = nombre(i["assise_minimale"], 0)
    return f"Repose sur moins de {moins} personnes, foyers ou logements : ne dit rien de la commune"


def cotes_dits(cotes: Iterable[str], noms: Iterable[str]) -> str:
    """Word the side of each comparator: `Au-dessus de l'EPCI, au-dessous de la Drôme`."""
    ou: dict[str, list[str]] = {cote: [] for cote in COTES}
    for cote, nom in zip(cotes, noms, strict=True):
        if cote in ou:
            ou[cote].append(nom)
    return majuscule(", ".join(f"{COTES[cote]} {enumerer(siens)}" for cote, siens in ou.items() if siens))


def de_lui(t: Ligne) -> str:
    """Name a comparator after "au-dessus"."""
    return de("l'EPCI" if t["niveau"] == "epci" else nom_de_lieu(t["niveau"], t["code"], t["libelle"]))


def _frequent(annees: Iterable[str]) -> str:
    """Return the years that most of some figures are of; nothing of none."""
    comptes = Counter(annees)
    return max(sorted(comptes), key=comptes.__getitem__, default="")
