"""The figures of a release in sets: one query for many territories, or for a whole indicateur."""

from collections.abc import Iterable, Sequence

from publication.lecture.alphabet import NOM
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from publication.lecture.niveaux import COMPARATEURS
from socle.statuts import MONTRENT

_NOM = NOM.format("libelle")
_CHIFFRE = (
    "territoire_id, niveau, code, libelle, millesime, valeur, valeur_affichee, lisibilite, borne_basse,"
    " borne_haute, statut, motif, source_ids, champ, demonstration, millesime_base, millesime_denominateur"
)


_DES_TERRITOIRES = (
    f"select indicateur_id, {_CHIFFRE}, motif_code, numerateur, denominateur, ecart_type_arrondi"
    " from fct_indicateurs where territoire_id in (select unnest($territoires))"
)


def des_territoires(marts: Marts, territoires: Sequence[str]) -> list[Ligne]:
    """Return the figures of these territories by year, shown or not."""
    return marts.des(f"{_DES_TERRITOIRES} order by millesime", territoires)


def d_indicateurs(marts: Marts, territoires: Sequence[str], indicateurs: Sequence[str]) -> list[Ligne]:
    """Return those of some indicateurs."""
    return marts.lignes(
        f"{_DES_TERRITOIRES} and indicateur_id in (select unnest($indicateurs)) order by millesime",
        {"territoires": list(territoires), "indicateurs": list(indicateurs)},
    )


def des_parties(
    marts: Marts,
    parties: Sequence[str],
    ensemble: Sequence[str],
    indicateurs: Sequence[str] | None = None,
) -> list[Ligne]:
    """Return the figures of the parts of a territory in the years that a page of it tells of them:

    the newest in which one of the parts shows its figure, and that of the whole; of all or of some
    indicateurs.
    """
    filtre = "" if indicateurs is None else " and indicateur_id in (select unnest($indicateurs))"
    return marts.lignes(
        f"with lues as ({_DES_TERRITOIRES}{filtre}),"
        " annees as (select indicateur_id, max(millesime) as millesime from lues"
        " where statut in (select unnest($montrent)) group by all"
        " union select indicateur_id, millesime from mart_derniers_chiffres"
        " where territoire_id in (select unnest($ensemble)))"
        " select lues.* from lues inner join annees using (indicateur_id, millesime) order by lues.millesime",
        {"territoires": list(parties), "ensemble": list(ensemble), "montrent": list(MONTRENT)}
        | ({} if indicateurs is None else {"indicateurs": list(indicateurs)}),
    )


def derniers(marts: Marts, territoire_id: str) -> dict[str, Ligne]:
    """Return the last figure of each indicateur of a territory, beside what the marts compare it to."""
    lues = marts.des(
        "from mart_derniers_chiffres where territoire_id in (select unnest($territoires))", [territoire_id]
    )
    return {ligne["indicateur_id"]: ligne for ligne in lues}


def comparaisons(marts: Marts, territoire_id: str) -> dict[str, Ligne]:
    """Return the latest figure shown of each indicateur of a territory, beside its comparators."""
    lues = marts.des(
        "from mart_comparaisons where territoire_id in (select unnest($territoires))"
        f" and statut in {MONTRENT} qualify"
        " row_number() over (partition by territoire_id, indicateur_id order by millesime desc) = 1"
        " order by indicateur_id",
        [territoire_id],
    )
    return {ligne["indicateur_id"]: ligne for ligne in lues}


def tendances_de(marts: Marts, territoires: Sequence[str]) -> list[Ligne]:
    """Return the trends of these territories, by indicateur."""
    return marts.des(
        "select territoire_id, indicateur_id, tendance_dite, tendance_lecture from mart_tendances"
        " where territoire_id in (select unnest($territoires)) order by indicateur_id",
        territoires,
    )


def chiffres(marts: Marts, indicateur_id: str) -> list[Ligne]:
    """Return the figures of an indicateur above the commune, all years, in the order of territories."""
    return marts.lignes(
        f"select {_CHIFFRE} from fct_indicateurs where indicateur_id = ? and niveau <> 'commune'"
        " order by territoire_id, millesime",
        [indicateur_id],
    )


def tendances(marts: Marts, indicateur_id: str) -> dict[str, Ligne]:
    """Return the trends of an indicateur above the commune, by territory."""
    return {
        t["territoire_id"]: t
        for t in marts.lignes(
            "select territoire_id, tendance_dite, tendance_lecture, motif from mart_tendances"
            " where indicateur_id = ? and niveau <> 'commune' order by territoire_id",
            [indicateur_id],
        )
    }


def chiffres_des_communes(marts: Marts, indicateur_id: str, millesime: int) -> list[Ligne]:
    """Return those of the communes, one year, by name."""
    return marts.lignes(
        f"select {_CHIFFRE} from fct_indicateurs where indicateur_id = ? and niveau = 'commune'"
        f" and millesime = ? order by {_NOM}, code",
        [indicateur_id, millesime],
    )


def fiches_des_communes(marts: Marts, indicateurs: list[str], departement: str | None) -> list[Ligne]:
    """Return the last figures of communes, and where they are beside their EPCI and département."""
    return marts.lignes(
        f"""
        with derniers as (
            select
                territoire_id, indicateur_id, millesime, ecart_epci_dit, ecart_departement_dit
            from mart_derniers_chiffres
            where niveau = 'commune' and indicateur_id in (select unnest(?))
        )
        select
            indicateur_id, {_CHIFFRE}, motif_code,
            derniers.* exclude (territoire_id, indicateur_id, millesime)
        from fct_indicateurs
        inner join derniers using (territoire_id, indicateur_id, millesime)
        where territoire_id in (
            select territoire_id from dim_territoire where departement = ? or ? is null
        )
        """,
        [indicateurs, departement, departement],
    )


def chiffres_des_reperes(marts: Marts, indicateurs: list[str], niveaux: Iterable[str]) -> list[Ligne]:
    """Return the figures of whole levels, all years."""
    return marts.lignes(
        f"select indicateur_id, {_CHIFFRE} from fct_indicateurs"
        " where indicateur_id in (select unnest(?)) and niveau in (select unnest(?))",
        [indicateurs, list(niveaux)],
    )


def derniers_chiffres_des_communes(marts: Marts, departement: str) -> list[Ligne]:
    """Return the last figure shown of each indicateur, of the communes of a département."""
    return marts.lignes(
        "select t.code, indicateur_id, millesime, d.valeur_affichee, d.lisibilite, d.statut, d.motif,"
        " d.motif_code, d.borne_basse, d.borne_haute, d.valeur, f.numerateur, f.denominateur,"
        " f.denominateur_haut, f.enveloppe_basse, f.enveloppe_haute, f.ecart_type_arrondi"
        " from mart_derniers_chiffres as d"
        " inner join dim_territoire as t using (territoire_id)"
        " inner join fct_indicateurs as f using (territoire_id, indicateur_id, millesime)"
        " where t.niveau = 'commune' and t.departement = ?",
        [departement],
    )


def derniers_de(marts: Marts, territoire_ids: list[str]) -> dict[tuple[str, str], Ligne]:
    """Return the last figures of territories, by territory and indicateur."""
    return {
        (d["territoire_id"], d["indicateur_id"]): d
        for d in marts.lignes(
            f"select indicateur_id, {_CHIFFRE} from fct_indicateurs inner join"
            " (select territoire_id, indicateur_id, millesime from mart_derniers_chiffres"
            " where territoire_id in (select unnest(?)))"
            " using (territoire_id, indicateur_id, millesime)",
            [territoire_ids],
        )
    }


def derniers_chiffres_des_territoires(marts: Marts) -> list[Ligne]:
    """Return those of the territories above the commune, each with what is said of its evolution."""
    return marts.lignes(
        "select d.territoire_id, d.indicateur_id, d.millesime, d.valeur_affichee, d.lisibilite, d.statut,"
        " d.motif, d.borne_basse, d.borne_haute, e.millesime_debut as debut,"
        " e.valeur_debut_affichee as debut_affichee, e.forme, e.motif as evolution_motif,"
        " e.evolution_affichee"
        " from mart_derniers_chiffres as d left join mart_evolutions_dites as e"
        " on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.choisie"
        " where d.niveau <> 'commune' order by d.territoire_id, d.indicateur_id"
    )


def extraits(marts: Marts, territoire_id: str, theme: str | None) -> list[Ligne]:
    """Return the figures of a territory, all years, beside those of the wider ones; of one theme, or all."""
    comparateurs = ", ".join(f"c.valeur_{c}, c.valeur_{c}_affichee" for c in COMPARATEURS)
    return marts.lignes(
        f"""
        select f.*, c.reserve, {comparateurs}
        from fct_indicateurs f
        join dim_indicateur i using (indicateur_id)
        left join mart_comparaisons c using (territoire_id, millesime, indicateur_id)
        where f.territoire_id = $territoire and coalesce(f.theme = $theme, true)
        order by i.theme_ordre, i.ordre, f.indicateur_id, f.millesime
        """,
        {"territoire": territoire_id, "theme": theme},
    )


def exemples_des_statuts(marts: Marts) -> dict[str, Ligne]:
    """Return a figure of each statut: a rate of an EPCI where there is one, of no year to come."""
    return {
        e["statut"]: e
        for e in marts.lignes(
            "select statut, indicateur_id, territoire_id, millesime, valeur_affichee, lisibilite,"
            " borne_basse, borne_haute, f.motif"
            " from fct_indicateurs as f inner join dim_indicateur using (indicateur_id)"
            " where niveau <> 'commune' and millesime <= (select year(publiee_le) from dim_release)"
            " qualify row_number() over (partition by statut order by lisibilite <> 'point',"
            " not comparable, niveau <> 'epci',"
            " millesime desc, territoire_id, indicateur_id) = 1"
        )
    }


def comptes_du_secret(marts: Marts, territoire_id: str) -> Ligne:
    """Count the figures of a territory that are secret (`tus`), and those rounded along a chain."""
    comptes = marts.des(
        "select territoire_id, count(*) filter (statut = 'secret') as tus,"
        " count(*) filter (i.secret = 'chaine' and f.statut = 'arrondi') as arrondis"
        " from fct_indicateurs as f inner join dim_indicateur as i using (indicateur_id)"
        " where f.territoire_id in (select unnest($territoires)) group by all",
        [territoire_id],
    )
    return comptes[0] if comptes else {"tus": 0, "arrondis": 0}
