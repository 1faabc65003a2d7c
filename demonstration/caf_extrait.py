"""The demonstration extract of the Caf de la Drôme: December 2017 and December 2022, as two tools write them.

Attributes are adjusted so that counting gives the targets of `calibration.csv`, the only results written.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import yaml

from demonstration import caf_effectifs, faits
from demonstration.caf_effectifs import CLASSES_QF, QF_INCONNU, Effectifs, cafdata, communes, fenetre
from demonstration.faits import BARONNIES, DROME
from demonstration.foyers import aeeh_par_enfant, colonnes, enfants_repetes, naissances
from demonstration.hasard import Alea, Drapeaux, Entiers, Reels, retenir
from demonstration.invention import ajuster, cibles, repartir
from demonstration.population import Foyers, composer, ordonner, quotas_nationaux, reunir
from demonstration.prestations import PRESTATIONS, annualiser, clore_les_droits, valoriser
from socle.disque import ecriture_atomique

NOM_CORRESPONDANCE = "correspondance_extrait.yml"
# The COG in which each file writes its communes: 2017 was re-coded when it was drawn.
COG = {2017: 2019, 2022: 2023}
# Upper bounds (excluded) of the classes of quotient familial, EUR.
_BORNES_QF = np.array([0, 400, 800, 1200, 1600, 2000, 4000, 20000])
# Foyers paid during the year without a right in December, for 100 with one, outside the Baronnies (invented).
_SORTIS_POUR_CENT = 24
_CIBLES_ANNUELLES = {
    "aides_logement": "montant_aides_logement",
    "precarite": "montant_precarite",
    "familiales": "montant_familiales",
    "handicap": "montant_handicap",
}


def ecrire_extraits(dossier: Path) -> list[Path]:
    """Write the extracts of both months and their mapping under `dossier`; return the paths."""
    foyers, enfants = _deux_tables(foyers_du_mois(2017))
    tables = {
        "2017-12/foyers_201712.csv": foyers,
        "2017-12/enfants_201712.csv": enfants,
        "2022-12/extrait_202212.parquet": _une_table(foyers_du_mois(2022)),
    }
    chemins = [dossier / NOM_CORRESPONDANCE]
    with ecriture_atomique(chemins[0]) as fichier:
        fichier.write(Path(__file__).with_name(NOM_CORRESPONDANCE).read_bytes())
    for relatif, table in tables.items():
        chemin = dossier / relatif
        with ecriture_atomique(chemin) as fichier:
            if chemin.suffix == ".csv":
                fichier.write(_csv(table))
            else:
                pq.write_table(table, fichier, compression="zstd")
        chemins.append(chemin)
    return sorted(chemins)


# -- the foyers ----------------------------------------------------------------------------------


@cache
def _effectifs(annee: int) -> Effectifs:
    base = caf_effectifs.effectifs_2022()
    return base if annee == caf_effectifs.ANNEE_CAFDATA else caf_effectifs.effectifs_2017(base)


def foyers_du_mois(annee: int) -> Foyers:
    """Foyers of December, then those paid in the year alone, by commune (`groupe`: rank in `communes()`)."""
    effectifs = _effectifs(annee)
    alea = Alea("extrait de la Caf de la Drôme", annee)
    groupe = np.repeat(np.arange(len(communes())), effectifs["foyers"])
    quotas = {nom: np.array(valeurs) for nom, valeurs in effectifs.items()}
    presents = composer(groupe, quotas, alea)
    du_ctg = _du_ctg(presents)
    for tranche, seuil in (("enfants_6_11", 12), ("enfants_12_17", 18)):
        _vieillir(presents, du_ctg, tranche, seuil, caf_effectifs.cible(tranche, annee))
    valoriser(presents, annee, alea)
    if annee == caf_effectifs.ANNEE_CAFDATA:
        classes = _classer(presents, alea)
        _approcher_bas_revenus(presents, classes, annee, alea)
    else:
        presents.connues = alea.uniforme(len(presents)) > 0.25 * _ignorance(presents) * ~_sous_condition(
            presents
        )
    presents.reference = presents.reference & presents.connues
    annualiser(presents, annee, alea)
    sortis = _sortis(effectifs, annee, alea)
    tous = reunir([presents, sortis])
    if annee == caf_effectifs.ANNEE_CAFDATA:
        for famille, cible in _CIBLES_ANNUELLES.items():
            _approcher_montant(tous, famille, round(100 * cibles()[cible, f"epci:{BARONNIES}", annee]))
    return ordonner(tous, np.argsort(tous.groupe, kind="stable"))


def _du_ctg(f: Foyers) -> Drapeaux:
    membres: Drapeaux = np.array([c.epci == BARONNIES for c in communes()])
    return membres[f.groupe]


def _vieillir(f: Foyers, du_ctg: Drapeaux, tranche: str, seuil: int, cible: int) -> None:
    """Make an age band hold `cible` children of the Baronnies: some move over `seuil`, by two years."""
    ecart = int(f.enfants(tranche)[du_ctg].sum()) - cible
    bas, pas = (seuil - 2, 2) if ecart > 0 else (seuil, -2)
    lignes, rangs = np.nonzero(du_ctg[:, None] & (f.ages >= bas) & (f.ages <= bas + 1))
    if len(lignes) < abs(ecart):
        raise ValueError(f"{tranche}: {abs(ecart)} children to move, {len(lignes)} near {seuil} years")
    # Spread over the communes rather than the first ones.
    choisis = np.linspace(0, len(lignes), abs(ecart), endpoint=False).astype(np.int64)
    f.ages[lignes[choisis], rangs[choisis]] += pas


def _sous_condition(f: Foyers) -> Drapeaux:
    """Foyers whose resources the Caf must know, and single parents: their quotient familial is known here."""
    d = f.droits
    return d["rsa"] | d["aah"] | d["prime_activite"] | d["cf"] | f.monoparentale


def _ignorance(f: Foyers) -> Reels:
    """Weight of a foyer among those of unknown resources: well off, and seldom with a housing benefit."""
    logement = f.droits["apl"] | f.droits["alf"] | f.droits["als"]
    return (0.2 + f.aisance) * np.where(logement, 0.03, 1.0)


def _classer(f: Foyers, alea: Alea) -> Entiers:
    """Move quotients familiaux, in their order, into the classes that Cafdata allows; return the classes."""
    naturelle = np.searchsorted(_BORNES_QF, f.quotient_familial, side="right") - 1
    nombre = len(communes())
    eligibles = np.bincount(f.groupe[~_sous_condition(f)], minlength=nombre)
    comptes = np.zeros((nombre, len(CLASSES_QF)), np.int64)
    np.add.at(comptes, (f.groupe, naturelle), 1)
    inconnus, cumuls = [], []
    for i, c in enumerate(communes()):
        imprime = cafdata().quotient_familial.get(c.code, {})
        inconnu = min(imprime.get(QF_INCONNU, 0), int(eligibles[i]))
        inconnus.append(inconnu)
        total = int(comptes[i].sum()) - inconnu
        voulus = repartir(total, {str(k): int(v) + 1 for k, v in enumerate(comptes[i])})
        bornes = [fenetre(imprime.get(nom, 0)) for nom in CLASSES_QF]
        cumuls.append(np.cumsum(ajuster(total, list(voulus.values()), bornes)))
    f.connues = ~retenir(f.groupe, np.array(inconnus), ~_sous_condition(f), _ignorance(f), alea, QF_INCONNU)
    places = np.flatnonzero(f.connues)
    ordre = places[np.lexsort((f.quotient_familial[places], f.groupe[places]))]
    groupes = f.groupe[ordre]
    debuts = np.searchsorted(groupes, np.arange(nombre))
    rangs = np.arange(len(ordre)) - debuts[groupes]
    classes = np.full(len(f), -1, np.int64)
    classes[ordre] = (rangs[:, None] >= np.array(cumuls)[groupes]).sum(axis=1)
    deplaces = np.flatnonzero(f.connues & (classes != naturelle))
    bas, haut = _BORNES_QF[classes[deplaces]], _BORNES_QF[classes[deplaces] + 1]
    # Just inside the class, on the side the foyer comes from.
    marge = alea.entier(0, np.minimum((haut - bas) // 6, 90), len(deplaces))
    cible = np.where(naturelle[deplaces] < classes[deplaces], bas + marge, haut - 1 - marge)
    _porter(f, deplaces, 50 * cible * f.demi_parts[deplaces])
    return classes


def _porter(f: Foyers, places: Entiers, total: Entiers) -> None:
    """Give those foyers `total` cents of resources and benefits together, the benefits reduced if over it."""
    prestations = f.prestations[places]
    exces = prestations > total
    for montants in f.montants.values():
        avant = montants[places]
        montants[places] = np.where(exces, avant * total // np.maximum(prestations, 1), avant)
    f.ressources[places] = total - f.prestations[places]


def _approcher_bas_revenus(f: Foyers, classes: Entiers, annee: int, alea: Alea) -> None:
    """Move the nearest foyers over the threshold of bas revenus until the shares are the printed ones."""
    du_ctg, mono = _du_ctg(f), f.monoparentale
    reference = f.reference & f.connues
    drome = f"departement:{DROME}"
    cible = cibles()
    ctg = f"epci:{BARONNIES}"

    def part(nom: str, territoire: str, foyers: Drapeaux) -> int:
        return round(cible[nom, territoire, annee] * int(foyers.sum()) / 100)

    mono_ctg = caf_effectifs.cible("monoparentales_bas_revenus", annee)
    tous_ctg = part("part_allocataires_bas_revenus", ctg, reference & du_ctg)
    mono_drome = part("part_monoparentales_bas_revenus", drome, reference & mono)
    tous = part("part_allocataires_bas_revenus", drome, reference)
    seuil = caf_effectifs.cible("seuil_bas_revenus", annee, "france:FR")
    for zone, combien in (
        (du_ctg & mono, mono_ctg),
        (du_ctg & ~mono, tous_ctg - mono_ctg),
        (~du_ctg & mono, mono_drome - mono_ctg),
        (~du_ctg & ~mono, tous - mono_drome - tous_ctg + mono_ctg),
    ):
        _franchir(f, classes, reference & zone, combien, seuil, alea)


def _franchir(f: Foyers, classes: Entiers, zone: Drapeaux, combien: int, seuil: int, alea: Alea) -> None:
    """Leave exactly `combien` foyers of the zone under `seuil` EUR of RUC, without changing a class of QF."""
    ruc = f.ruc
    places = np.flatnonzero(zone)
    dessous = ruc[places] < 100 * seuil
    ecart = int(dessous.sum()) - combien
    # Total resources on each side of the threshold, and those the class allows.
    limite = 10 * seuil * f.uc
    plancher = 50 * _BORNES_QF[classes] * f.demi_parts
    plafond = 50 * _BORNES_QF[classes + 1] * f.demi_parts - 1
    marge = alea.entier(0, 9000, len(f)) * f.uc // 10
    if ecart > 0:
        candidats = places[dessous & (limite <= plafond)[places]]
        total = np.minimum(limite + marge, plafond)
    else:
        dessous_limite = limite - f.uc
        candidats = places[
            ~dessous & ((plancher <= dessous_limite) & (f.prestations <= dessous_limite))[places]
        ]
        total = np.maximum(dessous_limite - marge, np.maximum(plancher, f.prestations))
    if len(candidats) < abs(ecart):
        raise ValueError(f"{abs(ecart)} foyers to move over the threshold, {len(candidats)} can be")
    proches = candidats[np.argsort(np.abs(ruc[candidats] - 100 * seuil), kind="stable")][: abs(ecart)]
    _porter(f, proches, total[proches])


def _sortis(effectifs: Effectifs, annee: int, alea: Alea) -> Foyers:
    """Foyers paid during the year that have no right in December."""
    du_ctg = [c.epci == BARONNIES for c in communes()]
    presents = effectifs["foyers"]
    lots = []
    for zone in (True, False):
        poids = {str(i): n if du_ctg[i] is zone else 0 for i, n in enumerate(presents)}
        combien = _SORTIS_POUR_CENT * sum(poids.values()) // 100
        if zone and annee == caf_effectifs.ANNEE_CAFDATA:
            combien = caf_effectifs.cible("allocataires_annee", annee) - sum(poids.values())
        lot = composer(np.zeros(combien, np.int64), quotas_nationaux(combien), alea)
        lot.groupe = np.repeat(np.arange(len(presents)), list(repartir(combien, poids).values()))
        valoriser(lot, annee, alea)
        annualiser(lot, annee, alea, sortis=True)
        clore_les_droits(lot)
        lots.append(lot)
    return reunir(lots)


def _approcher_montant(f: Foyers, famille: str, cible: int) -> None:
    """Make the annual amounts of the Baronnies sum to `cible` cents; none falls under its own December."""
    places = np.flatnonzero(_du_ctg(f) & (f.annuels[famille] > 0))
    decembre = np.zeros(len(f), np.int64)
    for nom, sa_famille in PRESTATIONS.items():
        if sa_famille == famille:
            decembre += f.montants[nom]
    reste = f.annuels[famille][places] - decembre[places]
    a_repartir = cible - int(decembre[places].sum())
    if a_repartir < len(places) or not reste.sum():
        raise ValueError(f"{famille}: December alone leaves {a_repartir} cents of {cible} to share out")
    parts = reste * a_repartir // int(reste.sum())
    parts[: a_repartir - int(parts.sum())] += 1
    f.annuels[famille][places] = decembre[places] + parts


# -- the files -----------------------------------------------------------------------------------


@cache
def _dispositions() -> dict[str, Any]:
    """The layouts, as the mapping states them: source column to column of the contract."""
    contenu = Path(__file__).with_name(NOM_CORRESPONDANCE).read_text(encoding="utf-8")
    dispositions: dict[str, Any] = yaml.safe_load(contenu)["dispositions"]
    return dispositions


def _une_table(f: Foyers) -> pa.Table:
    """December 2022: one typed table, the children in repeated columns."""
    f, numeros, contrat = _melanger(f, 2022)
    disposition = _dispositions()["une_table"]
    contrat["situation_familiale"] = pa.array(["S", "C"]).take(pa.array(f.couple.astype(np.int8)))
    nom, nir, adresse = _identite(numeros)
    rendez_vous = pa.array(Alea("rendez-vous", 2022).entier(0, 3, len(f)).astype(np.int16))
    sources = {"nom_patronymique": nom, "nir": nir, "adresse_ligne4": adresse, "nb_rdv_an": rendez_vous}
    sources |= {source: contrat[cible] for source, cible in disposition["colonnes"].items()}
    for nom_repete, valeurs in enfants_repetes(f, "2022-12", Alea("naissances", 2022)).items():
        sources[nom_repete.replace("enfant_", "enf")] = valeurs
    return pa.table(sources)


def _deux_tables(f: Foyers) -> tuple[pa.Table, pa.Table]:
    """December 2017: the foyers and their children, as text, in the codes of an older tool."""
    f, numeros, contrat = _melanger(f, 2017)
    disposition = _dispositions()["deux_fichiers"]
    alea = Alea("situations", 2017)
    contrat["mois"] = pa.repeat("201712", len(f))
    couple = pa.array(["MAR", "PAC", "VIM"]).take(pa.array(alea.entier(0, 2, len(f))))
    seul = pa.array(["CEL", "DIV", "VEU"]).take(pa.array(alea.entier(0, 2, len(f))))
    contrat["situation_familiale"] = pc.if_else(pa.array(f.couple), couple, seul)
    nom, nir, adresse = _identite(numeros)
    sources = {"NOMALL": nom, "NIRALL": nir, "ADRESSE": adresse}
    sources |= {
        source: _texte(contrat[cible], cible in disposition["vide_vaut_zero"])
        for source, cible in disposition["colonnes"].items()
    }
    lignes, rangs = np.nonzero(f.ages >= 0)
    dossiers, rang = numeros.take(pa.array(lignes)), pa.array(rangs + 1).cast(pa.string())
    nes_le = naissances(f.ages[lignes, rangs], "2017-12", Alea("naissances", 2017))
    enfants = {
        "NUMDOS": dossiers,
        "RANGENF": rang,
        "PRENOM": pc.binary_join_element_wise(pa.scalar("PRENOM-INVENTÉ"), dossiers, rang, "-"),
        "DTNAI": pc.strftime(nes_le, format="%d/%m/%Y"),
        "TOPAEEH": _texte(pa.array(aeeh_par_enfant(f)[lignes, rangs])),
    }
    return pa.table(sources), pa.table(enfants)


def _melanger(f: Foyers, annee: int) -> tuple[Foyers, pa.Array, dict[str, pa.Array]]:
    """The foyers in an order that says nothing of where they live, their dossiers' numbers, their columns."""
    alea = Alea("dossiers", annee)
    ordre = np.argsort(alea.uniforme(len(f)), kind="stable")
    numeros = pa.array(1_000_000 + 7 * np.arange(len(f)) + alea.entier(0, 6, len(f))).cast(pa.string())
    codes = _codes_communes(f, annee).take(pa.array(ordre))
    f = ordonner(f, ordre)
    contrat = colonnes(f, f"{annee}-12", [c.code for c in communes()])
    return f, numeros, {**contrat, "id_foyer": numeros, "code_commune": codes}


def _codes_communes(f: Foyers, annee: int) -> pa.Array:
    """Communes in the COG of the file: those merged since are given back their own foyers, by population."""
    cog = COG[annee]
    rangs = {c.code: i for i, c in enumerate(communes())}
    habitants = {c.code: c.pmun[max(c.pmun)] for c in faits.communes(cog) if c.departement == DROME}
    codes = np.array([c.code for c in communes()], object)[f.groupe]
    for avant, apres in faits.fusions(cog).items():
        if apres not in rangs:
            continue
        places = np.flatnonzero(f.groupe == rangs[apres])
        part = len(places) * habitants[avant] // (habitants[avant] + habitants[apres])
        codes[places[np.linspace(0, len(places), part, endpoint=False).astype(np.int64)]] = avant
    return pa.array(codes, pa.string())


def _identite(numeros: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """A name, a NIR and an address nobody bears: what must never be stored, and is recognised if it is."""
    return (
        pc.binary_join_element_wise(pa.scalar("NOM-INVENTÉ"), numeros, "-"),
        pc.binary_join_element_wise(pa.scalar("900009900"), numeros, ""),
        pc.binary_join_element_wise(numeros, pa.scalar("CHEMIN DE L'INVENTION"), " "),
    )


def _texte(valeurs: pa.Array, zero_est_vide: bool = False) -> pa.Array:
    """A column as the older tool prints it: decimal comma, O and N, nothing where nothing is known."""
    if pa.types.is_boolean(valeurs.type):
        return pc.if_else(valeurs, "O", "N")
    texte = valeurs.cast(pa.string())
    if pa.types.is_decimal(valeurs.type):
        texte = pc.replace_substring(texte, ".", ",")
    if zero_est_vide:
        texte = pc.if_else(pc.equal(texte, "0,00"), "", texte)
    return pc.fill_null(texte, "")


def _csv(table: pa.Table) -> bytes:
    """Delimited text in cp1252 with the line ends of Windows."""
    tampon = pa.BufferOutputStream()
    options = pacsv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    pacsv.write_csv(table, tampon, options)
    corps: bytes = tampon.getvalue().to_pybytes()
    texte = ";".join(table.column_names) + "\n" + corps.decode()
    return texte.replace("\n", "\r\n").encode("cp1252")
