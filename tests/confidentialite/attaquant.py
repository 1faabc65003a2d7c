"""A reader who attacks what is published of persons. Not a line is shared with the code that rounds.

It knows the public code and its parameters, the order of the chains, Cafdata's figures, the exact totals of
the département and of EPCI, and who it is itself. It does not know the key.
"""

from collections.abc import Mapping, Sequence


def possibles(
    r: Sequence[int],
    pas: int,
    reperes: Mapping[int, int] | None = None,
    au_moins: Mapping[int, int] | None = None,
    au_plus: Mapping[int, int] | None = None,
    connu: int | None = None,
) -> list[set[int]]:
    """Every value that each count of a chain may have, by the exact program over the residues of running
    sums.

    `r`: what is printed, in the order of the chain. `reperes`: exact running sums known from elsewhere, by
    the number of cells that they sum. `au_moins`, `au_plus`: what is known of single counts. `connu`: the
    start, where it is.
    """
    reperes, au_moins, au_plus = reperes or {}, au_moins or {}, au_plus or {}
    cumul = [0]
    for v in r:
        cumul.append(cumul[-1] + v)
    trouves: list[set[int]] = [set() for _ in r]
    for depart in range(pas) if connu is None else (connu,):

        def permis(rang: int, residu: int, depart: int = depart) -> bool:
            return rang not in reperes or cumul[rang] + residu == reperes[rang] + depart

        def passe(i: int, avant: int, apres: int) -> bool:
            x = r[i] + apres - avant
            return max(0, au_moins.get(i, 0)) <= x <= au_plus.get(i, x)

        aller = [{depart}]
        for i in range(len(r)):
            aller.append(
                {q for q in range(pas) if permis(i + 1, q) and any(passe(i, p, q) for p in aller[i])}
            )
        retour = {q for q in aller[-1]}
        for i in reversed(range(len(r))):
            couples = [(p, q) for p in aller[i] for q in retour if passe(i, p, q)]
            trouves[i] |= {r[i] + q - p for p, q in couples}
            retour = {p for p, _ in couples}
    return trouves


def trouvailles(ensembles: Sequence[set[int]]) -> dict[int, int]:
    """The counts of 1 to 4 that are known exactly, by rank."""
    return {i: next(iter(e)) for i, e in enumerate(ensembles) if len(e) == 1 and 1 <= min(e) <= 4}


def residus_d_une_revision(
    avant: Sequence[int], apres: Sequence[Sequence[int]], pas: int
) -> list[int | None]:
    """The residues that revisions of one foyer each, in the first commune, give away where all is rounded
    anew.

    One more below a residue of `pas` less k makes its running sum step up at the k-th revision.
    """
    residus: list[int | None] = []
    cumul = [sum(avant[: i + 1]) for i in range(len(avant))]
    for i, base in enumerate(cumul):
        sauts = [n for n, r in enumerate(apres, 1) if sum(r[: i + 1]) > base]
        residus.append(pas - sauts[0] if sauts else None)
    return residus
