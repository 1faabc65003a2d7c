"""What a portrait says: one release read, every choice made, a `modele.Document` returned (`composer`)."""

from publication.portraits.contenu.composition import composer, composer_evaluation, composer_schema
from publication.portraits.contenu.contexte import Options

__all__ = ["Options", "composer", "composer_evaluation", "composer_schema"]
