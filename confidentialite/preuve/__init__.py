"""The proof of statistical secrecy: from published figures alone, nothing hidden can be had.

Reads schema `marts` and the register of earlier releases, as an attacker would, and never the engine that
chose the masks: it shares no line with it, so that one error does not hide the other. What it reads besides,
and why each of these may be believed, is `entrees.py`.

`auditeur.py` puts the parts together: `lignes.py` reads, `lectures.py` says which communes sums are of,
`construction.py` makes the equations of `modele.py`, `elimination.py` and `exactitude.py` are the rank tests,
`composantes.py` and `bornes.py` the bounds, `attributs.py` and `montants.py` what is asked of sensitive
mesures and of amounts, `contributeurs.py` what is left to lone contributors, `dossier.py` all of it as one
value, `controles/` the questions asked of it, `niveaux.py` those asked of what is masked by whole levels,
`bilan.py` and `constats.py` what is said of the answers. The certificate is `certificat.py`; `balayage.py`
scans the files of a release, which `contenus.py` opens and whose printed figures `chiffres.py` compares.
"""
