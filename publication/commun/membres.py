"""Which communes make up a territory, in the release that is read.

Belongs here: that relation, in SQL. Does not: whether a commune that the release does not hold counts in its
convention, having no row in `dim_territoire`: whoever joins it decides.
"""


def membres(prefixe: str = "") -> str:
    """Return the SQL of the communes of every territory, as `territoire_id` and `code`; a commune has itself.

    `prefixe` comes before the names of the tables.

        commune:26220    26220        epci:200068229    26220        ctg:…    26220        france:FR    26220
    """
    return f"""
        select
            unnest([
                territoire_id, 'epci:' || epci, 'departement:' || departement, 'region:' || region,
                'france:FR'
            ]) as territoire_id,
            code
        from {prefixe}dim_territoire where niveau = 'commune'
        union all
        select territoire_id, code from {prefixe}ctg_communes
    """
