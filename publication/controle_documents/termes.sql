-- What the checks of controles.yml read, of what was printed and judged: `chiffres`, `termes`, `entrepot`, `larges`.

-- Printed numbers. The release's own are counts to the nearest 5, amounts to the nearest 50 000, estimates of a census:
-- one that is printed is no more precise than the release says.
create temp table chiffres as
select
    * exclude (bas, haut),
    bas as bas_imprime,
    haut as haut_imprime,
    if(repris, least(bas, cellule.bas), bas) as bas,
    if(repris, greatest(haut, cellule.haut), haut) as haut,
    row_number() over (recents) as rang,
    count(*) over (partition by territoire_id, indicator_id) as nombre_de_la_serie
from jugements
where nombre is not null
window recents as (partition by territoire_id, indicator_id order by coalesce(fin, 9999) desc, ligne desc);

-- The number of an indicateur at a territory: the newest printed; of planned objects, which a document may list by commune
-- alone, else the sum of these; of foyers allocataires, else the only whole quotient of a total and a mean (C02).
create temp table termes as
with imprimes as (
    select
        territoire_id, indicator_id as nom, nombre as v, bas, haut, dite as texte, decimales, [ligne] as lignes,
        annees(debut, fin) as annees, periode, comparator as comparateur, territory_level as niveau,
        faux, un, plusieurs, false as deduit
    from chiffres
    where rang = 1
),

des_communes as (
    select
        m.territoire_id, c.indicator_id as nom, sum(c.nombre) as v, sum(c.bas) as bas, sum(c.haut) as haut,
        ecrire(v) || ', ' || string_agg(c.territory_name, ', ' order by c.ligne) as texte,
        list(c.ligne order by c.ligne) as lignes, list(c.fin) filter (c.fin is not null) as annees
    from chiffres as c
    inner join membres as m on c.territoire_id = m.commune and c.territoire_id <> m.territoire_id
    where c.rang = 1 and c.indicator_id like 'nb\_places\_%\_planifiees' escape '\'
    group by all
),

quotients as (
    select
        t.territoire_id, 'nb_foyers_allocataires' as nom, ceil(t.bas / m.haut - 1e-9) as n,
        ecrire(n) || ', C02' as texte, t.lignes || m.lignes as lignes, t.annees || m.annees as annees
    from imprimes as t
    inner join imprimes as m on t.territoire_id = m.territoire_id
    where
        t.nom = 'montant_prestations_total' and m.nom = 'montant_annuel_par_allocataire' and m.bas > 0
        and n = floor(t.haut / m.bas + 1e-9)
),

deduits as (
    select *, true as deduit
    from (select * from des_communes union all by name select * exclude (n), n as v, n as bas, n as haut from quotients)
    anti join imprimes using (territoire_id, nom)
)

select *, nom || ' (' || texte || ')' as dit
from (select * from imprimes union all by name select * from deduits);

create temp table entrepot as
select
    *,
    indicateur_id as nom,
    valeur as v,
    ecrire(valeur) || ', entrepôt ' || millesime || ', ' || source_ids as texte,
    row_number() over (partition by territoire_id, indicateur_id order by millesime desc) = 1 as dernier
from cellules
where valeur is not null;

create temp table connus as
select territoire_id, nom, v, bas, haut, texte, lignes from termes
union all by name
select territoire_id, nom, v, bas, haut, texte, []::integer [] as lignes from entrepot anti join termes using (territoire_id, nom)
where dernier;

-- Whether two numbers may be one, and whether one is certainly the larger.
create temp macro croise(bas, haut, t) as bas <= t.haut + 1e-6 and haut >= t.bas - 1e-6;
create temp macro depasse(bas, t) as bas > t.haut + 1e-6;
create temp macro plage(a, b) as if(a = b, ecrire(a), ecrire(a) || ' à ' || ecrire(b));
create temp macro a_l_unite(v, bas, haut) as if(
    floor(haut + 1e-9) > ceil(bas - 1e-9), plage(ceil(bas - 1e-9), floor(haut + 1e-9)), ecrire_a(v, 0)
);
create temp macro decimales_dites(n) as n || ' décimale' || if(n > 1, 's', '');
-- The figure of the release that shows a term of a printed rate or mean: the same rate, with its terms, or the count by
-- itself in that year (of a document without a year, an equal count may be that of another year than a hidden one).
create temp macro montre(t, rate, cote, compte, n) as (
    select c.millesime || ', ' || c.source_ids
    from chiffres as d inner join cellules as c on d.territoire_id = c.territoire_id
    where
        d.territoire_id = t and d.indicator_id = rate and d.rang = 1 and meme_periode(d, c)
        and (
            c.indicateur_id = rate and arrondir(c.valeur, d.decimales) = d.nombre
            and if(cote = 'numerateur', c.numerateur, c.denominateur) = n
            or c.indicateur_id = compte and d.debut is not null and c.valeur = n
        )
    order by c.indicateur_id <> rate, c.millesime limit 1
);
create temp macro se_deduit(n, montre) as
ecrire(n) || ' se déduit' || coalesce(', et l''entrepôt le montre (' || montre || ')', '');
-- What new places (`ajout` per hundred children) make of a rate, the children there were being `k` times today's.
create temp macro effet(avant, k, ajout) as [
    avant.nombre * (k[1] - 1) + ajout[1],
    least(avant.bas * (k[2] - 1), avant.bas * (k[3] - 1), avant.haut * (k[2] - 1), avant.haut * (k[3] - 1)) + ajout[2],
    greatest(avant.bas * (k[2] - 1), avant.bas * (k[3] - 1), avant.haut * (k[2] - 1), avant.haut * (k[3] - 1)) + ajout[3]
];
