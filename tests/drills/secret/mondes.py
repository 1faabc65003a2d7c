"""Worlds drawn from a seed: territories, who brings what to which mesure, what an attacker knows of mesures.

Belongs here: drawing, and nothing that decides or attacks. Mesures and indicateurs are those of the
dictionary (`dictionnaire.py`), so that the engine applies the relations it really has. Everything is small: 2
to 9 communes, counts that are often below the threshold.

A world is one millésime. A foyer, a person or a gestionnaire is a contributor: what each brings to each
mesure is kept, because an attacker may be one of them.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

Lieu = tuple[str, str]
Apports = Mapping[str, int]
COG = 2022
# Worlds of one batch are told apart by their millésime.
PREMIER, MILLESIMES = 2001, 500


@dataclass(frozen=True)
class Lien:
    """What holds in every commune of every world of its kind: sum of coefficients x mesures = 0, or >= 0.

    `communes`: where it holds, everywhere when None.
    """

    coefficients: Mapping[str, int]
    egal: bool = False
    communes: frozenset[str] | None = None


@dataclass(frozen=True)
class Monde:
    """One world.

    `apports`: by (mesure, commune), what each contributor brings; nothing means zero. `contributeurs`: of
    each mesure, foyers, personnes or gestionnaires. `non_lues`: (mesure, commune) that the register says
    nothing of. `publics`: (mesure, niveau, code) to the bounds its producer publishes. `exterieurs`: public
    denominators by commune. `liens`: all that holds between mesures.
    """

    graine: int
    nature: str
    territoires: Mapping[Lieu, tuple[str, ...]]
    apports: Mapping[tuple[str, str], Apports]
    contributeurs: Mapping[str, str]
    indicateurs: tuple[str, ...]
    liens: tuple[Lien, ...] = ()
    non_lues: frozenset[tuple[str, str]] = frozenset()
    publics: Mapping[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)
    exterieurs: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def millesime(self) -> int:
        return PREMIER + self.graine % MILLESIMES

    @property
    def communes(self) -> tuple[str, ...]:
        return tuple(c for (niveau, c) in self.territoires if niveau == "commune")

    @property
    def mesures(self) -> tuple[str, ...]:
        return tuple(self.contributeurs)

    def lues(self, mesure: str, lieu: Lieu) -> tuple[str, ...]:
        """Communes of a territory that the sum of a mesure is made of."""
        return tuple(c for c in self.territoires[lieu] if (mesure, c) not in self.non_lues)

    def case(self, mesure: str, commune: str) -> int:
        return sum(self.apports.get((mesure, commune), {}).values())

    def somme(self, mesure: str, lieu: Lieu) -> int:
        if mesure not in self.contributeurs:
            return sum(self.exterieurs.get((mesure, c), 0) for c in self.territoires[lieu])
        return sum(self.case(mesure, c) for c in self.lues(mesure, lieu))

    def reunis(self, mesure: str, lieu: Lieu) -> dict[str, int]:
        """What each contributor brings to a mesure over a territory."""
        total: dict[str, int] = {}
        for c in self.lues(mesure, lieu):
            for qui, v in self.apports.get((mesure, c), {}).items():
                total[qui] = total.get(qui, 0) + v
        return total


def _territoires(alea: random.Random, nombre: int, ctg: float = 0.6) -> dict[Lieu, tuple[str, ...]]:
    """Communes in one to three EPCI, a département of them all, and often a CTG across EPCI."""
    communes = [f"{26001 + k}" for k in range(nombre)]
    territoires: dict[Lieu, tuple[str, ...]] = {("commune", c): (c,) for c in communes}
    epci = alea.randint(1, max(1, min(3, nombre // 3)))
    coupes = [0, *sorted(alea.sample(range(1, nombre), epci - 1)), nombre]
    for k in range(epci):
        territoires["epci", f"20000000{k}"] = tuple(communes[coupes[k] : coupes[k + 1]])
    if alea.random() < ctg:
        membres = [c for c in communes if alea.random() < 0.5]
        if 0 < len(membres) < nombre:
            territoires["ctg", "ctg-1"] = tuple(membres)
    territoires["departement", "26"] = tuple(communes)
    return territoires


def _sans_les_nulles(monde: Monde) -> Monde:
    """Leave out the mesures that are zero everywhere: nobody protects them, and nobody attacks them."""
    vivantes = {m for (m, _), a in monde.apports.items() if a}
    # Of one that no register gives, nothing is known, zero or not.
    tues = {m for m, _ in monde.non_lues} - vivantes
    liens = []
    for lien in monde.liens:
        if any(m in tues and (k > 0 or lien.egal) for m, k in lien.coefficients.items()):
            continue
        restants = {m: k for m, k in lien.coefficients.items() if m in vivantes}
        if restants:
            liens.append(replace(lien, coefficients=restants))
    return replace(
        monde,
        contributeurs={m: q for m, q in monde.contributeurs.items() if m in vivantes},
        liens=tuple(liens),
    )


COMPTES = {
    "nb_enfants_moins_3_ans_couverts": "enfants_moins_3_ans_couverts",
    "nb_enfants_6_11_ans": "enfants_6_11_ans_couverts",
    "nb_familles_allocataires": "familles_allocataires",
    "nb_demandes_accueil_non_satisfaites": "demandes_accueil_non_satisfaites",
}


def comptes(graine: int) -> Monde:
    """One count: of children of foyers, of foyers, or of persons of a register."""
    alea = random.Random(f"comptes {graine}")
    territoires = _territoires(alea, alea.randint(3, 9))
    indicateur, mesure = alea.choice(sorted(COMPTES.items()))
    enfants = mesure.startswith("enfants")
    haut = alea.choice([3, 6, 12, 20])
    apports = {}
    for niveau, c in territoires:
        if niveau == "commune":
            foyers = alea.choice([0, alea.randint(1, 3), *(alea.randint(0, haut) for _ in range(3))])
            apports[mesure, c] = {
                f"{c}/{k}": alea.choice([1, 1, 2, 3]) if enfants else 1 for k in range(foyers)
            }
    qui = "personnes" if mesure.startswith("demandes") else "foyers"
    return _sans_les_nulles(Monde(graine, "comptes", territoires, apports, {mesure: qui}, (indicateur,)))


def rares(graine: int) -> Monde:
    """Children of very few foyers beside a larger commune: of what it leaves, each unit counts."""
    alea = random.Random(f"rares {graine}")
    territoires = _territoires(alea, alea.randint(3, 6), ctg=0.3)
    indicateur, mesure = alea.choice([i for i in sorted(COMPTES.items()) if i[1].startswith("enfants")])
    communes = [c for n, c in territoires if n == "commune"]
    foyers = {c: alea.choice([0, 1, 1, 2]) for c in communes} | {alea.choice(communes): alea.randint(6, 15)}
    apports = {
        (mesure, c): {f"{c}/{k}": alea.choice([1, 1, 2, 3]) for k in range(n)} for c, n in foyers.items()
    }
    return _sans_les_nulles(Monde(graine, "rares", territoires, apports, {mesure: "foyers"}, (indicateur,)))


def blocs(graine: int) -> Monde:
    """One count of foyers, in communes few enough for every table to be listed."""
    alea = random.Random(f"blocs {graine}")
    communes = [f"{26001 + k}" for k in range(alea.randint(2, 5))]
    territoires: dict[Lieu, tuple[str, ...]] = {("commune", c): (c,) for c in communes}
    territoires["epci", "200000000"] = tuple(communes)
    if alea.random() < 0.3 and len(communes) > 2:
        territoires["ctg", "ctg-1"] = tuple(communes[: alea.randint(1, len(communes) - 1)])
    mesure = "familles_allocataires"
    apports = {
        (mesure, c): {f"{c}/{k}": 1 for k in range(alea.choice([1, 2, 3, alea.randint(0, 9)]))}
        for c in communes
    }
    return _sans_les_nulles(
        Monde(graine, "blocs", territoires, apports, {mesure: "foyers"}, ("nb_familles_allocataires",))
    )


def parts(graine: int) -> Monde:
    """A whole that is large everywhere, and a part of it: few have it, or few have not."""
    alea = random.Random(f"parts {graine}")
    communes = [f"{26001 + k}" for k in range(alea.randint(2, 4))]
    territoires: dict[Lieu, tuple[str, ...]] = {("commune", c): (c,) for c in communes}
    territoires["epci", "200000000"] = tuple(communes)
    tout, part = "allocataires_reference", "allocataires_bas_revenus"
    apports: dict[tuple[str, str], Apports] = {}
    for c in communes:
        n = alea.randint(5, 12)
        k = alea.choice([alea.randint(0, 5), n - alea.randint(0, 5), alea.randint(0, n)])
        apports[tout, c] = {f"{c}/{j}": 1 for j in range(n)}
        apports[part, c] = {f"{c}/{j}": 1 for j in range(k)}
    indicateurs = ("nb_allocataires_reference", "part_allocataires_bas_revenus")
    return _sans_les_nulles(
        Monde(graine, "parts", territoires, apports, {tout: "foyers", part: "foyers"}, indicateurs)
    )


def morceaux(graine: int) -> Monde:
    """A count that no row shows by commune, in territories that overlap."""
    alea = random.Random(f"morceaux {graine}")
    territoires = _territoires(alea, alea.randint(3, 7), ctg=1.0)
    communes = [c for n, c in territoires if n == "commune"]
    for k in range(alea.randint(0, 2)):
        membres = tuple(c for c in communes if alea.random() < 0.5)
        if membres:
            territoires["ctg", f"ctg-{k + 2}"] = membres
    indicateur, mesure, qui = alea.choice(
        [("nb_impayes_loyer", "impayes_loyer", "foyers"), ("nb_benevoles_avs", "benevoles_avs", "personnes")]
    )
    apports = {
        (mesure, c): {
            f"{c}/{k}": 1 for k in range(alea.choice([0, alea.randint(1, 4), *([alea.randint(3, 15)] * 2)]))
        }
        for c in communes
    }
    return _sans_les_nulles(Monde(graine, "morceaux", territoires, apports, {mesure: qui}, (indicateur,)))


@dataclass(frozen=True)
class Foyer:
    """A foyer of the extract, by what the conditions of its mesures read."""

    droit: bool
    enfants: tuple[int, int, int]
    isole: bool
    reference: bool
    revenu: str
    dependance: int
    prestations: frozenset[str]
    quotient: int | None
    courriel: bool
    impaye: bool
    aeeh: int
    montants: tuple[int, int, int, int]

    @property
    def nombre(self) -> int:
        return sum(self.enfants)


def _mois(condition: Callable[[Foyer], int]) -> Callable[[Foyer], int]:
    return lambda f: int(condition(f)) if f.droit else 0


def _prestation(nom: str) -> Callable[[Foyer], int]:
    return _mois(lambda f: nom in f.prestations)


# As `mesures_extrait` of the dbt project counts them.
EXTRAIT: dict[str, Callable[[Foyer], int]] = {
    "foyers_allocataires": _mois(lambda f: 1),
    "foyers_extrait": _mois(lambda f: 1),
    **{
        f"foyers_{p}": _prestation(p)
        for p in ("rsa", "prime_activite", "aah", "paje", "af", "asf", "aide_logement", "apl")
    },
    "foyers_qf_connu": _mois(lambda f: f.quotient is not None),
    "foyers_qf_moins_400": _mois(lambda f: f.quotient is not None and f.quotient < 400),
    "foyers_qf_moins_800": _mois(lambda f: f.quotient is not None and f.quotient < 800),
    "foyers_sans_courriel": _mois(lambda f: not f.courriel),
    "impayes_loyer": _mois(lambda f: f.impaye),
    "familles_allocataires": _mois(lambda f: f.nombre > 0),
    "familles_monoparentales_allocataires": _mois(lambda f: f.nombre > 0 and f.isole),
    "familles_nombreuses_allocataires": _mois(lambda f: f.nombre >= 3),
    "allocataires_reference": _mois(lambda f: f.reference),
    "allocataires_bas_revenus": _mois(lambda f: f.reference and f.revenu == "bas"),
    "allocataires_fragiles": _mois(lambda f: f.reference and f.revenu == "fragile"),
    "monoparentales_reference": _mois(lambda f: f.reference and f.isole and f.nombre > 0),
    "monoparentales_bas_revenus": _mois(
        lambda f: f.reference and f.isole and f.nombre > 0 and f.revenu == "bas"
    ),
    "allocataires_dependance_50": _mois(lambda f: f.reference and f.dependance >= 50),
    "allocataires_dependance_75": _mois(lambda f: f.reference and f.dependance >= 75),
    "allocataires_dependance_100": _mois(lambda f: f.reference and f.dependance >= 100),
    "enfants_reference": _mois(lambda f: f.nombre if f.reference else 0),
    "enfants_bas_revenus": _mois(lambda f: f.nombre if f.reference and f.revenu == "bas" else 0),
    "enfants_moins_3_ans_couverts": _mois(lambda f: f.enfants[0]),
    "enfants_6_11_ans_couverts": _mois(lambda f: f.enfants[1]),
    "jeunes_12_17_ans_couverts": _mois(lambda f: f.enfants[2]),
    "enfants_aeeh": _mois(lambda f: f.aeeh),
    "allocataires_annee": lambda f: 1,
}
MONTANTS: dict[str, Callable[[Foyer], int]] = {
    "montant_aides_logement": lambda f: f.montants[0],
    "montant_prestations_precarite": lambda f: f.montants[1],
    "montant_prestations_familiales": lambda f: f.montants[2],
    "montant_prestations_handicap": lambda f: f.montants[3],
    "montant_prestations_total": lambda f: sum(f.montants),
}


def _plus(*paires: tuple[str, str]) -> list[Lien]:
    return [Lien({tout: 1, part: -1}) for tout, part in paires]


BASE = "foyers_allocataires"
# All that the conditions above imply in every commune. The attacker has read them.
LIENS_EXTRAIT: tuple[Lien, ...] = (
    Lien({BASE: 1, "foyers_extrait": -1}, egal=True),
    *(
        lien
        for base in (BASE, "foyers_extrait", "allocataires_annee")
        for lien in _plus(
            *(
                (base, f"foyers_{p}")
                for p in ("rsa", "prime_activite", "aah", "paje", "af", "asf", "aide_logement", "apl")
            ),
            (base, "foyers_qf_connu"),
            (base, "foyers_sans_courriel"),
            (base, "impayes_loyer"),
            (base, "familles_allocataires"),
            (base, "allocataires_reference"),
        )
    ),
    *_plus(
        ("allocataires_annee", BASE),
        ("allocataires_annee", "foyers_extrait"),
        ("foyers_aide_logement", "foyers_apl"),
        ("foyers_qf_connu", "foyers_qf_moins_800"),
        ("foyers_qf_moins_800", "foyers_qf_moins_400"),
        ("familles_allocataires", "familles_monoparentales_allocataires"),
        ("familles_allocataires", "familles_nombreuses_allocataires"),
        ("familles_allocataires", "monoparentales_reference"),
        ("familles_monoparentales_allocataires", "monoparentales_reference"),
        ("allocataires_reference", "monoparentales_reference"),
        ("allocataires_reference", "allocataires_dependance_50"),
        ("allocataires_dependance_50", "allocataires_dependance_75"),
        ("allocataires_dependance_75", "allocataires_dependance_100"),
        ("monoparentales_reference", "monoparentales_bas_revenus"),
        ("allocataires_bas_revenus", "monoparentales_bas_revenus"),
        ("enfants_reference", "enfants_bas_revenus"),
        ("enfants_reference", "monoparentales_reference"),
        ("enfants_bas_revenus", "monoparentales_bas_revenus"),
    ),
    Lien({"allocataires_reference": 1, "allocataires_bas_revenus": -1, "allocataires_fragiles": -1}),
)
_JEUX = (
    ("part_allocataires_sans_courriel", "nb_foyers_allocataires", "part_allocataires_rsa"),
    ("part_allocataires_sans_courriel", "nb_foyers_allocataires"),
    ("part_allocataires_sans_courriel", "part_allocataires_rsa", "part_allocataires_aah"),
    ("nb_allocataires_reference", "part_allocataires_bas_revenus", "part_allocataires_fragiles"),
    ("nb_allocataires_reference", "part_dependance_50", "part_dependance_100"),
    ("nb_foyers_allocataires", "nb_familles_allocataires", "taux_monoparentalite_allocataires"),
    ("nb_foyers_allocataires", "nb_allocataires_reference", "part_allocataires_bas_revenus"),
    ("nb_familles_allocataires", "part_monoparentales_bas_revenus", "part_allocataires_bas_revenus"),
    ("part_allocataires_qf_moins_400", "part_allocataires_qf_moins_800", "nb_foyers_allocataires"),
    ("part_enfants_bas_revenus", "part_allocataires_bas_revenus", "part_monoparentales_bas_revenus"),
    ("part_allocataires_aide_logement", "nb_foyers_apl", "part_allocataires_sans_courriel"),
)


def _foyer(alea: random.Random, penchants: Mapping[str, float]) -> Foyer:
    def oui(nom: str) -> bool:
        return alea.random() < penchants[nom]

    enfants = tuple(alea.choice([0, 0, 1, 2]) if oui("enfants") else 0 for _ in range(3))
    prestations = {p for p in ("rsa", "prime_activite", "aah", "paje", "af", "asf") if oui("prestation")}
    if oui("logement"):
        prestations |= {"aide_logement", *(["apl"] if oui("prestation") else [])}
    quotient = alea.choice([200, 600, 1000]) if oui("quotient") else None
    return Foyer(
        droit=alea.random() < 0.95,
        enfants=(enfants[0], enfants[1], enfants[2]),
        isole=oui("isole"),
        reference=oui("reference"),
        revenu=alea.choice(["bas", "fragile", "autre"]) if not oui("pauvre") else "bas",
        dependance=100 if oui("pauvre") else alea.choice([0, 50, 75]),
        prestations=frozenset(prestations),
        quotient=200 if quotient and oui("pauvre") else quotient,
        courriel=not oui("pauvre"),
        impaye=oui("prestation"),
        aeeh=min(sum(enfants), 1) if oui("prestation") else 0,
        montants=tuple(  # type: ignore[arg-type]
            round(alea.lognormvariate(7, 1.2)) if alea.random() < 0.6 else 0 for _ in range(4)
        ),
    )


def _peuplement(alea: random.Random, communes: list[str], haut: int) -> dict[str, list[Foyer]]:
    """Foyers of each commune; attributes are rare in some worlds and borne by nearly all in others."""
    penchants = {
        nom: alea.choice([0.15, 0.5, 0.85])
        for nom in ("enfants", "isole", "prestation", "logement", "pauvre", "quotient")
    } | {"reference": alea.choice([0.6, 0.9])}
    return {
        c: [
            _foyer(alea, penchants)
            for _ in range(alea.choice([alea.randint(0, 4), *(alea.randint(3, haut) for _ in range(3))]))
        ]
        for c in communes
    }


def _apports(
    peuplement: Mapping[str, list[Foyer]], mesures: Mapping[str, Callable[[Foyer], int]]
) -> dict[tuple[str, str], Apports]:
    return {
        (m, c): {f"{c}/{k}": v for k, f in enumerate(foyers) if (v := compte(f))}
        for m, compte in mesures.items()
        for c, foyers in peuplement.items()
    }


def extrait(graine: int, arrondi: float = 0.0) -> Monde:
    """Foyers with their attributes, and a few indicateurs of them that have mesures in common or not.

    `arrondi`: how often the count of foyers is that of its producer, rounded by commune and exact above.
    """
    alea = random.Random(f"extrait {arrondi} {graine}")
    territoires = _territoires(alea, alea.randint(3, 6))
    communes = [c for n, c in territoires if n == "commune"]
    jeu = alea.choice(_JEUX)
    peuplement = _peuplement(alea, communes, alea.choice([8, 14, 22]))
    return _du_peuplement(
        alea, graine, "arrondis" if arrondi else "extrait", territoires, peuplement, jeu, arrondi
    )


def noms(graine: int) -> Monde:
    """The foyers of the extract under their two names, and parts that are tied to one of them only."""
    alea = random.Random(f"noms {graine}")
    territoires = _territoires(alea, alea.randint(4, 7), ctg=0.4)
    communes = [c for n, c in territoires if n == "commune"]
    penchants = dict.fromkeys(("enfants", "isole", "prestation", "logement", "quotient"), 0.5)
    penchants |= {"pauvre": alea.choice([0.1, 0.4]), "reference": 0.9}
    peuplement = {
        c: [
            _foyer(alea, penchants)
            for _ in range(alea.choice([0, alea.randint(1, 4), *([alea.randint(5, 16)] * 3)]))
        ]
        for c in communes
    }
    jeu = alea.choice([j for j in _JEUX if "part_allocataires_sans_courriel" in j])
    return _du_peuplement(alea, graine, "noms", territoires, peuplement, jeu)


def _du_peuplement(
    alea: random.Random,
    graine: int,
    nature: str,
    territoires: dict[Lieu, tuple[str, ...]],
    peuplement: Mapping[str, list[Foyer]],
    jeu: tuple[str, ...],
    arrondi: float = 0.0,
) -> Monde:
    """The counts that a set of indicateurs is made of."""
    from tests.drills.secret.dictionnaire import indicateurs

    dictionnaire = indicateurs()
    voulues = {m for i in jeu for m in dictionnaire[i].mesures}
    apports = _apports(peuplement, {m: EXTRAIT[m] for m in sorted(voulues)})
    publics = {}
    if BASE in voulues and alea.random() < arrondi:
        for (niveau, code), membres in territoires.items():
            vrai = sum(len(apports[BASE, c]) for c in membres)
            arrondie = 5 * ((vrai + 2) // 5)
            publics[BASE, niveau, code] = (
                (max(0, arrondie - 2), arrondie + 4) if niveau == "commune" else (vrai, vrai)
            )
    liens = tuple(
        Lien({m: k for m, k in lien.coefficients.items() if m in voulues}, lien.egal)
        for lien in LIENS_EXTRAIT
        # A part that is missing only makes the inequality weaker; a whole that is missing ends it.
        if all(m in voulues for m, k in lien.coefficients.items() if k > 0 or lien.egal)
        and len(lien.coefficients.keys() & voulues) > 1
    )
    return _sans_les_nulles(
        Monde(
            graine,
            nature,
            territoires,
            apports,
            dict.fromkeys(sorted(voulues), "foyers"),
            jeu,
            liens,
            publics=publics,
        )
    )


def arrondis(graine: int) -> Monde:
    """As `extrait`, with the producer's rounded figures beside."""
    return extrait(graine, arrondi=1.0)


def montants(graine: int) -> Monde:
    """What is paid to foyers in a year: four families of prestations and their total."""
    alea = random.Random(f"montants {graine}")
    territoires = _territoires(alea, alea.randint(3, 6))
    communes = [c for n, c in territoires if n == "commune"]
    peuplement = _peuplement(alea, communes, 12)
    apports = _apports(peuplement, MONTANTS)
    total = {m: (1 if m.endswith("total") else -1) for m in MONTANTS}
    return _sans_les_nulles(
        Monde(
            graine,
            "montants",
            territoires,
            apports,
            dict.fromkeys(MONTANTS, "foyers"),
            tuple(MONTANTS),
            (Lien(total, egal=True),),
        )
    )


_TYPES = {
    "financement_eaje": ("eaje",),
    "financement_eaje_rpe": ("eaje", "rpe"),
    "financement_enfance_jeunesse": ("alsh", "accueil_jeunes"),
    "financement_caf": ("eaje", "rpe", "alsh", "accueil_jeunes", "centre_social"),
    "bonus_territoire": ("eaje", "rpe", "alsh", "accueil_jeunes", "centre_social"),
}
_SUBVENTIONS = (
    "financement_eaje_rpe",
    "financement_structures_enfance_jeunesse",
    "montant_bonus_territoire",
    "financement_caf_par_place_eaje",
    "financement_caf_par_habitant",
)


def subventions(graine: int, trous: float = 0.0) -> Monde:
    """Structures, who runs them and what the Caf pays them; `trous`: how often an amount is not in the file.

    The numbers of structures of each type are published: the attacker knows which communes have none.
    """
    alea = random.Random(f"subventions {trous} {graine}")
    territoires = _territoires(alea, alea.randint(3, 6))
    communes = [c for n, c in territoires if n == "commune"]
    noms = ["commune", "epci", "souris", "federation", "familles", "mutualite"]
    apports: dict[tuple[str, str], dict[str, int]] = {(m, c): {} for m in _TYPES for c in communes}
    non_lues: set[tuple[str, str]] = set()
    presents: dict[str, set[str]] = {c: set() for c in communes}
    etendue = alea.choice([0.3, 0.8, 1.5])
    types = ["eaje", "eaje", "rpe", "alsh", "accueil_jeunes", *(["centre_social"] * (graine % 2))]
    for c in communes:
        for _ in range(alea.choice([0, 1, 1, 2, 4, 6])):
            genre, nom = alea.choice(types), alea.choice(noms)
            qui = f"commune {c}" if nom == "commune" else nom
            montant = round(alea.lognormvariate(9, etendue)) + 1
            bonus = alea.choice([0, montant // 10])
            presents[c].add(genre)
            for mesure, genres in _TYPES.items():
                apport = bonus if mesure == "bonus_territoire" else montant
                if genre in genres and apport:
                    siens = apports[mesure, c]
                    siens[qui] = siens.get(qui, 0) + apport
            if alea.random() < trous:
                non_lues |= {(m, c) for m, genres in _TYPES.items() if genre in genres}
    for cle in non_lues:
        apports[cle] = {}
    # Of a mesure that no commune gives, no row says anything.
    return _sans_les_nulles(
        Monde(
            graine,
            "partiels" if trous else "subventions",
            territoires,
            apports,
            dict.fromkeys(_TYPES, "gestionnaires"),
            _SUBVENTIONS,
            _liens_subventions(presents),
            frozenset(non_lues),
            exterieurs={
                **{("population_municipale", c): 400 + 7 * k for k, c in enumerate(communes)},
                **{("places_eaje", c): 12 for c in communes},
            },
        )
    )


def _liens_subventions(presents: Mapping[str, set[str]]) -> tuple[Lien, ...]:
    """Inclusions, and equalities where the published numbers of structures leave nothing else."""
    liens = [
        *_plus(
            ("financement_eaje_rpe", "financement_eaje"),
            ("financement_caf", "bonus_territoire"),
        ),
        Lien({"financement_caf": 1, "financement_eaje_rpe": -1, "financement_enfance_jeunesse": -1}),
    ]
    sans_autre = frozenset(c for c, types in presents.items() if "centre_social" not in types)
    sans_rpe = frozenset(c for c, types in presents.items() if "rpe" not in types)
    liens.append(
        Lien(
            {"financement_caf": 1, "financement_eaje_rpe": -1, "financement_enfance_jeunesse": -1},
            egal=True,
            communes=sans_autre,
        )
    )
    liens.append(Lien({"financement_eaje_rpe": 1, "financement_eaje": -1}, egal=True, communes=sans_rpe))
    for mesure, types in _TYPES.items():
        vides = frozenset(c for c, siens in presents.items() if not siens & set(types))
        liens.append(Lien({mesure: 1}, egal=True, communes=vides))
    return tuple(liens)


def partiels(graine: int) -> Monde:
    """As `subventions`, where some amounts are not in the file: sums are over the communes that were read."""
    return subventions(graine, trous=0.12)


def revises(monde: Monde) -> Monde:
    """The same world once some contributors of some communes went, and others like them came."""
    alea = random.Random(f"revision {monde.nature} {monde.graine}")
    touchees = alea.sample(monde.communes, alea.randint(1, max(1, len(monde.communes) // 2)))
    apports = {cle: dict(siens) for cle, siens in monde.apports.items()}
    for c in touchees:
        siennes = [a for (_, commune), a in apports.items() if commune == c]
        presents = sorted(set().union(*siennes))
        for k in range(alea.randint(0, 3) if presents else 0):
            modele, part = alea.choice(presents), alea.random() < 0.5
            for a in siennes:
                if modele in a:
                    a[f"{c}/r{k}"] = a[modele]
            if part:
                for a in siennes:
                    a.pop(modele, None)
                    a.pop(f"{c}/r{k}", None)
    return replace(monde, apports=apports)


NATURES: dict[str, Callable[[int], Monde]] = {
    f.__name__: f
    for f in (
        comptes,
        rares,
        blocs,
        parts,
        morceaux,
        extrait,
        noms,
        arrondis,
        montants,
        subventions,
        partiels,
    )
}
