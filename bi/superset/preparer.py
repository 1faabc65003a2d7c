"""Superset's own database, roles and first account, by Superset's interpreter, at the first start."""

import json
import os
from pathlib import Path

from flask_migrate import upgrade
from superset.app import create_app

reglages = json.loads(Path(os.environ["CTG_BI_REGLAGES"]).read_bytes())
application = create_app()
with application.app_context():
    from superset.extensions import appbuilder

    upgrade(directory=application.extensions["migrate"].directory)
    appbuilder.add_permissions(update_perms=True)
    securite = appbuilder.sm
    securite.sync_role_definitions()
    if securite.find_user(reglages["compte"]) is None:
        securite.add_user(
            reglages["compte"],
            "Observatoire",
            "CTG",
            "observatoire@localhost",
            securite.find_role("Admin"),
            password=reglages["mot_de_passe"],
        )
