"""Small worlds for the secrecy engine: communes, territories and mesures as the masks step receives them.

Also the seeded ones of `make bench`. Not a test: what is asserted of them is in `test_*.py`.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from confidentialite import Entrees
from confidentialite.memoire.schema import REGISTRE
from confidentialite.moteur import processus
from confidentialite.moteur.formes import Etat, Forme, Vecteur, formule
from confidentialite.regle.parametres import Parametres, Relations, charger
from tests.confidentialite.moteur.suivi import decider

if TYPE_CHECKING:
    import pytest

_MESURES = Path(__file__).parents[3] / "dbt_project/seeds/mesures.csv"
with _MESURES.open(encoding="utf-8", newline="") as _flux:
    SENSIBLES = frozenset(m["mesure_id"] for m in csv.DictReader(_flux) if m["sensible"] == "oui")
"""The mesures that the dictionary calls sensitive."""

MILLESIME = 2022
COG = 2022


@dataclass(frozen=True)
class Indicateur:
    """A line of the dictionary: `numerateur` alone is a sum, with `denominateur` a share of a whole.

    `niveaux`: where it is shown, everywhere when empty.
    """

    indicateur_id: str
    numerateur: str
    denominateur: str | None = None
    methode: str | None = None
    decalage: int | None = None
    part_d_un_tout: bool = True
    niveaux: tuple[str, ...] = ()

    def ligne(self) -> dict[str, Any]:
        methode = self.methode or ("ratio" if self.denominateur else "somme")
        return {
            "indicateur_id": self.indicateur_id,
            "methode": methode,
            "numerateur": self.numerateur,
            "denominateur": self.denominateur,
            "decalage": self.decalage,
            "decalage_denominateur": None,
            "part_d_un_tout": methode == "ratio" and self.part_d_un_tout,
            "secret": "conjoint",
        }


# Of one mesure in one commune: its value; with contributors and the largest contribution where they differ,
# and the second, else as large as it may be; or what each contributor known by name brings.
Finest = int | tuple[int, int, int] | tuple[int, int, int, int] | Mapping[str, int]


@dataclass
class Monde:
    """Finest values by (millésime, mesure) and commune, territories by (niveau, code), and what is published.

    `publics`: (millésime, mesure, niveau, code) to (low, high) as a producer publishes it; exact when equal.
    `medianes`: (millésime, mesure, niveau, code) to (value, contributors) of what is no sum. `personnes`:
    mesures of registers that count persons. `cog`: that of the communes. `passage`: (COG, commune, what it
    became). `habitants`: what each (niveau, code) weighs. `sensibles`: the mesures that nobody may be told
    everyone has.
    """

    valeurs: Mapping[tuple[int, str], Mapping[str, Finest]]
    territoires: Mapping[tuple[str, str], Sequence[str]]
    indicateurs: Sequence[Indicateur]
    montants: frozenset[str] = frozenset()
    publics: Mapping[tuple[int, str, str, str], tuple[int, int]] = field(default_factory=dict)
    medianes: Mapping[tuple[int, str, str, str], tuple[float, int]] = field(default_factory=dict)
    registre: Sequence[Mapping[str, Any]] = ()
    personnes: frozenset[str] = frozenset()
    cog: int = COG
    passage: Sequence[tuple[int, str, str]] = ()
    habitants: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sensibles: frozenset[str] = SENSIBLES

    def somme(self, texte: str, niveau: str, code: str, millesime: int = MILLESIME) -> int:
        """True value of a formula at a territory."""
        total = 0
        for signe, mesure in formule(texte):
            valeurs = self.valeurs.get((millesime, mesure), {})
            total += signe * sum(valeur(valeurs[a]) for a in self.territoires[niveau, code] if a in valeurs)
        return total

    def _lieux(self, niveaux: Sequence[str] = ()) -> list[tuple[str, str]]:
        return [lieu for lieu in self.territoires if not niveaux or lieu[0] in niveaux]

    def _annees(self) -> list[int]:
        return sorted({annee for annee, *_ in (*self.valeurs, *self.medianes)})

    def cellules(self) -> list[dict[str, Any]]:
        """Rows of int_cellules_indicateurs, true values included."""
        rangs = []
        annees = self._annees()
        for indicateur in self.indicateurs:
            i = indicateur.ligne()
            for niveau, code in self._lieux(indicateur.niveaux):
                for annee in annees:
                    base = annee - (i["decalage"] or 0)
                    num: float = self.somme(i["numerateur"], niveau, code, annee)
                    den = None
                    mediane = self.medianes.get((annee, i["numerateur"], niveau, code))
                    if i["methode"] == "ratio":
                        den = self.somme(i["denominateur"], niveau, code, annee)
                    elif i["methode"] in ("evolution", "difference"):
                        if base not in annees or base == annee:
                            continue
                        den = self.somme(i["numerateur"], niveau, code, base)
                    if mediane:
                        num = mediane[0]
                    elif den == 0 or any((annee, m) not in self.valeurs for _, m in formule(i["numerateur"])):
                        continue
                    rangs.append(
                        {
                            "territoire_id": f"{niveau}:{code}",
                            "niveau": niveau,
                            "code": code,
                            "millesime": annee,
                            "indicateur_id": i["indicateur_id"],
                            "valeur": float(num if den is None else num / den),
                            "numerateur": None if den is None else float(num),
                            "denominateur": None if den is None else float(den),
                            "millesime_base": base if i["methode"] in ("evolution", "difference") else None,
                            "millesime_denominateur": annee if i["methode"] == "ratio" else None,
                            "source_ids": "caf_extrait_allocataires",
                        }
                    )
        for (niveau, code), combien in self.habitants.items():
            rangs.append(
                {
                    "territoire_id": f"{niveau}:{code}",
                    "niveau": niveau,
                    "code": code,
                    "millesime": MILLESIME,
                    "indicateur_id": charger().poids.valeur,
                    "valeur": float(combien),
                }
            )
        return rangs

    def vides(self) -> list[dict[str, Any]]:
        """Rows of shares whose whole is zero, which have no figure."""
        return [
            {
                **{"territoire_id": f"{niveau}:{code}", "niveau": niveau, "code": code, "millesime": annee},
                **{"indicateur_id": i.indicateur_id, "valeur": None, "motif_code": "denominateur_nul"},
                **{"millesime_denominateur": annee, "source_ids": "caf_extrait_allocataires"},
            }
            for i in self.indicateurs
            if i.denominateur
            for niveau, code in self._lieux(i.niveaux)
            for annee in sorted({a for a, _ in self.valeurs})
            if self.somme(i.denominateur, niveau, code, annee) == 0
        ]

    def entrees(self) -> Entrees:
        """The tables of the masks step."""
        mesures = sorted({m for _, m, *_ in (*self.valeurs, *self.medianes)})
        communes = [
            {
                "millesime": a,
                "cog_millesime": self.cog,
                "mesure_id": m,
                "atome": c,
                **_compte(v, m in self.personnes),
            }
            for (a, m), valeurs in self.valeurs.items()
            for c, v in valeurs.items()
        ]
        secretes = []
        for annee, mesure in self.valeurs:
            for niveau, code in self._lieux():
                public = self.publics.get((annee, mesure, niveau, code))
                secretes.append(
                    {
                        "niveau": niveau,
                        "code": code,
                        "mesure_id": mesure,
                        "millesime": annee,
                        "statut": "arrondi" if public and public[0] != public[1] else "observe",
                        "borne_basse": Decimal(public[0]) if public else None,
                        "borne_haute": Decimal(public[1]) if public else None,
                        "micro": public is None,
                        "valeur": self.somme(mesure, niveau, code, annee),
                        "n": self.somme(mesure, niveau, code, annee),
                    }
                )
        for (annee, mesure, niveau, code), (_, n) in self.medianes.items():
            secretes.append(
                {
                    "niveau": niveau,
                    "code": code,
                    "mesure_id": mesure,
                    "millesime": annee,
                    "statut": "observe",
                    "micro": True,
                    "n": n,
                }
            )
        return Entrees(
            cellules=_table([*self.cellules(), *self.vides()], CELLULES),
            indicateurs=pa.Table.from_pylist([i.ligne() for i in self.indicateurs]),
            mesures=pa.Table.from_pylist(
                [
                    {
                        "mesure_id": m,
                        "unite": "francs" if m in self.montants else "foyers",
                        "sensible": "oui" if m in self.sensibles else "non",
                    }
                    for m in mesures
                ]
            ),
            unites=pa.Table.from_pylist(
                [{"unite": "francs", "monnaie": True}, {"unite": "foyers", "monnaie": False}]
            ),
            secret_cellules=_table(secretes, SECRET_CELLULES),
            secret_atomes=_table(
                [
                    {
                        "millesime": annee,
                        "cog_millesime": self.cog,
                        "niveau": niveau,
                        "code": code,
                        "atome": atome,
                    }
                    for annee in self._annees()
                    for (niveau, code), atomes in self.territoires.items()
                    for atome in atomes
                ],
                SECRET_ATOMES,
            ),
            secret_communes=_table(communes, SECRET_COMMUNES),
            passage=_table(
                [
                    {"cog_millesime": cog, "code_origine": o, "code_reference": r, "nb_heritiers": 1}
                    for cog, o, r in self.passage
                ],
                PASSAGE,
            ),
            territoires=TERRITOIRES.empty_table(),
            registre=pa.Table.from_pylist(list(self.registre), schema=REGISTRE),
            sources=SOURCES,
        )

    def inscrire(self, masques: set[tuple[str, int, str]], rang: int) -> list[dict[str, Any]]:
        """What the register holds of these cells once they are released under these masks."""
        lignes = []
        formules = {i.indicateur_id: (i.numerateur, i.denominateur) for i in self.indicateurs}
        for c in self.cellules():
            lieu = (c["niveau"], c["code"])
            publics = [
                self.publics.get((c["millesime"], m, *lieu)) for m in formules[c["indicateur_id"]] if m
            ]
            montre = "arrondi" if any(p and p[0] != p[1] for p in publics) else "observe"
            cache = (c["territoire_id"], c["millesime"], c["indicateur_id"]) in masques
            lignes.append(
                {
                    "release_id": f"r{rang}",
                    "rang": rang,
                    "millesime": c["millesime"],
                    "niveau": c["niveau"],
                    "code": c["code"],
                    "indicateur_id": c["indicateur_id"],
                    "statut": "secret" if cache else montre,
                    "valeur": None if cache else c["valeur"],
                    "numerateur": None if cache else c["numerateur"],
                    "denominateur": None if cache else c["denominateur"],
                    "atomes": list(self.territoires[c["niveau"], c["code"]]),
                    "cog_atomes": self.cog,
                }
            )
        return lignes


CELLULES = pa.schema(
    [
        *((c, pa.string()) for c in ("territoire_id", "niveau", "code")),
        ("millesime", pa.int32()),
        ("indicateur_id", pa.string()),
        *((c, pa.float64()) for c in ("valeur", "numerateur", "denominateur")),
        *((c, pa.int32()) for c in ("millesime_base", "millesime_denominateur")),
        *((c, pa.string()) for c in ("motif_code", "source_ids")),
    ]
)
DECIMAL = pa.decimal128(38, 2)
SECRET_CELLULES = pa.schema(
    [
        *((c, pa.string()) for c in ("niveau", "code", "mesure_id")),
        ("millesime", pa.int32()),
        ("statut", pa.string()),
        ("valeur", DECIMAL),
        ("borne_basse", DECIMAL),
        ("borne_haute", DECIMAL),
        ("micro", pa.bool_()),
        ("n", pa.int64()),
    ]
)
SECRET_ATOMES = pa.schema(
    [
        *((c, pa.int32()) for c in ("millesime", "cog_millesime")),
        *((c, pa.string()) for c in ("niveau", "code", "atome")),
    ]
)
PASSAGE = pa.schema(
    [
        ("cog_millesime", pa.int32()),
        *((c, pa.string()) for c in ("code_origine", "code_reference")),
        ("nb_heritiers", pa.int64()),
    ]
)
TERRITOIRES = pa.schema(
    [(c, pa.string()) for c in ("perimetre", "niveau", "code", "departement", "region", "epci")]
)
SECRET_COMMUNES = pa.schema(
    [
        *((c, pa.int32()) for c in ("millesime", "cog_millesime")),
        *((c, pa.string()) for c in ("mesure_id", "atome", "contributeurs")),
        ("valeur", DECIMAL),
        ("n", pa.int64()),
        ("max1", DECIMAL),
        ("max2", DECIMAL),
        ("contributions", pa.list_(pa.struct([("qui", pa.string()), ("valeur", DECIMAL)]))),
    ]
)


def _table(rangs: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rangs), schema=schema)


def valeur(finest: Finest) -> int:
    return _resume(finest)[0]


def contributeurs(finest: Finest) -> int:
    return _resume(finest)[1]


def plus_grandes(finest: Finest) -> tuple[int | None, int | None]:
    """The two largest contributions; None of a count, each of whose contributors makes one."""
    return _resume(finest)[2:]


def _resume(finest: Finest) -> tuple[int, int, int | None, int | None]:
    if isinstance(finest, Mapping):
        grands = sorted([*finest.values(), 0], reverse=True)
        return sum(finest.values()), len(finest), grands[0], grands[1]
    if isinstance(finest, int):
        return finest, finest, None, None
    valeur, n, max1, *max2 = finest
    return valeur, n, max1, max2[0] if max2 else None


def _compte(finest: Finest, personnes: bool) -> dict[str, Any]:
    valeur, n, max1, max2 = _resume(finest)
    noms = finest.items() if isinstance(finest, Mapping) else None
    return {
        "valeur": Decimal(valeur),
        "n": n,
        "max1": Decimal(max1) if max1 else None,
        "max2": None if max2 is None else Decimal(max2),
        "contributeurs": "personnes" if personnes else "gestionnaires" if noms else "foyers",
        "contributions": noms and [{"qui": qui, "valeur": Decimal(v)} for qui, v in noms],
    }


SOURCES = pa.table({"source_id": ["caf_extrait_allocataires"], "diffusion": ["micro"]})
SANS_RELATION = Relations({}, ())


def confier_au_second(monkeypatch: "pytest.MonkeyPatch") -> None:
    """Have the first process take nothing: everything crosses to the second one and back."""
    monkeypatch.setattr(processus, "_coeurs", lambda: 2)
    monkeypatch.setattr(processus, "_PETIT", 0)
    monkeypatch.setattr(processus, "_vider", lambda *_: None)


def forme_nue(
    vecteur: Vecteur,
    ordre: tuple[Any, ...],
    etat: Etat = Etat.LIBRE,
    *,
    montree: bool = True,
    connue: bool = False,
    seule: bool = False,
) -> Forme:
    """A forme outside any territory, shown unless said."""
    return Forme(vecteur, ordre, montree, etat, connue, seule)


def regles(**valeurs: Any) -> Parametres:
    """The parameters in force, with some values of this test's own."""
    courantes = charger()
    return courantes.model_copy(
        update={nom: getattr(courantes, nom).model_copy(update={"valeur": v}) for nom, v in valeurs.items()}
    )


# Three linked tables: a count and two shares of it, then families, then what is paid.
TABLES = (
    Indicateur("nb_allocataires_reference", "allocataires_reference"),
    Indicateur("part_allocataires_bas_revenus", "allocataires_bas_revenus", "allocataires_reference"),
    Indicateur("part_dependance_50", "allocataires_dependance_50", "allocataires_reference"),
    Indicateur("nb_familles_allocataires", "familles_allocataires"),
    Indicateur(
        "taux_monoparentalite_allocataires", "familles_monoparentales_allocataires", "familles_allocataires"
    ),
    Indicateur("montant_aides_logement", "montant_aides_logement"),
)
# And as many more of the dictionary: parts of parts, a whole that is part of another, counts of children.
DOUZE = (
    *TABLES,
    Indicateur("part_dependance_100", "allocataires_dependance_100", "allocataires_reference"),
    Indicateur("part_allocataires_fragiles", "allocataires_fragiles", "allocataires_reference"),
    Indicateur("part_monoparentales_bas_revenus", "monoparentales_bas_revenus", "monoparentales_reference"),
    Indicateur("nb_familles_nombreuses_allocataires", "familles_nombreuses_allocataires"),
    Indicateur("nb_enfants_6_11_ans", "enfants_6_11_ans_couverts"),
    Indicateur("montant_prestations_familiales", "montant_prestations_familiales"),
)
MONTANTS = frozenset({"montant_aides_logement", "montant_prestations_familiales"})


def territoire_synthetique(
    epci: int,
    communes_par_epci: int,
    foyers: int,
    graine: int = 1,
    indicateurs: Sequence[Indicateur] = TABLES,
) -> Monde:
    """A seeded world: communes of unequal size, and territories of them that are not nested.

    Each EPCI has two divisions that ignore each other (sectors of 4 communes, basins of 7) and a zone of its
    three largest communes; CTG cut across EPCI; a département holds several. `indicateurs`: some of `DOUZE`;
    those of `TABLES` have the same figures whatever the others.
    """
    alea = np.random.default_rng(graine)
    codes = [f"{e:04d}{c:03d}" for e in range(epci) for c in range(communes_par_epci)]
    poids = alea.lognormal(0, 2, len(codes))
    effectifs = alea.multinomial(foyers, poids / poids.sum())
    en_plus = np.random.default_rng([graine, len(DOUZE)])
    valeurs: dict[tuple[int, str], dict[str, Finest]] = {
        (MILLESIME, m): {} for i in indicateurs for m in (i.numerateur, i.denominateur) if m
    }
    habitants: dict[str, int] = dict(zip(codes, effectifs.tolist(), strict=True))
    for code, n in habitants.items():
        reference = int(alea.binomial(n, 0.85))
        familles = int(alea.binomial(n, 0.42))
        aides = alea.lognormal(7.5, 0.8, int(alea.binomial(n, 0.45))).round().astype(int)
        comptes: dict[str, Finest] = {
            "allocataires_reference": reference,
            "allocataires_bas_revenus": int(alea.binomial(reference, 0.35)),
            "allocataires_dependance_50": int(alea.binomial(reference, 0.22)),
            "familles_allocataires": familles,
            "familles_monoparentales_allocataires": int(alea.binomial(familles, 0.38)),
        }
        if len(aides):
            comptes["montant_aides_logement"] = (int(aides.sum()), len(aides), int(aides.max()))
        for mesure, compte in (comptes | _autres_comptes(comptes, en_plus)).items():
            if compte and (MILLESIME, mesure) in valeurs:
                valeurs[MILLESIME, mesure][code] = compte
    territoires: dict[tuple[str, str], list[str]] = {("commune", c): [c] for c in codes}
    for e in range(epci):
        siennes = codes[e * communes_par_epci : (e + 1) * communes_par_epci]
        territoires["epci", f"{e:04d}"] = siennes
        for nom, pas, depart in (("s", 4, 0), ("b", 7, 3)):
            bords = sorted({0, *range(depart, communes_par_epci, pas), communes_par_epci})
            for debut, fin in pairwise(bords):
                territoires["ctg", f"{nom}{e:04d}{debut:03d}"] = siennes[debut:fin]
        territoires["ctg", f"z{e:04d}"] = sorted(sorted(siennes, key=lambda c: (-habitants[c], c))[:3])
    for g in range(max(1, epci // 4)):
        # A perimeter that takes a part of an EPCI and, where there is one, a part of the next.
        debut = g * 4 * communes_par_epci + communes_par_epci // 2
        territoires["ctg", f"c{g}"] = codes[debut : debut + communes_par_epci] or codes[:1]
    if epci > 1:
        territoires["departement", "99"] = codes
    return Monde(valeurs, territoires, indicateurs, montants=MONTANTS)


def _autres_comptes(comptes: Mapping[str, Finest], alea: np.random.Generator) -> dict[str, Finest]:
    """What `DOUZE` counts of a commune besides, as `relations.csv` says that counts hold one another."""
    reference, bas, dependants, familles, seules = (
        valeur(comptes[m])
        for m in (
            *("allocataires_reference", "allocataires_bas_revenus", "allocataires_dependance_50"),
            *("familles_allocataires", "familles_monoparentales_allocataires"),
        )
    )
    seules_bas = int(alea.binomial(min(bas, seules), 0.4))
    seules_reference = seules_bas + int(alea.binomial(min(reference - bas, seules - seules_bas), 0.7))
    enfants = 1 + alea.binomial(2, 0.2, int(alea.binomial(familles, 0.4)))
    verses = alea.lognormal(7.2, 0.7, int(alea.binomial(familles, 0.8))).round().astype(int)
    return {
        "allocataires_dependance_100": int(alea.binomial(dependants, 0.4)),
        "allocataires_fragiles": int(alea.binomial(reference - bas, 0.2)),
        "monoparentales_bas_revenus": seules_bas,
        "monoparentales_reference": seules_reference,
        "familles_nombreuses_allocataires": int(alea.binomial(familles, 0.18)),
        **{
            mesure: (int(parts.sum()), len(parts), int(parts.max())) if len(parts) else 0
            for mesure, parts in (
                ("enfants_6_11_ans_couverts", enfants),
                ("montant_prestations_familiales", verses),
            )
        },
    }


def pays_synthetique(
    departements: int,
    epci: int,
    communes_par_epci: int,
    foyers: int,
    graine: int = 1,
    *,
    par_region: int = 8,
    millesimes: Sequence[int] = (MILLESIME,),
    indicateurs: Sequence[Indicateur] = TABLES,
) -> Monde:
    """A seeded country: départements like `territoire_synthetique`, `par_region` a région, foyers in each.

    One border in seven is crossed by a CTG of three communes on either side.
    """
    valeurs: dict[tuple[int, str], dict[str, Finest]] = {}
    territoires: dict[tuple[str, str], list[str]] = {}
    de: list[list[str]] = []
    for d in range(departements):
        for rang, annee in enumerate(millesimes):
            monde = territoire_synthetique(
                epci, communes_par_epci, foyers, graine + d + 1000 * rang, indicateurs
            )
            for (_, mesure), siennes in monde.valeurs.items():
                valeurs.setdefault((annee, mesure), {}).update({f"{d:03d}{c}": v for c, v in siennes.items()})
        for (niveau, code), communes in monde.territoires.items():
            if niveau != "departement":
                territoires[niveau, f"{d:03d}{code}"] = [f"{d:03d}{c}" for c in communes]
        de.append([f"{d:03d}{code}" for niveau, code in monde.territoires if niveau == "commune"])
        territoires["departement", f"{d:03d}"] = de[d]
    for d in range(1, departements):
        if d % 7 == 1 and d % par_region:
            territoires["ctg", f"f{d:03d}"] = [*de[d - 1][-3:], *de[d][:3]]
    for r in range(0, departements, par_region):
        territoires["region", f"{r:03d}"] = [c for siennes in de[r : r + par_region] for c in siennes]
    territoires["france", "FR"] = [c for siennes in de for c in siennes]
    return Monde(valeurs, territoires, indicateurs, montants=MONTANTS)


# One whole, and up to three parts of it: the dimensions of a table, as mesures that are tied together.
_DIMENSIONS = (
    Indicateur("nb_tout", "tout"),
    Indicateur("part_a", "part_a", "tout"),
    Indicateur("part_b", "part_b", "tout"),
    Indicateur("part_c", "part_c", "part_a"),
)


def monde_aleatoire(graine: int, dimensions: int, communes: int, maximum: int = 14) -> Monde:
    """A seeded small world of `dimensions` mesures (2 to 4).

    Nested zonings (EPCI in the département, one of them of a single commune), an overlapping one (CTG),
    zeros, an empty commune.
    """
    alea = np.random.default_rng([graine, dimensions, communes])
    codes = [f"c{i:02d}" for i in range(communes)]
    valeurs: dict[tuple[int, str], dict[str, Finest]] = {
        (MILLESIME, m): {} for m in ("tout", "part_a", "part_b", "part_c")[:dimensions]
    }
    for code in codes[:-1]:
        tout = int(alea.integers(0, maximum + 1))
        a, b = (int(alea.binomial(tout, q)) for q in alea.uniform(0, 1, 2))
        parts = {"tout": tout, "part_a": a, "part_b": b, "part_c": int(alea.binomial(a, 0.5))}
        for (_, mesure), cellules in valeurs.items():
            if parts[mesure]:
                cellules[code] = parts[mesure]
    coupes = sorted({1, 1 + (communes - 1) // 2, communes})
    territoires: dict[tuple[str, str], list[str]] = {("commune", c): [c] for c in codes}
    for e, (debut, fin) in enumerate(zip([0, *coupes], coupes, strict=False)):
        territoires["epci", f"e{e}"] = codes[debut:fin]
    territoires["ctg", "g"] = [c for c in codes if alea.random() < 0.5] or codes[:2]
    territoires["departement", "d"] = codes
    return Monde(valeurs, territoires, _DIMENSIONS[:dimensions])


def masquer(monde: Monde, **options: Any) -> set[tuple[str, int, str]]:
    """The masks of a world, as (territoire_id, millésime, indicateur_id)."""
    parametres, relations = options.pop("parametres", charger()), options.pop("relations", SANS_RELATION)
    resultat = decider(monde.entrees(), parametres, relations, **options)
    return {(m.territoire_id, m.millesime, m.indicateur_id) for m in resultat.masques}
