"""What is answered: a typed content, and the same in French. A number never goes without what it counts.

Knows no protocol: `serveur` hands these over.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from publication.api import modeles
from publication.api.lecture import Lecteur, bornes
from publication.commun.dictionnaire import trouver_indicateur
from publication.explication import expliquer, rendre
from publication.lecture.alphabet import cle
from publication.lecture.citation import citer
from publication.lecture.demandes import paquets
from publication.lecture.evolutions import annees_des_evolutions, evolution_entre, evolutions_dites
from publication.lecture.lieux import codes_lus, lieu_refuse, reserve, territoires, trouver
from publication.lecture.lots import Ligne
from publication.lecture.niveaux import COMPARATEURS, NIVEAUX
from publication.lecture.vocabulaire import Lexique
from publication.site.recherche import glossaire
from socle.affichage import PRECISION, afficher_ecart
from socle.erreurs import ErreurPublication
from socle.statuts import MONTRENT, SANS_CHIFFRE

_AU_PLUS = 10
_EFFECTIF = "Un effectif ou un montant suit la taille du territoire : il ne se compare pas à un autre."
_LECTURES = {
    "favorable": "favorable",
    "defavorable": "défavorable",
    "neutre": "ni favorable ni défavorable",
    "non_significatif": "trop petit pour être sûr",
}
_PLACES = {"au_dessus": "au-dessus", "au_dessous": "au-dessous", "proche": "proche"}
_RESERVES = {
    "champ": "le champ n'est pas le même",
    "source": "la source n'est pas la même",
    "champ_et_source": "ni le champ ni la source ne sont les mêmes",
    "liste_incomplete": "sa liste est incomplète",
}


class Trouve(BaseModel):
    """Ce que des mots désignent : un indicateur, ou un territoire."""

    genre: Literal["indicateur", "territoire"]
    identifiant: str
    libelle: str
    precision: str = Field(description="L'univers d'un indicateur, le niveau d'un territoire")
    disponible: bool
    motif: str | None


class Terme(BaseModel):
    """Un mot du glossaire, et l'erreur à laquelle il invite."""

    terme: str
    definition: str
    attention: str | None


class Recherche(BaseModel):
    """Ce qui a été compris d'une phrase."""

    trouves: list[Trouve] = Field(description="Ce que la phrase nomme en entier")
    proposes: list[Trouve] = Field(description="Ce qu'elle nomme peut-être : à demander, et non à répondre")
    definitions: list[Terme]
    annee: int | None
    absents: list[str] = Field(description="Pourquoi ce qui est demandé n'est pas là")
    incompris: list[str]


class Reponse(BaseModel):
    """Un chiffre ; ou pourquoi l'entrepôt n'en montre pas."""

    chiffre: modeles.Chiffre | None
    refus: str | None


class SansChiffre(ErreurPublication):
    """No row of the release is asked for, and the message says why."""


class Cote(BaseModel):
    """Un territoire mis à côté d'un autre."""

    chiffre: modeles.Chiffre
    ecart: str | None = Field(description="Du territoire moins celui-ci, si l'entrepôt le dit")
    place: str | None = Field(
        description="Le territoire est au-dessus, au-dessous ou proche de celui-ci ; vide : rien ne s'en dit"
    )
    lecture: str | None
    reserve: str | None


class Comparaison(BaseModel):
    """Un chiffre et ceux des territoires qui le contiennent, même année."""

    chiffre: modeles.Chiffre
    comparateurs: list[Cote]
    reserve: str | None


class Evolution(BaseModel):
    """Comment un chiffre a bougé entre deux années ; ou pourquoi l'entrepôt ne le dit pas."""

    debut: modeles.Chiffre
    fin: modeles.Chiffre
    evolution: float | None = Field(description="Si elle est sûre assez pour s'écrire d'un nombre")
    evolution_affichee: str
    bornes: modeles.Bornes | None
    mouvement: str | None = Field(
        description="hausse ou baisse quand elle est établie ; stable ; deux_niveaux : dire les deux chiffres"
        " et leurs années, sans verbe de mouvement ; vide entre deux années demandées : ce n'est pas une"
        " tendance"
    )
    lecture: str | None = Field(description="D'une hausse ou d'une baisse établie")
    reserve: str | None = Field(description="À dire avec l'évolution")
    refus: str | None
    tendance: str | None = Field(description="Ce que disent cinq années comparables ou davantage")


class Origine(BaseModel):
    """Un fichier d'où vient un chiffre, et ses lignes."""

    source: str
    producteur: str
    licence: str
    page: str
    fichier: str
    ressource: str
    millesime: int
    lignes: list[int]


class Explication(BaseModel):
    """D'où vient un chiffre."""

    chiffre: modeles.Chiffre
    formule: str
    origines: list[Origine]
    communes: int = Field(description="Nombre de communes d'une somme")


def _termes(mots: str) -> list[Terme]:
    """The terms of the glossary that words hold, the longest first; one inside another is not told."""
    dits, trouves = f" {cle(mots)} ", []
    for terme in sorted(glossaire()["termes"], key=lambda t: -len(t["terme"])):
        if (mot := f" {cle(terme['terme'])} ") in dits:
            dits = dits.replace(mot, "  ")
            trouves.append(Terme(**{nom: terme[nom] for nom in Terme.model_fields}))
    return trouves


def _puce(t: Trouve) -> str:
    return f"- {t.libelle} ({t.identifiant}) : {t.precision}" + (
        "" if t.disponible else f" ; non disponible : {t.motif}"
    )


@dataclass
class Guichet:
    """One release that answers; `dossier`: its folder."""

    dossier: Path
    lecteur: Lecteur

    def chercher(self, mots: str) -> tuple[Recherche, str]:
        """What words name, the likeliest first."""
        marts = self.lecteur.marts
        lu = Lexique(marts.con).lire(mots)
        trouves = [self._indicateur(i) for i in lu.indicateurs[:_AU_PLUS]]
        trouves += self._territoires([t for lieu in lu.lieux for t in lieu.candidats])
        proposes = self._territoires([t for lieu in lu.lieux for t in lieu.autres])
        definitions = _termes(mots)
        definis = {mot for t in definitions for mot in cle(t.terme).split()}
        recherche = Recherche(
            trouves=trouves,
            proposes=proposes,
            definitions=definitions,
            annee=lu.annee,
            absents=list(lu.absents),
            incompris=[mot for mot in lu.reste if not {*cle(mot).split()} <= definis],
        )
        lignes = [_puce(t) for t in trouves]
        lignes += [f"{lieu_refuse(marts.con, lieu)}." for lieu in lu.lieux if not lieu.candidats]
        lignes += ["Peut-être, à demander :", *map(_puce, proposes)] if proposes else []
        lignes += [dite for lu in codes_lus(marts.con, mots) if (dite := f"{lu}.") not in lignes]
        lignes += [
            f"- {t.terme} (glossaire) : {t.definition}"
            + (f" Attention : {t.attention}" if t.attention else "")
            for t in definitions
        ]
        lignes += [f"Pas de chiffre : {motif}." for motif in lu.absents]
        if recherche.incompris:
            lignes.append(f"Mots non compris : {', '.join(recherche.incompris)}.")
        return recherche, "\n".join(lignes) or "Rien ne répond à ces mots dans cette publication."

    def reserve(self, territoire: str) -> str:
        """What a code of five digits was read as, after an answer."""
        dite = reserve(self.lecteur.marts.con, territoire)
        return f"\n{dite}." if dite else ""

    def _territoires(self, ids: list[str]) -> list[Trouve]:
        return [
            Trouve(
                genre="territoire",
                identifiant=t.territoire_id,
                libelle=t.libelle,
                precision=f"{NIVEAUX[t.niveau].titre}{t.habitants}",
                disponible=True,
                motif=None,
            )
            for t in territoires(self.lecteur.marts.con, ids)[:_AU_PLUS]
        ]

    def _indicateur(self, indicateur_id: str) -> Trouve:
        i = self.lecteur.marts.dictionnaire[indicateur_id]
        return Trouve(
            genre="indicateur",
            identifiant=indicateur_id,
            libelle=i["libelle"],
            precision=self.lecteur.univers(i),
            disponible=i["disponible"],
            motif=i["motif"],
        )

    def chiffre(self, indicateur: str, territoire: str, millesime: int | None) -> tuple[Reponse, str]:
        """A figure, or the refusal of the warehouse and its reason; without a year, the newest shown."""
        try:
            chiffre = self._chiffre(self._ligne(indicateur, territoire, millesime))
        except SansChiffre as refus:
            return Reponse(chiffre=None, refus=str(refus)), str(refus)
        motif = chiffre.motif if chiffre.statut in SANS_CHIFFRE else None
        return Reponse(chiffre=chiffre, refus=motif), chiffre.citation

    def _chiffre(self, ligne: dict[str, Any]) -> modeles.Chiffre:
        """A figure as it may be said: no number of what is no point, no bounds of what rests on too few."""
        chiffre = self.lecteur.chiffre(ligne)
        tus = {"intervalle": ("valeur",), "trop_peu": ("valeur", "bornes")}.get(chiffre.lisibilite or "", ())
        return chiffre.model_copy(update=dict.fromkeys(tus))

    def _ligne(self, indicateur: str, territoire: str, millesime: int | None) -> dict[str, Any]:
        """The row of a figure; where the release has none, one that says why."""
        con = self.lecteur.marts.con
        i = trouver_indicateur(con, indicateur)
        lieu = trouver(con, territoire)
        territoire_id, niveau, libelle = lieu.territoire_id, lieu.niveau, lieu.libelle
        lues = list(
            paquets(
                self.lecteur.marts,
                "where f.indicateur_id = ? and f.territoire_id = ? and f.millesime = coalesce(?, f.millesime)"
                f" order by f.statut in {MONTRENT} desc, f.millesime desc limit 1",
                [i["indicateur_id"], territoire_id, millesime],
            )
        )
        if lues:
            return lues[0]
        if not i["disponible"]:
            raise SansChiffre(f"{i['libelle']} ({i['indicateur_id']}) n'a aucun chiffre ici : {i['motif']}.")
        try:
            e = expliquer(self.dossier, i["indicateur_id"], territoire_id, millesime)
        except ErreurPublication as erreur:
            raise SansChiffre(str(erreur)) from erreur
        vide = dict.fromkeys(
            ("valeur", "valeur_texte", "lisibilite", "borne_basse", "borne_haute", "champ", "source_ids")
        )
        return {
            **vide,
            **{"territoire_id": territoire_id, "niveau": niveau, "libelle": libelle},
            **{"indicateur_id": i["indicateur_id"], "millesime": e.sujet.millesime},
            **{"millesime_base": None, "millesime_denominateur": None, "valeur_affichee": "nd"},
            **{"statut": e.chiffre.statut, "motif": e.chiffre.motif, "motif_code": e.chiffre.motif_code},
            "demonstration": self.lecteur.marts.demonstration,
        }

    def comparer(self, indicateur: str, territoire: str, millesime: int | None) -> tuple[Comparaison, str]:
        """A figure beside those of its EPCI, département, région and France, as the marts compare them."""
        lu = self.lecteur
        ligne = self._ligne(indicateur, territoire, millesime)
        i = lu.marts.dictionnaire[ligne["indicateur_id"]]
        dits = lu.marts.lignes(
            "from mart_comparaisons where territoire_id = ? and indicateur_id = ? and millesime = ?",
            [ligne["territoire_id"], ligne["indicateur_id"], ligne["millesime"]],
        )
        parents = next(t.parents for t in lu.territoires() if t.territoire_id == ligne["territoire_id"])
        cotes = [
            self._cote(self._ligne_ou_rien(ligne, parent), dits[0] if dits else {})
            for parent in parents
            if parent.partition(":")[0] in COMPARATEURS
        ]
        comparaison = Comparaison(
            chiffre=self._chiffre(ligne),
            comparateurs=[cote for cote in cotes if cote],
            reserve=None if i["comparable"] else _EFFECTIF,
        )
        textes = [comparaison.chiffre.citation]
        if comparaison.reserve:
            textes.append(comparaison.reserve)
        for cote in comparaison.comparateurs:
            suites = [f"écart {cote.ecart}" if cote.ecart else "", cote.place, cote.lecture, cote.reserve]
            dite = ", ".join(s for s in suites if s)
            textes.append(f"- {cote.chiffre.citation}" + (f" ({dite})" if dite else ""))
        if not comparaison.comparateurs:
            textes.append("Aucun territoire plus grand n'a de chiffre cette année-là dans cette publication.")
        return comparaison, "\n".join(textes)

    def _ligne_ou_rien(self, ligne: Ligne, parent: str) -> dict[str, Any] | None:
        return next(
            paquets(
                self.lecteur.marts,
                "where f.indicateur_id = ? and f.territoire_id = ? and f.millesime = ?",
                [ligne["indicateur_id"], parent, ligne["millesime"]],
            ),
            None,
        )

    def _cote(self, ligne: dict[str, Any] | None, dit: Ligne) -> Cote | None:
        if ligne is None:
            return None
        i, niveau = self.lecteur.marts.dictionnaire[ligne["indicateur_id"]], ligne["niveau"]
        ecart: float | None = dit.get(f"ecart_{niveau}")
        place, lecture = dit.get(f"ecart_{niveau}_dit"), dit.get(f"ecart_{niveau}_lecture")
        reserve = _RESERVES.get(dit.get(f"reserve_{niveau}_code") or "")
        # A gap that may be nothing, or has a reserve, is told with it; another that has no place is not told.
        if place is None and reserve is None and lecture != "non_significatif":
            ecart = None
        if not dit.get("lisibilite") == ligne["lisibilite"] == "point":
            ecart = None
        unite = self.lecteur.marts.unites[i["unite"]]
        return Cote(
            chiffre=self._chiffre(ligne),
            ecart=None if ecart is None else afficher_ecart(ecart, unite, i["decimales"]),
            place=_PLACES.get(place or ""),
            lecture=None if ecart is None else _LECTURES.get(lecture or ""),
            reserve=reserve,
        )

    def evoluer(
        self, indicateur: str, territoire: str, depuis: int | None, jusqu_a: int | None
    ) -> tuple[Evolution, str]:
        """How a figure moved to its last year, as `mart_evolutions_dites` says; or between two years."""
        lu = self.lecteur
        i = trouver_indicateur(lu.marts.con, indicateur, evolution=True)
        lieu = trouver(lu.marts.con, territoire)
        territoire_id, libelle = lieu.territoire_id, lieu.libelle
        sujet = {"t": territoire_id, "i": i["indicateur_id"]}
        dites = evolutions_dites(lu.marts, [territoire_id], depuis) if jusqu_a is None else {}
        e = dites.get((territoire_id, i["indicateur_id"]))
        if e is None or depuis not in (None, e["millesime_debut"]):
            # The very years that were asked for, where they are known: what refuses them is told.
            e = evolution_entre(lu.marts, territoire_id, i["indicateur_id"], depuis, jusqu_a) or e
        if e is None:
            annees = ", ".join(annees_des_evolutions(lu.marts, territoire_id, i["indicateur_id"]))
            raise SansChiffre(
                f"{i['libelle']} ({i['indicateur_id']}), {libelle} ({territoire_id}) : aucune évolution entre"
                f" ces années dans cette publication. Celles qui y sont : {annees or 'aucune'}."
            )
        tendances = lu.marts.lignes(
            "select tendance_dite from mart_tendances where territoire_id = $t and indicateur_id = $i", sujet
        )
        debut, fin = (
            self._chiffre(self._ligne(i["indicateur_id"], territoire_id, e[f"millesime_{bout}"]))
            for bout in ("debut", "fin")
        )
        point, sure = e["lisibilite"] == "point", e["lisibilite"] in ("point", "intervalle")
        entre = bornes({f"borne_{b}": e[f"evolution_{b}"] for b in ("basse", "haute")})
        etablie = e["mouvement"] in ("hausse", "baisse")
        dite = Evolution(
            debut=debut,
            fin=fin,
            evolution=round(e["evolution"], PRECISION) if point else None,
            evolution_affichee=e["evolution_affichee"],
            bornes=entre if sure else None,
            mouvement=e["mouvement"],
            lecture=_LECTURES.get(e["couleur"] or "") if etablie else None,
            reserve=e["reserve"],
            refus=e["motif"] if e["evolution"] is None else None,
            tendance=tendances[0]["tendance_dite"] if tendances else None,
        )
        return dite, self._dire(i, dite)

    def _dire(self, i: Ligne, e: Evolution) -> str:
        """An evolution in French, with both ends; a refusal with the two figures that are not compared."""
        lu = self.lecteur
        ou = f"{e.fin.territoire} ({e.fin.territoire_id}), de {e.debut.millesime} à {e.fin.millesime}"
        quoi = f"{i['libelle']} ({i['indicateur_id']} ; univers : {lu.univers(i)})"
        if e.refus:
            textes = [f"{quoi}, {ou} : pas d'évolution à dire, {e.refus}."]
            textes += [f"- {bout.citation}" for bout in (e.debut, e.fin)]
        else:
            # A seul number: neither a percentage, nor points, nor « stable ».
            nu = e.evolution is not None and e.evolution_affichee[-1].isdigit()
            mot = lu.marts.unites[i["unite"]].libelle(e.evolution or 0) if nu else ""
            deux = f"de {e.debut.valeur_affichee} à {e.fin.valeur_affichee}"
            textes = [
                citer(
                    lu.marts.edition,
                    quoi=f"Évolution : {quoi}",
                    ou=ou,
                    combien=f"{e.evolution_affichee}\u00a0{mot}".rstrip(),
                    precisions=[p for p in (deux, e.lecture) if p],
                    source=e.fin.source,
                    demonstration=e.fin.demonstration,
                )
            ]
        textes += [f"Réserve : {e.reserve}."] if e.reserve else []
        textes += [f"Tendance : {e.tendance}."] if e.tendance else []
        return "\n".join(textes)

    def expliquer(self, indicateur: str, territoire: str, millesime: int | None) -> tuple[Explication, str]:
        """What `ctg explain` walks, without the closed zones."""
        e = expliquer(self.dossier, indicateur, territoire, millesime)
        ligne = self._ligne(e.sujet.indicateur_id, e.sujet.territoire_id, e.sujet.millesime)
        origines = [
            Origine(
                source=source.titre,
                producteur=source.producteur,
                licence=source.licence,
                page=source.page,
                fichier=fichier.sha256 or fichier.fichier_id,
                ressource=fichier.ressource,
                millesime=fichier.millesime,
                lignes=list(fichier.lignes),
            )
            for source in e.sources
            for fichier in source.fichiers
        ]
        explication = Explication(
            chiffre=self._chiffre(ligne),
            formule=e.sujet.formule,
            origines=origines,
            communes=len(e.parts),
        )
        return explication, f"{rendre(e)}\n\n{explication.chiffre.citation}"

    def definition(self, indicateur: str) -> tuple[modeles.Indicateur, str]:
        """A line of the dictionary: who is counted, how, from which sources, at which levels."""
        lu = self.lecteur
        ligne = trouver_indicateur(lu.marts.con, indicateur)
        i = lu.indicateur(ligne["indicateur_id"], chiffres=ligne["disponible"])
        formule = " / ".join(terme for terme in (i.numerateur, i.denominateur) if terme)
        sources = " ; ".join(
            f"{s['producteur']}, {s['titre']}" for nom in i.sources if (s := lu.marts.sources.get(nom))
        )
        textes = [
            f"{i.libelle} ({i.indicateur_id})",
            i.definition,
            f"Univers : {lu.univers(ligne)}. {i.univers.definition or ''}".strip(),
            f"Unité : {lu.unite(ligne)}. Méthode : {i.methode}" + (f" ({formule})." if formule else "."),
            f"Niveaux : {', '.join(NIVEAUX[n].court for n in i.niveaux if n in NIVEAUX)}.",
            f"Sources : {sources or 'aucune reçue'}.",
        ]
        if not i.disponible:
            textes.append(f"Non disponible dans cette publication : {i.motif}.")
        return i, "\n".join(textes)
