"""What `fct_indicateurs` promises: statut and value agree, formulas, completeness, totals, movement."""

from expectations.seuils import Seuils
from expectations.suites.commun import (
    STATUTS_CHIFFRES,
    Attente,
    Lot,
    Sujet,
    absents,
    attentes,
    cite,
    comptages,
    comptes,
    intervalle,
    lot_de_mouvement,
    nombre,
    premiers,
    proportion,
)
from socle.affichage import ESPACE_FINE, MOINS, STATUTS_MARQUES
from socle.sql import liste_sql


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    cles = ("indicateur_id", "niveau", "millesime")
    lots = [
        Lot("profil", cles, *_profil(sujet)),
        Lot("territoires", ("niveau",), absents("fct_indicateurs", seuils), comptes(["absents"])),
        Lot(
            "totaux",
            ("indicateur_id", "territoire_id", "millesime"),
            _totaux(),
            attentes(["hors_tolerance"]),
        ),
        Lot(
            "sommes",
            cles,
            _sommes(seuils),
            comptes(["somme_discordante"]),
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
    return [*lots, lot_de_mouvement(cles, _mouvement(seuils), controles, sujet.precedente)]


_CALCUL = (
    "case methode_dictionnaire when 'ratio' then"
    # Two counts rounded apart may be 15 of 10: a share of a whole goes no further.
    " least(facteur * numerateur / nullif(denominateur, 0),"
    " if(part_d_un_tout and statut = 'arrondi', 100, 'infinity'::double))"
    " when 'evolution' then facteur * (numerateur / nullif(denominateur, 0) - 1)"
    " when 'difference' then numerateur - denominateur end"
)
"""A figure from its two terms, as its method says."""


_LU = (
    f"try_cast(translate(regexp_extract(replace(valeur_affichee, '{ESPACE_FINE}', ''),"
    f" '^[+{MOINS}]?[0-9]+(,[0-9]+)?'), ',{MOINS}', '.-') as double)"
)
"""The number that a printed figure begins with: `+1 240,5 %` is 1240.5."""

_PAS = (
    "greatest(power(10, -decimales), coalesce(power(10,"
    " floor(log10(nullif(round(borne_haute - borne_basse, 9), 0) / 2))), 0))"
)
"""One more of its last digit: a power of ten that half its interval reaches, no less than a decimal."""


def _regles(sujet: Sujet) -> dict[str, tuple[str, str]]:
    """Return the conditions that make a row wrong, and what a message cites of such a row."""
    eps = sujet.seuils.tolerance.valeur
    return {
        "hors_plage": ("chiffre and valeur not between plage_min and plage_max", cite("valeur")),
        "part_hors_0_100": (
            f"chiffre and part_d_un_tout and valeur not between {-eps} and {100 + eps}",
            cite("valeur"),
        ),
        "statut_inconnu": (
            # Only mart_evolutions refuses.
            f"statut is null or statut = 'refusee'"
            f" or (statut not in {STATUTS_MARQUES} and statut not in {STATUTS_CHIFFRES})",
            "coalesce(' (' || statut || ')', ' (vide)')",
        ),
        "masque_avec_valeur": (
            f"statut in {STATUTS_MARQUES} and {sujet.montre('statut')}",
            "' (' || statut || ')'",
        ),
        "masque_sans_motif": (
            f"statut in {STATUTS_MARQUES} and coalesce(trim(motif), '') = ''",
            "' (' || statut || ')'",
        ),
        "chiffre_sans_valeur": (
            f"statut in {STATUTS_CHIFFRES} and valeur is null and valeur_texte is null",
            "' (' || statut || ')'",
        ),
        "bornes_incoherentes": (
            f"chiffre and (borne_basse > valeur + {eps} or borne_haute < valeur - {eps})",
            f"{cite('valeur')} || ' hors de ' || {intervalle('borne_basse', 'borne_haute')}",
        ),
        "bornes_absentes": (
            # The missing parts may add any amount.
            "chiffre and valeur is not null"
            " and (borne_basse is null or borne_haute is null and statut <> 'partiel')",
            cite("valeur"),
        ),
        "lisibilite_incoherente": (
            f"lisibilite is distinct from {_lisibilite()}",
            "coalesce(' (' || lisibilite || ')', ' (vide)')",
        ),
        "imprime_infidele": (
            "lisibilite <> case when valeur_affichee = 'trop peu' then 'trop_peu'"
            " when regexp_matches(valeur_affichee, '^(entre|au plus|au moins) ') then 'intervalle'"
            " else 'point' end"
            # The number that the text begins with is the figure, but for its rounding.
            " or lisibilite = 'point' and nature = 'nombre' and valeur is not null"
            f" and (abs({_LU} - valeur) <= 0.5 * {_PAS} + {eps} * greatest(1, abs(valeur)))"
            " is not true",
            "' (' || valeur_affichee || ')'",
        ),
        "imprime_au_moins_zero": (
            "regexp_matches(valeur_affichee, '^au moins 0[,0]*\\D*$')",
            "' (' || valeur_affichee || ')'",
        ),
        "imprime_trop_precis": (
            "lisibilite = 'point' and nature = 'nombre' and valeur is not null"
            f" and abs({_LU} / {_PAS} - round({_LU} / {_PAS})) > 1e-6",
            "' (' || valeur_affichee || ' entre ' || borne_basse || ' et ' || borne_haute || ')'",
        ),
        "calcul_incoherent": (
            "chiffre and methode_dictionnaire in ('ratio', 'evolution', 'difference') and valeur is not null"
            f" and (abs(valeur - {_CALCUL}) <= {eps} * greatest(1, abs(valeur))) is not true",
            f"{cite('valeur')} || ' au lieu de ' || coalesce({nombre(_CALCUL)}, 'rien')",
        ),
    }


def _lisibilite() -> str:
    """Return how sure a figure is, by what its indicateur asks for: a point, a range, or nothing to print."""
    imprimees = [f"round(round({borne}, 9), decimales)" for borne in ("borne_basse", "borne_haute")]
    return (
        f"case when statut in {STATUTS_MARQUES} then null"
        " when denominateur_haut < assise_minimale then 'trop_peu'"
        " when valeur is null or coalesce(borne_basse, borne_haute) is null"
        f" or {imprimees[0]} = {imprimees[1]} then 'point'"
        " when borne_basse is null or borne_haute is null or valeur = 0 and not signee"
        " or round(borne_haute - borne_basse, 9) > etendue_lisible"
        " or round(borne_haute - borne_basse, 9) > round(2 * abs(valeur) * etendue_lisible_relative / 100, 9)"
        " or round(abs(borne_basse + borne_haute - 2 * valeur), 9)"
        " > round(2 * abs(valeur) * biais_lisible / 100, 9)"
        " then 'intervalle' else 'point' end"
    )


def _repond(seuils: Seuils) -> str:
    """Return whether a row answers for its territory: a figure, a secret, or a blank that no file fills.

    No file gives a figure to a commune that split, nor an indicateur of the socle to a place that its source
    does not cover. Any other blank counts against `part_renseignee`.
    """
    return (
        "f.statut <> 'non_disponible' or coalesce(f.motif_code = 'scission'"
        f" or f.motif_code = 'hors_couverture' and f.indicateur_id in {liste_sql(seuils.socle.indicateurs)},"
        " false)"
    )


def _profil(sujet: Sujet) -> tuple[str, tuple[Attente, ...]]:
    seuils, regles = sujet.seuils, _regles(sujet)
    socle, suivie = seuils.socle, seuils.completude_suivie
    controles = seuils.controles_de("fct_indicateurs")
    requete = f"""
        with lignes as (
            select f.*, d.part_d_un_tout, d.facteur, d.methode as methode_dictionnaire, d.decimales,
                d.assise_minimale, d.etendue_lisible, d.etendue_lisible_relative, d.biais_lisible,
                u.signee, u.nature, p.plage_min, p.plage_max,
                coalesce(f.statut in {STATUTS_CHIFFRES}, false) as chiffre,
                {_repond(seuils)} as repond
            from marts.fct_indicateurs as f
            left join marts.dim_indicateur as d using (indicateur_id)
            left join marts.dim_unite as u on d.unite = u.unite
            left join plages as p using (indicateur_id)
        ), profil as (
            select indicateur_id, niveau, millesime, any_value(methode_dictionnaire) as methode,
                count(*) as lignes, bool_or(chiffre) as recu,
                count(distinct territoire_id) filter (where repond) as renseignes,
                {comptages(regles, seuils)}
            from lignes group by indicateur_id, niveau, millesime
        ), effectifs as (
            select niveau, count(*) as territoires from marts.dim_territoire group by niveau
        ), silences as (
            -- What the socle must have and no row speaks of. A source that never came is no failure:
            -- dim_disponibilite says so; nor one that covers none of the scope, whose wider levels say so.
            select d.indicateur_id, e.niveau, (select max(millesime) from lignes) as millesime,
                d.methode, 0 as lignes, 0 as renseignes
            from marts.dim_indicateur as d cross join effectifs as e
            where d.indicateur_id in {liste_sql(socle.indicateurs)} and e.niveau in {liste_sql(socle.niveaux)}
                and coalesce(d.motif_code not in ('source_jamais_recue', 'source_en_attente'), true)
                and not exists (
                    select 1 from profil as p where p.indicateur_id = d.indicateur_id and p.niveau = e.niveau)
                and not exists (
                    select 1 from lignes as h
                    where h.indicateur_id = d.indicateur_id and h.motif_code = 'hors_couverture')
        ), mesure as (
            select examinees.*, renseignes / territoires as part,
                indicateur_id in {liste_sql(socle.indicateurs)} and niveau in {liste_sql(socle.niveaux)}
                    as de_socle,
                case when de_socle then part end as part_socle,
                case when not de_socle and recu and niveau in {liste_sql(suivie.niveaux)}
                    and methode not in {liste_sql(suivie.methodes_exclues)} then part end as part_renseignee
            from (from profil union all by name from silences) as examinees
            left join effectifs using (niveau)
        ), manquants as (
            select m.indicateur_id, m.niveau, m.millesime,
                {premiers("t.territoire_id", "true", seuils)} as exemples
            from mesure as m join marts.dim_territoire as t using (niveau)
            where (m.part_socle < {controles["part_socle"].min}
                    or m.part_renseignee < {controles["part_renseignee"].min})
                and not exists (
                    select 1 from lignes as f
                    where f.territoire_id = t.territoire_id and f.indicateur_id = m.indicateur_id
                        and f.millesime = m.millesime and f.repond)
            group by m.indicateur_id, m.niveau, m.millesime
        )
        select mesure.*, exemples as part_socle_exemples, exemples as part_renseignee_exemples
        from mesure left join manquants using (indicateur_id, niveau, millesime)
        order by indicateur_id, niveau, millesime"""
    return requete, (*comptes(regles), *attentes(["part_socle", "part_renseignee"]))


def _totaux() -> str:
    return f"""
        with confrontes as (
            select t.*, case when f.statut in {STATUTS_CHIFFRES} then f.valeur end as observe,
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
            'attendu ' || {nombre("attendu")} || ', observé ' || coalesce({nombre("observe")}, 'rien')
                || ' (' || source || ')' as hors_tolerance_exemples
        from confrontes order by indicateur_id, territoire_id, millesime"""


def _sommes(seuils: Seuils) -> str:
    eps = seuils.tolerance.valeur
    regles = {
        "somme_discordante": (
            f"basse > total.enveloppe_haute + {eps} * greatest(1, basse)"
            f" or haute < total.enveloppe_basse - {eps} * greatest(1, haute)",
            f"{cite('total.valeur')} || ', communes ' || {intervalle('basse', 'haute')}",
        )
    }
    return f"""
        with membres as (
            select territoire_id as commune, 'epci:' || epci as territoire_id
            from marts.dim_territoire where niveau = 'commune' and epci is not null
        ), effectifs as (select territoire_id, count(*) as communes from membres group by territoire_id),
        sommes as (
            select m.territoire_id, f.indicateur_id, f.millesime,
                count(f.enveloppe_basse + f.enveloppe_haute) as chiffrees,
                -- Registers of two hands do not add up, whoever counts the whole.
                count(distinct f.source_ids) = 1 as d_une_source,
                sum(f.enveloppe_basse) as basse, sum(f.enveloppe_haute) as haute
            from marts.fct_indicateurs as f
            join marts.dim_indicateur as d on d.indicateur_id = f.indicateur_id and d.methode = 'somme'
            join membres as m on m.commune = f.territoire_id
            where f.statut in {STATUTS_CHIFFRES}
            group by m.territoire_id, f.indicateur_id, f.millesime
        )
        select indicateur_id, total.niveau, millesime, count(*) as lignes, {comptages(regles, seuils)}
        from sommes join effectifs using (territoire_id)
        join marts.fct_indicateurs as total using (territoire_id, indicateur_id, millesime)
        where chiffrees = communes and d_une_source and total.statut in {STATUTS_CHIFFRES}
            and total.enveloppe_basse is not null and total.enveloppe_haute is not null
        group by indicateur_id, total.niveau, millesime order by indicateur_id, millesime"""


def _mouvement(seuils: Seuils) -> str:
    ecart = f"abs(apres - avant) / greatest(abs(avant), {seuils.plancher_mouvement.valeur})"
    passage = f"' : ' || {nombre('avant')} || ' → ' || {nombre('apres')}"
    plus_grand = f"' : ' || {nombre('x.avant')} || ' → ' || {nombre('x.apres')}"
    statut = "' (' || statut || ')'"
    efface = "apres is null and not tue and not par_regle and not deja_partielle"
    presente = "avant is not null and not perdue and suivi and a_ses_valeurs"
    change = f"abs(apres - avant) > {seuils.tolerance.valeur} * greatest(1, abs(avant))"
    k = int(seuils.exemples.valeur)
    return f"""
        with compare as (
            select territoire_id, indicateur_id, a.niveau, millesime, d.indicateur_id is null as retire,
                -- Made of something else, or in another way: it is another figure under its name.
                d.methode is not distinct from o.methode and d.numerateur is not distinct from o.numerateur
                and d.denominateur is not distinct from o.denominateur as suivi,
                -- One end that went empty counts for itself; the other is a rule that refuses to compare.
                d.methode not in ('evolution', 'difference') as a_ses_valeurs,
                m.territoire_id is null as perdue, m.statut, m.statut = 'secret' as tue,
                -- A split blanks its communes, and a file says what it covers, whatever it holds.
                coalesce(m.motif_code in ('scission', 'hors_couverture'), false) as par_regle,
                -- What lacked communes before, and too many to be told, lost nothing.
                a.statut = 'partiel' and coalesce(
                    m.motif_code in ('communes_manquantes', 'communes_absentes', 'liste_incomplete'), false
                ) as deja_partielle,
                -- A territory that is gone is counted once, by dim_territoire, not in each of its figures.
                t.territoire_id is not null as demeure,
                case when a.statut in {STATUTS_CHIFFRES} then a.valeur end as avant,
                case when m.statut in {STATUTS_CHIFFRES} then m.valeur end as apres
            from precedente_fct_indicateurs as a
            left join marts.fct_indicateurs as m using (territoire_id, millesime, indicateur_id)
            left join marts.dim_territoire as t using (territoire_id)
            left join marts.dim_indicateur as d using (indicateur_id)
            left join precedente_dim_indicateur as o using (indicateur_id)
        )
        select indicateur_id, niveau, millesime, count(*) as lignes,
            bool_or(retire)::integer as indicateur_retire,
            {proportion("part_perdue", "perdue", "suivi and demeure", "''", seuils)},
            {proportion("part_effacee", efface, presente, statut, seuils)},
            {proportion("part_tue", "tue", presente, "''", seuils)},
            {proportion("part_changee", change, "avant is not null and apres is not null", passage, seuils)},
            max({ecart}) as plus_grand_ecart,
            array_to_string(list_transform(
                arg_max({{'territoire_id': territoire_id, 'avant': avant, 'apres': apres}}, {ecart}, {k}),
                lambda x: x.territoire_id || {plus_grand}), ' ; ') as plus_grand_ecart_exemples
        from compare group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""
