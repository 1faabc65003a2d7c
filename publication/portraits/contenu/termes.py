"""What a term means, said once in a document, where it is first used: `termes` of `formulations.yml`."""

import re
from collections.abc import Iterable
from dataclasses import replace

from publication.portraits.contenu.formulations import termes
from publication.portraits.modele import Element, Message, Section, Vue


def expliquer(messages: Iterable[Message], dits: set[str]) -> tuple[Message, ...]:
    """Return the sentences of a document in order, each term explained in the first that uses it.

    `dits` holds the terms explained so far, and receives those explained here: one set for a document.

    "… perçoivent le RSA ; …"    "… perçoivent le RSA (revenu de solidarité active) ; …"
    """
    return tuple(replace(message, texte=_expliquer(message.texte, dits)) for message in messages)


def expliquer_sections(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Do the same for all the sentences of a document."""
    dits = set[str]()
    return tuple(replace(section, elements=_elements(section.elements, dits)) for section in sections)


def expliquer_vues(vues: Iterable[Vue]) -> tuple[Vue, ...]:
    """Do the same for the sentences of a presentation, which is read without the document."""
    dits = set[str]()
    return tuple(
        replace(vue, colonnes=tuple(_elements(colonne, dits) for colonne in vue.colonnes)) for vue in vues
    )


def _elements(elements: Iterable[Element], dits: set[str]) -> tuple[Element, ...]:
    return tuple(expliquer([e], dits)[0] if isinstance(e, Message) else e for e in elements)


def _expliquer(texte: str, dits: set[str]) -> str:
    for terme, definition in termes().items():
        if terme in dits:
            continue
        trouve = re.search(rf"\b{terme}\b(?! \()", texte)
        if trouve is not None:
            texte = f"{texte[: trouve.end()]} ({definition}){texte[trouve.end() :]}"
            dits.add(terme)
    return texte
