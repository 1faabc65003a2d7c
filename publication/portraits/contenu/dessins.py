"""The charts and maps of a section, as `plan.yml` asks for them."""

from publication.portraits.contenu.barres import comparaison, parts
from publication.portraits.contenu.carte import carte
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.plan import graphiques
from publication.portraits.contenu.series import serie
from publication.portraits.modele import Carte, Contours, Dessine


def dessins(ctx: Contexte, section: str, traits: Contours | None) -> list[Dessine | Carte]:
    """Return those that have enough figures; no map without outlines."""
    trouves: list[Dessine | Carte | None] = []
    for voulu in graphiques(section):
        indicateurs = ctx.indicateurs(voulu["indicateurs"])
        match voulu["forme"]:
            case "comparaison":
                trouves.append(comparaison(ctx, indicateurs[0], voulu.get("titre")))
            case "serie":
                trouves.append(serie(ctx, indicateurs, voulu.get("titre")))
            case "parts":
                trouves.append(parts(ctx, indicateurs, voulu["titre"]))
            case "carte":
                if traits is not None:
                    trouves.append(carte(ctx, indicateurs[0], traits.communes.__contains__))
    return [dessin for dessin in trouves if dessin is not None]
