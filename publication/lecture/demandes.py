"""Figures that a reader asks for by conditions, a packet at a time: as many as there are."""

from collections.abc import Iterator, Sequence
from typing import Any

from publication.lecture.marts import Marts
from socle.statuts import MONTRENT

_COLONNES = (
    "f.territoire_id, f.niveau, f.code, f.libelle, f.indicateur_id, f.millesime, f.valeur, f.valeur_texte,"
    " f.valeur_affichee, f.lisibilite, f.borne_basse, f.borne_haute, f.statut, f.motif_code, f.motif,"
    " f.champ, f.source_ids, f.millesime_base, f.millesime_denominateur, f.demonstration"
)
_PAQUET = 10_000

DERNIERES_DES_COMMUNES = (
    "join (select indicateur_id, max(millesime) as millesime from fct_indicateurs where niveau = 'commune'"
    f" and statut in {MONTRENT} group by all) as d using (indicateur_id, millesime)"
    " where f.niveau = 'commune'"
)
"""Of communes, the newest year in which some of them have a figure, indicateur by indicateur."""


def paquets(marts: Marts, suite: str, parametres: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
    """Yield figures, `suite` being what follows their table, called f."""
    # Its own cursor: what is yielded between two packets may ask something else.
    curseur = marts.con.cursor()
    curseur.execute("set schema = 'marts'")
    resultat = curseur.execute(
        f"select {_COLONNES}, t.departement from fct_indicateurs as f"
        f" join dim_territoire as t using (territoire_id) {suite}",
        list(parametres),
    )
    noms = [colonne[0] for colonne in resultat.description or ()]
    while paquet := resultat.fetchmany(_PAQUET):
        for ligne in paquet:
            yield dict(zip(noms, ligne, strict=True))
