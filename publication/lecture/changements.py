"""What changed since the previous release, of what means something."""

from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from socle.statuts import MONTRENT

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


def ce_qui_a_bouge(marts: Marts) -> list[Ligne]:
    """Return the figures above the commune that moved, the most first: with what came before, and why."""
    return marts.lignes(_MOUVEMENTS, {"montrent": list(MONTRENT)})
