"""The auditor of statistical secrecy: proves, from published figures alone, that nothing hidden can be had.

Reads schema `marts` and the register of earlier releases, as an attacker would, and never the engine that
chose the masks: it shares no line with it, so that one error does not hide the other. The frozen aggregates
give only what a lone contributor knows (its own cells) and the largest contributions.

`auditeur.py` puts the parts together: `lecture.py` reads, `geographie.py` gives the atoms, `modele.py` the
equations, `elimination.py` and `exactitude.py` the rank tests, `bornes.py` the bounds, `constats.py` what was
found. What was released is `confidentialite.memoire.registre`; the certificate is `certificat.py`.
"""
