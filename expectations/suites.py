"""What each mart promises: one suite of expectations per mart, measured by SQL on the night's build.

Belongs here: how a promise is measured. A suite reads a few lots; a lot is one SQL query that returns a
small profile (one row per indicateur × niveau × millésime, say) with, per control, a column of its name (a
count of failing rows, a share) and `<control>_exemples`, the first failing territoires. Masked values are
never quoted: keys only.
Does not: thresholds and reasons (`seuils.yml`), running Great Expectations (`runner.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd

from expectations.seuils import Seuils

MASQUES = "('secret', 'non_disponible', 'sans_objet')"
VALEURS = "('observe', 'arrondi', 'partiel')"
CODES = {
    "commune": r"^(\d{2}|2[AB])\d{3}$",
    "epci": r"^\d{9}$",
    "ctg": r"^[a-z0-9][a-z0-9_-]*$",
    "departement": r"^(\d{2,3}|2[AB])$",
    "region": r"^\d{2}$",
    "france": "^FR$",
}


@dataclass(frozen=True)
class Attente:
    """One expectation: the control of `seuils.yml`, the column it reads and its kind."""

    controle: str
    colonne: str
    genre: Literal["bornes", "liste", "unique"] = "bornes"


@dataclass(frozen=True)
class Lot:
    """One query (None: nothing to measure) and the expectations on its rows.

    A lot without a row fails unless `si_vide` says, in French, why it may be empty.
    """

    nom: str
    cles: tuple[str, ...]
    requete: str | None
    attentes: tuple[Attente, ...]
    si_vide: str | None = None


def suites(
    con: duckdb.DuckDBPyConnection, seuils: Seuils, profil: str, precedente: Path | None
) -> dict[str, list[Lot]]:
    """Suites of the build `con` is connected to, by mart: the three tables of the star, then every `mart_…`.

    A mart is read as a wide one unless `SUITES_PROPRES` has a suite of its own for it.

    Registers on `con` the views the lots read: `plages`, `totaux` and, from the Parquet of the previous
    release, `precedente_…`. Raises duckdb.Error when `dim_indicateur` or that Parquet cannot be read.
    """
    _enregistrer(con, seuils, profil, precedente)
    marts = con.execute(
        "select table_name from information_schema.tables"
        " where table_schema = 'marts' and table_name like 'mart\\_%' escape '\\' order by 1"
    ).fetchall()
    return {
        "dim_territoire": _dim_territoire(seuils, precedente),
        "dim_indicateur": _dim_indicateur(),
        "fct_indicateurs": _fct_indicateurs(seuils, precedente),
    } | {
        mart: SUITES_PROPRES[mart](seuils) if mart in SUITES_PROPRES else _mart_large(con, mart, seuils)
        for (mart,) in marts
    }


def _enregistrer(
    con: duckdb.DuckDBPyConnection, seuils: Seuils, profil: str, precedente: Path | None
) -> None:
    dictionnaire = con.execute("select indicateur_id, methode, unite from marts.dim_indicateur").fetchall()
    plages = [(i, p.min, p.max) for i, m, u in dictionnaire if (p := seuils.plage(i, m, u))]
    con.register("plages", pd.DataFrame(plages, columns=["indicateur_id", "plage_min", "plage_max"]))
    totaux = [
        (t.indicateur, t.territoire, t.millesime, t.valeur, t.tolerance, t.source)
        for t in seuils.totaux
        if profil in t.profils
    ]
    colonnes = ["indicateur_id", "territoire_id", "millesime", "attendu", "tolerance", "source"]
    con.register("totaux", pd.DataFrame(totaux, columns=colonnes))
    if precedente is not None:
        for table in ("dim_territoire", "fct_indicateurs"):
            fichier = precedente / "parquet" / f"{table}.parquet"
            con.execute(f"create temp view precedente_{table} as from read_parquet({_chaine(str(fichier))})")


def _dim_territoire(seuils: Seuils, precedente: Path | None) -> list[Lot]:
    codes = " ".join(
        f"when '{niveau}' then regexp_matches(code, '{motif}')" for niveau, motif in CODES.items()
    )
    regles = {
        "identifiant_incoherent": ("territoire_id is distinct from niveau || ':' || code", "''"),
        "code_malforme": (f"not case niveau {codes} else true end", "''"),
        "libelle_absent": ("coalesce(trim(libelle), '') = ''", "''"),
        "rattachement_absent": ("niveau = 'commune' and (departement is null or region is null)", "''"),
        "epci_inconnu": (
            "niveau = 'commune' and epci is not null and 'epci:' || epci not in"
            " (select territoire_id from marts.dim_territoire where niveau = 'epci')",
            "' (epci ' || epci || ')'",
        ),
    }
    profil = f"""
        select niveau, count(*) as lignes, {_comptages(regles, seuils)}
        from marts.dim_territoire group by niveau order by niveau"""
    mouvement = f"""
        select a.niveau, count(*) as lignes,
            {_part("part_territoires_perdus", "m.territoire_id is null", "true", "''", seuils)}
        from precedente_dim_territoire as a left join marts.dim_territoire as m using (territoire_id)
        group by a.niveau order by a.niveau"""
    return [
        Lot("profil", ("niveau",), profil, (Attente("niveau_connu", "niveau", "liste"), *_attentes(regles))),
        _mouvement(("niveau",), mouvement, ["part_territoires_perdus"], precedente),
    ]


def _dim_indicateur() -> list[Lot]:
    dictionnaire = """
        select i.indicateur_id as identifiant, i.indicateur_id as identifiant_unique, polarite,
            (coalesce(trim(description), '') = '')::integer as description_absente,
            (plage_min is null)::integer as unite_sans_plage, unite as unite_sans_plage_exemples,
            (disponible and methode = 'ratio' and (numerateur is null or denominateur is null))::integer
                as formule_absente,
            (not disponible and coalesce(trim(motif), '') = '')::integer as motif_absent
        from marts.dim_indicateur as i left join plages using (indicateur_id)
        order by i.indicateur_id"""
    niveaux = """
        with annonces as (
            select indicateur_id as identifiant,
                unnest(regexp_split_to_array(niveaux, '\\s*\\+\\s*')) as niveau
            from marts.dim_indicateur where disponible
        ), connus as (
            select indicateur_id as identifiant, niveau from marts.fct_indicateurs
            union select indicateur_id, niveau from marts.dim_disponibilite where motif is not null
        )
        select identifiant, niveau, (connus.identifiant is null)::integer as silencieux
        from annonces left join connus using (identifiant, niveau)
        where niveau in (select niveau from marts.dim_territoire)
        order by identifiant, niveau"""
    controles = ("description_absente", "unite_sans_plage", "formule_absente", "motif_absent")
    return [
        Lot(
            "dictionnaire",
            ("identifiant",),
            dictionnaire,
            (
                Attente("identifiant_unique", "identifiant_unique", "unique"),
                Attente("polarite_connue", "polarite", "liste"),
                *_attentes(controles),
            ),
        ),
        Lot("niveaux", ("identifiant", "niveau"), niveaux, tuple(_attentes(["silencieux"]))),
    ]


def _fct_indicateurs(seuils: Seuils, precedente: Path | None) -> list[Lot]:
    cles = ("indicateur_id", "niveau", "millesime")
    lots = [
        Lot("profil", cles, *_profil_fct(seuils)),
        Lot("territoires", ("niveau",), _absents("fct_indicateurs", seuils), tuple(_attentes(["absents"]))),
        Lot(
            "totaux",
            ("indicateur_id", "territoire_id", "millesime"),
            _totaux(),
            tuple(_attentes(["hors_tolerance"])),
        ),
        Lot(
            "sommes",
            cles,
            _sommes(seuils),
            tuple(_attentes(["somme_discordante"])),
            si_vide="aucun EPCI du périmètre n'a toutes ses communes chiffrées",
        ),
    ]
    controles = [
        "part_perdue",
        "part_effacee",
        "part_tue",
        "part_changee",
        "plus_grand_ecart",
        "indicateur_retire",
    ]
    return [*lots, _mouvement(cles, _mouvement_fct(seuils), controles, precedente)]


def _profil_fct(seuils: Seuils) -> tuple[str, tuple[Attente, ...]]:
    eps = seuils.tolerance.valeur
    calcul = (
        "case methode_dictionnaire when 'ratio' then facteur * numerateur / nullif(denominateur, 0)"
        " when 'evolution' then facteur * (numerateur / nullif(denominateur, 0) - 1)"
        " when 'difference' then numerateur - denominateur end"
    )
    regles = {
        "hors_plage": ("chiffre and valeur not between plage_min and plage_max", _texte("valeur")),
        "part_hors_0_100": (
            f"chiffre and part_d_un_tout and valeur not between {-eps} and {100 + eps}",
            _texte("valeur"),
        ),
        "statut_inconnu": (
            f"statut is null or (statut not in {MASQUES} and statut not in {VALEURS})",
            "coalesce(' (' || statut || ')', ' (vide)')",
        ),
        "masque_avec_valeur": (
            f"statut in {MASQUES}"
            " and coalesce(valeur, numerateur, denominateur, borne_basse, borne_haute) is not null",
            "' (' || statut || ')'",
        ),
        "masque_sans_motif": (
            f"statut in {MASQUES} and coalesce(trim(motif), '') = ''",
            "' (' || statut || ')'",
        ),
        "chiffre_sans_valeur": (
            f"statut in {VALEURS} and valeur is null and valeur_texte is null",
            "' (' || statut || ')'",
        ),
        "bornes_incoherentes": (
            f"chiffre and (borne_basse > valeur + {eps} or borne_haute < valeur - {eps})",
            f"{_texte('valeur')} || ' hors de ' || {_intervalle('borne_basse', 'borne_haute')}",
        ),
        "bornes_absentes": (
            "chiffre and valeur is not null and (borne_basse is null or borne_haute is null)",
            _texte("valeur"),
        ),
        "calcul_incoherent": (
            "chiffre and methode_dictionnaire in ('ratio', 'evolution', 'difference') and valeur is not null"
            f" and (abs(valeur - {calcul}) <= {eps} * greatest(1, abs(valeur))) is not true",
            f"{_texte('valeur')} || ' au lieu de ' || coalesce({_nombre(calcul)}, 'rien')",
        ),
    }
    socle, suivie = seuils.socle, seuils.completude_suivie
    controles = seuils.controles_de("fct_indicateurs")
    requete = f"""
        with lignes as (
            select f.*, d.part_d_un_tout, d.facteur, d.methode as methode_dictionnaire,
                p.plage_min, p.plage_max, coalesce(f.statut in {VALEURS}, false) as chiffre
            from marts.fct_indicateurs as f
            left join marts.dim_indicateur as d using (indicateur_id)
            left join plages as p using (indicateur_id)
        ), profil as (
            select indicateur_id, niveau, millesime, any_value(methode_dictionnaire) as methode,
                count(*) as lignes, bool_or(chiffre) as recu,
                count(distinct territoire_id) filter (where statut <> 'non_disponible') as renseignes,
                {_comptages(regles, seuils)}
            from lignes group by indicateur_id, niveau, millesime
        ), effectifs as (
            select niveau, count(*) as territoires from marts.dim_territoire group by niveau
        ), mesure as (
            select profil.*, renseignes / territoires as part,
                indicateur_id in {_liste(socle.indicateurs)} and niveau in {_liste(socle.niveaux)}
                    as de_socle,
                case when de_socle then part end as part_socle,
                case when not de_socle and recu and niveau in {_liste(suivie.niveaux)}
                    and methode not in {_liste(suivie.methodes_exclues)} then part end as part_renseignee
            from profil left join effectifs using (niveau)
        ), manquants as (
            select m.indicateur_id, m.niveau, m.millesime,
                {_premiers("t.territoire_id", "true", seuils)} as exemples
            from mesure as m join marts.dim_territoire as t using (niveau)
            where (m.part_socle < {controles["part_socle"].min}
                    or m.part_renseignee < {controles["part_renseignee"].min})
                and not exists (
                    select 1 from marts.fct_indicateurs as f
                    where f.territoire_id = t.territoire_id and f.indicateur_id = m.indicateur_id
                        and f.millesime = m.millesime and f.statut <> 'non_disponible')
            group by m.indicateur_id, m.niveau, m.millesime
        )
        select mesure.*, exemples as part_socle_exemples, exemples as part_renseignee_exemples
        from mesure left join manquants using (indicateur_id, niveau, millesime)
        order by indicateur_id, niveau, millesime"""
    return requete, tuple(_attentes([*regles, "part_socle", "part_renseignee"]))


def _totaux() -> str:
    return f"""
        with confrontes as (
            select t.*, case when f.statut in {VALEURS} then f.valeur end as observe,
                case when d.territoire_id is null then 'territoire hors du périmètre'
                    when not exists (
                        select 1 from marts.fct_indicateurs as r
                        where r.indicateur_id = t.indicateur_id and r.niveau = d.niveau
                            and r.millesime = t.millesime and r.statut <> 'non_disponible')
                    then 'aucune source reçue pour ce millésime à ce niveau' end as non_verifie
            from totaux as t
            left join marts.dim_territoire as d using (territoire_id)
            left join marts.fct_indicateurs as f using (indicateur_id, territoire_id, millesime)
        )
        select *, case when non_verifie is null
            then ((abs(observe - attendu) <= tolerance + 1e-9) is not true)::integer end as hors_tolerance,
            'attendu ' || {_nombre("attendu")} || ', observé ' || coalesce({_nombre("observe")}, 'rien')
                || ' (' || source || ')' as hors_tolerance_exemples
        from confrontes order by indicateur_id, territoire_id, millesime"""


def _sommes(seuils: Seuils) -> str:
    eps = seuils.tolerance.valeur
    regles = {
        "somme_discordante": (
            f"basse > total.borne_haute + {eps} * greatest(1, basse)"
            f" or haute < total.borne_basse - {eps} * greatest(1, haute)",
            f"{_texte('total.valeur')} || ', communes ' || {_intervalle('basse', 'haute')}",
        )
    }
    return f"""
        with membres as (
            select territoire_id as commune, 'epci:' || epci as territoire_id
            from marts.dim_territoire where niveau = 'commune' and epci is not null
        ), effectifs as (select territoire_id, count(*) as communes from membres group by territoire_id),
        sommes as (
            select m.territoire_id, f.indicateur_id, f.millesime,
                count(f.borne_basse + f.borne_haute) as chiffrees,
                sum(f.borne_basse) as basse, sum(f.borne_haute) as haute
            from marts.fct_indicateurs as f
            join marts.dim_indicateur as d on d.indicateur_id = f.indicateur_id and d.methode = 'somme'
            join membres as m on m.commune = f.territoire_id
            where f.statut in {VALEURS}
            group by m.territoire_id, f.indicateur_id, f.millesime
        )
        select indicateur_id, total.niveau, millesime, count(*) as lignes, {_comptages(regles, seuils)}
        from sommes join effectifs using (territoire_id)
        join marts.fct_indicateurs as total using (territoire_id, indicateur_id, millesime)
        where chiffrees = communes and total.statut in {VALEURS}
            and total.borne_basse is not null and total.borne_haute is not null
        group by indicateur_id, total.niveau, millesime order by indicateur_id, millesime"""


def _mouvement_fct(seuils: Seuils) -> str:
    ecart = f"abs(apres - avant) / greatest(abs(avant), {seuils.plancher_mouvement.valeur})"
    passage = f"' : ' || {_nombre('avant')} || ' → ' || {_nombre('apres')}"
    statut = "' (' || statut || ')'"
    presente = "avant is not null and not perdue"
    change = f"abs(apres - avant) > {seuils.tolerance.valeur} * greatest(1, abs(avant))"
    k = int(seuils.exemples.valeur)
    return f"""
        with compare as (
            select territoire_id, indicateur_id, a.niveau, millesime,
                indicateur_id in (select indicateur_id from marts.dim_indicateur) as suivi,
                m.territoire_id is null as perdue, m.statut, m.statut = 'secret' as tue,
                case when a.statut in {VALEURS} then a.valeur end as avant,
                case when m.statut in {VALEURS} then m.valeur end as apres
            from precedente_fct_indicateurs as a
            left join marts.fct_indicateurs as m using (territoire_id, millesime, indicateur_id)
        )
        select indicateur_id, niveau, millesime, count(*) as lignes,
            (not bool_and(suivi))::integer as indicateur_retire,
            {_part("part_perdue", "perdue", "suivi", "''", seuils)},
            {_part("part_effacee", "apres is null and not tue", presente, statut, seuils)},
            {_part("part_tue", "tue", presente, "''", seuils)},
            {_part("part_changee", change, "avant is not null and apres is not null", passage, seuils)},
            max({ecart}) as plus_grand_ecart,
            array_to_string(arg_max(territoire_id || {passage}, {ecart}, {k}), ' ; ')
                as plus_grand_ecart_exemples
        from compare group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""


def _mart_large(con: duckdb.DuckDBPyConnection, mart: str, seuils: Seuils) -> list[Lot]:
    colonnes = {c: type_ for (c, type_, *_) in con.execute(f'describe marts."{mart}"').fetchall()}
    indicateurs = [c for c in colonnes if f"{c}_statut" in colonnes]
    cases = " union all by name ".join(
        f"""select territoire_id, niveau, millesime, '{i}' as indicateur_id,
                {"null::double" if colonnes[i] == "VARCHAR" else f'"{i}"'} as valeur,
                {f'"{i}"' if colonnes[i] == "VARCHAR" else "null::varchar"} as valeur_texte,
                "{i}_statut" as statut
            from marts."{mart}" """
        for i in indicateurs
    )
    statut = "coalesce(' (' || m.statut || ')', '')"
    regles = {
        "silence": ("m.territoire_id is not null and m.statut is null", "''"),
        "masque_avec_valeur": (
            f"m.statut in {MASQUES} and (m.valeur is not null or m.valeur_texte is not null)",
            statut,
        ),
        "chiffre_sans_valeur": (
            f"m.statut in {VALEURS} and m.valeur is null and m.valeur_texte is null",
            statut,
        ),
        "ecart_avec_fct": (
            "(f.territoire_id is not null and (m.territoire_id is null"
            " or m.valeur is distinct from f.valeur or m.valeur_texte is distinct from f.valeur_texte"
            " or m.statut is distinct from f.statut))"
            " or (f.territoire_id is null and coalesce(m.valeur::varchar, m.valeur_texte) is not null)",
            "concat(' (', coalesce(f.statut, 'absente'), ' dans fct_indicateurs, ',"
            " coalesce(m.statut, 'absente'), ' ici)')",
        ),
    }
    profil = f"""
        with m as ({cases}),
        f as (select * from marts.fct_indicateurs where indicateur_id in {_liste(indicateurs)})
        select indicateur_id, niveau, millesime, count(*) as lignes, {_comptages(regles, seuils)}
        from m full join f using (territoire_id, niveau, millesime, indicateur_id)
        group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""
    return [
        Lot("profil", ("indicateur_id", "niveau", "millesime"), profil, tuple(_attentes(regles))),
        Lot("territoires", ("niveau",), _absents(mart, seuils), tuple(_attentes(["absents"]))),
    ]


def _mart_comparaisons(seuils: Seuils) -> list[Lot]:
    eps = seuils.tolerance.valeur
    comparateurs = ("epci", "departement", "region", "france", "pairs")

    def un_des(condition: str) -> str:
        return " or ".join(f"coalesce({condition.format(x=x)}, false)" for x in comparateurs)

    regles = {
        "ecart_avec_fct": (
            "f.territoire_id is null or m.territoire_id is null"
            " or m.valeur is distinct from f.valeur or m.statut is distinct from f.statut",
            "concat(' (', coalesce(f.statut, 'absente'), ' dans fct_indicateurs, ',"
            " coalesce(m.statut, 'absente'), ' ici)')",
        ),
        "masque_avec_valeur": (
            f"m.statut in {MASQUES} and (m.valeur is not null or rang is not null or "
            + un_des("ecart_{x} is not null")
            + f") or {un_des(f'valeur_{{x}}_statut in {MASQUES} and valeur_{{x}} is not null')}",
            "' (' || m.statut || ')'",
        ),
        "ecart_incoherent": (
            un_des(f"abs(ecart_{{x}} - (m.valeur - valeur_{{x}})) > {eps} * greatest(1, abs(m.valeur))")
            + " or methode in ('somme', 'difference') and ("
            + un_des("ecart_{x} is not null")
            + ")",
            _texte("m.valeur"),
        ),
        "lecture_incoherente": (
            un_des(
                "ecart_{x}_lecture in ('favorable', 'defavorable') and (m.polarite = 'neutre'"
                " or (ecart_{x} > 0) <> (m.polarite = ecart_{x}_lecture))"
            ),
            "' (' || m.polarite || ')'",
        ),
        "rang_hors_pairs": (
            "coalesce(rang not between 1 and nb_pairs, false)"
            " or rang is null and m.valeur is not null and nb_pairs > 1",
            "concat(' : rang ', rang, ' sur ', nb_pairs)",
        ),
    }
    profil = f"""
        with f as (
            select territoire_id, niveau, millesime, indicateur_id, valeur, statut, d.methode
            from marts.fct_indicateurs join marts.dim_indicateur as d using (indicateur_id)
            where d.methode <> 'attribut' and valeur_texte is null
        )
        select indicateur_id, niveau, millesime, count(*) as lignes, {_comptages(regles, seuils)}
        from marts.mart_comparaisons as m full join f using (territoire_id, niveau, millesime, indicateur_id)
        group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""
    return [Lot("profil", ("indicateur_id", "niveau", "millesime"), profil, tuple(_attentes(regles)))]


def _mart_evolutions(seuils: Seuils) -> list[Lot]:
    eps = seuils.tolerance.valeur
    chiffres = ("evolution", "evolution_relative", "effet_numerateur", "effet_denominateur")
    regles = {
        "bout_infidele": (
            "valeur_debut is distinct from a.valeur or valeur_debut_statut is distinct from a.statut"
            " or valeur_fin is distinct from b.valeur or valeur_fin_statut is distinct from b.statut",
            "''",
        ),
        "masque_avec_valeur": (
            f"m.statut not in {VALEURS} and coalesce({', '.join(chiffres)}) is not null",
            "' (' || m.statut || ')'",
        ),
        "refus_sans_motif": (
            f"m.statut not in {VALEURS} and coalesce(trim(m.motif), '') = ''",
            "' (' || m.statut || ')'",
        ),
        "bouts_incomparables": (
            f"m.statut in {VALEURS} and (a.source_ids <> b.source_ids or a.champ is distinct from b.champ)",
            "' (' || a.source_ids || ' puis ' || b.source_ids || ')'",
        ),
        "evolution_incoherente": (
            f"m.statut in {VALEURS} and (abs(evolution - (valeur_fin - valeur_debut)) <= {eps}) is not true",
            _texte("evolution"),
        ),
        "decomposition_inexacte": (
            f"m.statut in {VALEURS} and methode = 'ratio' and (abs(effet_numerateur + effet_denominateur"
            f" - evolution) <= {eps} * greatest(1, abs(valeur_debut), abs(valeur_fin))) is not true",
            _texte("evolution"),
        ),
    }
    profil = f"""
        select indicateur_id, niveau, millesime_fin as millesime, count(*) as lignes,
            {_comptages(regles, seuils)}
        from marts.mart_evolutions as m
        left join (select territoire_id, indicateur_id, millesime as millesime_debut, valeur, statut,
                source_ids, champ from marts.fct_indicateurs) as a
            using (territoire_id, indicateur_id, millesime_debut)
        left join (select territoire_id, indicateur_id, millesime as millesime_fin, valeur, statut,
                source_ids, champ from marts.fct_indicateurs) as b
            using (territoire_id, indicateur_id, millesime_fin)
        group by indicateur_id, niveau, millesime_fin order by indicateur_id, niveau, millesime"""
    vide = "aucun indicateur n'a deux millésimes"
    return [Lot("profil", ("indicateur_id", "niveau", "millesime"), profil, tuple(_attentes(regles)), vide)]


# One line whatever the conventions: a house that has none yet has nothing to be wrong about, and says so.
_CONVENTIONS = "coalesce(string_agg(distinct convention_id, ', ' order by convention_id), 'aucune')"


def _mart_ctg_suivi(seuils: Seuils) -> list[Lot]:
    eps = seuils.tolerance.valeur
    regles = {
        "valeur_infidele": (
            "m.millesime is not null and"
            " (m.valeur is distinct from f.valeur or m.valeur_statut is distinct from f.statut)",
            "concat(' (', coalesce(f.statut, 'absente'), ' dans fct_indicateurs, ', valeur_statut, ' ici)')",
        ),
        "juge_sans_cible": (
            "situation <> 'nd' and (cible is null or valeur_depart is null or m.valeur is null)"
            " or situation = 'nd' and coalesce(trim(motif), '') = ''",
            "' (' || situation || ')'",
        ),
        "situation_contraire": (
            "polarite <> 'neutre' and case"
            f" when if(polarite = 'favorable', 1, -1) * (m.valeur - cible) >= {eps}"
            " then situation in ('en_retard', 'non_atteinte')"
            f" when if(polarite = 'favorable', 1, -1) * (m.valeur - cible) <= -{eps}"
            " then situation = 'atteinte' end",
            "' (' || situation || ')'",
        ),
    }
    profil = f"""
        select {_CONVENTIONS} as convention_id, count(*) as lignes, {_comptages(regles, seuils)}
        from marts.mart_ctg_suivi as m
        left join (
            select territoire_id, indicateur_id, millesime, valeur, statut from marts.fct_indicateurs
        ) as f using (territoire_id, indicateur_id, millesime)"""
    return [Lot("profil", ("convention_id",), profil, tuple(_attentes(regles)))]


def _mart_sppe_schema(seuils: Seuils) -> list[Lot]:
    eps = seuils.tolerance.valeur
    sans_prive = "(f.valeur + 100 * places_planifiees / e.valeur)"
    regles = {
        "scenario_inexact": (
            f"abs(taux_scenario_sans_prive - {sans_prive}) > {eps}"
            f" or abs(taux_scenario - {sans_prive} - 100 * places_annoncees_privees / e.valeur) > {eps}",
            _texte("taux_scenario"),
        ),
        "scenario_sans_base": (
            "taux_scenario is not null and (f.valeur is null or e.valeur is null)"
            f" or taux_scenario_statut in {MASQUES}"
            " and (taux_scenario is not null or coalesce(trim(motif), '') = '')",
            "' (' || taux_scenario_statut || ')'",
        ),
        "etude_comptee": (
            "places_visees <> places_maintenues + places_planifiees + places_annoncees_privees"
            " or places_ouvertes > places_planifiees + places_annoncees_privees",
            "concat(' : ', places_visees)",
        ),
    }
    valeurs = (
        "(select territoire_id as t, millesime, valeur from marts.fct_indicateurs where indicateur_id = '{}')"
    )
    profil = f"""
        select {_CONVENTIONS} as convention_id, count(*) as lignes, {_comptages(regles, seuils)}
        from marts.mart_sppe_schema as m
        left join {valeurs.format("taux_couverture_petite_enfance")} as f
            on m.territoire_id = f.t and m.millesime_base = f.millesime
        left join {valeurs.format("nb_enfants_moins_3_ans")} as e
            on m.territoire_id = e.t and m.millesime_enfants = e.millesime"""
    return [Lot("profil", ("convention_id",), profil, tuple(_attentes(regles)))]


def _absents(table: str, seuils: Seuils) -> str:
    absent = f'territoire_id not in (select territoire_id from marts."{table}")'
    if table == "fct_indicateurs":
        # A level of which no received source says anything has no row at all, and dim_disponibilite says so.
        absent += (
            " and niveau in (select niveau from marts.dim_disponibilite where statut <> 'non_disponible')"
        )
    regle = {"absents": (absent, "''")}
    return f"""
        select niveau, count(*) as lignes, {_comptages(regle, seuils)}
        from marts.dim_territoire group by niveau order by niveau"""


def _attentes(controles: Iterable[str]) -> Iterable[Attente]:
    return (Attente(controle, controle) for controle in controles)


def _mouvement(cles: tuple[str, ...], requete: str, controles: list[str], precedente: Path | None) -> Lot:
    if precedente is None:
        return Lot(
            "mouvement", cles, None, tuple(_attentes(controles)), "première publication, rien à comparer"
        )
    return Lot("mouvement", cles, requete, tuple(_attentes(controles)))


def _comptages(regles: Mapping[str, tuple[str, str]], seuils: Seuils) -> str:
    """Per rule (condition, what to quote after the territoire): count and first of the failing rows."""
    return ", ".join(
        f"count(*) filter (where {condition}) as {nom},"
        f" {_premiers(f'concat(territoire_id, {detail})', condition, seuils)} as {nom}_exemples"
        for nom, (condition, detail) in regles.items()
    )


def _part(nom: str, condition: str, population: str, detail: str, seuils: Seuils) -> str:
    """Share of `population` that meets the condition (NULL for an empty one), and the first such rows."""
    touches = f"({population}) and ({condition})"
    return (
        f"count(*) filter (where {touches}) / nullif(count(*) filter (where {population}), 0) as {nom},"
        f" {_premiers(f'concat(territoire_id, {detail})', touches, seuils)} as {nom}_exemples"
    )


def _premiers(texte: str, condition: str, seuils: Seuils) -> str:
    return f"array_to_string(min({texte}, {int(seuils.exemples.valeur)}) filter (where {condition}), ' ; ')"


def _nombre(expression: str) -> str:
    """SQL text of a number the French way: at most 4 decimals, a comma, no trailing zero."""
    return f"replace(regexp_replace(round({expression}, 4)::varchar, '\\.0$', ''), '.', ',')"


def _texte(expression: str) -> str:
    return f"' : ' || {_nombre(expression)}"


def _intervalle(basse: str, haute: str) -> str:
    return f"'[' || {_nombre(basse)} || ' ; ' || {_nombre(haute)} || ']'"


def _chaine(texte: str) -> str:
    return "'" + texte.replace("'", "''") + "'"


def _liste(valeurs: Iterable[str]) -> str:
    return "(" + ", ".join(_chaine(valeur) for valeur in valeurs) + ")"


SUITES_PROPRES = {
    "mart_comparaisons": _mart_comparaisons,
    "mart_evolutions": _mart_evolutions,
    "mart_ctg_suivi": _mart_ctg_suivi,
    "mart_sppe_schema": _mart_sppe_schema,
}
