"""Tiny marts made of the star, in SQL, and what breaks each of them, a promise at a time.

Belongs here: rows of `mart_` tables. Does not: the star (`etoile.py`), a series of years (`tendances.py`).
"""

from tests.expectations import tendances

# On a wide mart, once pivoted: control, SQL, other controls that rightly go red with it.
LARGES = [
    ("silence", "update marts.mart_petite_enfance set {0}_statut = null where niveau = 'commune'", set()),
    (
        "masque_avec_valeur",
        "update marts.mart_petite_enfance set {0} = 50 where niveau = 'commune'",
        {"ecart_avec_fct"},
    ),
    (
        "chiffre_sans_valeur",
        "update marts.mart_petite_enfance set {0} = null where niveau = 'epci'",
        {"ecart_avec_fct"},
    ),
    ("ecart_avec_fct", "update marts.mart_petite_enfance set {0} = 64.4 where niveau = 'epci'", set()),
    ("absents", "delete from marts.mart_petite_enfance where niveau = 'commune'", set()),
]
# Each figure beside those of the wider territories, ranked among the communes of its EPCI.
COMPARES = ("epci", "departement", "region", "france")
COMPARAISONS = """
create table marts.pairs_territoires as
select epci as groupe_id, territoire_id, true as est_le_sien from marts.dim_territoire where epci is not null;
create table marts.mart_comparaisons as
select f.territoire_id, f.niveau, f.millesime, f.indicateur_id, d.polarite, f.valeur, f.statut,
    f.lisibilite, {compares}
    null::double as valeur_pairs, 'sans_objet' as valeur_pairs_statut, 'na' as valeur_pairs_affichee,
    null::double as ecart_pairs, 'sans_objet' as ecart_pairs_statut, null::varchar as ecart_pairs_lecture,
    null::varchar as ecart_pairs_dit, null::varchar as reserve_pairs_code,
    count(f.valeur) over pairs as nb_pairs, null::varchar as rang_motif,
    case when f.valeur is not null then rank() over (pairs order by f.valeur desc) end as rang,
    rang as rang_au_mieux, rang as rang_au_pire
from marts.fct_indicateurs as f
join marts.dim_indicateur as d using (indicateur_id)
join marts.dim_territoire as t using (territoire_id)
{jointures}
window pairs as (partition by f.niveau, f.millesime, f.indicateur_id)
""".format(
    compares=" ".join(
        f"""{x}.valeur as valeur_{x}, coalesce({x}.statut, 'sans_objet') as valeur_{x}_statut,
        coalesce({x}.valeur_affichee, 'na') as valeur_{x}_affichee,
        case when d.methode <> 'somme' then f.valeur - {x}.valeur end as ecart_{x},
        if(ecart_{x} is null, 'sans_objet', f.statut) as ecart_{x}_statut,
        case when ecart_{x} is not null and d.polarite <> 'neutre'
            then if((ecart_{x} > 0) = (d.polarite = 'favorable'), 'favorable', 'defavorable') end
            as ecart_{x}_lecture,
        case when ecart_{x} is not null
            then if(ecart_{x} > 0, 'au_dessus', 'au_dessous') end as ecart_{x}_dit,
        null::varchar as reserve_{x}_code,"""
        for x in COMPARES
    ),
    jointures=" ".join(
        f"""left join marts.fct_indicateurs as {x} on {x}.niveau = '{x}' and f.niveau in {niveaux}
        and {x}.territoire_id = '{x}:' || t.{colonne} and {x}.indicateur_id = f.indicateur_id
        and {x}.millesime = f.millesime"""
        for x, colonne, niveaux in (
            ("epci", "epci", "('commune')"),
            ("departement", "departement", "('commune', 'epci')"),
            ("region", "region", "('commune', 'epci', 'departement')"),
        )
    )
    + " left join marts.fct_indicateurs as france on france.niveau = 'france' and f.niveau <> 'france'"
    " and france.indicateur_id = f.indicateur_id and france.millesime = f.millesime",
)
# One ratio of one EPCI: from secret to 12 %, then to 12.3 % by its numerator alone.
EVOLUTIONS = """
create table marts.mart_evolutions as
select a.territoire_id, a.niveau, a.indicateur_id, 'ratio' as methode, 'defavorable' as polarite,
    false as base_ctg, a.millesime as millesime_debut,
    b.millesime as millesime_fin, a.valeur as valeur_debut, a.statut as valeur_debut_statut,
    b.valeur as valeur_fin, b.statut as valeur_fin_statut,
    if(a.valeur is null, 'secret', 'arrondi') as statut, a.motif,
    b.valeur - a.valeur as evolution, if(a.valeur is null, 'na', '+0,3 point') as evolution_affichee,
    100 * (b.valeur - a.valeur) / a.valeur as evolution_relative,
    100 * (b.numerateur - a.numerateur) / a.denominateur as effet_numerateur,
    if(a.valeur is null, null, 0::double) as effet_denominateur, null::varchar as serie_commune,
    if(a.valeur is null, null, 'point') as lisibilite, null::varchar as evolution_lecture,
    null::varchar as lecture_motif_code
from marts.fct_indicateurs as a
join marts.fct_indicateurs as b using (territoire_id, indicateur_id)
where b.millesime = a.millesime + 1 and indicateur_id = 'part_allocataires_rsa'
"""
# The last figure of each series, and the one before it where the EPCI has two.
DERNIERS = """
create table marts.mart_derniers_chiffres as
select f.territoire_id, f.niveau, f.indicateur_id, f.millesime, f.valeur, f.valeur_affichee, f.lisibilite,
    f.valeur_texte, f.statut, p.valeur as valeur_precedent,
    coalesce(p.valeur_affichee, 'na') as valeur_precedent_affichee,
    coalesce(p.statut, 'sans_objet') as valeur_precedent_statut, f.valeur - p.valeur as evolution_precedent,
    coalesce(p.statut, 'sans_objet') as evolution_precedent_statut,
    p.millesime as millesime_precedent, e.evolution_lecture as evolution_precedent_lecture,
    coalesce(e.evolution_affichee, 'na') as evolution_precedent_affichee,
    null::integer as millesime_base_ctg, null::double as valeur_base_ctg, null::double as evolution_base_ctg,
    null::varchar as evolution_base_ctg_lecture, 'na' as evolution_base_ctg_affichee,
    'sans_objet' as evolution_base_ctg_statut, c.rang, false as prevu, {comparateurs}
from marts.fct_indicateurs as f
left join marts.fct_indicateurs as p
    on f.territoire_id = p.territoire_id and f.indicateur_id = p.indicateur_id and f.millesime = 2022
        and p.millesime = 2021
left join marts.mart_evolutions as e
    on f.territoire_id = e.territoire_id and f.indicateur_id = e.indicateur_id
        and f.millesime = e.millesime_fin and p.millesime = e.millesime_debut
left join marts.mart_comparaisons as c
    on f.territoire_id = c.territoire_id and f.indicateur_id = c.indicateur_id and f.millesime = c.millesime
qualify row_number() over (partition by f.territoire_id, f.indicateur_id order by f.millesime desc) = 1
""".format(
    comparateurs=", ".join(
        f"c.valeur_{x}, coalesce(c.valeur_{x}_affichee, 'na') as valeur_{x}_affichee, c.ecart_{x},"
        f" c.ecart_{x}_lecture, c.ecart_{x}_dit"
        for x in (*COMPARES, "pairs")
    )
)
# The same in columns, each figure with its year: neither the Drôme nor its région has one.
ACTUEL = f"""{COMPARAISONS};{EVOLUTIONS};{DERNIERS};
create table marts.mart_petite_enfance_actuel as
select t.territoire_id, t.niveau, d.valeur as taux_couverture_petite_enfance,
    coalesce(d.valeur_affichee, 'nd') as taux_couverture_petite_enfance_affichee,
    d.millesime as taux_couverture_petite_enfance_millesime,
    coalesce(d.statut, 'non_disponible') as taux_couverture_petite_enfance_statut
from marts.dim_territoire as t
left join marts.mart_derniers_chiffres as d
    on t.territoire_id = d.territoire_id and d.indicateur_id = 'taux_couverture_petite_enfance';
"""
# A target that is on its way, an axe without one, and the scenario of a schéma.
CONVENTIONS = """
insert into marts.dim_indicateur by name
select 'nb_enfants_moins_3_ans' as indicateur_id, 'petite_enfance' as theme, 'Enfants' as description,
    'enfants' as unite, 'neutre' as polarite, 'somme' as methode, 'enfants_moins_3_ans' as numerateur,
    1 as facteur, 'epci' as niveaux, false as part_d_un_tout, true as disponible;
insert into marts.fct_indicateurs by name
select 'epci:200068229' as territoire_id, 'epci' as niveau, 2021 as millesime,
    'nb_enfants_moins_3_ans' as indicateur_id, 433 as valeur, 433 as borne_basse, 433 as borne_haute,
    'point' as lisibilite, '433' as valeur_affichee, 'observe' as statut, 'source' as source_ids;
create table marts.mart_ctg_suivi as
select 'baronnies' as convention_id, 'epci:200068229' as territoire_id,
    'part_allocataires_rsa' as indicateur_id, 'defavorable' as polarite, 13 as valeur_depart,
    11::double as cible, valeur, millesime, statut as valeur_statut, 'en_retard' as situation,
    null::varchar as motif
from marts.fct_indicateurs
where territoire_id = 'epci:200068229' and indicateur_id = 'part_allocataires_rsa' and millesime = 2022
union all by name
select 'baronnies' as convention_id, 'epci:200068229' as territoire_id, 'non_disponible' as valeur_statut,
    'nd' as situation, 'aucune cible énoncée' as motif;
create table marts.mart_sppe_schema as
select 'baronnies' as convention_id, 'epci:200068229' as territoire_id, 2025 as annee, 2023 as millesime_base,
    2021 as millesime_enfants, 118 as places_maintenues, 9 as places_planifiees,
    12 as places_annoncees_privees, 0 as places_ouvertes, 139 as places_visees,
    64.3 + 100 * 21 / 433 as taux_scenario, 64.3 + 100 * 9 / 433 as taux_scenario_sans_prive,
    'observe' as taux_scenario_statut, 64::double as taux_scenario_borne_basse,
    75::double as taux_scenario_borne_haute, 'entre deux bornes' as prevision, null::varchar as motif
"""
NOMS = """
    create table marts.noms_territoires as
    select t.territoire_id, t.niveau, t.niveau as nature, 'entiere' as forme, t.libelle,
        true as dans_la_publication, cast(f.valeur as bigint) as population
    from marts.dim_territoire as t
    left join marts.fct_indicateurs as f
        on t.territoire_id = f.territoire_id and f.indicateur_id = 'population_municipale';
    insert into marts.noms_territoires values
        ('commune:82121', 'commune', 'commune', 'entiere', 'Montauban', false, 62945)
"""
COMPLETES = ";".join(
    [
        *(NOMS, CONVENTIONS, COMPARAISONS, EVOLUTIONS, tendances.CHIFFRES, DERNIERS),
        *(tendances.MART, tendances.DITES),
    ]
)
# By mart: control, SQL as for the star but once the marts are made, other controls.
PROPRES = {
    "noms_territoires": [
        ("nom_infidele", "set libelle = 'Aubres' where territoire_id = 'commune:26220'"),
        ("nom_infidele", "where territoire_id = 'commune:26220'", "noms_territoires/present_ailleurs"),
        ("population_infidele", "set population = 12 where territoire_id = 'commune:26220'"),
        ("present_ailleurs", "set dans_la_publication = true where territoire_id = 'commune:82121'"),
    ],
    "mart_comparaisons": [
        ("ecart_avec_fct", "where territoire_id = 'commune:26220' and millesime = 2019"),
        ("masque_avec_valeur", "set rang_au_mieux = 1 where statut = 'secret' and niveau = 'commune'"),
        (
            "ecart_incoherent",
            "set ecart_epci = 721 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'mediane_niveau_vie'",
        ),
        (
            "ecart_incoherent",
            "set ecart_epci = -1250 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
        ),
        (
            "lecture_incoherente",
            "set ecart_epci_lecture = 'favorable' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
        ),
        (
            "lecture_incoherente",
            "set polarite = 'neutre' where territoire_id = 'commune:26220' and indicateur_id ="
            " 'mediane_niveau_vie'",
        ),
        (
            "place_incoherente",
            "set ecart_epci_dit = 'proche' where territoire_id = 'commune:26220' and indicateur_id ="
            " 'mediane_niveau_vie'",
        ),
        (
            "place_incoherente",
            "set ecart_epci_dit = null where territoire_id = 'commune:26220' and indicateur_id ="
            " 'mediane_niveau_vie'",
        ),
        (
            "dit_de_trop_peu",
            "update marts.dim_indicateur set assise_minimale = 300 where indicateur_id ="
            " 'part_allocataires_rsa'",
        ),
        (
            "incertain_compare",
            "set lisibilite = 'intervalle' where indicateur_id = 'nb_foyers_allocataires'",
            "mart_comparaisons/ecart_avec_fct",
        ),
        (
            "incertain_compare",
            "set lisibilite = 'trop_peu', rang_au_mieux = null, rang = null, rang_motif = 'trop peu' where"
            " territoire_id = 'commune:26220' and indicateur_id = 'part_allocataires_rsa'",
            "mart_comparaisons/ecart_avec_fct",
            "mart_comparaisons/place_incoherente",
        ),
        (
            "rang_hors_pairs",
            "set rang = 3 where territoire_id = 'commune:26063' and indicateur_id = 'part_allocataires_rsa'",
        ),
        (
            "rang_contraire",
            "set rang = 3 - rang, rang_au_mieux = 3 - rang, rang_au_pire = 3 - rang where nb_pairs = 2",
        ),
        # The gap goes with it.
        (
            "comparateur_infidele",
            "set valeur_france = 2 * valeur_france, valeur_france_affichee = '121,8', ecart_france ="
            " valeur - 2 * valeur_france, ecart_france_lecture = null, ecart_france_dit = null"
            " where ecart_france is not null",
        ),
        (
            "comparateur_infidele",
            "set valeur_departement_affichee = '1' where valeur_departement is not null",
        ),
        (
            "ecart_incoherent",
            "set ecart_epci = null, ecart_epci_lecture = null, ecart_epci_dit = null"
            " where ecart_epci is not null",
        ),
        (
            "rang_hors_pairs",
            "set rang = null where territoire_id = 'commune:26220' and indicateur_id ="
            " 'part_allocataires_rsa'",
        ),
    ],
    "mart_evolutions": [
        ("lecture_incoherente", "set evolution_lecture = 'favorable' where millesime_debut = 2021"),
        (
            "lecture_incoherente",
            "set evolution_lecture = 'defavorable', polarite = 'neutre' where millesime_debut = 2021",
        ),
        ("bout_infidele", "set valeur_debut_statut = 'observe' where millesime_debut = 2021"),
        ("masque_avec_valeur", "set effet_numerateur = 1 where millesime_debut = 2020"),
        ("masque_avec_valeur", "set statut = 'refusee', motif = 'source' where millesime_debut = 2021"),
        ("refus_sans_motif", "set motif = ' ' where millesime_debut = 2020"),
        (
            "bouts_incomparables",
            "update marts.fct_indicateurs set source_ids = 'autre' where millesime = 2021",
        ),
        (
            "bouts_incomparables",
            "update marts.fct_indicateurs set champ = 'métropole' where millesime = 2021",
        ),
        ("incertaine_lue", "set lisibilite = 'intervalle' where millesime_debut = 2021"),
        ("incertaine_lue", "set lisibilite = 'trop_peu' where millesime_debut = 2021"),
        (
            "evolution_incoherente",
            "set evolution = 1 where millesime_debut = 2021",
            "mart_evolutions/decomposition_inexacte",
        ),
        ("decomposition_inexacte", "set effet_denominateur = 0.1 where millesime_debut = 2021"),
        ("evolution_absente", "where millesime_debut = 2021"),
    ],
    "mart_derniers_chiffres": [
        ("pas_le_dernier", "where territoire_id = 'commune:26220' and indicateur_id = 'mediane_niveau_vie'"),
        (
            "pas_le_dernier",
            "set millesime = 2021, valeur = 12, valeur_affichee = '12,0', evolution_precedent = null,"
            " evolution_precedent_statut = 'sans_objet', evolution_precedent_affichee = 'na' where"
            " valeur_precedent is not null",
        ),
        ("chiffre_infidele", "set valeur_affichee = '6 701' where valeur = 6700"),
        (
            "masque_avec_valeur",
            "set valeur_precedent_affichee = '12,0 %' where valeur_precedent is null and niveau = 'epci'"
            " and indicateur_id = 'nb_foyers_allocataires'",
        ),
        (
            "masque_avec_valeur",
            "set evolution_precedent_statut = 'refusee' where evolution_precedent is not null",
        ),
        ("evolution_infidele", "set evolution_precedent = 1 where valeur_precedent is not null"),
        ("evolution_infidele", "set evolution_precedent = null where valeur_precedent is not null"),
        (
            "evolution_infidele",
            "set evolution_precedent_lecture = 'favorable' where valeur_precedent is not null",
        ),
        (
            "evolution_infidele",
            "set evolution_precedent_affichee = '+9 points' where valeur_precedent is not null",
        ),
        ("comparateur_infidele", "set valeur_france = 1 where valeur_france is not null"),
        ("comparateur_infidele", "set ecart_epci_lecture = 'neutre' where ecart_epci is not null"),
        ("comparateur_infidele", "set ecart_epci_dit = 'proche' where ecart_epci is not null"),
        ("comparateur_infidele", "set rang = 2 where rang = 1"),
    ],
    "mart_tendances": tendances.CAS,
    "mart_evolutions_dites": tendances.DIT,
    "mart_ctg_suivi": [
        ("valeur_infidele", "set valeur = 12.4 where cible = 11"),
        ("juge_sans_cible", "set valeur_depart = null where cible = 11"),
        ("juge_sans_cible", "set motif = '' where cible is null"),
        ("situation_contraire", "set situation = 'atteinte' where cible = 11"),
        ("situation_contraire", "set polarite = 'neutre', situation = 'atteinte' where cible = 11"),
    ],
    "mart_sppe_schema": [
        ("scenario_inexact", "set taux_scenario_sans_prive = taux_scenario"),
        (
            "scenario_inexact",
            "insert into marts.mart_sppe_schema select * replace (2023 as annee, 64.3 as taux_scenario,"
            " 64.3 as taux_scenario_sans_prive, null as prevision) from marts.mart_sppe_schema",
        ),
        (
            "scenario_sans_base",
            "set annee = 2022, taux_scenario = 64.3, taux_scenario_sans_prive = 64.3, prevision = null",
        ),
        ("scenario_sans_base", "set millesime_enfants = 2020"),
        ("bornes_inexactes", "set taux_scenario_borne_basse = 72"),
        ("bornes_inexactes", "set taux_scenario_borne_haute = null"),
        ("bornes_inexactes", "set prevision = null"),
        ("etude_comptee", "set places_visees = 140"),
    ],
}
