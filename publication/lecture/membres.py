"""Which communes make up a territory, in SQL."""


def membres(prefixe: str = "") -> str:
    """Return the SQL of (territoire_id, code of a commune), tables prefixed; a commune has itself.

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
