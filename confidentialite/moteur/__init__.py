"""What decides: systems, elimination, intervals, masks. `confidentialite.masquer` is its door.

Belongs here: hiding. Does not: the law (`regle`), what was ever released (`memoire`), the proof (`preuve`).

From the night to the solver, each piece is cut into the next:

    the night     all that is read        `masques.py`, and `decoupe.py` that cuts it
    groupe        tied mesures, one year   `groupes.py`, from `tranches.py`; neighbours: `accord.py`
    parcelle      communes decided alone   `parcelles.py`, `processus.py`, `cache.py`
    système       its formes, a chantier   `formes.py`, `chantier.py`, `lecture.py`, built by `phases/`
    bloc          one linear program       `bornes.py` cuts, `programmes.py` solves

What is done of a parcel (`decision.py`): `resolution.py` repeats `elimination.py` (exact, in the space of
`espace.py`) and the guards, each of which may hide one more; `allegement.py` then shows what need not be
hidden. The guards (`gardes.py`), and what each reads:

    du_dehors           `bornes.py`, `programmes.py`, `echanges.py`    who knows what is published
    des_contributeurs   `contributeurs.py`, `ecarts.py`                who knows its own cells too
    du_second           `montants.py`                                  who has the second part of an amount
    du_rejeu            `rejeu.py`, on `mouvements.py`, `portees.py`   who can run this very code

The moves of the guard of replay are made on a board: `terrain.py` (what is there), `plateau.py` (what is
hidden of it), `arbitre.py` (what the rule says of it).

Beside it, `registres.py` masks by whole levels the internal sources that no group judges. It is not
`phases/registre.py`, which recalls earlier releases.
"""
