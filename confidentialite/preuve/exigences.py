"""What the auditor must be told of the rules: thresholds, rounding of the producer, identities of the
mesures.

Belongs here: the values an audit depends on, and their digest. Does not: the rules, each of which has a date
and a source (`confidentialite/regle/parametres.yml`, `relations.csv`). A night takes all of them from there
(`en_vigueur`), but `arrondi_base`, which no file says yet; the other defaults are for tests.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from confidentialite.regle import parametres as regles
from confidentialite.regle.parametres import Majoration


@dataclass(frozen=True)
class Exigences:
    """The rules a release is audited under.

    `seuil`: counts from 1 to `seuil` - 1 are never shown; `seuil_gestionnaires`: nor amounts of fewer
    structures' gestionnaires. `alternatives_min`: how many integers an attacker must be left with.
    `arrondi_bas`, `arrondi_haut`: what a figure rounded by its producer to a multiple of `arrondi_base` may
    have been, from `arrondi_bas` below to `arrondi_haut` above. `zero_publiable`: whether a mask says that
    there is at least one. `groupe`: mesures that nobody may be told everyone has. `dominance_k`: the largest
    share of an amount one contributor may make; `p_pourcent`: how far from the largest contribution to a
    protected amount everybody is kept, in percent of it. `registres`: mesures of registers that are hidden
    cell by cell, as those of the extract. `relations`: mesures that are sums of others (`a+b-c`), or another
    name of one; `inclusions`: (whole, part); `majorations`: (wholes, parts), whose sums are never less, or
    more, in any commune; `partitions`: whole to parts that share nothing. All are known to whoever reads the
    dictionary. `monnaies`: the units that are money. `poids`: the indicateur that weighs a territory where
    the cost of secrecy is told.
    """

    seuil: int
    alternatives_min: int
    arrondi_bas: float
    arrondi_haut: float
    dominance_k: float
    p_pourcent: float = 0.0
    arrondi_base: int = 5
    zero_publiable: bool = True
    groupe: frozenset[str] = frozenset()
    premiers: tuple[int, int] = (2**31 - 1, 2**31 - 19)
    seuil_gestionnaires: int = 3
    registres: frozenset[str] = frozenset()
    relations: Mapping[str, str] = field(default_factory=dict)
    inclusions: tuple[tuple[str, str], ...] = ()
    majorations: tuple[Majoration, ...] = ()
    partitions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    monnaies: frozenset[str] = frozenset()
    version: int = 0
    poids: str = "population_municipale"

    def empreinte(self) -> str:
        """SHA-256 of the parameters."""
        contenu = asdict(self) | {
            nom: sorted(getattr(self, nom)) for nom in ("groupe", "registres", "monnaies")
        }
        texte = json.dumps(contenu, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(texte.encode()).hexdigest()


def en_vigueur(
    arrondi_bas: float,
    arrondi_haut: float,
    registres: frozenset[str],
    sensibles: frozenset[str],
    monnaies: frozenset[str],
) -> Exigences:
    """Return the parameters in force, with the rounding, the mesures and the units that a build tells."""
    r, liens = regles.charger(), regles.relations()
    return Exigences(
        seuil=r.seuil_frequence.valeur,
        alternatives_min=r.alternatives_min.valeur,
        arrondi_bas=arrondi_bas,
        arrondi_haut=arrondi_haut,
        dominance_k=r.dominance_k.valeur,
        p_pourcent=r.p_pourcent.valeur,
        zero_publiable=r.zero_publiable.valeur,
        groupe=sensibles if r.attribut_groupe.valeur else frozenset(),
        premiers=r.premiers.valeur,
        seuil_gestionnaires=r.seuil_frequence_entreprises.valeur,
        registres=registres,
        relations={tout: "+".join(parties) for tout, parties in liens.sommes.items()},
        inclusions=liens.inclusions,
        majorations=liens.majorations,
        partitions=liens.partitions,
        monnaies=monnaies,
        version=r.version,
        poids=r.poids.valeur,
    )
