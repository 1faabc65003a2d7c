"""One audit, from the marts and the register to the findings.

Belongs here: what is asked of the model, in which order, and which answer is a finding, an incident or a
count. Does not: reading, algebra, programs (the other modules of this folder).
"""

import hashlib
import json
import statistics
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from confidentialite.memoire import registre as registres
from confidentialite.memoire.geographie import Geographie, lire_passage, territoires_courants
from confidentialite.memoire.lecture import (
    EXTRAIT,
    des_registres,
    lignes_suivies,
    schema_des_marts,
    situer,
    termes,
    texte,
)
from confidentialite.preuve.bornes import EPSILON, Borne, Solutions, borner
from confidentialite.preuve.constats import (
    Bilan,
    Cellule,
    Constat,
    Constats,
    Incident,
    Nature,
    identifiant_incident,
)
from confidentialite.preuve.exactitude import (
    Connaissances,
    connaitre,
    determinee,
    lues_par_un_contributeur,
    valeur_determinee,
)
from confidentialite.preuve.modele import JAMAIS, Forme, Modele, Protegee, construire
from confidentialite.preuve.parametres import Parametres


@dataclass(frozen=True)
class _Fond:
    """What the audit reads: rows with their territory, and the territories of the marts."""

    lignes: pd.DataFrame
    territoires: dict[tuple[str, str], int]
    position: registres.Position


def auditer(
    base: duckdb.DuckDBPyConnection | Path,
    registre: Path,
    parametres: Parametres,
    *,
    perimetre: str,
    singletons: pa.Table | None = None,
    sensibles: pa.Table | None = None,
    maxima: pa.Table | None = None,
    cache: Path | None = None,
    bornes: bool = True,
) -> Constats:
    """Judge whether what a build shows, with all that was ever released, gives away a masked cell.

    `base`: a build or a release with schema `marts`. `perimetre`: its scope, which says what the wide
    territories hold beyond their communes. `singletons`: the cells of one contributor (`millesime, mesure_id,
    niveau, code, contributeur`), those of the same `contributeur` known together; None when there is no
    micro-data. `sensibles`: the cells that are hidden for themselves (`millesime, niveau, code, formule`):
    these alone must stay out of the reach of lone contributors, and are incidents where earlier releases give
    them away, for a cell hidden to protect another tells nothing of anybody to whoever finds it; None asks it
    of every masked cell.
    `maxima`: the cells where one contributor dominates (`millesime, mesure_id, niveau, code, max1`). `cache`:
    where the bounds of unchanged components are kept (in the zone of the aggregates). `bornes`: False leaves
    the bounds out, and the certificate says so.

    Raises ErreurPublication when the marts or the register cannot be read.
    """
    connexion = duckdb.connect(str(base), read_only=True) if isinstance(base, Path) else nullcontext(base)
    with connexion as con:
        schema = schema_des_marts(con)
        passages = [lire_passage(con, schema), registres.passage(registre)]
        geographie = Geographie(max((p for p in passages if p), key=lambda p: p.reference))
        fond = _lire(con, schema, registre, geographie, perimetre, parametres)
        mesures = _mesures_de_l_extrait(fond.lignes) | parametres.registres
        montrees = _primaires_montrees(con, schema, parametres, mesures)
    modele = construire(parametres, geographie, fond.lignes)
    savoir = connaitre(modele, registre_seul=False)
    anterieur = connaitre(modele, registre_seul=True) if fond.position.rang else None
    protegees = list(modele.protegees.values())

    decides = registres.decisions(registre)
    incidents: set[Incident] = set()
    echecs = {Constat("primaire", c) for c in montrees}
    saines: list[Protegee] = []
    divulguees: list[Forme] = []
    intimes = _sensibles(modele, fond.territoires, sensibles)
    secondaires = _secondaires(protegees, intimes)
    for protegee in protegees:
        if not determinee(modele, savoir, protegee.forme):
            saines.append(protegee)
            continue
        if _zero_admis(modele, savoir, protegee.forme):
            continue
        if anterieur and determinee(modele, anterieur, protegee.forme):
            divulguees.append(protegee.forme)
            # What is hidden to protect another, and was shown until now, discloses nobody by itself.
            if not protegee.cellules <= secondaires:
                incidents |= _incidents(modele, protegee.forme, protegee.cellules, decides)
        elif not protegee.courante and modele.imprimee(protegee.forme, ici=True):
            detail = f"masked by {protegee.release}"
            echecs |= {Constat("demasquee", c, detail) for c in protegee.cellules}
        else:
            echecs |= {Constat("exacte", c) for c in protegee.cellules}
    echecs |= _petits_termes(modele, savoir, fond.lignes)
    echecs |= _demasquees(fond.lignes)
    for cellule, forme in _petits_restes(modele, savoir, fond.lignes):
        if anterieur and determinee(modele, anterieur, forme):
            incidents |= _incidents(modele, forme, {cellule}, decides)
        else:
            echecs.add(Constat("exacte", cellule, "what other territories leave of it is small"))

    echecs |= _montants_montres(modele, fond.territoires, sensibles)
    groupes, inconnus = _groupes(modele, fond.territoires, singletons)
    gardees = [p for p in saines if intimes is None or p.forme in intimes]
    for protegee in lues_par_un_contributeur(modele, savoir, groupes, gardees):
        echecs |= {Constat("contributeur", c) for c in protegee.cellules}
    saute = {"not additive (medians)": len(modele.non_lineaires)} if modele.non_lineaires else {}
    if inconnus:
        saute["lone contributors of territories outside the marts"] = inconnus
    solutions = Solutions()
    if bornes:
        if divulguees:
            # What was shown and is hidden now may have been revised: its old value proves nothing of others.
            modele_ = _sans(modele, divulguees)
            solutions = borner(modele_, connaitre(modele_, registre_seul=False), saines, cache)
            saute["bounds that do without the old value of disclosed cells"] = len(divulguees)
        else:
            solutions = borner(modele, savoir, saines, cache)
        mauvaises = _trop_etroites(modele, solutions, saines, _maxima(modele, fond.territoires, maxima))
        for nature, protegee in mauvaises:
            if anterieur and nature == "bornes" and _etroite_avant(modele, anterieur, protegee):
                incidents |= _incidents(modele, protegee.forme, protegee.cellules, decides)
            else:
                echecs |= {Constat(nature, c) for c in protegee.cellules}
        for protegee, motif in solutions.echecs:
            echecs |= {Constat("solveur", c, motif) for c in protegee.cellules}
    else:
        saute["bounds left out"] = len(saines)
    # A cell that earlier releases give away is told once.
    donnees = {incident.cellule for incident in incidents}
    echecs = {e for e in echecs if e.cellule not in donnees or e.nature == "primaire"}
    return Constats(
        echecs=tuple(sorted(echecs)),
        incidents=tuple(sorted(incidents)),
        comptes=_comptes(modele, savoir, fond.lignes, solutions, groupes),
        bilan=_bilan(modele, solutions),
        saute=saute,
        empreinte_parametres=parametres.empreinte(),
        empreinte_systeme=_empreinte_systeme(modele),
        empreinte_masque=_empreinte(sorted(modele.masquees)),
        premiers=parametres.premiers,
        solveur=solutions.solveur,
        registre_rang=fond.position.rang,
        registre_sha256=fond.position.sha256,
    )


def _lire(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    registre: Path,
    geographie: Geographie,
    perimetre: str,
    parametres: Parametres,
) -> _Fond:
    """Read this build and every earlier release, each row with the rank of its territory."""
    inscrites = registres.lire(registre)
    lignes = lignes_suivies(con, schema, registres.suivis(inscrites), parametres.registres)
    lignes["territoire"] = situer(con, schema, lignes, geographie, perimetre)
    lignes["rang"] = 0
    lignes["release"] = None
    territoires = territoires_courants(con, schema, geographie, perimetre)
    if inscrites.num_rows:
        anciennes = _anciennes(inscrites.to_pandas(), geographie, territoires)
        lignes = pd.concat([lignes, anciennes], ignore_index=True)
    for colonne in ("millesime", "millesime_second", "territoire", "rang"):
        lignes[colonne] = lignes[colonne].astype("int64")
    return _Fond(lignes, territoires, registres.position(registre))


def _anciennes(
    registre: pd.DataFrame, geographie: Geographie, territoires: Mapping[tuple[str, str], int]
) -> pd.DataFrame:
    """Return the rows of earlier releases, with their territory: each once, from the first that says it."""
    dernier = int(registre["rang"].max())
    registre = registre.assign(cle=registre["atomes"].map(tuple))
    memes = [c for c in registre.columns if c not in ("atomes", "rang", "release_id", "regle")]
    derniers = registre.groupby(memes, dropna=False, sort=False)["rang"].transform("max")
    registre = registre.assign(age=dernier + 1 - derniers).drop_duplicates(memes, keep="first")
    connus: dict[tuple[str, str, int, tuple[str, ...]], int] = {}
    rangs = []
    for niveau, code, cog, cle in zip(
        registre["niveau"], registre["code"], registre["cog_atomes"], registre["cle"], strict=True
    ):
        complet = (niveau, code, int(cog), cle)
        if complet not in connus:
            connus[complet] = _ancien_territoire(complet, geographie, territoires)
        rangs.append(connus[complet])
    return registre.assign(territoire=rangs, rang=registre["age"], release=registre["release_id"]).drop(
        columns=["atomes", "cle", "age", "release_id", "regle", "cog_atomes"]
    )


def _ancien_territoire(
    cle: tuple[str, str, int, tuple[str, ...]],
    geographie: Geographie,
    territoires: Mapping[tuple[str, str], int],
) -> int:
    """Return the territory an earlier release summed: its communes, in the geography of this audit.

    Where the territory exists today with an atom for what lies outside the scope, communes outside the scope
    that an earlier release listed one by one are that atom.
    """
    niveau, code, cog, noms = cle
    atomes = set()
    for nom in noms:
        if ":" in nom:
            atomes.add(geographie.atome(nom))
        elif "@" in nom:
            commune, _, ancien = nom.partition("@")
            atomes.add(geographie.commune(commune, int(ancien)))
        else:
            atomes.add(geographie.commune(nom, cog))
    actuel = territoires.get((niveau, code))
    if actuel is not None:
        siens = set(geographie.territoires[actuel].tolist())
        restes = {a for a in siens if geographie.est_un_reste(a)}
        if restes and siens - restes <= atomes and len(atomes) > len(siens - restes):
            return actuel
    return geographie.territoire(atomes)


def _mesures_de_l_extrait(lignes: pd.DataFrame) -> set[str]:
    """Return the mesures that the extract gives: those of the rows it alone gives."""
    seules = lignes[lignes["source_ids"] == EXTRAIT]
    formules = {*seules["formule_numerateur"].dropna(), *seules["formule_denominateur"].dropna()}
    return {mesure for formule in formules for mesure in termes(formule)}


def _primaires_montrees(
    con: duckdb.DuckDBPyConnection, schema: str, parametres: Parametres, mesures: set[str]
) -> list[Cellule]:
    """Return the protected cells that show a count below the threshold, directly or as a complement.

    `mesures`: those that are protected wherever they are.
    """
    petit = "(round({0}, 6) > 0 and round({0}, 6) < $seuil)"
    connues = "list_has_all($mesures, regexp_extract_all(i.{0}, '[a-z0-9_]+'))"
    lignes = con.execute(
        f"""
        select distinct l.territoire_id, l.indicateur_id, l.millesime from (
            select territoire_id, indicateur_id, millesime, valeur, numerateur, denominateur, statut,
            source_ids from {schema}.fct_indicateurs
            union all by name
            select territoire_id, indicateur_id, millesime, valeur, null::double as numerateur,
                null::double as denominateur, statut, source_ids
            from {schema}.fct_indicateurs_origine
        ) as l
        inner join {schema}.dim_indicateur as i on l.indicateur_id = i.indicateur_id
        where
            l.statut in ('observe', 'arrondi', 'partiel')
            and (
                list_contains(string_split(l.source_ids, '+'), '{EXTRAIT}')
                or list_contains($des_registres, l.indicateur_id)
            )
            and case
                when i.methode = 'somme' then i.unite not like 'EUR%' and {petit.format("l.valeur")}
                when i.methode = 'ratio' and i.unite like 'EUR%' then
                    {petit.format("l.denominateur")} and {connues.format("denominateur")}
                when i.methode in ('ratio', 'evolution', 'difference') then
                    {petit.format("l.numerateur")} and {connues.format("numerateur")}
                    or {petit.format("l.denominateur")}
                    and coalesce({connues.format("denominateur")}, true)
                    or (
                        i.part_d_un_tout and l.statut = 'observe'
                        -- None of a public whole leaves all of it, which was never ours.
                        and (l.numerateur > 0 or {connues.format("denominateur")})
                        and (
                            {petit.format("(l.denominateur - l.numerateur)")}
                            or l.numerateur = l.denominateur and l.numerateur > 0
                            and list_contains($groupe, i.numerateur)
                        )
                    )
                else false
            end
        order by all
        """,
        {
            "seuil": parametres.seuil,
            "groupe": sorted(parametres.groupe),
            "mesures": sorted(mesures),
            "des_registres": sorted(des_registres(con, schema, parametres.registres)),
        },
    ).fetchall()
    return [Cellule(t, i, int(m)) for t, i, m in lignes]


def _incidents(
    modele: Modele, forme: Forme, cellules: Iterable[Cellule], decides: Mapping[str, Mapping[str, str]]
) -> set[Incident]:
    atomes = modele.geographie.nom(forme.territoire)
    return {
        Incident(incident, cellule, incident in decides)
        for cellule in cellules
        if (incident := identifiant_incident(cellule, atomes))
    }


def _sans(modele: Modele, formes: Iterable[Forme]) -> Modele:
    """Return the model without what earlier releases alone print of these forms."""
    voulues, priorite = set(formes), modele.priorite.copy()
    for forme in voulues:
        if (seule := modele.unique(forme)) and not modele.courant[seule]:
            priorite[seule] = JAMAIS
    imprimees = {f: lue for f, lue in modele.imprimees.items() if lue.courant or f not in voulues}
    return replace(modele, priorite=priorite, imprimees=imprimees)


def _zero_admis(modele: Modele, savoir: Connaissances, forme: Forme) -> bool:
    """Whether a determined form is a zero that protects nobody."""
    return forme in modele.zeros_admis and valeur_determinee(modele, savoir, forme) == 0


def _petits_termes(modele: Modele, savoir: Connaissances, lignes: pd.DataFrame) -> set[Constat]:
    """Return the masked ratios one of whose terms, printed nowhere, is determined and below the threshold."""
    constats = set()
    for forme, cellules in modele.termes_tus.items():
        if modele.imprimee(forme, ici=True) or forme in modele.protegees:
            continue
        valeur = valeur_determinee(modele, savoir, forme)
        if valeur is not None and 0 < valeur < modele.parametres.seuil:
            constats |= {Constat("exacte", c) for c in cellules}
    return constats


def _petits_restes(
    modele: Modele, savoir: Connaissances, lignes: pd.DataFrame
) -> Iterator[tuple[Cellule, Forme]]:
    """Yield the cells of which other territories leave a count below the threshold, where it is determined.

    Of the indicateurs that no row shows by commune: elsewhere, each commune is a cell of its own.
    """
    suivies = lignes[lignes["sensible"] & lignes["methode"].isin(["somme", "ratio"])]
    communes = suivies[suivies["niveau"] == "commune"]
    par_commune = {
        (frozenset(termes(formule).items()), annee)
        for colonnes in (("formule_numerateur", "millesime"), ("formule_denominateur", "millesime_second"))
        for formule, annee in communes[list(colonnes)].itertuples(index=False)
        if isinstance(formule, str)
    }
    comptes = suivies[~suivies["unite"].fillna("").str.startswith("EUR")]
    for _, groupe in comptes.groupby(["indicateur_id", "millesime", "millesime_second"], sort=True):
        une = groupe.iloc[0]
        num, den = termes(une["formule_numerateur"]), termes(texte(une["formule_denominateur"]))
        if (frozenset(num.items()), une["millesime"]) in par_commune:
            continue
        formules = [num]
        if den and une["part_d_un_tout"] and une["millesime"] == une["millesime_second"]:
            formules.append({**den, **{mesure: -c for mesure, c in num.items()}})
        lieux = {
            t: f"{n}:{c}" for t, n, c in groupe[["territoire", "niveau", "code"]].itertuples(index=False)
        }
        for territoire, atomes in _morceaux(modele.geographie, lieux):
            for formule in formules:
                forme = modele.forme_connue(formule, int(une["millesime"]), atomes)
                valeur = valeur_determinee(modele, savoir, forme) if forme is not None else None
                if forme is not None and valeur is not None and 0 < valeur < modele.parametres.seuil:
                    yield Cellule(lieux[territoire], str(une["indicateur_id"]), int(une["millesime"])), forme


def _morceaux(geographie: Geographie, territoires: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the atoms that lie in the same territories, as a territory of their own, after the narrowest."""
    dans: dict[int, list[int]] = {}
    for territoire in sorted(set(territoires)):
        for atome in geographie.territoires[territoire].tolist():
            dans.setdefault(atome, []).append(territoire)
    ensembles: dict[tuple[int, ...], list[int]] = {}
    for atome, siens in dans.items():
        ensembles.setdefault(tuple(siens), []).append(atome)
    for siens_, atomes in sorted(ensembles.items()):
        plus_etroit = min(siens_, key=lambda t: (len(geographie.territoires[t]), t))
        if len(atomes) < len(geographie.territoires[plus_etroit]):
            yield plus_etroit, geographie.territoire(atomes)


def _demasquees(lignes: pd.DataFrame) -> set[Constat]:
    """Return the cells shown by this build that an earlier release masked, over the same communes."""
    cles = ["geographie", "niveau", "code", "indicateur_id", "millesime", "territoire"]
    secretes = lignes[(lignes["rang"] > 0) & (lignes["statut"] == "secret") & lignes["sensible"]]
    montrees = lignes[(lignes["rang"] == 0) & ~lignes["statut"].isin(["secret", "sans_objet"])]
    communes = montrees[cles].merge(secretes[[*cles, "release"]], on=cles)
    return {
        Constat("demasquee", Cellule(f"{n}:{c}", i, int(m)), f"masked by {release}")
        for n, c, i, m, release in communes[
            ["niveau", "code", "indicateur_id", "millesime", "release"]
        ].itertuples(index=False)
    }


def _groupes(
    modele: Modele, territoires: Mapping[tuple[str, str], int], singletons: pa.Table | None
) -> tuple[list[list[Forme]], int]:
    """Return the forms each lone contributor knows, and how many cells the marts have no place for."""
    groupes: dict[str, list[Forme]] = {}
    inconnus = 0
    for ligne in singletons.to_pylist() if singletons is not None else []:
        forme = _forme(modele, territoires, ligne)
        if forme is None:
            inconnus += (ligne["niveau"], ligne["code"]) not in territoires
            continue
        groupes.setdefault(str(ligne["contributeur"]), []).append(forme)
    return [groupes[c] for c in sorted(groupes)], inconnus


def _montants_montres(
    modele: Modele, territoires: Mapping[tuple[str, str], int], sensibles: pa.Table | None
) -> set[Constat]:
    """Return the amounts that this build shows although too few contribute to them, or one makes them."""
    constats = set()
    noms = modele.indicateurs_des_sommes
    for ligne in sensibles.to_pylist() if sensibles is not None else []:
        mesure, niveau, code = ligne["formule"], ligne["niveau"], ligne["code"]
        territoire = territoires.get((niveau, code))
        if territoire is None or mesure not in modele.montants:
            continue
        forme = modele.forme_connue({mesure: 1}, ligne["millesime"], territoire)
        if forme is not None and modele.imprimee(forme, ici=True):
            cellule = Cellule(f"{niveau}:{code}", noms.get(mesure, mesure), int(ligne["millesime"]))
            constats.add(Constat("primaire", cellule))
    return constats


def _sensibles(
    modele: Modele,
    territoires: Mapping[tuple[str, str], int],
    sensibles: pa.Table | None,
) -> set[Forme | None] | None:
    """Return the forms that are hidden for themselves; None when that is not told."""
    if sensibles is None:
        return None
    return {
        modele.forme_connue(termes(ligne["formule"]), ligne["millesime"], territoire)
        for ligne in sensibles.to_pylist()
        if (territoire := territoires.get((ligne["niveau"], ligne["code"]))) is not None
    }


def _secondaires(protegees: Iterable[Protegee], intimes: set[Forme | None] | None) -> set[Cellule]:
    """Return the cells of this release that are hidden for others only; none when that is not told."""
    if intimes is None:
        return set()
    cellules: dict[bool, set[Cellule]] = {True: set(), False: set()}
    for protegee in protegees:
        if protegee.courante:
            cellules[protegee.forme in intimes] |= protegee.cellules
    return cellules[False] - cellules[True]


def _forme(
    modele: Modele, territoires: Mapping[tuple[str, str], int], ligne: Mapping[str, object]
) -> Forme | None:
    """Return the form of a cell of the aggregates; None when nothing published bears on it."""
    territoire = territoires.get((str(ligne["niveau"]), str(ligne["code"])))
    if territoire is None:
        return None
    return modele.forme_connue({str(ligne["mesure_id"]): 1}, int(str(ligne["millesime"])), territoire)


def _maxima(
    modele: Modele, territoires: Mapping[tuple[str, str], int], maxima: pa.Table | None
) -> dict[Forme, float]:
    resultat: dict[Forme, float] = {}
    for ligne in maxima.to_pylist() if maxima is not None else []:
        # A count has contributors of several units (the children of a foyer): dominance is about money.
        if ligne["mesure_id"] in modele.montants and (forme := _forme(modele, territoires, ligne)):
            resultat[forme] = float(ligne["max1"])
    return resultat


def _trop_etroites(
    modele: Modele, solutions: Solutions, protegees: Iterable[Protegee], maxima: Mapping[Forme, float]
) -> list[tuple[Nature, Protegee]]:
    resultat: list[tuple[Nature, Protegee]] = []
    for protegee in protegees:
        borne = solutions.bornes.get(protegee.forme)
        if borne is None:
            continue
        # A printed zero that a part is included in makes the part zero too: no person is in it.
        if _nulle(modele, protegee.forme, borne):
            continue
        if borne.entiers < modele.parametres.alternatives_min:
            resultat.append(("bornes", protegee))
        elif (max1 := maxima.get(protegee.forme)) and borne.haut < max1 / modele.parametres.dominance_k:
            resultat.append(("dominance", protegee))
    return resultat


def _nulle(modele: Modele, forme: Forme, borne: Borne) -> bool:
    """Whether the form may be zero, and can only be."""
    return forme in modele.zeros_admis and borne.haut < EPSILON


def _etroite_avant(modele: Modele, anterieur: Connaissances, protegee: Protegee) -> bool:
    """Whether earlier releases alone leave too few values."""
    seul = replace(
        modele,
        intervalles={f: i for f, i in modele.intervalles.items() if i.registre},
        au_moins_un=modele.au_moins_un_avant,
    )
    borne = borner(seul, anterieur, [protegee]).bornes.get(protegee.forme)
    return borne is not None and borne.entiers < modele.parametres.alternatives_min


def _comptes(
    modele: Modele,
    savoir: Connaissances,
    lignes: pd.DataFrame,
    solutions: Solutions,
    groupes: list[list[Forme]],
) -> dict[str, int]:
    ici = lignes[lignes["rang"] == 0]
    return {
        "cellules": int(ici["sensible"].sum()),
        "cellules_masquees": len(modele.masquees),
        "cellules_registre": int((lignes["rang"] > 0).sum()),
        "formes_protegees": len(modele.protegees),
        "inconnues": int((modele.priorite == JAMAIS).sum()),
        "cellules_connues": int((modele.priorite != JAMAIS).sum()),
        "cellules_forcees": int((modele.registre & ~modele.courant).sum())
        + sum(lue.registre and not lue.courant for lue in modele.imprimees.values()),
        "equations": len(modele.imprimees),
        "equations_independantes": len(savoir.retenues),
        "equations_contredites": modele.contradictions + savoir.contradictions,
        "intervalles": len(modele.intervalles),
        "contributeurs_uniques": len(groupes),
        "composantes_resolues": solutions.resolues,
        "composantes_inchangees": solutions.reprises,
        "composantes_sans_le_public": solutions.sans_le_public,
        "formes_bornees": len(solutions.bornes),
    }


def _bilan(modele: Modele, solutions: Solutions) -> Bilan:
    bornes = {f: b for f, b in solutions.bornes.items() if not _nulle(modele, f, b)}
    finies = [b for b in bornes.values() if np.isfinite(b.haut)]
    if not finies:
        return Bilan()
    largeurs = [round(b.haut - b.bas, 6) for b in finies]
    noms = list(modele.blocs)
    sous_seuil = sum(
        b.haut < modele.parametres.seuil
        for forme, b in bornes.items()
        if not any(noms[bloc][0] in modele.montants for bloc, _ in forme.lin)
    )
    return Bilan(
        min(largeurs), float(statistics.median(largeurs)), int(min(b.entiers for b in finies)), sous_seuil
    )


def _empreinte_systeme(modele: Modele) -> str:
    """SHA-256 of the equations: which forms are printed and protected, told in names that never vary."""
    noms = list(modele.blocs)
    atomes = list(modele.geographie.atomes)

    def dire(forme: Forme) -> list[object]:
        lin = sorted([noms[b][0], noms[b][1], c] for b, c in forme.lin)
        return [lin, modele.geographie.nom(forme.territoire)]

    connus = [
        [*noms[bloc], atomes[atome]]
        for bloc, atome in zip(*np.nonzero(modele.priorite != JAMAIS), strict=True)
    ]
    return _empreinte(
        [
            sorted(connus),
            sorted(dire(f) for f in modele.imprimees),
            sorted(dire(f) for f in modele.intervalles),
            sorted(dire(f) for f in modele.protegees),
        ]
    )


def _empreinte(contenu: object) -> str:
    texte = json.dumps(contenu, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(texte.encode()).hexdigest()
