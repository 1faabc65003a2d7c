"""An audit as one page for the author of the document: it opens anywhere, without a network."""

import jinja2

from publication.commun.apparence import racine_css
from publication.controle_documents import Audit
from publication.controle_documents.rendu import chiffres, clair, controles, resume, titre
from publication.controle_documents.verdicts import VERDICTS

SENS = {
    "conforme": "Le chiffre imprimé est celui de l'observatoire, à la précision imprimée.",
    "ecart_arrondi": "L'écart tient à l'arrondi, du document ou du producteur.",
    "ecart": "Le chiffre imprimé n'est pas celui de l'observatoire ; la lecture la plus proche est indiquée.",
    "mauvais_univers": "Le document nomme un autre ensemble que celui du chiffre : ménages pour foyers.",
    "non_verifiable": "L'observatoire n'a pas de quoi trancher, et dit pourquoi.",
    "divulgation": "Le document imprime, ou laisse calculer, ce que le secret statistique tient caché.",
}


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
