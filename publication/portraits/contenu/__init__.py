"""What a portrait says: one release read, every choice made, a `modele.Document` returned.

    with ouvrir(release / "ctg.duckdb") as marts:
        document = composer(marts, "ctg:baronnies-2025")

`plan.yml` says which figures and charts each section shows. How they look is the formats' affair.
"""

from publication.portraits.contenu.composition import composer
from publication.portraits.contenu.contexte import Options

__all__ = ["Options", "composer"]
