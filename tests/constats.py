"""An audit that found nothing, for tests of what is done with one: each replaces what it is about.

Belongs here: the value alone. Does not: audits of marts (`tests/confidentialite/preuve`).
"""

from confidentialite.preuve.constats import Bilan, Constats

_COMPTES = (
    *("cellules", "cellules_masquees", "cellules_registre", "cellules_connues", "formes_protegees"),
    *("formes_bornees", "equations", "equations_independantes", "equations_contredites", "intervalles"),
    *("composantes_resolues", "composantes_inchangees", "composantes_sans_le_public"),
)

RIEN_A_DIRE = Constats(
    echecs=(),
    incidents=(),
    comptes=dict.fromkeys(_COMPTES, 0),
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
