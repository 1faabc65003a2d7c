"""What moved most since the previous release, of what means something: the findings of the home page."""

from collections.abc import Mapping
from typing import Any

from publication.lecture.citation import reference
from publication.lecture.ensembles import Ligne, MartsEntiers
from publication.site import mots
from publication.site.noms import Contenu, lien, nommer
from socle.statuts import MONTRENT

AU_PLUS = 3

# A year that came: against the year before, where the marts read a movement beyond doubt. A figure that its
# producer revised: beyond its own bounds. Neither of what is no point, nor of an older year than the newest.
_MOUVEMENTS = """
    with derniers as (
        select indicateur_id, niveau, max(millesime) as millesime
        from fct_indicateurs
        where statut in (select unnest($montrent))
        group by all
    ),
    lus as (
        select c.*, f.valeur_affichee, f.borne_basse, f.borne_haute
        from changements as c
        inner join derniers using (indicateur_id, niveau, millesime)
        inner join fct_indicateurs as f using (territoire_id, indicateur_id, millesime)
        where c.niveau <> 'commune' and f.statut in (select unnest($montrent)) and f.lisibilite = 'point'
    )
    select
        l.territoire_id, l.indicateur_id, l.millesime, l.valeur_affichee, l.cause, l.apres as valeur,
        e.millesime_debut as debut, e.valeur_debut_affichee as avant_affichee, e.valeur_debut as avant,
        e.evolution_affichee, abs(e.evolution_relative) as ampleur
    from lus as l
    inner join mart_evolutions as e
        on e.territoire_id = l.territoire_id and e.indicateur_id = l.indicateur_id
        and e.millesime_fin = l.millesime and e.consecutifs
    where l.nature = 'ajout' and e.statut in (select unnest($montrent)) and e.lisibilite = 'point'
        and (
            e.evolution_lecture in ('favorable', 'defavorable')
            or (e.evolution_lecture = 'neutre' and e.lecture_motif_code is null)
        )
    union all by name
    select
        territoire_id, indicateur_id, millesime, valeur_affichee, cause, apres as valeur, avant_affichee,
        avant, 100 * abs(apres - avant) / nullif(abs(avant), 0) as ampleur
    from lus
    where nature = 'valeur' and contains(cause, 'révision') and avant_affichee <> valeur_affichee
        and avant_statut in (select unnest($montrent))
        and not avant between borne_basse and borne_haute
    order by ampleur desc nulls last, indicateur_id, territoire_id
"""


def nouveautes(marts: MartsEntiers, pages: Mapping[str, str]) -> list[Contenu]:
    """Say the three figures above the commune that moved most, one an indicateur; none of a first release."""
    if marts.release["precedente"] is None:
        return []
    retenues: dict[str, Ligne] = {}
    for m in marts.lignes(_MOUVEMENTS, {"montrent": list(MONTRENT)}):
        if m["indicateur_id"] in marts.dictionnaire:
            retenues.setdefault(m["indicateur_id"], m)
    return [_dite(marts, pages, m) for m in list(retenues.values())[:AU_PLUS]]


def _dite(marts: MartsEntiers, pages: Mapping[str, str], m: Ligne) -> Contenu:
    i = marts.dictionnaire[m["indicateur_id"]]
    unite = marts.unites[i["unite"]]

    def nomme(valeur: float) -> str:
        return "" if unite.suffixe else f"\u00a0{unite.libelle(valeur)}"

    dite: dict[str, Any] = {
        **nommer(i),
        "univers": i["univers_libelle"],
        "lieu": lien(marts.territoires[m["territoire_id"]], pages),
        "reference": reference(m["indicateur_id"], m["territoire_id"], m["millesime"]),
        "millesime": m["millesime"],
        "texte": m["valeur_affichee"],
        "unite": nomme(m["valeur"]),
        "avant": m["avant_affichee"] + nomme(m["avant"]),
    }
    if m["debut"] is None:
        return {**dite, "quand": "dans la publication précédente", "suite": mots.cause(m["cause"])}
    return {**dite, "quand": f"en {m['debut']}", "suite": m["evolution_affichee"]}
