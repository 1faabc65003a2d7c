"""What the auditor must be told of the rules: thresholds, rounding of the producer, identities of the
dictionary.

Belongs here: the values an audit depends on, read from the project's parameters, and their digest. Does not:
any default of a rule of secrecy, which is a parameter with a date and a source.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Parametres:
    """The rules a release is audited under.

    `seuil`: counts from 1 to `seuil` - 1 are never shown. `alternatives_min`: how many integers an attacker
    must be left with. `arrondi_bas`, `arrondi_haut`: what a figure rounded by its producer to a multiple of
    `arrondi_base` may have been, from `arrondi_bas` below to `arrondi_haut` above. `zero_publiable`: whether
    a mask says that there is at least one. `dominance_k`: the largest share of an amount one contributor may
    make. `relations`: mesures that are sums of others (`a+b-c`), known to whoever reads the dictionary.
    """

    seuil: int
    alternatives_min: int
    arrondi_bas: float
    arrondi_haut: float
    dominance_k: float
    arrondi_base: int = 5
    zero_publiable: bool = True
    premiers: tuple[int, int] = (2**31 - 1, 2**31 - 19)
    relations: Mapping[str, str] = field(default_factory=dict)

    def empreinte(self) -> str:
        """SHA-256 of the parameters."""
        texte = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(texte.encode()).hexdigest()
