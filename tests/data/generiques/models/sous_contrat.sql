select *
from (values ('a', 1), ('a', null), (null, 3), ('d', null)) as t(code, millesime)
