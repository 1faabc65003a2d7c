"""The engine and the auditor under attack, run as black boxes.

Belongs here: worlds written as the tables that both read, and what comes back. Does not: any attack. The only
names of `confidentialite` that are used are its public entries (`Entrees`, `masquer`, `prouver`), the schema
of the register and how it is written.
"""

import importlib
import importlib.util
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

import confidentialite
from confidentialite.memoire.schema import REGISTRE
from socle.erreurs import ErreurPublication
from tests.drills.secret.dictionnaire import Indicateur, indicateurs, seed
from tests.drills.secret.mondes import COG, Lieu, Monde

Masques = Mapping[tuple[str, str], str]
"""(territoire_id, indicateur_id) of what is hidden, with the engine's reason."""
PERIMETRE = "departement:26"
EXTRAIT, REGISTRES, PUBLIC = "caf_extrait_allocataires", "caf_equipements", "cnaf_allocataires_communes"
# What no attacker has.
INSTALLATION = bytes(range(32))
_DECIMAL = pa.decimal128(38, 2)
_CONTRIBUTIONS = pa.list_(pa.struct([("qui", pa.string()), ("valeur", _DECIMAL)]))


def _schema(**types: Any) -> pa.Schema:
    return pa.schema([(nom, pa.type_for_alias(t) if isinstance(t, str) else t) for nom, t in types.items()])


_CELLULES = _schema(
    territoire_id="string",
    niveau="string",
    code="string",
    millesime="int32",
    indicateur_id="string",
    valeur="double",
    valeur_texte="string",
    numerateur="double",
    denominateur="double",
    borne_basse="double",
    borne_haute="double",
    statut="string",
    motif_code="string",
    motif="string",
    champ="string",
    millesime_base="int32",
    millesime_denominateur="int32",
    source_ids="string",
)
_SECRET_CELLULES = _schema(
    niveau="string",
    code="string",
    mesure_id="string",
    millesime="int32",
    source_id="string",
    contributeurs="string",
    statut="string",
    arrondi="bool",
    valeur=_DECIMAL,
    borne_basse=_DECIMAL,
    borne_haute=_DECIMAL,
    micro="bool",
    n="int64",
    max1=_DECIMAL,
    max2=_DECIMAL,
)
_SECRET_ATOMES = _schema(
    millesime="int32", cog_millesime="int32", niveau="string", code="string", atome="string"
)
_SECRET_COMMUNES = _schema(
    millesime="int32",
    cog_millesime="int32",
    mesure_id="string",
    atome="string",
    contributeurs="string",
    valeur=_DECIMAL,
    n="int64",
    max1=_DECIMAL,
    max2=_DECIMAL,
    contributions=_CONTRIBUTIONS,
)
_SECRET_LUES = _schema(
    millesime="int32",
    cog_millesime="int32",
    mesure_id="string",
    atome="string",
    contributeurs="string",
    valeur=_DECIMAL,
)
_PASSAGE = _schema(
    cog_millesime="int32", code_origine="string", code_reference="string", nb_heritiers="int64"
)
_TERRITOIRES = _schema(niveau="string", code="string", departement="string", region="string", epci="string")
_SOURCES = pa.table(
    {
        "source_id": [EXTRAIT, REGISTRES, PUBLIC, "insee_populations_legales"],
        "diffusion": ["micro", "interne", "publique", "publique"],
    }
)


def lieux(monde: Monde, i: Indicateur) -> list[Lieu]:
    """Territories where an indicateur has a row."""
    return [lieu for lieu in monde.territoires if lieu[0] in i.niveaux]


def statut(monde: Monde, i: Indicateur, lieu: Lieu) -> str:
    """Statut of a row before the masks."""
    siens = [m for m in i.mesures if m in monde.contributeurs]
    manquent = any(monde.lues(m, lieu) != monde.territoires[lieu] for m in siens)
    if any(not monde.lues(m, lieu) for m in siens):
        return "non_disponible"
    publics = [monde.publics[m, *lieu] for m in i.mesures if (m, *lieu) in monde.publics]
    if i.denominateur and _affiche(monde, i.denominateur, lieu) == 0:
        return "sans_objet"
    return "partiel" if manquent else "arrondi" if any(b != h for b, h in publics) else "observe"


def presents(monde: Monde) -> list[Indicateur]:
    """Indicateurs that have rows: those of the world whose mesures are not all zero everywhere."""
    tous = indicateurs()
    connues = {*monde.contributeurs, *(m for m, _ in monde.exterieurs)}
    return [tous[i] for i in monde.indicateurs if all(m in connues for m in tous[i].mesures)]


def _affiche(monde: Monde, mesure: str, lieu: Lieu) -> int:
    """What a row says of a mesure: the producer's figure where there is one."""
    public = monde.publics.get((mesure, *lieu))
    return monde.somme(mesure, lieu) if public is None or public[0] == public[1] else public[1] - 4


def cellules(monde: Monde) -> list[dict[str, Any]]:
    """Rows of int_cellules_indicateurs."""
    rangs = []
    for i in presents(monde):
        for lieu in lieux(monde, i):
            etat = statut(monde, i, lieu)
            rang = dict.fromkeys(_CELLULES.names) | {
                "territoire_id": ":".join(lieu),
                "niveau": lieu[0],
                "code": lieu[1],
                "millesime": monde.millesime,
                "indicateur_id": i.indicateur_id,
                "statut": etat,
                "source_ids": _source(monde, i, lieu),
            }
            if etat in ("non_disponible", "sans_objet"):
                nul = "denominateur_nul" if etat == "sans_objet" else "communes_absentes"
                rangs.append(rang | {"motif_code": nul, "motif": "dénominateur nul"})
                continue
            num = _affiche(monde, i.numerateur, lieu)
            if i.denominateur:
                den = _affiche(monde, i.denominateur, lieu)
                rang |= {"numerateur": float(num), "denominateur": float(den)}
                rang |= {"valeur": i.facteur * num / den if den else None}
                rang["millesime_denominateur"] = monde.millesime
            else:
                bornes = monde.publics.get((i.numerateur, *lieu), (num, num))
                rang |= {
                    "valeur": float(num),
                    "borne_basse": float(bornes[0]),
                    "borne_haute": None if etat == "partiel" else float(bornes[1]),
                }
            rangs.append(rang)
    return rangs


def _source(monde: Monde, i: Indicateur, lieu: Lieu) -> str:
    sources = set()
    for m in i.mesures:
        if (m, *lieu) in monde.publics:
            sources.add(PUBLIC)
        elif m in monde.contributeurs:
            sources.add(EXTRAIT if monde.contributeurs[m] == "foyers" else REGISTRES)
        else:
            sources.add("insee_populations_legales")
    return "+".join(sorted(sources))


def _secret_cellules(monde: Monde) -> list[dict[str, Any]]:
    rangs = []
    for mesure, qui in monde.contributeurs.items():
        for lieu in monde.territoires:
            public = monde.publics.get((mesure, *lieu))
            lue = bool(monde.lues(mesure, lieu))
            micro = public is None and lue
            reunis = monde.reunis(mesure, lieu)
            grandes = [*sorted(reunis.values(), reverse=True), 0, 0]
            entiere = monde.lues(mesure, lieu) == monde.territoires[lieu]
            total = monde.somme(mesure, lieu)
            etat = "non_disponible" if not lue else "observe" if entiere else "partiel"
            if public:
                etat = "observe" if public[0] == public[1] else "arrondi"
            bas, haut = public or (total, total if entiere else None)
            rangs.append(
                {
                    "niveau": lieu[0],
                    "code": lieu[1],
                    "mesure_id": mesure,
                    "millesime": monde.millesime,
                    "source_id": PUBLIC if public else EXTRAIT if qui == "foyers" else REGISTRES,
                    "contributeurs": None if public else qui,
                    "statut": etat,
                    "arrondi": bool(public and public[0] != public[1]),
                    "valeur": Decimal(_affiche(monde, mesure, lieu)) if lue else None,
                    "borne_basse": Decimal(bas) if lue else None,
                    "borne_haute": Decimal(haut) if lue and haut is not None else None,
                    "micro": micro,
                    "n": len(reunis) if micro else None,
                    "max1": Decimal(grandes[0]) if micro else None,
                    "max2": Decimal(grandes[1]) if micro else None,
                }
            )
    return rangs


def _secret_communes(monde: Monde) -> list[dict[str, Any]]:
    rangs = []
    for (mesure, commune), apports in monde.apports.items():
        if mesure not in monde.contributeurs or not apports:
            continue
        qui, grandes = monde.contributeurs[mesure], [*sorted(apports.values(), reverse=True), 0]
        noms = [{"qui": q, "valeur": Decimal(v)} for q, v in sorted(apports.items())]
        rangs.append(
            {
                "millesime": monde.millesime,
                "cog_millesime": COG,
                "mesure_id": mesure,
                "atome": commune,
                "contributeurs": qui,
                "valeur": Decimal(sum(apports.values())),
                "n": len(apports),
                "max1": Decimal(grandes[0]),
                "max2": Decimal(grandes[1]),
                "contributions": noms if qui == "gestionnaires" else None,
            }
        )
    return rangs


def _secret_lues(monde: Monde) -> list[dict[str, Any]]:
    """Of registers, the communes they tell of, zeros included."""
    return [
        {
            "millesime": monde.millesime,
            "cog_millesime": COG,
            "mesure_id": mesure,
            "atome": commune,
            "contributeurs": qui,
            "valeur": Decimal(monde.case(mesure, commune)),
        }
        for mesure, qui in monde.contributeurs.items()
        for commune in monde.communes
        if qui != "foyers" and (mesure, commune) not in monde.non_lues
    ]


def _secret_atomes(monde: Monde) -> list[dict[str, Any]]:
    return [
        {"millesime": monde.millesime, "cog_millesime": COG, "niveau": n, "code": c, "atome": a}
        for (n, c), atomes in monde.territoires.items()
        for a in atomes
    ]


def _table(rangs: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rangs), schema=schema)


def _ensemble(mondes: Sequence[Monde], faire: Any, schema: pa.Schema) -> pa.Table:
    return _table((r for m in mondes for r in faire(m)), schema)


def tables(mondes: Sequence[Monde], registre: Iterable[Mapping[str, Any]] = ()) -> dict[str, pa.Table]:
    """The tables of the masks step, of several worlds side by side."""
    return {
        "cellules": _ensemble(mondes, cellules, _CELLULES),
        "indicateurs": seed("indicateurs"),
        "mesures": seed("mesures"),
        "unites": seed("unites"),
        "secret_cellules": _ensemble(mondes, _secret_cellules, _SECRET_CELLULES),
        "secret_atomes": _ensemble(mondes, _secret_atomes, _SECRET_ATOMES),
        "secret_communes": _ensemble(mondes, _secret_communes, _SECRET_COMMUNES),
        "passage": _table([], _PASSAGE),
        "territoires": _table([], _TERRITOIRES),
        "registre": _table(registre, REGISTRE),
        "sources": _SOURCES,
    }


def masquer(
    mondes: Sequence[Monde], registre: Iterable[Mapping[str, Any]] = (), cle: bytes = INSTALLATION
) -> list[Masques]:
    """Masks of worlds of different millésimes, decided in one run.

    `cle`: the secret of the installation, where the engine chooses under one. Raises ErreurPublication.
    """
    assert len({m.millesime for m in mondes}) == len(mondes), "worlds of one run have millésimes of their own"
    entrees = confidentialite.Entrees(**tables(mondes, registre))
    with _confier(cle):
        masques = confidentialite.masquer(entrees)
    par_annee: dict[int, dict[tuple[str, str], str]] = {m.millesime: {} for m in mondes}
    for r in masques.select(["territoire_id", "millesime", "indicateur_id", "raison"]).to_pylist():
        par_annee[r["millesime"]][r["territoire_id"], r["indicateur_id"]] = r["raison"]
    return [par_annee[m.millesime] for m in mondes]


def a_une_cle() -> bool:
    """Whether the engine under attack chooses under a secret."""
    return importlib.util.find_spec("confidentialite.cle") is not None


def _confier(cle: bytes) -> AbstractContextManager[None]:
    if not a_une_cle():
        return nullcontext()
    confie: AbstractContextManager[None] = importlib.import_module("confidentialite.cle").confier(cle)
    return confie


def inscrire(monde: Monde, masques: Masques, rang: int) -> list[dict[str, Any]]:
    """Rows of the register once a world is released under these masks."""
    tous = indicateurs()
    lignes = []
    for c in cellules(monde):
        i = tous[c["indicateur_id"]]
        if c["statut"] in ("non_disponible", "sans_objet"):
            continue
        cache = (c["territoire_id"], c["indicateur_id"]) in masques
        nombres = ("valeur", "numerateur", "denominateur", "borne_basse", "borne_haute")
        lignes.append(
            {
                "release_id": f"r{rang}",
                "rang": rang,
                "atomes": list(monde.territoires[c["niveau"], c["code"]]),
                "cog_atomes": COG,
                "regle": "1",
                "geographie": "reference",
                "millesime_second": c["millesime_denominateur"] or c["millesime"],
                "motif": "secret statistique" if cache else None,
                "methode": i.methode,
                "formule_numerateur": i.numerateur,
                "formule_denominateur": i.denominateur,
                "part_d_un_tout": i.part,
                "unite": i.unite,
                "sensible": True,
                **{k: c[k] for k in ("millesime", "niveau", "code", "indicateur_id", "source_ids")},
                "statut": "secret" if cache else c["statut"],
                **{k: None if cache else c[k] for k in nombres},
            }
        )
    return lignes


def construire(monde: Monde, masques: Masques, base: Path) -> None:
    """Write the build that a night would leave: marts with these masks, and the zones the auditor reads."""
    donnees = tables([monde])
    with duckdb.connect(str(base)) as con:
        for schema in ("marts", "intermediate", "seeds"):
            con.execute(f"create schema {schema}")
        lues = _ensemble([monde], _secret_lues, _SECRET_LUES)
        for nom, table in (("secret_lues", lues), *donnees.items()):
            if not nom.startswith("secret"):
                continue
            con.register("t", table)
            con.execute(f"create table intermediate.int_{nom} as select * from t")
        for nom in ("mesures", "unites", "parametres", "indicateurs"):
            con.register("t", seed(nom))
            con.execute(f"create table seeds.{nom} as select * from t")
        caches = pa.Table.from_pylist(
            [{"territoire_id": t, "indicateur_id": i} for t, i in masques],
            schema=_schema(territoire_id="string", indicateur_id="string"),
        )
        con.register("cellules", donnees["cellules"])
        con.register("caches", caches)
        con.execute(
            f"""
            create table marts.fct_indicateurs as
            select
                c.* replace (
                    if(m.indicateur_id is null, c.valeur, null) as valeur,
                    if(m.indicateur_id is null, c.numerateur, null) as numerateur,
                    if(m.indicateur_id is null, c.denominateur, null) as denominateur,
                    if(m.indicateur_id is null, c.borne_basse, null) as borne_basse,
                    if(m.indicateur_id is null, c.borne_haute, null) as borne_haute,
                    if(m.indicateur_id is null, c.statut, 'secret') as statut,
                    if(m.indicateur_id is null, c.motif_code, 'secret') as motif_code
                ),
                {COG} as cog_millesime
            from cellules as c left join caches as m using (territoire_id, indicateur_id)
            """
        )
        con.execute("create table marts.dim_indicateur as select * from seeds.indicateurs")
        con.register("t", _SOURCES)
        con.execute("create table marts.dim_source as select * from t")
        epci = {c: code for (n, code), membres in monde.territoires.items() if n == "epci" for c in membres}
        con.execute(
            "create table marts.dim_territoire (territoire_id varchar, niveau varchar, code varchar,"
            " departement varchar, region varchar, epci varchar, cog_millesime integer)"
        )
        con.executemany(
            "insert into marts.dim_territoire values (?, ?, ?, ?, ?, ?, ?)",
            [
                (f"{n}:{c}", n, c, "26", "84", epci.get(c, c if n == "epci" else None), COG)
                for n, c in monde.territoires
            ],
        )
        con.execute("create table marts.ctg_communes (territoire_id varchar, code varchar)")
        for (n, c), membres in monde.territoires.items():
            for commune in membres if n == "ctg" else ():
                con.execute("insert into marts.ctg_communes values (?, ?)", [f"ctg:{c}", commune])
        con.execute(
            "create table marts.epci_composition (millesime integer, epci varchar, code varchar,"
            " cog_millesime integer, code_reference varchar)"
        )
        con.executemany(
            "insert into marts.epci_composition values (?, ?, ?, ?, ?)",
            [(COG, e, c, COG, c) for c, e in epci.items()],
        )
        con.execute(
            "create table marts.passage_communes (cog_millesime integer, code_origine varchar,"
            " code_reference varchar, nature varchar)"
        )
        con.execute(
            "create table marts.fct_indicateurs_origine (niveau varchar, code varchar, territoire_id varchar,"
            " millesime integer, cog_millesime integer, indicateur_id varchar, valeur double,"
            " borne_basse double, borne_haute double, statut varchar, motif varchar, source_ids varchar)"
        )


def refusee(sorties: Sequence[tuple[Monde, Masques]]) -> tuple[str, ...]:
    """What the auditor finds in the last of these releases, once it has seen the others; nothing when it lets
    it pass.
    """
    from confidentialite.memoire import registre as registres
    from confidentialite.preuve.auditeur import prouver

    with tempfile.TemporaryDirectory() as dossier:
        registre = Path(dossier, "registre")
        for rang, (monde, masques) in enumerate(sorties):
            base = Path(dossier, f"{rang}.duckdb")
            construire(monde, masques, base)
            if rang + 1 < len(sorties):
                with duckdb.connect(str(base), read_only=True) as con:
                    dites = registres.tirer(registre, f"r{rang + 1}", con, PERIMETRE, "1")
                registres.ecrire(registre, f"r{rang + 1}", dites)
        constats = prouver(base, registre, Path(dossier, "bornes"), PERIMETRE)
    return tuple(map(str, (*constats.echecs, *constats.incidents)))


__all__ = ["ErreurPublication", "Masques", "inscrire", "masquer", "refusee"]
