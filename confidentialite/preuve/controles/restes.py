"""Do territories leave, between them, a piece of a territory that holds too few?"""

from collections.abc import Iterator, Mapping

from confidentialite.memoire.lecture import termes, texte
from confidentialite.preuve.attributs import morceaux
from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import valeur_determinee
from confidentialite.preuve.modele import Forme
from confidentialite.preuve.versions import Fines


def petits_restes(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of which other territories leave a count below the threshold, where it is determined.

    Communes A 3 and B 7 in an EPCI of 10; a CTG of B alone; no row is by commune:
        printed: EPCI = 10, CTG = 7
        10 - 7 = 3: the piece of the EPCI outside the CTG is below a threshold of 5
        the EPCI is a finding, `exacte`; an incident where earlier releases printed both
    So is what several pieces add up to, where they are all that a territory has outside another: 2 and 2.
    Of the indicateurs that no row shows by commune alone: elsewhere, each commune is a cell of its own.
    """
    for cellule, forme in _petits(dossier):
        if dossier.dite_avant(forme):
            yield from dossier.incidents(forme, {cellule})
        else:
            yield Constat("exacte", cellule, "what other territories leave of it is small")


def _petits(dossier: Dossier) -> Iterator[tuple[Cellule, Forme]]:
    modele, lignes = dossier.modele, dossier.lignes
    colonnes = [
        *("indicateur_id", "millesime", "millesime_second", "formule_numerateur", "formule_denominateur"),
        *("part_d_un_tout", "unite", "territoire", "niveau", "code"),
    ]
    suivies = lignes[lignes["sensible"].astype(bool) & lignes["methode"].isin(["somme", "ratio"])][colonnes]
    communes = suivies[suivies["niveau"] == "commune"]
    par_commune = {
        (frozenset(termes(formule).items()), annee)
        for formule_de, annee_de in (
            ("formule_numerateur", "millesime"),
            ("formule_denominateur", "millesime_second"),
        )
        for formule, annee in communes[[formule_de, annee_de]].drop_duplicates().itertuples(index=False)
        if isinstance(formule, str)
    }
    comptes = suivies[~suivies["unite"].isin(list(dossier.exigences.monnaies))]
    connus: dict[frozenset[int], list[tuple[int, int]]] = {}
    fines = Fines.lire(modele, dossier.agregats.fines)
    for _, groupe in comptes.groupby(["indicateur_id", "millesime", "millesime_second"], sort=True):
        une = groupe.iloc[0]
        num, den = termes(une["formule_numerateur"]), termes(texte(une["formule_denominateur"]))
        annee, second = int(une["millesime"]), int(une["millesime_second"])
        if (frozenset(num.items()), annee) in par_commune:
            continue
        formules = [num]
        if den and une["part_d_un_tout"] and annee == second:
            formules.append({**den, **{mesure: -c for mesure, c in num.items()}})
        lieux = {
            t: f"{n}:{c}" for t, n, c in groupe[["territoire", "niveau", "code"]].itertuples(index=False)
        }
        cle = frozenset(lieux)
        if cle not in connus:
            connus[cle] = list(morceaux(modele.geographie, cle))
        paires = [
            reste for formule in formules for reste in _laissent_peu(dossier, fines, cle, formule, annee)
        ]
        for territoire, atomes in {(t, a): None for t, a in (*connus[cle], *paires) if a not in lieux}:
            for formule in formules:
                forme = modele.forme_connue(formule, annee, atomes)
                valeur = valeur_determinee(modele, dossier.savoir, forme) if forme is not None else None
                if forme is not None and valeur is not None and 0 < valeur < dossier.exigences.seuil:
                    yield Cellule(lieux[territoire], str(une["indicateur_id"]), annee), forme


def _laissent_peu(
    dossier: Dossier, fines: Fines, territoires: frozenset[int], formule: Mapping[str, int], annee: int
) -> Iterator[tuple[int, int]]:
    """Yield what is left of territories outside those they hold, after the wider one, where it may be small.

    The figures of today by commune say where it is not; what they do not tell is looked at.
    """
    modele, geographie = dossier.modele, dossier.modele.geographie
    ensembles = {t: frozenset(geographie.territoires[t].tolist()) for t in sorted(territoires)}
    formes = {t: modele.forme_connue(formule, annee, t) for t in ensembles}
    valeurs = {t: fines(forme) for t, forme in formes.items() if forme is not None}
    autour: dict[int, list[int]] = {}
    for t in valeurs:
        for atome in ensembles[t]:
            autour.setdefault(atome, []).append(t)
    for dedans, b in valeurs.items():
        for large in autour[min(ensembles[dedans])]:
            a = valeurs[large]
            peu = a is None or b is None or 0 < a - b < dossier.exigences.seuil
            if peu and ensembles[dedans] < ensembles[large]:
                yield large, geographie.territoire(ensembles[large] - ensembles[dedans])
