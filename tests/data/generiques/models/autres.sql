select *
from (values ('a', 1), ('b', 2), ('c', null), (null, 3)) as t(code, millesime)
