"""What the proof asks of a build, one question a module, in the order a reader would ask them.

Belongs here: the signature of a check, and the list of them. A check reads a `Dossier` and yields findings,
which block, and incidents, which wait for a person. A new one is a module and a line of `CONTROLES`.
"""

from collections.abc import Callable, Iterable
from typing import Final

from confidentialite.preuve.constats import Constat, Incident
from confidentialite.preuve.controles.contributeur import contributeurs_seuls
from confidentialite.preuve.controles.demasquee import cellules_demasquees
from confidentialite.preuve.controles.encadrement import encadrements
from confidentialite.preuve.controles.gestionnaires import restes_de_peu
from confidentialite.preuve.controles.montree import comptes_montres, montants_montres
from confidentialite.preuve.controles.partagee import attributs_de_tous
from confidentialite.preuve.controles.parts import petites_differences
from confidentialite.preuve.controles.restes import petits_restes
from confidentialite.preuve.controles.soustraction import soustractions
from confidentialite.preuve.controles.termes import petits_termes
from confidentialite.preuve.controles.zeros import trouvees_par_les_zeros
from confidentialite.preuve.dossier import Dossier

Controle = Callable[[Dossier], Iterable[Constat | Incident]]

CONTROLES: Final[tuple[Controle, ...]] = (
    comptes_montres,
    montants_montres,
    attributs_de_tous,
    soustractions,
    trouvees_par_les_zeros,
    petits_termes,
    petits_restes,
    petites_differences,
    restes_de_peu,
    cellules_demasquees,
    contributeurs_seuls,
    encadrements,
)
