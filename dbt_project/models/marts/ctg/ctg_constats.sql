-- What the evaluation of each convention of the scope observed, theme by theme.
select
    s.convention_id,
    cast(s.ordre as integer) as ordre,
    s.theme_id as theme,
    s.nature,
    s.texte
from {{ ref('int_ctg_constats') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
