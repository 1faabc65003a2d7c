"""The walk through one release: the cell, its files and their lines, its parts, its past years.

Reads nothing that the release does not hold, but for the structures and the lines of internal files that the
caller hands over. Belongs here:
which lines make a figure, and what may not be told of a masked one. Does not: any wording (`texte`).

    nb_foyers_allocataires, EPCI, 2022    a file of EPCI has its line: that line, and no commune
    nb_naissances, EPCI, 2022             no such file: each commune, its figure and its line of 2022
    financement_caf, commune, masked      its statut, the rule, whom to ask; no line, no structure, no past
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from publication.commun.alphabet import NOM
from publication.commun.lignes import lignes
from publication.commun.membres import membres
from publication.commun.territoires import trouver
from publication.explication.modele import (
    MASQUE,
    Comptee,
    Evolution,
    Explication,
    Fichier,
    Part,
    Passee,
    Registre,
    Source,
    Structure,
    Terme,
)
from publication.releases.magasin import montrer
from socle.affichage import Unite
from socle.erreurs import ErreurPublication
from socle.proches import proches
from socle.sql import texte_sql
from socle.statuts import MONTRENT

_FORMULES = {
    "publie": "valeur publiée par le producteur à ce niveau, jamais recalculée",
    "attribut": "attribut du territoire",
    "specifique": "modèle propre à cet indicateur",
}
EFFETS = ("numerateur", "denominateur", "perimetre", "revision")

# Made of mesures that add up.
_ADDITIVES = ("somme", "ratio", "evolution", "difference")

_TERME = re.compile(r"[a-z0-9_]+")

# What a row of a structure adds may be told where no rule of secrecy protects the figure.
_SANS_REGLE = "aucun"

# Of a CTG, a commune that the scope does not hold is called by its code.
_MEMBRES = f"""
    membres as (
        select m.code, coalesce(t.libelle, m.code) as libelle
        from ({membres()}) as m
        left join dim_territoire as t on t.niveau = 'commune' and m.code = t.code
        where m.territoire_id = $territoire_id
    )
"""

# Under which code each commune of today stands in a COG: its own, or those of the communes it is made of.
_PORTES = """
    portes as (
        select p.cog_millesime, m.code as commune, m.libelle, p.code_origine as code
        from membres as m
        inner join passage_communes as p on m.code = p.code_reference
        union all
        select c.cog_millesime, m.code as commune, m.libelle, m.code
        from membres as m
        cross join cogs as c
        anti join passage_communes as p on c.cog_millesime = p.cog_millesime and m.code = p.code_reference
    )
"""

# The rows of the figure's sources about the territoire itself, about the EPCI that is its twin (a CTG of the
# same communes takes what is published for it), about a département of it that the release knows (a région is
# the sum of its own), or about a commune of it under the code it had in the COG of the file. A file may hold
# several years: the newest that holds a year is the one in use.
_LIGNES = """
    with {membres},
    lignes as ({lignes}),
    fichiers as (
        from dim_fichier where list_contains($sources, source)
            and (
                niveau in ($niveau, 'commune')
                or niveau = 'epci' and $jumeau is not null
                or niveau = 'departement' and $niveau = 'region'
            )
    ),
    -- A file of several years may have the COG of each: its lines say it.
    cogs as (
        select distinct l.cog_millesime
        from lignes as l
        inner join fichiers as f on l.fichier_id = f.fichier_id and l.ressource = f.ressource
        where f.niveau = 'commune'
    ),
    {portes},
    cherchees as (
        select f.fichier_id, f.ressource, f.millesime, p.commune, p.code, p.cog_millesime
        from fichiers as f
        inner join portes as p on f.niveau = 'commune'
        union all
        select
            f.fichier_id, f.ressource, f.millesime, null as commune,
            if(f.niveau = $niveau, $code, $jumeau) as code, null as cog_millesime
        from fichiers as f
        where f.niveau <> 'commune'
        union all
        select f.fichier_id, f.ressource, f.millesime, null as commune, d.code, null as cog_millesime
        from fichiers as f
        inner join dim_territoire as d on d.niveau = 'departement' and d.region = $code
        where f.niveau = 'departement' and $niveau = 'region'
    ),
    trouvees as (
        select
            f.source, f.fichier_id, f.sha256, f.ressource, f.millesime, f.membre, f.niveau,
            cast(f.publie_le as varchar) as publie_le,
            c.commune, c.code, l.millesime as annee, l.ligne
        from cherchees as c
        inner join lignes as l
            on c.fichier_id = l.fichier_id and c.ressource = l.ressource and c.code = l.code
                and (c.commune is null or c.cog_millesime = l.cog_millesime)
        inner join fichiers as f
            on c.fichier_id = f.fichier_id and c.ressource = f.ressource and c.millesime = f.millesime
        qualify l.millesime is null
            or f.millesime = max(f.millesime) over (partition by f.source, f.ressource, l.millesime)
    ),
    datees as (
        select *, annee is null or list_contains($millesimes, annee) as de_l_annee from trouvees
    )
    select * exclude (annee, ligne, de_l_annee), list(distinct ligne order by ligne) as lignes
    from (
        from datees
        -- A source whose model dates its rows (a schedule, a zoning) has none of the year: its newest file.
        qualify if(
            bool_or(de_l_annee) over (partition by source), de_l_annee,
            millesime = max(millesime) over (partition by source)
        )
    )
    group by all
    order by source, niveau, millesime, ressource, commune, code
"""


def expliquer(
    dossier: Path,
    indicateur_id: str,
    territoire: str,
    millesime: int | None = None,
    registre: Registre | None = None,
    internes: Path | None = None,
) -> Explication:
    """Explain one figure of the release in `dossier`.

    `territoire` is a territoire_id (`commune:26220`), a code or a name; without `millesime`, it is the newest
    that shows a figure of it. `registre` gives the structures of
    the closed zone to whoever may read them; `internes` is the Parquet of the lines of internal files there.

    Raises ErreurPublication when the indicateur, the territoire or the millésime is unknown to the release,
    when no millésime was asked for and none has a figure, or when it was made by a version that says less.
    """
    # Resolved: DuckDB would serve `current` from an older release still open in this process.
    dossier = dossier.resolve()
    with _ouverte(dossier) as con:
        release_id = lignes(con, "select release_id from dim_release")[0]["release_id"]
        indicateur = _indicateur(con, indicateur_id)
        territoire_id, niveau, libelle = trouver(con, territoire)
        if millesime is None:
            millesime = _dernier(con, territoire_id, indicateur)
            if millesime is None:
                raise ErreurPublication(
                    f"La publication {release_id} n'a aucun chiffre {indicateur_id} pour {libelle}"
                    f" ({territoire_id}), à aucune année."
                    f" Niveaux de l'indicateur : {indicateur['niveaux'].replace('+', ', ')}."
                )
        commun: dict[str, Any] = {
            "release_id": release_id,
            "indicateur_id": indicateur_id,
            "libelle": indicateur["libelle"],
            "description": indicateur["description"],
            "territoire_id": territoire_id,
            "territoire": libelle,
            "millesime": millesime,
            "unite": _unite(con, indicateur["unite"]),
            "decimales": indicateur["decimales"],
            "formule": _formule(indicateur),
            "regle": indicateur["secret"],
        }
        cellule = _cellule(con, territoire_id, indicateur_id, millesime)
        if cellule is None:
            return Explication(**commun, **_absence(con, commun, niveau, indicateur["niveaux"]))
        source_ids = cellule.pop("source_ids").split("+")
        commun |= cellule | {"serie": _serie(con, territoire_id, indicateur_id, millesime)}
        entete = Explication(**commun)
        if entete.masquee:
            return Explication(**commun, sources=_sources(con, source_ids, {}))
        manifeste = montrer(dossier.parent, dossier.name)
        code = territoire_id.split(":", 1)[1]
        jumeau = _jumeau(con, territoire_id)
        millesimes = {millesime, cellule["millesime_base"], cellule["millesime_denominateur"]} - {None}
        trouvees = lignes(
            con,
            _LIGNES.format(membres=_MEMBRES, portes=_PORTES, lignes=_lignes(internes)),
            {
                "sources": source_ids,
                "territoire_id": territoire_id,
                "niveau": niveau,
                "code": code,
                "jumeau": jumeau,
                "millesimes": sorted(millesimes),
            },
        )
        entiers = {niveau, "epci"} if jumeau else {niveau}
        propres = {t["source"] for t in trouvees if t["niveau"] in entiers}
        # A level that is published wins over its sum: of such a source, communes add nothing.
        trouvees = [t for t in trouvees if t["niveau"] in entiers or t["source"] not in propres]
        mesures = frozenset(
            _TERME.findall(f"{indicateur['numerateur'] or ''} {indicateur['denominateur'] or ''}")
        )
        comptees = _comptees(registre, mesures, source_ids, frozenset(millesimes))
        trouvees = _exactes(trouvees, comptees)
        sommees = _sommees(con, indicateur["methode"], niveau, source_ids, propres)
        parts = _parts(con, commun, mesures, source_ids, sommees, trouvees) if sommees else ()
        return Explication(
            **commun,
            sources=_sources(con, source_ids, _fichiers(trouvees, entiers, manifeste["inputs"])),
            parts=parts,
            incompletes=bool(parts) and not _entier(niveau, code, manifeste["perimetre"]),
            structures=_structures(con, comptees, indicateur["secret"], territoire_id, parts),
            evolution=_evolution(con, territoire_id, indicateur_id, millesime),
            jumeau=f"epci:{jumeau}" if any(t["niveau"] == "epci" for t in trouvees) and jumeau else None,
        )


def _jumeau(con: duckdb.DuckDBPyConnection, territoire_id: str) -> str | None:
    """The code of the EPCI of exactly the communes of a CTG."""
    demande = "select min(epci_identique) as epci from ctg_communes where territoire_id = $territoire_id"
    epci: str | None = lignes(con, demande, {"territoire_id": territoire_id})[0]["epci"]
    return epci


def _lignes(internes: Path | None) -> str:
    """The SQL of the lines that may be read: those of the release, and those of the closed zone."""
    colonnes = "ressource, code, millesime, cog_millesime, ligne"
    publiees = f"select sha256 as fichier_id, {colonnes} from lignes_source"
    if internes is None:
        return publiees
    return f"{publiees} union all select fichier_id, {colonnes} from read_parquet({texte_sql(internes)})"


@contextmanager
def _ouverte(dossier: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the base of a release; raise ErreurPublication where it lacks what is read of it."""
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        con.execute("use marts")
        try:
            yield con
        except (duckdb.CatalogException, duckdb.BinderException) as erreur:
            manque, *_ = str(erreur).splitlines()
            raise ErreurPublication(
                f"La publication {dossier.name} ne dit pas assez de ses chiffres ({manque}) :"
                " elle a été faite par une autre version. Refaire une nuit (`ctg refresh`), puis redemander."
            ) from erreur


def _dernier(con: duckdb.DuckDBPyConnection, territoire_id: str, indicateur: Mapping[str, Any]) -> int | None:
    """The newest year that shows a figure, else the newest that has a row."""
    (trouve,) = lignes(
        con,
        "select max(millesime) filter (where statut in (select unnest($montrent))) as montre,"
        " max(millesime) as lu from fct_indicateurs where territoire_id = $t and indicateur_id = $i",
        {"t": territoire_id, "i": indicateur["indicateur_id"], "montrent": list(MONTRENT)},
    )
    annee: int | None = trouve["montre"] or trouve["lu"]
    return annee


def _cellule(
    con: duckdb.DuckDBPyConnection, territoire_id: str, indicateur_id: str, millesime: int
) -> dict[str, Any] | None:
    trouvees = lignes(
        con,
        """
        select
            statut, motif, motif_code, valeur, valeur_texte, borne_basse, borne_haute, numerateur,
            denominateur, millesime_base, millesime_denominateur, champ, cog_millesime, demonstration,
            source_ids
        from fct_indicateurs
        where territoire_id = $territoire_id and millesime = $millesime and indicateur_id = $indicateur_id
        """,
        {"territoire_id": territoire_id, "millesime": millesime, "indicateur_id": indicateur_id},
    )
    return trouvees[0] if trouvees else None


def _absence(
    con: duckdb.DuckDBPyConnection, commun: Mapping[str, Any], niveau: str, niveaux: str
) -> dict[str, Any]:
    """Why there is no cell, where the release says it."""
    absences = lignes(
        con,
        """
        select statut, motif from dim_disponibilite
        where indicateur_id = $indicateur_id and niveau = $niveau and millesime = $millesime
            and statut = 'non_disponible'
        """,
        {"niveau": niveau, "indicateur_id": commun["indicateur_id"], "millesime": commun["millesime"]},
    )
    if absences:
        return absences[0]
    connus = lignes(
        con,
        """
        select distinct millesime from fct_indicateurs
        where territoire_id = $territoire_id and indicateur_id = $indicateur_id order by millesime
        """,
        {"territoire_id": commun["territoire_id"], "indicateur_id": commun["indicateur_id"]},
    )
    raise ErreurPublication(
        f"La publication {commun['release_id']} n'a pas de chiffre {commun['indicateur_id']} pour"
        f" {commun['territoire']} ({commun['territoire_id']}) en {commun['millesime']}."
        f" Millésimes présents : {', '.join(str(c['millesime']) for c in connus) or 'aucun'}."
        f" Niveaux de l'indicateur : {niveaux.replace('+', ', ')}."
    )


def _formule(indicateur: Mapping[str, Any]) -> str:
    if fixe := _FORMULES.get(indicateur["methode"]):
        return fixe
    numerateur, denominateur = (
        f"({terme})" if re.search("[+-]", terme or "") else terme
        for terme in (indicateur["numerateur"], indicateur["denominateur"])
    )
    if not numerateur:
        return "aucune source reçue ne l'alimente"
    fois = f" × {indicateur['facteur']}" if indicateur["facteur"] != 1 else ""
    return {
        "somme": f"somme de {numerateur}",
        "ratio": f"{numerateur} / {denominateur}{fois}",
        "evolution": f"({numerateur} / {numerateur} du millésime de base − 1){fois}",
        "difference": f"{numerateur} − {numerateur} du millésime de base",
    }[indicateur["methode"]]


def _indicateur(con: duckdb.DuckDBPyConnection, indicateur_id: str) -> dict[str, Any]:
    indicateurs = {ligne["indicateur_id"]: ligne for ligne in lignes(con, "from dim_indicateur")}
    if indicateur_id not in indicateurs:
        voisins = proches(indicateur_id, indicateurs)
        suite = f"les plus proches : {', '.join(voisins)} ; " if voisins else ""
        suite += "la liste est dans dictionnaire.md"
        raise ErreurPublication(f"Aucun indicateur {indicateur_id!r} dans cette publication ; {suite}.")
    return indicateurs[indicateur_id]


def _unite(con: duckdb.DuckDBPyConnection, unite: str) -> Unite:
    return Unite.lire(lignes(con, "from dim_unite where unite = $unite", {"unite": unite})[0])


def _entier(niveau: str, code: str, perimetre: str) -> bool:
    """Whether every commune of the territoire is in the release: a scope keeps its EPCI whole."""
    return perimetre == "france" or niveau in ("epci", "ctg") or perimetre == f"{niveau}:{code}"


def _sommees(
    con: duckdb.DuckDBPyConnection, methode: str, niveau: str, source_ids: list[str], propres: set[str]
) -> list[str]:
    """The sources of which communes are added up: none of a commune, nor of what is not made of mesures."""
    if niveau == "commune" or methode not in _ADDITIVES:
        return []
    return [
        s["source"]
        for s in lignes(
            con,
            "select distinct source from dim_fichier"
            " where niveau = 'commune' and list_contains($sources, source) order by source",
            {"sources": source_ids},
        )
        if s["source"] not in propres
    ]


def _parts(
    con: duckdb.DuckDBPyConnection,
    commun: Mapping[str, Any],
    mesures: Iterable[str],
    source_ids: list[str],
    sommees: list[str],
    trouvees: Iterable[Mapping[str, Any]],
) -> tuple[Part, ...]:
    """Each commune of the territoire, by name, with its figure or what it adds, and its lines."""
    places: dict[str, list[tuple[tuple[str, str], str, tuple[int, ...]]]] = {}
    for t in trouvees:
        if t["commune"]:
            places.setdefault(t["commune"], []).append(
                ((t["fichier_id"], t["ressource"]), t["code"], tuple(t["lignes"]))
            )
    millesimes = {commun[nom] for nom in ("millesime", "millesime_base", "millesime_denominateur")} - {None}
    termes: dict[str, list[Terme]] = {}
    masquees = set()
    for t in lignes(
        con,
        f"""
        with {_MEMBRES}
        select m.code, i.numerateur, f.millesime, f.valeur, f.statut, f.motif_code
        from fct_indicateurs as f
        inner join dim_indicateur as i on f.indicateur_id = i.indicateur_id
        inner join membres as m on f.territoire_id = 'commune:' || m.code
        where i.methode = 'somme' and list_contains($mesures, i.numerateur)
            and list_contains($sources, f.source_ids) and list_contains($millesimes, f.millesime)
        order by all
        """,
        {
            "territoire_id": commun["territoire_id"],
            "mesures": sorted(mesures),
            "sources": sommees,
            "millesimes": sorted(millesimes),
        },
    ):
        termes.setdefault(t["code"], []).append(
            Terme(t["numerateur"], t["millesime"], t["valeur"], t["statut"])
        )
        if _est_masquee(t):
            masquees.add(t["code"])
    parts = []
    for m in lignes(
        con,
        f"""
        with {_MEMBRES}
        select
            m.code, m.libelle, f.statut, f.motif_code, f.valeur, f.numerateur, f.denominateur, f.source_ids
        from membres as m
        left join fct_indicateurs as f
            on f.territoire_id = 'commune:' || m.code
            and f.millesime = $millesime and f.indicateur_id = $indicateur_id
        order by {NOM.format("m.libelle")}, m.code
        """,
        {nom: commun[nom] for nom in ("territoire_id", "millesime", "indicateur_id")},
    ):
        masquee = _est_masquee(m) or m["code"] in masquees
        place = () if masquee else tuple(places.get(m["code"], ()))
        if m["source_ids"] is not None and m["source_ids"].split("+") == source_ids:
            chiffre = {nom: m[nom] for nom in ("statut", "valeur", "numerateur", "denominateur")}
            parts.append(Part(m["code"], m["libelle"], masquee, **chiffre, lignes=place))
        else:
            entres = tuple(termes.get(m["code"], ()))
            parts.append(Part(m["code"], m["libelle"], masquee, termes=entres, lignes=place))
    return tuple(parts)


def _est_masquee(cellule: Mapping[str, Any]) -> bool:
    return bool(cellule["statut"] == "secret" and cellule["motif_code"] == MASQUE)


_DU_FICHIER = ("source", "fichier_id", "sha256", "ressource", "millesime", "membre", "niveau", "publie_le")


def _fichiers(
    trouvees: Iterable[Mapping[str, Any]], niveaux: set[str], entrees: Iterable[Mapping[str, Any]]
) -> dict[str, list[Fichier]]:
    """The files in which something was found, by source, with the lines of the territoire, or of its twin."""
    venues = {(e["source"], e["ressource"], e["millesime"]): e for e in entrees}
    lues: dict[tuple[Any, ...], set[int]] = {}
    for t in trouvees:
        cle = tuple(t[nom] for nom in _DU_FICHIER)
        lues.setdefault(cle, set()).update(t["lignes"] if t["niveau"] in niveaux else ())
    fichiers: dict[str, list[Fichier]] = {}
    for (source, nom, sha256, ressource, millesime, membre, niveau_, publie_le), places in lues.items():
        venue = venues[source, ressource, millesime]
        fichiers.setdefault(source, []).append(
            Fichier(
                source,
                nom,
                sha256,
                ressource,
                millesime,
                membre,
                niveau_,
                publie_le,
                venue["recu_le"],
                venue["premiere_release"],
                tuple(sorted(places)),
            )
        )
    return fichiers


def _sources(
    con: duckdb.DuckDBPyConnection, source_ids: list[str], fichiers: Mapping[str, list[Fichier]]
) -> tuple[Source, ...]:
    return tuple(
        Source(**source, fichiers=tuple(fichiers.get(source["source_id"], ())))
        for source in lignes(
            con,
            """
            select source_id, titre, producteur, licence, page, diffusion = 'publique' as publique
            from dim_source
            where list_contains($sources, source_id) order by source_id
            """,
            {"sources": source_ids},
        )
    )


def _comptees(
    registre: Registre | None,
    mesures: frozenset[str],
    source_ids: list[str],
    millesimes: frozenset[int],
) -> list[Structure]:
    """The structures that add to a term of the figure, from its own sources, for who may read them."""
    return [s for s in registre(mesures, millesimes) if s.source_id in source_ids] if registre else []


def _exactes(trouvees: Iterable[dict[str, Any]], comptees: Iterable[Structure]) -> list[dict[str, Any]]:
    """Of a register, keep the lines of the structures that were counted: it has lines of every type."""
    lues: dict[str, set[int]] = {}
    for s in comptees:
        lues.setdefault(s.fichier_id, set()).add(s.ligne)
    exactes = []
    for t in trouvees:
        voulues = lues.get(t["fichier_id"])
        lignes_ = [n for n in t["lignes"] if voulues is None or n in voulues]
        if lignes_:
            exactes.append({**t, "lignes": lignes_})
    return exactes


def _structures(
    con: duckdb.DuckDBPyConnection,
    trouvees: list[Structure],
    regle: str,
    territoire_id: str,
    parts: tuple[Part, ...],
) -> tuple[Comptee, ...]:
    """The structures of the figure, but those of a commune that is masked: they would give it back."""
    if not trouvees:
        return ()
    masquees = {p.code for p in parts if p.masquee}
    communes = {
        (p["cog_millesime"], p["code"]): (p["commune"], p["libelle"])
        for p in lignes(
            con,
            f"""
            with {_MEMBRES},
            cogs as (select unnest($cogs) as cog_millesime),
            {_PORTES}
            from portes order by all
            """,
            {"territoire_id": territoire_id, "cogs": sorted({s.cog_millesime for s in trouvees})},
        )
    }
    comptees = []
    for s in trouvees:
        commune, libelle = communes.get((s.cog_millesime, s.code), (None, None))
        if commune and commune not in masquees:
            apport = s.apport if regle == _SANS_REGLE else None
            comptees.append(Comptee(s, f"{libelle} ({commune})", apport))
    return tuple(sorted(comptees, key=lambda c: (c.structure.millesime, c.commune, c.structure.ligne)))


def _serie(
    con: duckdb.DuckDBPyConnection, territoire_id: str, indicateur_id: str, millesime: int
) -> tuple[Passee, ...]:
    return tuple(
        Passee(str(s["millesime"]), s["valeur"], s["valeur_texte"], s["statut"], s["motif"])
        for s in lignes(
            con,
            """
            select millesime, valeur, valeur_texte, statut, motif from fct_indicateurs
            where territoire_id = $territoire_id and indicateur_id = $indicateur_id and millesime < $millesime
            order by millesime desc
            """,
            {"territoire_id": territoire_id, "indicateur_id": indicateur_id, "millesime": millesime},
        )
    )


def _evolution(
    con: duckdb.DuckDBPyConnection, territoire_id: str, indicateur_id: str, millesime: int
) -> Evolution | None:
    """The evolution from the millésime before, with what it is made of, as the release tells it."""
    trouvees = lignes(
        con,
        """
        select
            millesime_debut, statut, motif, evolution, effet_numerateur, effet_denominateur, effet_perimetre,
            effet_revision, effets_motif
        from mart_evolutions
        where territoire_id = $territoire_id and indicateur_id = $indicateur_id
            and millesime_fin = $millesime and consecutifs
        """,
        {"territoire_id": territoire_id, "indicateur_id": indicateur_id, "millesime": millesime},
    )
    if not trouvees:
        return None
    e = trouvees[0]
    effets = tuple((nom, e[f"effet_{nom}"]) for nom in EFFETS if e[f"effet_{nom}"] is not None)
    return Evolution(e["millesime_debut"], e["statut"], e["motif"], e["evolution"], effets, e["effets_motif"])
