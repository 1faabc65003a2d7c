"""Writing `api/v1/` and `geo/` in the folder of a release: figures are read in three passes, however many."""

import shutil
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from pydantic import BaseModel

from publication.api import documents, geoparquet, modeles
from publication.api.contours import contours
from publication.api.documents import Document, nom
from publication.api.lecture import Lecteur
from publication.lecture.demandes import DERNIERES_DES_COMMUNES
from publication.lecture.fichiers import BASE
from publication.lecture.marts import ouvrir
from socle.disque import ecrire_texte


def ecrire(release: Path) -> None:
    """Write the API of a release, whole or being made: the same release gives the same bytes.

    Raises ErreurPublication when it has no base, or lacks what is asked of it.
    """
    for dossier in (documents.DOSSIER, geoparquet.DOSSIER):
        shutil.rmtree(release / dossier, ignore_errors=True)
    with ouvrir(release / BASE) as marts:
        _Plume(release, Lecteur(marts)).tout()


class _Plume:
    def __init__(self, release: Path, lecteur: Lecteur) -> None:
        self.release, self.lecteur = release, lecteur
        self.publication = lecteur.publication()
        self.territoires = lecteur.territoires()

    def tout(self) -> None:
        """Write every document, then what describes them."""
        self._des_territoires()
        avec_chiffres = self._des_indicateurs()
        self._des_communes()
        lu, publication = self.lecteur, self.publication
        dictionnaire = [lu.indicateur(i, i in avec_chiffres) for i in lu.marts.dictionnaire]
        self._ecrire(
            documents.TERRITOIRES,
            modeles.Territoires(publication=publication, territoires=self.territoires),
        )
        self._ecrire(
            documents.INDICATEURS, modeles.Indicateurs(publication=publication, indicateurs=dictionnaire)
        )
        self._ecrire(documents.SOURCES, modeles.Sources(publication=publication, sources=lu.sources()))
        traces, formes = [], dict[str, list[modeles.Trace]]()
        for document, valeur, contenu in contours(lu.marts, publication.perimetre):
            self._ecrire(document, contenu, valeur)
            traces.append((document, valeur))
            niveau = valeur if document is documents.CONTOURS else "commune"
            formes.setdefault(niveau, []).extend(contenu.features)
        geoparquet.ecrire(self.release / geoparquet.DOSSIER, formes, self.territoires)
        self._index(traces)
        for adresse, texte in documents.descriptions():
            self._texte(adresse, texte)

    def _index(self, traces: list[tuple[Document, str]]) -> None:
        seuls = (documents.TERRITOIRES, documents.INDICATEURS, documents.SOURCES)
        ressources = [modeles.Ressource(titre=d.titre, adresse=d.adresse) for d in seuls]
        ressources += [
            modeles.Ressource(titre=f"{d.titre} : {valeur}", adresse=d.chemin(valeur)) for d, valeur in traces
        ]
        ressources.append(
            modeles.Ressource(titre="La description de l'API (OpenAPI 3.1)", adresse=documents.OPENAPI)
        )
        self._ecrire(documents.INDEX, modeles.Index(publication=self.publication, ressources=ressources))

    def _des_territoires(self) -> None:
        lu = self.lecteur
        restants = {t.territoire_id: t for t in self.territoires if t.niveau != "commune"}
        for territoire_id, lignes in lu.par_groupe("f.territoire_id", "where f.niveau <> 'commune'"):
            territoire, tableaux = restants.pop(territoire_id), {}
            for indicateur_id, siennes in groupby(lignes, itemgetter("indicateur_id")):
                sources: dict[str, int] = {}
                chiffres = {ligne["millesime"]: lu.chiffre_d_annee(ligne, sources) for ligne in siennes}
                tableaux[indicateur_id] = modeles.TableauDuTerritoire(
                    chiffres=chiffres, **lu.tableau(indicateur_id, sources)
                )
            self._du_territoire(territoire, tableaux)
        for territoire in restants.values():
            self._du_territoire(territoire, {})

    def _du_territoire(
        self, territoire: modeles.Territoire, tableaux: dict[str, modeles.TableauDuTerritoire]
    ) -> None:
        contenu = modeles.ChiffresDuTerritoire(
            publication=self.publication, territoire=territoire, tableaux=tableaux
        )
        self._ecrire(documents.DU_TERRITOIRE, contenu, nom(territoire.territoire_id))

    def _des_indicateurs(self) -> set[str]:
        """Return those that have a file."""
        lu, ecrits = self.lecteur, set()
        for indicateur_id, lignes in lu.par_groupe("f.indicateur_id", "where f.niveau <> 'commune'"):
            sources: dict[str, int] = {}
            chiffres = {
                territoire_id: {ligne["millesime"]: lu.cellule(ligne, sources) for ligne in siennes}
                for territoire_id, siennes in groupby(lignes, itemgetter("territoire_id"))
            }
            contenu = modeles.ChiffresDeLIndicateur(
                publication=self.publication, chiffres=chiffres, **lu.tableau(indicateur_id, sources)
            )
            self._ecrire(documents.DE_L_INDICATEUR, contenu, nom(indicateur_id))
            ecrits.add(indicateur_id)
        return ecrits

    def _des_communes(self) -> None:
        lu = self.lecteur
        for departement, lignes in lu.par_groupe("t.departement", DERNIERES_DES_COMMUNES):
            tableaux = {}
            for indicateur_id, siennes in groupby(lignes, itemgetter("indicateur_id")):
                sources: dict[str, int] = {}
                rangees = list(siennes)
                chiffres = {ligne["code"]: lu.cellule(ligne, sources) for ligne in rangees}
                tableaux[indicateur_id] = modeles.TableauDeCommunes(
                    millesime=rangees[0]["millesime"],
                    chiffres=chiffres,
                    **lu.tableau(indicateur_id, sources),
                )
            contenu = modeles.ChiffresDesCommunes(
                publication=self.publication, departement=departement, tableaux=tableaux
            )
            self._ecrire(documents.DES_COMMUNES, contenu, departement)

    def _ecrire(self, document: Document, contenu: BaseModel, valeur: str = "") -> None:
        self._texte(document.chemin(valeur), contenu.model_dump_json() + "\n")

    def _texte(self, adresse: str, texte: str) -> None:
        fichier = self.release / documents.DOSSIER / adresse
        fichier.parent.mkdir(parents=True, exist_ok=True)
        ecrire_texte(fichier, texte)
