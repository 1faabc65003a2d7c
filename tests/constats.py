"""An audit that found nothing, for tests of what is done with one: each replaces what it is about.

Belongs here: the value alone. Does not: audits of marts (`tests/confidentialite/preuve`).
"""

from confidentialite.preuve.constats import COMPTES, Bilan, Constats

RIEN_A_DIRE = Constats(
    echecs=(),
    incidents=(),
    comptes=dict.fromkeys(COMPTES, 0),
    bilan=Bilan(),
    saute={},
    empreinte_parametres="5" * 64,
    empreinte_systeme="6" * 64,
    empreinte_masque="7" * 64,
    premiers=(2**31 - 1, 2**31 - 19),
    solveur="HiGHS",
    registre_rang=0,
    registre_sha256=None,
    poids="population_municipale",
    couts=(),
)
