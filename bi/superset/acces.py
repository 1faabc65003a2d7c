"""Superset's API, as a person's browser uses it: import the dashboard, ask charts for their data."""

import json
from collections.abc import Mapping
from typing import Any

import requests

from bi.superset.paquet import BASE
from socle.erreurs import ErreurPublication

_DELAI = 120
"""Seconds given to an answer: Superset imports a dashboard in one request."""


class Superset:
    """A session on a running Superset. Raises ErreurPublication on an answer that is not the one expected."""

    def __init__(self, adresse: str, compte: str, mot_de_passe: str) -> None:
        """Log in, as this account, to the Superset at `http://127.0.0.1:8088`."""
        self._adresse = adresse
        self._session = requests.Session()
        # No proxy of the environment stands between two programs of one machine.
        self._session.trust_env = False
        identite = {"username": compte, "password": mot_de_passe, "provider": "db"}
        jeton = self._demander("POST", "security/login", json=identite)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {jeton}"
        self._session.headers["X-CSRFToken"] = self._demander("GET", "security/csrf_token/")["result"]
        self._session.headers["Referer"] = adresse

    def importer(self, paquet: bytes, mot_de_passe: str) -> None:
        """Import a ZIP: what it names is made, or replaced; `mot_de_passe` is that of its database."""
        self._demander(
            "POST",
            "assets/import/",
            files={"bundle": ("suivi-ctg.zip", paquet, "application/zip")},
            data={"passwords": json.dumps({BASE: mot_de_passe})},
        )

    def graphiques(self) -> dict[str, dict[str, Any]]:
        """Return the query that each chart of Superset was saved with, by UUID."""
        lus = self._demander("GET", "chart/", params={"q": "(columns:!(id,uuid),page_size:100)"})["result"]
        return {
            g["uuid"]: json.loads(self._demander("GET", f"chart/{g['id']}")["result"]["query_context"])
            for g in lus
        }

    def donnees(self, requete: Mapping[str, Any], filtres: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the rows that a chart shows under these filters of the page (column: value)."""
        choisis = [{"col": colonne, "op": "IN", "val": [valeur]} for colonne, valeur in filtres.items()]
        demande = dict(requete) | {
            "queries": [q | {"filters": [*q.get("filters", ()), *choisis]} for q in requete["queries"]]
        }
        (reponse,) = self._demander("POST", "chart/data", json=demande)["result"]
        if reponse["error"] or reponse["status"] != "success":
            raise ErreurPublication(
                f"Superset could not answer a chart: {reponse['error'] or reponse['status']}."
            )
        return list(reponse["data"])

    def _demander(self, verbe: str, chemin: str, **envoi: Any) -> Any:
        reponse = self._session.request(verbe, f"{self._adresse}/api/v1/{chemin}", timeout=_DELAI, **envoi)
        if not reponse.ok:
            raise ErreurPublication(
                f"Superset answers {reponse.status_code} to {verbe} /api/v1/{chemin}: {reponse.text[:2000]}."
                " Next: see the end of superset.log in the folder of `make bi`."
            )
        return reponse.json()
