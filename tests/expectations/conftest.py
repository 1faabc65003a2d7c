"""A tiny build with the five marts, sound in every respect; tests break one promise at a time."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

SOCLE = """
create schema marts;
create table marts.dim_territoire as from (values
    ('commune:26063', 'commune', '26063', 'Buis-les-Baronnies', '26', '84', '200068229'),
    ('commune:26220', 'commune', '26220', 'Nyons', '26', '84', '200068229'),
    ('epci:200068229', 'epci', '200068229', 'CC des Baronnies', null, null, null),
    ('departement:26', 'departement', '26', 'Drôme', '26', '84', null),
    ('region:84', 'region', '84', 'Auvergne-Rhône-Alpes', null, '84', null),
    ('france:FR', 'france', 'FR', 'France', null, null, null)
) as t(territoire_id, niveau, code, libelle, departement, region, epci);

create table marts.dim_indicateur as from (values
    ('population_municipale', 'portrait_social', 'Population légale', 'personnes', 'neutre', 'somme',
        'population_municipale', null, 1, 'commune+epci+departement+region+france', false, true, null, null),
    ('nb_foyers_allocataires', 'portrait_social', 'Foyers', 'foyers', 'neutre', 'somme',
        'foyers_allocataires', null, 1, 'commune+epci', false, true, null, null),
    ('part_allocataires_rsa', 'portrait_social', 'Part au RSA', 'pourcent', 'defavorable', 'ratio',
        'foyers_rsa', 'foyers_allocataires', 100, 'commune+epci', true, true, null, null),
    ('mediane_niveau_vie', 'portrait_social', 'Médiane', 'EUR', 'favorable', 'publie',
        'mediane_niveau_vie', null, 1, 'commune+epci', false, true, null, null),
    ('part_allocataires_aah', 'portrait_social', 'Part à l''AAH', 'pourcent', 'neutre', 'ratio',
        'foyers_aah', 'foyers_allocataires', 100, 'commune+epci', true, false,
        'source_jamais_recue', 'extrait allocataires non reçu'),
    ('taux_couverture_petite_enfance', 'petite_enfance', 'Taux', 'places pour 100 enfants', 'favorable',
        'publie', 'taux_couverture_petite_enfance', null, 1, 'commune+epci+france', false, true, null, null)
) as t(indicateur_id, theme, description, unite, polarite, methode, numerateur, denominateur, facteur,
    niveaux, part_d_un_tout, disponible, motif_code, motif);
alter table marts.dim_indicateur add column decimales integer default 1;
alter table marts.dim_indicateur add column assise_minimale double default 20;
alter table marts.dim_indicateur add column assise_numerateur boolean;
alter table marts.dim_indicateur add column ecart_minimal double;
alter table marts.dim_indicateur add column ecart_minimal_relatif double;
update marts.dim_indicateur set assise_numerateur = methode = 'ratio', ecart_minimal_relatif = 1,
    ecart_minimal = if(unite = 'pourcent', 0.1, null);
alter table marts.dim_indicateur add column etendue_lisible double;
alter table marts.dim_indicateur add column etendue_lisible_relative double;
alter table marts.dim_indicateur add column biais_lisible double;
update marts.dim_indicateur set etendue_lisible = if(unite = 'pourcent', 10, null),
    etendue_lisible_relative = if(unite = 'pourcent', null, 50);
create table marts.dim_unite as
select distinct unite, 'nombre' as nature, false as signee from marts.dim_indicateur;

create table marts.dim_disponibilite as from (values
    ('taux_couverture_petite_enfance', 'commune', 2023, 'non_disponible', 'publié pour les villes'),
    ('population_municipale', 'region', 2020, 'observe', null)
) as t(indicateur_id, niveau, millesime, statut, motif);

create table marts.fct_indicateurs as
select t.territoire_id, niveau, t.millesime, t.indicateur_id, t.valeur::double as valeur,
    null::varchar as valeur_texte,
    t.numerateur::double as numerateur, t.denominateur::double as denominateur,
    t.denominateur::double as denominateur_haut,
    t.basse::double as borne_basse, t.haute::double as borne_haute,
    t.basse::double as enveloppe_basse, t.haute::double as enveloppe_haute,
    if(t.statut = 'secret', 's', replace(round(t.valeur, 1)::varchar, '.', ',')) as valeur_affichee,
    if(t.statut = 'secret', null, 'point') as lisibilite, t.statut, null::varchar as motif_code, t.motif,
    'source' as source_ids, null::varchar as champ
from (values
    ('commune:26063', 2020, 'population_municipale', 14208, 14208, null, 14208, 14208, 'observe', null),
    ('commune:26220', 2020, 'population_municipale', 6700, 6700, null, 6700, 6700, 'observe', null),
    ('epci:200068229', 2020, 'population_municipale', 20908, 20908, null, 20908, 20908, 'observe', null),
    ('departement:26', 2020, 'population_municipale', 517414, 517414, null, 517414, 517414, 'observe', null),
    ('region:84', 2020, 'population_municipale', 8078652, 8078652, null, 8078652, 8078652, 'observe', null),
    ('france:FR', 2020, 'population_municipale', 67162154, null, null, 67162154, 67162154, 'observe', null),
    ('commune:26063', 2022, 'nb_foyers_allocataires', 1250, 1250, null, 1248, 1254, 'arrondi', null),
    ('commune:26220', 2022, 'nb_foyers_allocataires', 2000, 2000, null, 1998, 2004, 'arrondi', null),
    ('epci:200068229', 2022, 'nb_foyers_allocataires', 3250, 3250, null, 3246, 3258, 'arrondi', null),
    ('epci:200068229', 2021, 'part_allocataires_rsa', 12, 390, 3250, 11.8, 12.3, 'arrondi', null),
    ('epci:200068229', 2020, 'part_allocataires_rsa', null, null, null, null, null, 'secret', 'producteur'),
    ('commune:26063', 2022, 'part_allocataires_rsa', 12, 150, 1250, 11.8, 12.3, 'arrondi', null),
    ('commune:26220', 2022, 'part_allocataires_rsa', 12.5, 250, 2000, 12.4, 12.7, 'arrondi', null),
    ('epci:200068229', 2022, 'part_allocataires_rsa', 40 / 3.25, 400, 3250, 12.1, 12.6, 'arrondi', null),
    ('commune:26063', 2019, 'mediane_niveau_vie', null, null, null, null, null, 'secret', 'producteur'),
    ('commune:26220', 2019, 'mediane_niveau_vie', 20390, null, null, 20390, 20390, 'observe', null),
    ('epci:200068229', 2019, 'mediane_niveau_vie', 19670, null, null, 19670, 19670, 'observe', null),
    ('epci:200068229', 2023, 'taux_couverture_petite_enfance', 64.3, null, null, 64.3, 64.3, 'observe', null),
    ('france:FR', 2023, 'taux_couverture_petite_enfance', 60.9, null, null, 60.9, 60.9, 'observe', null)
) as t(territoire_id, millesime, indicateur_id, valeur, numerateur, denominateur, basse, haute, statut, motif)
join marts.dim_territoire as d using (territoire_id);
"""

LARGE = """
create table marts.mart_{theme} as
select t.territoire_id, t.niveau, m.millesime, {colonnes}
from marts.dim_territoire as t
cross join (select distinct millesime from marts.fct_indicateurs as f where indicateur_id in ({liste})) as m
left join marts.fct_indicateurs as f on f.territoire_id = t.territoire_id and f.millesime = m.millesime
group by all
"""
THEMES = {
    "portrait_social": [
        "population_municipale",
        "nb_foyers_allocataires",
        "part_allocataires_rsa",
        "mediane_niveau_vie",
    ],
    "petite_enfance": ["taux_couverture_petite_enfance"],
}

Construire = Callable[..., Path]


@pytest.fixture
def construire(tmp_path: Path) -> Construire:
    """Write `build.duckdb`; `avant` runs before the wide marts are pivoted, `apres` after."""

    def _construire(avant: str = "", apres: str = "") -> Path:
        fichier = tmp_path / "build.duckdb"
        fichier.unlink(missing_ok=True)
        with duckdb.connect(str(fichier)) as con:
            con.execute(SOCLE + avant)
            for theme, indicateurs in THEMES.items():
                colonnes = ", ".join(
                    f"max(f.valeur) filter (where f.indicateur_id = '{i}') as {i},"
                    f" coalesce(max(f.statut) filter (where f.indicateur_id = '{i}'), 'non_disponible')"
                    f" as {i}_statut"
                    for i in indicateurs
                )
                liste = ", ".join(f"'{i}'" for i in indicateurs)
                con.execute(LARGE.format(theme=theme, colonnes=colonnes, liste=liste))
            con.execute(apres)
        return fichier

    return _construire


@pytest.fixture
def precedente(construire: Construire, tmp_path: Path) -> Path:
    """Folder of a previous release holding the sound build."""
    dossier = tmp_path / "precedente"
    (dossier / "parquet").mkdir(parents=True)
    with duckdb.connect(str(construire()), read_only=True) as con:
        for table in ("dim_territoire", "dim_indicateur", "fct_indicateurs"):
            con.execute(f"copy marts.{table} to '{dossier}/parquet/{table}.parquet'")
    return dossier
