-- One verdict per printed figure: the table of the document (`imprime`, as texts) joined with the marts of a release.
-- `membres` (territoire_id, commune) and `vocabulaire` (mot, univers) stand beside it; `petit` is the largest small count.

create temp macro arrondir(v, d) as sign(v) * floor(round(abs(v) * 10 ** d, 6) + 0.5) / 10 ** d;
-- French, without thousands: with `n` decimals, or as few as the number needs, two at most.
create temp macro ecrire_a(v, n) as replace(printf('%.' || n || 'f', arrondir(v, n) + 0.0), '.', ',');
create temp macro ecrire(v) as regexp_replace(ecrire_a(v, 2), ',?0+$', '');
create temp macro sans_accent(texte) as strip_accents(lower(texte));
create temp macro annees(debut, fin) as case when debut is null then [] else [fin] end;
create temp macro annees_dites(toutes) as case
    when len(list_distinct(toutes)) > 1
        then 'années différentes : ' || array_to_string(list_sort(list_distinct(toutes)), ', ')
end;

-- What is printed, typed. A measure was rounded to its last digit; a count of persons, places or structures was not.
create temp table document as
with lus as (
    select
        p.* exclude (value, period),
        territory_level || ':' || territory_code as territoire_id,
        value as valeur_imprimee,
        period as periode,
        case when unit not in ('booleen', 'annee', 'date', 'intervalle') then try_cast(value as double) end as nombre,
        length(split_part(value, '.', 2)) as decimales,
        decimales > 0 or regexp_matches(unit, 'EUR|%|pourcent|pour[ _]|par[ _]|rapport|heures') as mesure,
        try_cast(split_part(period, '/', 1) as integer) as debut,
        try_cast(split_part(period, '/', -1) as integer) as fin,
        case when mesure then 0.5 / 10 ** decimales else 0 end as demi
    from imprime as p
)

select
    d.*,
    d.nombre - d.demi as bas,
    d.nombre + d.demi as haut,
    if(d.nombre is null, d.valeur_imprimee, replace(d.valeur_imprimee, '.', ',')) as dite,
    i.libelle as libelle_connu,
    i.univers,
    i.univers_libelle,
    i.unite as unite_connue,
    i.methode,
    i.secret,
    i.motif,
    t.territoire_id is not null as connu,
    coalesce(i.methode = 'somme' and i.secret <> 'aucun' and not d.mesure, false) as de_personnes,
    coalesce(de_personnes and d.nombre between 1 and getvariable('petit'), false) as devoile,
    -- The word after a gap, of one and of several.
    case
        when u.unite is null then replace(d.unit, '_', ' ')
        else coalesce(nullif(u.ecart_singulier, ''), u.libelle_singulier, '')
    end as un,
    case
        when u.unite is null then replace(d.unit, '_', ' ')
        else coalesce(nullif(u.ecart_pluriel, ''), u.libelle_pluriel, '')
    end as plusieurs
from lus as d
left join dim_indicateur as i on d.indicator_id = i.indicateur_id
left join dim_unite as u on i.unite = u.unite
left join dim_territoire as t on d.territoire_id = t.territoire_id;

create temp table cellules as
select
    territoire_id,
    indicateur_id,
    millesime,
    millesime_base,
    valeur_texte,
    statut,
    motif,
    lisibilite,
    numerateur,
    denominateur,
    replace(source_ids, '+', ', ') as source_ids,
    round(f.valeur, 9) as valeur,
    coalesce(round(borne_basse, 9), round(f.valeur, 9)) as bas,
    coalesce(round(borne_haute, 9), round(f.valeur, 9)) as haut,
    f.valeur is not null and not (bas = round(f.valeur, 9) and haut = bas) as encadree,
    f.valeur is not null or valeur_texte is not null as montree
from fct_indicateurs as f
where territoire_id in (select territoire_id from document);

-- A gap in its unit: « 6,75 points ».
create temp macro ecart_dit(d, ecart) as rtrim(ecrire(ecart) || ' ' || if(abs(ecart) < 2, d.un, d.plusieurs));
create temp macro apres(d) as if(d.suffixe = '', '', chr(8239) || d.suffixe);
-- One digit more than the document, so that a rounding can be followed; whole numbers stay whole.
create temp macro a_ecrire(d, c) as if(c.bas = floor(c.bas) and c.haut = floor(c.haut) and c.valeur = floor(c.valeur), 0, d.decimales + 1);
create temp macro nombre_dit(d, c) as case
    when c.encadree
        then if(c.lisibilite = 'point', ecrire_a(c.valeur, a_ecrire(d, c)) || apres(d) || ' ', '') || '['
            || ecrire_a(c.bas, a_ecrire(d, c)) || ' ; ' || ecrire_a(c.haut, a_ecrire(d, c)) || ']'
            || if(c.lisibilite = 'point', '', apres(d))
    when c.lisibilite = 'point' then ecrire_a(c.valeur, a_ecrire(d, c)) || apres(d)
    else 'trop peu'
end;
create temp macro decrire(d, c) as nombre_dit(d, c) || ' (' || c.millesime || if(c.statut = 'observe', '', ', ' || c.statut)
    || if(c.encadree and c.lisibilite = 'trop_peu', ', trop peu', '') || ', ' || c.source_ids || ')';
create temp macro meme_periode(d, c) as (d.nombre is null or c.valeur is not null) and (
    d.debut is null
    or if(
        c.millesime_base is null,
        c.millesime between d.debut and d.fin,
        c.millesime_base = d.debut and c.millesime = d.fin
    )
);

-- The figure a number is set beside: of its years, the nearest; a text beside the newest.
create temp table retenues as
select d.ligne, c as cellule, decrire(d, c) as dite
from document as d
inner join cellules as c on d.territoire_id = c.territoire_id and d.indicator_id = c.indicateur_id
where c.montree and meme_periode(d, c)
qualify row_number() over (
    partition by d.ligne order by if(d.devoile, 0, abs(d.nombre - c.valeur)), c.millesime desc
) = 1;

create temp table secretes as
select d.ligne, c as cellule
from document as d
inner join cellules as c on d.territoire_id = c.territoire_id and d.indicator_id = c.indicateur_id
where c.statut = 'secret' and (d.debut is null or c.millesime between d.debut and d.fin)
qualify row_number() over (partition by d.ligne order by c.millesime) = 1;

-- The figure that a number matches better, within 1 % or its last digit: another year, else, of a measure (small counts
-- are equal by chance), another indicateur of its universe and unit.
create temp table lectures as
select d.ligne, c as cellule, decrire(d, c) as dite
from document as d
inner join dim_indicateur as i
    on d.indicator_id = i.indicateur_id or (d.mesure and d.univers = i.univers and d.unite_connue = i.unite)
inner join cellules as c on d.territoire_id = c.territoire_id and i.indicateur_id = c.indicateur_id
left join retenues as r on d.ligne = r.ligne
where
    abs(d.nombre - c.valeur) < greatest(abs(d.nombre) / 100, 1 / 10 ** d.decimales)
    and (r.ligne is null or abs(d.nombre - c.valeur) < abs(d.nombre - r.cellule.valeur))
qualify row_number() over (
    partition by d.ligne
    order by c.indicateur_id <> d.indicator_id, abs(d.nombre - c.valeur), c.millesime desc, c.indicateur_id
) = 1;

-- The word by which a label, or else a denominator, names another universe than the dictionary's. A total amount has no
-- denominator to be wrong about; a universe without a word has no wrong one.
create temp table mots_faux as
with mots as (select '\b(?:' || string_agg(mot, '|' order by length(mot) desc) || ')\b' as motif from vocabulaire),

textes as (
    select d.*, unnest([d.label, d.denominator_definition]) as texte, unnest([1, 2]) as rang
    from document as d
    where d.unit <> 'EUR' and exists (select 1 from vocabulaire as v where list_contains(v.univers, d.univers))
),

faux as (
    select t.*, regexp_extract_all(sans_accent(t.texte), mots.motif) as trouves
    from textes as t cross join mots
    where
        len(trouves) > 0
        and not exists (
            select 1 from vocabulaire as v where list_contains(trouves, v.mot) and list_contains(v.univers, t.univers)
        )
)

select
    f.ligne,
    v.univers as nommes,
    'le document dit « ' || lower(substr(f.texte, instr(sans_accent(f.texte), v.mot), length(v.mot))) || ' »'
    || coalesce(
        ' (' || (
            select string_agg(n.libelle, ' ou ' order by list_position(v.univers, n.univers))
            from (select distinct univers, lower(univers_libelle) as libelle from dim_indicateur) as n
            where list_contains(v.univers, n.univers)
        ) || ')',
        ''
    )
    || ', le dictionnaire « ' || f.libelle_connu || ' » (' || lower(coalesce(f.univers_libelle, f.univers)) || ')' as dit
from faux as f
inner join vocabulaire as v on f.trouves[1] = v.mot
qualify row_number() over (partition by f.ligne order by f.rang) = 1;

create temp macro recues(territoire, indicateur) as (
    select string_agg(distinct c.millesime, ', ' order by c.millesime) from cellules as c
    where c.territoire_id = territoire and c.indicateur_id = indicateur and c.montree
);
-- Why the release shows nothing there.
create temp macro pourquoi_rien(territoire, du_niveau, indicateur, des_annees, annee, son_motif) as coalesce(
    'période ' || des_annees || ' non reçue (reçues : ' || recues(territoire, indicateur) || ')',
    (
        select coalesce(c.motif, c.statut) from cellules as c
        where
            c.territoire_id = territoire and c.indicateur_id = indicateur and not c.montree
            and (annee is null or c.millesime = annee)
        order by c.millesime desc limit 1
    ),
    (
        select any_value(a.motif) from dim_disponibilite as a
        where
            a.indicateur_id = indicateur and a.niveau = du_niveau and a.millesime = annee
            and a.statut = 'non_disponible'
    ),
    son_motif,
    'aucune valeur pour ce territoire'
);
create temp macro du_texte(d, c) as coalesce(
    c.valeur_texte, if(d.unit = 'booleen', if(c.valeur <> 0, 'oui', 'non'), ecrire(c.valeur))
);
-- A date is compared with a year by its year.
create temp macro dates(texte, modele) as list_transform(
    regexp_extract_all(texte, '\d{4}(?:-\d{2}-\d{2})?'),
    lambda x: left(x, if(regexp_full_match(modele, '\d{4}-\d{2}-\d{2}'), 10, 4))
);
create temp macro juge(verdict, dit) as {'verdict': verdict, 'dit': dit};
create temp macro juger_texte(d, c) as juge(
    if(
        if(
            d.unit = 'booleen',
            du_texte(d, c) = d.valeur_imprimee,
            dates(du_texte(d, c), d.valeur_imprimee) = dates(d.valeur_imprimee, d.valeur_imprimee)
        ),
        'conforme', 'ecart'
    ),
    'l''entrepôt donne ' || du_texte(d, c) || ' (' || c.millesime || ', ' || c.source_ids || ')'
);
create temp macro dedans(d, c) as d.bas <= c.haut + 1e-6 and d.haut >= c.bas - 1e-6;
create temp macro juger_nombre(d, c, dite) as case
    when arrondir(c.valeur, d.decimales) = d.nombre then juge('conforme', 'l''entrepôt donne ' || dite)
    when d.mesure and abs(d.nombre - c.valeur) < 1 / 10 ** d.decimales - 1e-9
        then juge('ecart_arrondi', 'l''entrepôt donne ' || dite || ' : moins d''une unité du dernier chiffre imprimé')
    -- What the Caf counted, and what was rounded of it once: both are right.
    when d.secret = 'chaine' and dedans(d, c) and c.lisibilite = 'point'
        then juge('conforme', 'la Caf imprime ' || d.dite || ', l''entrepôt ' || dite || ', à '
            || ecrire(greatest(c.haut - c.valeur, c.valeur - c.bas)) || ' près')
    when c.encadree and dedans(d, c) and abs(d.nombre - c.valeur) <= abs(d.nombre) / 100
        then juge('ecart_arrondi', 'l''entrepôt donne ' || dite || ' : dans ces bornes et à moins de 1 %')
    -- Bounds add the worst case of every commune: being within them neither proves nor refutes.
    when c.encadree and dedans(d, c)
        then juge('non_verifiable', 'l''entrepôt donne ' || dite || ' : compatible avec ces bornes, trop larges pour trancher')
    when c.lisibilite is distinct from 'point'
        then juge('ecart', 'l''entrepôt donne ' || dite || ', et le document autre chose')
    else juge('ecart', 'l''entrepôt donne ' || dite || ', soit un écart de '
        || if(d.nombre > c.valeur, '+', '') || ecart_dit(d, d.nombre - c.valeur))
end;

create temp table jugements as
with compares as (
    select
        d.*,
        coalesce(r.cellule, s.cellule) as cellule,
        l.cellule as lecture,
        l.dite as lecture_dite,
        f.nommes,
        f.dit as faux,
        case
            when d.valeur_imprimee = '' then juge('non_verifiable', 'aucune valeur imprimée dans le document')
            when d.libelle_connu is null
                then juge('non_verifiable', 'indicateur absent du dictionnaire de la release : rien à comparer')
            when d.devoile
                then juge('divulgation', 'le document imprime ' || d.dite || ' ' || lower(d.libelle_connu)
                    || ' : un effectif de 1 à ' || getvariable('petit') || ' personnes ne s''imprime pas')
            when not d.connu
                then juge('non_verifiable', d.territoire_id || ' est inconnu de la release ou hors de son périmètre')
            -- From 500 on a count gives no small one away: ten times the highest floor of any source, 50 households.
            when r.ligne is null and s.ligne is not null and d.nombre >= 500 and not d.mesure
                then juge('non_verifiable', 'l''entrepôt tient ce chiffre secret (' || s.cellule.millesime || ', '
                    || s.cellule.source_ids || '), mais ' || d.dite
                    || ' dépasse de loin tout seuil de secret : d''une autre source, ou d''une autre année')
            when r.ligne is null and s.ligne is not null
                then juge('divulgation', 'l''entrepôt tient ce chiffre secret (' || s.cellule.millesime || ', '
                    || s.cellule.source_ids || ') et le document l''imprime')
            when r.ligne is null then juge('non_verifiable', pourquoi_rien(
                    d.territoire_id, d.territory_level, d.indicator_id, d.periode, d.fin, d.motif
                ))
            when d.nombre is null then juger_texte(d, r.cellule)
            else juger_nombre(d, r.cellule, r.dite)
        end as juge,
        coalesce(arrondir(r.cellule.valeur, d.decimales) = d.nombre, false) as repris,
        r.ligne is not null or s.ligne is null as a_relire
    from document as d
    left join retenues as r on d.ligne = r.ligne
    left join secretes as s on d.ligne = s.ligne and r.ligne is null
    left join lectures as l on d.ligne = l.ligne
    left join mots_faux as f on d.ligne = f.ligne and d.valeur_imprimee <> ''
),

relus as (
    select *, a_relire and juge.verdict not in ('conforme', 'divulgation') and lecture is not null as relu
    from compares
)

select
    * replace (if(relu, lecture, null) as lecture),
    -- What must not be printed at all comes before what is printed under a wrong name.
    if(faux is not null and juge.verdict <> 'divulgation', 'mauvais_univers', juge.verdict) as verdict,
    coalesce(faux || ' ; ', '') || juge.dit
    || if(
        nombre is not null and debut is null and not devoile and cellule.valeur is not null,
        ' ; sans année dans le document : le plus proche des millésimes reçus (' || recues(territoire_id, indicator_id) || ')',
        ''
    )
    || if(
        relu,
        ' ; lecture ' || if(arrondir(lecture.valeur, decimales) = nombre, 'égale à l''arrondi', 'très proche') || ' : '
        || lecture.indicateur_id || ' ' || lecture_dite,
        ''
    ) as explication,
    -- Of a document without a year, the only year received refutes nothing that no other reading explains.
    verdict = 'ecart' and nombre is not null and debut is null and not relu and (
        select count(*) from cellules as c
        where c.territoire_id = relus.territoire_id and c.indicateur_id = relus.indicator_id and c.montree
    ) = 1 as seule_annee
from relus;
