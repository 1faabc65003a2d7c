select *
from (values
    ('seule', 1, 'a', 10),
    ('meme millesime', 1, 'b', 10),
    ('repetee', 2, 'a', 10),
    ('repetee', 2, 'a', 0),
    ('cle vide', null, 'c', 10),
    ('cle vide', null, 'c', null),
    ('cle vide, seule', null, 'd', 10)
) as t(cas, millesime, code, valeur)
