-- Every table of schema `marts`, a few rows each; what is not `marts` must never reach a release.
CREATE SCHEMA marts;
CREATE SCHEMA intermediate;
CREATE TABLE intermediate.int_cellules AS SELECT 3 AS valeur_non_masquee;
CREATE TABLE marts.dim_territoire AS FROM (VALUES
    ('epci:200068229', 'epci', '200068229', 'CC des Baronnies en Drôme provençale', '26', '84', '200068229',
        'CC des Baronnies en Drôme provençale', 2025, false),
    ('commune:26220', 'commune', '26220', 'Nyons', '26', '84', '200068229', 'CC des Baronnies', 2025, false),
    ('commune:01001', 'commune', '01001', 'L''Abergement; "Clémenciat"', '01', '84', '200069193', 'CC', 2025, false),
    ('departement:01', 'departement', '01', 'Ain', '01', '84', NULL, NULL, 2025, false),
    ('region:01', 'region', '01', 'Guadeloupe', NULL, '01', NULL, NULL, 2025, false)
) t(territoire_id, niveau, code, libelle, departement, region, epci, epci_libelle, cog_millesime, demonstration);
CREATE TABLE marts.ctg_conventions (convention_id VARCHAR, ctg_id VARCHAR, territoire_id VARCHAR, annee_debut INTEGER);
CREATE TABLE marts.erreurs_connues (
    erreur_id VARCHAR, source_id VARCHAR, ressource VARCHAR, millesime INTEGER, territoire_id VARCHAR, constat VARCHAR,
    effet VARCHAR, vue_le DATE, signalee_le DATE
);
CREATE TABLE marts.noms_territoires AS FROM (VALUES
    ('cc baronnies drome provencale', 'entiere', 'epci', '200068229', 'CC des Baronnies en Drôme provençale',
        'epci:200068229', 'epci', 'CC des Baronnies en Drôme provençale', '26', 20753, true, NULL),
    ('baronnies drome provencale', 'sans_niveau', 'epci', '200068229', 'CC des Baronnies en Drôme provençale',
        'epci:200068229', 'epci', 'CC des Baronnies en Drôme provençale', '26', 20753, true, NULL),
    ('nyons', 'entiere', 'commune', '26220', 'Nyons', 'commune:26220', 'commune', 'Nyons', '26', 6794, true, NULL),
    ('abergement clemenciat', 'entiere', 'commune', '01001', 'L''Abergement; "Clémenciat"', 'commune:01001', 'commune',
        'L''Abergement; "Clémenciat"', '01', NULL, true, NULL),
    ('ain', 'entiere', 'departement', '01', 'Ain', 'departement:01', 'departement', 'Ain', '01', NULL, true, NULL),
    ('guadeloupe', 'entiere', 'region', '01', 'Guadeloupe', 'region:01', 'region', 'Guadeloupe', NULL, NULL, true, NULL),
    ('montauban', 'entiere', 'commune', '82121', 'Montauban', 'commune:82121', 'commune', 'Montauban', '82', 62945,
        false, NULL),
    ('ancienne', 'entiere', 'commune_reunie', '26999', 'L''Ancienne', 'commune:26220', 'commune', 'Nyons', '26', 6794,
        true, NULL),
    ('lyon 3e arrondissement', 'entiere', 'arrondissement_municipal', '69383', 'Lyon 3e Arrondissement', 'commune:01001',
        'commune', 'L''Abergement', '01', NULL, true, NULL),
    ('paris 1er arrondissement', 'entiere', 'arrondissement_municipal', '75101', 'Paris 1er Arrondissement',
        'commune:26220', 'commune', 'Nyons', '26', 6794, true, NULL),
    ('paris 13e arrondissement', 'entiere', 'arrondissement_municipal', '75113', 'Paris 13e Arrondissement',
        'commune:26220', 'commune', 'Nyons', '26', 6794, true, NULL),
    ('plaine commune', 'entiere', 'etablissement_public_territorial', '200057867', 'Plaine Commune', 'epci:200068229',
        'epci', 'CC des Baronnies', '26', 20753, true, 'Nyons (26220)')
) t(cle, forme, nature, code, libelle, territoire_id, niveau, territoire_libelle, departement, population,
    dans_la_publication, communes);
CREATE TABLE marts.dim_indicateur AS SELECT *, NULL::INTEGER AS decalage, NULL::INTEGER AS decalage_denominateur, 'chaine' AS secret, 'Univers ' || univers AS univers_libelle, 'Définition de ' || univers AS univers_definition, CASE theme WHEN 'petite_enfance' THEN 'Petite enfance' ELSE 'Portrait social' END AS theme_libelle, CASE theme WHEN 'petite_enfance' THEN 3 ELSE 1 END AS theme_ordre FROM (VALUES
    ('nb_foyers_allocataires', 'portrait_social', 1, 'Foyers allocataires', 'Foyers avec un droit | décembre', 'FA',
        'foyers', 'neutre', 'somme', 'foyers_allocataires', NULL, 1, 'commune+epci',
        'cnaf_allocataires_communes', false, 0, true, NULL),
    ('part_allocataires_rsa', 'portrait_social', 2, 'Part des foyers au RSA', 'Foyers au RSA', 'FA', 'pourcent',
        'defavorable', 'ratio', 'foyers_rsa', 'foyers_allocataires - foyers_af', 100, 'commune+epci',
        'cnaf_allocataires_communes', true, 1, true, NULL),
    ('mediane_niveau_vie', 'portrait_social', 3, 'Médiane du niveau de vie', 'Revenu médian', 'MF', 'EUR',
        'favorable', 'publie', 'mediane_niveau_vie', NULL, 1, 'commune+departement+region', 'insee_filosofi',
        false, 0, true, NULL),
    ('nb_eaje', 'petite_enfance', 1, 'Eaje', 'Nombre d''Eaje', 'STR', 'structures', 'favorable', 'somme', NULL, NULL,
        1, 'epci', 'caf_equipements', false, 0, false, 'source jamais reçue : caf_equipements')
) t(indicateur_id, theme, ordre, libelle, description, univers, unite, polarite, methode, numerateur, denominateur,
    facteur, niveaux, sources, part_d_un_tout, decimales, disponible, motif);
CREATE TABLE marts.dim_unite AS FROM (VALUES
    ('foyers', 'nombre', NULL, NULL, NULL, 'foyer', 'foyers'),
    ('pourcent', 'nombre', '%', 'point', 'points', '%', '%'),
    ('EUR', 'nombre', '€', '€', '€', 'euro', 'euros'),
    ('structures', 'nombre', NULL, NULL, NULL, 'structure', 'structures')
) t(unite, nature, suffixe, ecart_singulier, ecart_pluriel, libelle_singulier, libelle_pluriel);
CREATE TABLE marts.dim_source AS SELECT *, 'publique' AS diffusion, false AS demonstration FROM (VALUES
    ('cnaf_allocataires_communes', 'Foyers allocataires', 'Cnaf', 'Licence Ouverte 2.0', 'https://data.caf.fr/',
        'annuelle', false, 'recue', '2024', 1::BIGINT),
    ('insee_filosofi', 'Filosofi', 'Insee', 'Licence Ouverte 2.0', 'https://www.insee.fr/', 'annuelle', false,
        'recue', '2018, 2019', 4::BIGINT)
) t(source_id, titre, producteur, licence, page, cadence, indispensable, etat, millesimes, fichiers);
CREATE TABLE marts.dim_disponibilite AS FROM (VALUES
    ('nb_eaje', 'epci', 2022, 'non_disponible', 'source jamais reçue : caf_equipements'),
    ('nb_foyers_allocataires', 'commune', 2022, 'arrondi', NULL)
) t(indicateur_id, niveau, millesime, statut, motif);
-- The file of départements and régions is one: Filosofi tells both, and some have the same code.
CREATE TABLE marts.dim_fichier AS SELECT *, sha256 AS fichier_id, make_date(millesime + 2, 7, 5) AS publie_le FROM (VALUES
    ('aa', 'cnaf_allocataires_communes', 'communes', 2024, 's_ben_com_f.csv', 'commune', 2025, 10::BIGINT, 0::BIGINT),
    ('b8', 'insee_filosofi', 'communes', 2018, 'FILO2018_DISP_COM.csv', 'commune', 2019, 10, 0),
    ('b9', 'insee_filosofi', 'communes', 2019, 'FILO2019_DISP_COM.csv', 'commune', 2020, 10, 0),
    ('bd', 'insee_filosofi', 'departements', 2019, 'FILO2019_DISP.csv', 'departement', 2020, 10, 0),
    ('bd', 'insee_filosofi', 'regions', 2019, 'FILO2019_DISP.csv', 'region', 2020, 10, 0)
) t(sha256, source, ressource, millesime, membre, niveau, cog_millesime, lignes, lignes_ecartees);
CREATE TABLE marts.lignes_source AS FROM (VALUES
    ('aa', 'communes', '26220', 2022, 2025, 7), ('aa', 'communes', '26220', 2021, 2025, 3),
    ('b8', 'communes', '26220', 2018, 2019, 12), ('b9', 'communes', '26220', 2019, 2020, 14),
    ('b8', 'communes', '26999', 2018, 2019, 15),
    ('bd', 'departements', '01', 2019, 2020, 2), ('bd', 'regions', '01', 2019, 2020, 5)
) t(sha256, ressource, code, millesime, cog_millesime, ligne);
CREATE TABLE marts.passage_communes AS FROM (VALUES
    (2019, '26999', '26220', 'fusion', false), (2019, '26220', '26220', 'fusion', false)
) t(cog_millesime, code_origine, code_reference, nature, fusion_inter_epci);
CREATE TABLE marts.fct_indicateurs AS
SELECT
    territoire_id, split_part(territoire_id, ':', 1) AS niveau, split_part(territoire_id, ':', 2) AS code,
    t.libelle, millesime, indicateur_id, i.libelle AS indicateur_libelle, theme, v.valeur::DOUBLE AS valeur, NULL::VARCHAR AS valeur_texte,
    v.numerateur::DOUBLE AS numerateur, v.denominateur::DOUBLE AS denominateur,
    v.borne_basse::DOUBLE AS borne_basse, v.borne_haute::DOUBLE AS borne_haute,
    v.borne_basse::DOUBLE AS enveloppe_basse, v.borne_haute::DOUBLE AS enveloppe_haute, unite,
    CASE v.statut WHEN 'secret' THEN 's' WHEN 'non_disponible' THEN 'nd' WHEN 'sans_objet' THEN 'na'
        ELSE v.valeur::VARCHAR END AS valeur_affichee,
    if(v.valeur IS NULL, NULL, 'point') AS lisibilite, v.statut,
    CASE v.motif WHEN 'secret du producteur' THEN 'secret_producteur' END AS motif_code, v.motif, methode,
    NULL::VARCHAR AS champ, NULL::INTEGER AS millesime_base, millesime AS millesime_denominateur,
    2025 AS cog_millesime, source_ids,
    false AS demonstration
FROM (VALUES
    ('epci:200068229', 2022, 'nb_foyers_allocataires', 3250, NULL, NULL, 3138, 3518, 'partiel', 'communes absentes',
        'cnaf_allocataires_communes'),
    ('commune:26220', 2022, 'nb_foyers_allocataires', 1150, NULL, NULL, 1148, 1154, 'arrondi', NULL,
        'cnaf_allocataires_communes'),
    ('commune:26220', 2022, 'part_allocataires_rsa', 31.45, 361.675, 1150, 31.2, 31.7, 'arrondi', NULL,
        'cnaf_allocataires_communes'),
    ('commune:01001', 2022, 'nb_foyers_allocataires', NULL, NULL, NULL, NULL, NULL, 'non_disponible',
        'hors couverture', 'cnaf_allocataires_communes'),
    ('commune:01001', 2022, 'part_allocataires_rsa', NULL, NULL, NULL, NULL, NULL, 'sans_objet',
        'dénominateur nul', 'cnaf_allocataires_communes'),
    ('commune:26220', 2019, 'mediane_niveau_vie', 20150, NULL, NULL, 20150, 20150, 'observe', NULL,
        'insee_filosofi'),
    ('commune:01001', 2019, 'mediane_niveau_vie', NULL, NULL, NULL, NULL, NULL, 'secret', 'secret du producteur',
        'insee_filosofi'),
    ('departement:01', 2019, 'mediane_niveau_vie', 23000, NULL, NULL, 23000, 23000, 'observe', NULL,
        'insee_filosofi')
) v(territoire_id, millesime, indicateur_id, valeur, numerateur, denominateur, borne_basse, borne_haute, statut,
    motif, source_ids)
JOIN marts.dim_territoire AS t USING (territoire_id)
JOIN marts.dim_indicateur AS i USING (indicateur_id);
CREATE TABLE marts.fct_indicateurs_origine AS
SELECT territoire_id, niveau, code, libelle, millesime, indicateur_id, indicateur_libelle, theme, valeur, borne_basse,
    borne_haute, unite, lisibilite, valeur_affichee,
    statut, motif_code, motif, cog_millesime, NULL::VARCHAR AS epci, source_ids, demonstration
FROM marts.fct_indicateurs WHERE false;
CREATE TABLE marts.contours_communes AS FROM (VALUES
    ('01001', '{"type":"Polygon","coordinates":[[[4.9,46.1],[5.0,46.1],[5.0,46.2],[4.9,46.2],[4.9,46.1]]]}'),
    ('26220', '{"type":"Polygon","coordinates":[[[5.1,44.3],[5.2,44.3],[5.2,44.4],[5.1,44.4],[5.1,44.3]]]}')
) t(code, geometrie) CROSS JOIN (SELECT 2018 AS edition, 2025 AS cog_millesime, 'insee_filosofi' AS source_id,
    false AS demonstration);
CREATE TABLE marts.ctg_communes (territoire_id VARCHAR, code VARCHAR, epci_identique VARCHAR);
CREATE TABLE marts.epci_composition (millesime INTEGER, epci VARCHAR, code VARCHAR, cog_millesime INTEGER,
    code_reference VARCHAR);
CREATE TABLE marts.mart_portrait_social AS
SELECT
    territoire_id, niveau, code, libelle, millesime, demonstration,
    max(valeur) FILTER (indicateur_id = 'part_allocataires_rsa') AS part_allocataires_rsa,
    coalesce(any_value(f.statut) FILTER (indicateur_id = 'part_allocataires_rsa'), 'non_disponible')
        AS part_allocataires_rsa_statut
FROM marts.fct_indicateurs AS f GROUP BY ALL;
CREATE TABLE marts.mart_petite_enfance AS
SELECT
    territoire_id, niveau, code, libelle, millesime, demonstration,
    NULL::DOUBLE AS nb_eaje, 'non_disponible' AS nb_eaje_statut
FROM marts.fct_indicateurs WHERE false;
CREATE TABLE marts.mart_evolutions (territoire_id VARCHAR, indicateur_id VARCHAR, millesime_debut INTEGER,
    millesime_fin INTEGER, consecutifs BOOLEAN, statut VARCHAR, motif VARCHAR, evolution DOUBLE, evolution_affichee VARCHAR, lisibilite VARCHAR,
    effet_numerateur DOUBLE, effet_denominateur DOUBLE, effet_perimetre DOUBLE, effet_revision DOUBLE,
    effets_motif VARCHAR);
COMMENT ON TABLE marts.fct_indicateurs IS 'Table de référence, l''essentiel';
COMMENT ON COLUMN marts.fct_indicateurs.valeur IS 'Valeur dans l''unité affichée';
