"""Settings of Superset (SUPERSET_CONFIG_PATH): one machine, in French, that calls nobody.

Its secrets and addresses come from the file that CTG_BI_REGLAGES names, drawn at the first start.
"""

import json
import os
from pathlib import Path

_reglages = json.loads(Path(os.environ["CTG_BI_REGLAGES"]).read_bytes())

SECRET_KEY = _reglages["cle_superset"]
GUEST_TOKEN_JWT_SECRET = _reglages["cle_invites"]
SQLALCHEMY_DATABASE_URI = _reglages["base_superset"]

APP_NAME = "Observatoire CTG"
BABEL_DEFAULT_LOCALE = "fr"
LANGUAGES = {"fr": {"flag": "fr", "name": "Français"}, "en": {"flag": "gb", "name": "English"}}
# As figures are printed everywhere else (socle/affichage.py): narrow no-break space, decimal comma.
D3_FORMAT = {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u202f€"]}
D3_TIME_FORMAT = {
    "dateTime": "%A %e %B %Y, %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ],
    "shortMonths": [
        *("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
    ],
}

# Charts ask the database each time: the release that is in service, never a copy of the one before.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# Nothing leaves the page: no pixel of telemetry, no tiles, no fonts from elsewhere.
_ici = "'self'"
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": [_ici],
        "default-src": [_ici],
        "img-src": [_ici, "blob:", "data:"],
        "worker-src": [_ici, "blob:"],
        "connect-src": [_ici],
        "object-src": "'none'",
        "style-src": [_ici, "'unsafe-inline'"],
        "font-src": [_ici],
        "script-src": [_ici, "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
MAPBOX_API_KEY = ""

FEATURE_FLAGS = {
    # Charts below the fold are there for whoever prints or photographs the page.
    "DASHBOARD_VIRTUALIZATION": False,
    "ALERT_REPORTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
}
