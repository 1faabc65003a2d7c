"""Inventing figures, in integers and fractions: repeatable draws, sharing out, totals that hit targets."""

import csv
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from hashlib import blake2b
from pathlib import Path

from demonstration.faits import BARONNIES, DROME, Territoire


def tirage(sujet: str, bas: int, haut: int) -> int:
    """An integer from `bas` to `haut` (both included), always the same for a given `sujet`."""
    empreinte = blake2b(sujet.encode(), digest_size=8).digest()
    return bas + int.from_bytes(empreinte) % (haut - bas + 1)


def repartir(total: int, poids: Mapping[str, int]) -> dict[str, int]:
    """Share `total` in proportion to `poids`, so that the parts sum exactly to it (largest remainder)."""
    somme = sum(poids.values())
    parts = {cle: total * p // somme for cle, p in poids.items()}
    restes = sorted(poids, key=lambda cle: (-(total * poids[cle] % somme), cle))
    for cle in restes[: total - sum(parts.values())]:
        parts[cle] += 1
    return parts


def ajuster(total: int, voulus: Sequence[int], bornes: Sequence[tuple[int, int]]) -> list[int]:
    """Integers near `voulus`, within `bornes`, that sum to `total`. Raises `ValueError` when none do."""
    mini, maxi = sum(bas for bas, _ in bornes), sum(haut for _, haut in bornes)
    if not mini <= total <= maxi:
        raise ValueError(f"{total} is out of reach: the bounds give {mini} to {maxi}")
    valeurs = [min(max(v, bas), haut) for v, (bas, haut) in zip(voulus, bornes, strict=True)]
    while ecart := total - sum(valeurs):
        sens = 1 if ecart > 0 else -1
        libres = [i for i, (bas, haut) in enumerate(bornes) if valeurs[i] != (haut if sens > 0 else bas)]
        # As even a share as there is room for, the largest first.
        libres.sort(key=lambda i: (-voulus[i], i))
        pas = max(1, abs(ecart) // len(libres))
        for i in libres[: abs(ecart)]:
            bas, haut = bornes[i]
            valeurs[i] = min(max(valeurs[i] + sens * pas, bas), haut)
    return valeurs


@cache
def cibles() -> dict[tuple[str, str, int], Fraction]:
    """The targets of `calibration.csv`: (cible, territoire, millésime) to value, in the displayed unit."""
    with (Path(__file__).parent / "calibration.csv").open(encoding="utf-8", newline="") as fichier:
        return {
            (ligne["cible"], ligne["territoire"], int(ligne["millesime"])): Fraction(ligne["valeur"])
            for ligne in csv.DictReader(fichier)
        }


def ventiler(
    communes: Sequence[Territoire],
    total: Callable[[str, Sequence[Territoire]], Fraction],
    poids: Callable[[Territoire], int],
) -> dict[str, int]:
    """Invent one integer by commune such that the EPCI of the Baronnies and the Drôme both hit their total.

    `total(territoire_id, communes)` is the total wanted over those communes; neighbours outside the Drôme
    follow its targets.
    """
    baronnies = [c for c in communes if c.epci == BARONNIES]
    reste = [c for c in communes if c.departement == DROME and c.epci != BARONNIES]
    voisins = [c for c in communes if c.departement != DROME]
    total_baronnies = round(total(f"epci:{BARONNIES}", baronnies))
    total_drome = round(total(f"departement:{DROME}", [*baronnies, *reste]))
    total_voisins = round(total(f"departement:{DROME}", voisins))
    valeurs: dict[str, int] = {}
    for groupe, somme in (
        (baronnies, total_baronnies),
        (reste, total_drome - total_baronnies),
        (voisins, total_voisins),
    ):
        valeurs |= repartir(somme, {c.code: poids(c) for c in groupe})
    return valeurs
