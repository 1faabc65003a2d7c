"""Kill drill: publish to PostgreSQL again and again, killed at one thing after another asked of the server.

Usage: exercice_kill_postgres.py DSN LECTEURS RELEASE_IN_SERVICE OTHER_RELEASE HOW_MANY. Half of the kills
are spread over a whole publication, requests and rows, half over its end, where names are exchanged; the last
one is just before the server is told to commit them. Prints as JSON how many were killed, how many of them
left the former release in service, and all that was not as it should be.

A program of its own because it forks: its parent must never have started DuckDB's threads.
"""

import json
import os
import signal
import sys
from pathlib import Path

import psycopg
from enfants import dans_un_enfant

from publication.exports import postgres
from publication.exports.postgres import Demande, bascule, chargement, publier, schema, serveur

# The exchange: beginning with the tables' lock, some ten requests.
_DERNIERES = 12


def main() -> None:
    dsn, lecteurs, *dossiers, combien = sys.argv[1:]
    adresse = serveur.Adresse.lire(dsn)
    bilan = {"tues": 0, "ancienne": 0}
    anomalies: list[str] = []

    def publier_et_mourir(release: Path, etape: int, compte: int = 0) -> None:
        reste = etape
        executer, ecrire_des_lignes = serveur.executer, chargement._Flux.write

        def compter() -> None:
            nonlocal reste
            reste -= 1
            if not reste:
                os.kill(os.getpid(), signal.SIGKILL)

        def compter_les_requetes(con: serveur.Connexion, requete: str) -> object:
            compter()
            return executer(con, requete)

        def compter_les_lignes(flux: chargement._Flux, octets: bytes) -> int:
            ecrites = ecrire_des_lignes(flux, octets)
            compter()
            return ecrites

        basculer = bascule.basculer

        def basculer_et_mourir(*arguments: object, **options: object) -> None:
            basculer(*arguments, **options)  # type: ignore[arg-type]
            if compte:
                os.write(compte, str(etape - reste).encode())

        for module in (bascule, chargement, schema, serveur):
            module.executer = compter_les_requetes  # type: ignore[attr-defined]
        chargement._Flux.write = compter_les_lignes  # type: ignore[method-assign]
        postgres.basculer = basculer_et_mourir  # type: ignore[assignment]
        publier(adresse, Demande(release, "marts", lecteurs))

    def etat() -> dict[str, str]:
        with psycopg.connect(dsn, autocommit=True) as con:
            noms = con.execute("select nspname from pg_namespace where nspname like 'marts%'").fetchall()
            vu = {}
            for (nom,) in noms:
                ligne = con.execute(f"select release_id from {nom}.dim_release".encode()).fetchone()
                vu[nom] = str(ligne and ligne[0])
            return vu

    ancienne, nouvelle = map(Path, dossiers)
    # How many requests until the names are exchanged, of each release; the last one precedes the commit.
    totaux = {}
    for release in (nouvelle, ancienne):
        lire, ecrire = os.pipe()
        dans_un_enfant(lambda r=release, e=ecrire: publier_et_mourir(r, 10**9, e))
        totaux[release] = int(os.read(lire, 20))
    n = int(combien)
    for i in range(n):
        # What heals one try is what the next one starts from.
        if i:
            ancienne, nouvelle = nouvelle, ancienne
        total = totaux[nouvelle]
        debut = total - _DERNIERES
        etape = 1 + debut * i // n if i % 2 else total - _DERNIERES * i // n
        bilan["tues"] += not dans_un_enfant(lambda e=etape, r=nouvelle: publier_et_mourir(r, e))
        vu = etat()
        bilan["ancienne"] += vu.get("marts") == ancienne.name
        if vu.get("marts") != ancienne.name:
            anomalies.append(f"request {etape} of {total}: in service: {vu}")
        dans_un_enfant(lambda r=nouvelle: publier(adresse, Demande(r, "marts", lecteurs)))
        # A newer one is not kept aside: every other publication is a rollback.
        aside = {"marts_precedente": ancienne.name} if ancienne.name < nouvelle.name else {}
        if (vu := etat()) != {"marts": nouvelle.name, **aside}:
            anomalies.append(f"request {etape} of {total}: after the next publication: {vu}")
    json.dump(bilan | {"anomalies": anomalies}, sys.stdout)


main()
