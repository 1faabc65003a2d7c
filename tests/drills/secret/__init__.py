"""An attacker of the engine of secrecy, with code of its own, and the worlds it is let loose on.

    python -m tests.drills.secret                                  every attack, 3 000 worlds each
    python -m tests.drills.secret --attaque e --mondes 300         one of them
    python -m tests.drills.secret --attaque e --graine 11          one world in full, and what is found in it

- `mondes.py` draws a world from a seed; `dictionnaire.py` reads the dictionary of the checkout;
- `boite.py` hands worlds to the engine, and releases to the auditor, as tables: both are black boxes;
- `lecteur.py` has what a reader has, `calcul.py` the algebra and the programs, `attaques.py` the attacks;
- `campagne.py` counts. `make drills` asserts that nothing is found, `make test` on a few seeds.

**Another commit.** What is attacked is the `confidentialite` that Python finds first, with the dictionary of
its own checkout. To attack that of another commit, put a worktree of it first:

    git worktree add ../avant COMMIT
    PYTHONPATH=../avant:. python -m tests.drills.secret --attaque e

(`tests` is a namespace: an older worktree without this package leaves this one to be found.) The interface it
needs is that of the masks step: `Entrees` and `masquer`, whose tables have the columns of the dbt models, and
a key where there is one (`confidentialite.cle`). `prouver` is given a build.

**The auditor of one commit, the engine of another**: `--garder FILE` keeps the releases in which something
was found; `--juger FILE`, under the other commit, asks its auditor about them.
"""
