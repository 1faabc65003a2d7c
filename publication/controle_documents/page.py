"""An audit as one page for the author of the document: it opens anywhere, without a network."""

import jinja2

from publication.commun.apparence import racine_css
from publication.controle_documents import Audit
from publication.controle_documents.mots import SENS, VERDICTS
from publication.controle_documents.rendu import chiffres, clair, controles, resume, titre


def rendre(audit: Audit) -> bytes:
    """Return the page; the same audit gives the same bytes."""
    gabarits = jinja2.Environment(
        loader=jinja2.PackageLoader("publication.controle_documents", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    page = gabarits.get_template("verdicts.html.j2").render(
        audit=audit,
        titre=titre(audit),
        resume=resume(audit),
        chiffres=[clair(audit, ligne) for ligne in chiffres(audit)],
        controles=[clair(audit, ligne) for ligne in controles(audit)],
        verdicts=[(VERDICTS[verdict], sens) for verdict, sens in SENS.items()],
        racine=racine_css(),
    )
    return page.encode()
