"""From rows of a release to what the API says: one wording for files, for who asks, and for conversations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from itertools import groupby
from operator import itemgetter
from typing import Any

from publication.api import modeles
from publication.api.documents import DE_L_INDICATEUR, DES_COMMUNES, DU_TERRITOIRE, nom
from publication.lecture.annees import annees_du_chiffre
from publication.lecture.chiffres import mot_du_chiffre
from publication.lecture.citation import INVENTES, citer, sources_citees
from publication.lecture.demandes import paquets
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from publication.lecture.niveaux import NIVEAUX
from publication.lecture.statuts import statut_dit
from publication.site.mots import SANS_UNITE
from publication.site.noms import bornes_dites
from socle.affichage import PRECISION


@dataclass
class Lecteur:
    """One release; what many figures share is worded once."""

    marts: Marts
    _sources: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def publication(self) -> modeles.Publication:
        """The release."""
        release, marts = self.marts.release, self.marts
        recues = [s for s in marts.sources.values() if s["etat"] == "recue" and s["licence"]]
        return modeles.Publication(
            **{c: release[c] for c in ("release_id", "perimetre", "content_hash", "version")},
            publiee_le=release["publiee_le"].replace(tzinfo=UTC).isoformat(),
            demonstration=marts.demonstration,
            avertissement=INVENTES if marts.demonstration else None,
            licences=sorted({s["licence"] for s in recues}),
            citation=citer(
                marts.edition,
                quoi="{indicateur} ({indicateur_id} ; univers : {univers})",
                ou="{territoire}, {millesime}",
                combien="{valeur_affichee}",
                precisions=["{statut}"],
                source="{source}",
                demonstration=marts.demonstration,
            ),
        )

    def territoires(self) -> list[modeles.Territoire]:
        """Every territory, the widest levels first, with those that hold it."""
        ordre = [*NIVEAUX][::-1]
        lus = self.marts.lignes(
            "select territoire_id, niveau, code, libelle, departement, region, epci from dim_territoire"
            f" order by list_position({ordre}, niveau), code"
        )
        connus = {t["territoire_id"] for t in lus}
        return [self._territoire(t, connus) for t in lus]

    def _territoire(self, ligne: Ligne, connus: set[str]) -> modeles.Territoire:
        rang = [*NIVEAUX].index(ligne["niveau"])
        larges = [(n, ligne.get(n)) for n in NIVEAUX if n != "france"] + [("france", "FR")]
        parents = [f"{n}:{code}" for n, code in larges if code and [*NIVEAUX].index(n) > rang]
        if ligne["niveau"] == "commune":
            departement = ligne["departement"]
            chiffres = DES_COMMUNES.chemin(departement) if departement else None
        else:
            chiffres = DU_TERRITOIRE.chemin(nom(ligne["territoire_id"]))
        return modeles.Territoire(
            **{c: ligne[c] for c in ("territoire_id", "niveau", "code", "libelle")},
            parents=[p for p in parents if p in connus],
            chiffres=chiffres,
        )

    def indicateur(self, indicateur_id: str, chiffres: bool = True) -> modeles.Indicateur:
        """A line of the dictionary; `chiffres`: whether a file has its figures."""
        i = self.marts.dictionnaire[indicateur_id]
        u = self.marts.unites[i["unite"]]
        propres = ("indicateur_id", "libelle", "theme", "theme_libelle", "decimales", "polarite", "methode")
        return modeles.Indicateur(
            **{c: i[c] for c in (*propres, "numerateur", "denominateur", "facteur", "disponible", "motif")},
            definition=i["description"],
            univers=modeles.Univers(
                code=i["univers"], libelle=i["univers_libelle"], definition=i["univers_definition"]
            ),
            unite=modeles.Unite(
                code=u.unite,
                nature=u.nature,
                suffixe=u.suffixe,
                singulier=u.libelle_singulier,
                pluriel=u.libelle_pluriel,
            ),
            niveaux=str(i["niveaux"]).split("+"),
            sources=sources_citees(i),
            aggregation=modeles.Agregation.lire(i),
            chiffres=DE_L_INDICATEUR.chemin(nom(indicateur_id)) if chiffres else None,
        )

    def sources(self) -> list[modeles.Source]:
        """Every source."""
        champs = modeles.Source.model_fields
        return [modeles.Source(**{c: s[c] for c in champs}) for s in self.marts.sources.values()]

    def chiffre(self, ligne: dict[str, Any]) -> modeles.Chiffre:
        """A figure, whole."""
        i = self.marts.dictionnaire[ligne["indicateur_id"]]
        unite = self.marts.unites[i["unite"]]
        propres = ("territoire_id", "indicateur_id", "millesime", "valeur_affichee", "statut", "lisibilite")
        annees, source = annees_du_chiffre(ligne), self.source(ligne)
        mot = mot_du_chiffre(ligne, unite, i["decimales"])
        statut = statut_dit(ligne["statut"], ligne["indicateur_id"] in self.marts.prevus)
        precisions = (statut, bornes_dites(ligne, unite, i["decimales"]), ligne["motif"])
        return modeles.Chiffre(
            **{c: ligne[c] for c in (*propres, "motif_code", "motif", "demonstration")},
            territoire=ligne["libelle"],
            indicateur=i["libelle"],
            annees=annees,
            valeur=valeur(ligne),
            bornes=bornes(ligne),
            univers=self.univers(i),
            unite=self.unite(i),
            sources=[s for s in (ligne["source_ids"] or "").split("+") if s],
            source=source,
            citation=citer(
                self.marts.edition,
                quoi=f"{i['libelle']} ({ligne['indicateur_id']} ; univers : {self.univers(i)})",
                ou=f"{ligne['libelle']} ({ligne['territoire_id']}), {annees}",
                combien=f"{ligne['valeur_affichee']}\u00a0{mot}".rstrip(),
                precisions=[p for p in precisions if p],
                source=source,
                demonstration=ligne["demonstration"],
            ),
        )

    def univers(self, indicateur: Ligne) -> str:
        """Who or what is counted, in words."""
        return str(indicateur["univers_libelle"] or indicateur["univers"])

    def unite(self, indicateur: Ligne) -> str:
        """Its unit, in words."""
        unite = self.marts.unites[indicateur["unite"]]
        return unite.libelle_pluriel or SANS_UNITE[unite.nature]

    def source(self, ligne: Ligne) -> str:
        """Word the sources of a figure, its years and its field."""
        cle = tuple(
            ligne[c] for c in ("source_ids", "champ", "millesime", "millesime_base", "millesime_denominateur")
        )
        if cle not in self._sources:
            self._sources[cle] = self.marts.source(ligne)
        return self._sources[cle]

    def par_groupe(self, colonne: str, suite: str) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Yield rows that share the value of a column, in its order; `suite` has no order of its own."""
        rangees = paquets(
            self.marts, f"{suite} order by {colonne}, indicateur_id, f.territoire_id, millesime"
        )
        return groupby(rangees, itemgetter(colonne.rpartition(".")[2]))

    def tableau(self, indicateur_id: str, sources: Mapping[str, int]) -> dict[str, Any]:
        """What a table of an indicateur says for all its figures."""
        i = self.marts.dictionnaire[indicateur_id]
        return {
            "indicateur_id": indicateur_id,
            "indicateur": i["libelle"],
            "univers": self.univers(i),
            "unite": self.unite(i),
            "sources": [*sources],
        }

    def chiffre_d_annee(self, ligne: Ligne, sources: dict[str, int]) -> modeles.ChiffreDAnnee:
        """A figure in a table; `sources` takes note of its sources, by rank."""
        return modeles.ChiffreDAnnee(
            **{c: ligne[c] for c in ("valeur_affichee", "statut", "lisibilite", "motif")},
            valeur=valeur(ligne),
            bornes=bornes(ligne),
            source=sources.setdefault(self.source(ligne), len(sources)),
        )

    def cellule(self, ligne: Ligne, sources: dict[str, int]) -> modeles.Cellule:
        """The same, by the place of its parts."""
        paire = bornes(ligne)
        return modeles.Cellule(
            valeur=valeur(ligne),
            bornes=paire if paire and {*paire} != {valeur(ligne)} else None,
            source=sources.setdefault(self.source(ligne), len(sources)),
            **{c: ligne[c] for c in ("valeur_affichee", "statut", "lisibilite", "motif")},
        )


def valeur(ligne: Ligne) -> float | str | None:
    """The figure, without the noise of sums and quotients."""
    nombre: float | None = ligne["valeur"]
    texte: str | None = ligne["valeur_texte"]
    return texte if nombre is None else round(nombre, PRECISION)


def bornes(ligne: Ligne) -> modeles.Bornes | None:
    """Its bounds; None where nothing bounds it."""
    paire = modeles.Bornes(
        *(b if b is None else round(b, PRECISION) for b in (ligne["borne_basse"], ligne["borne_haute"]))
    )
    return None if paire == (None, None) else paire
