"""What a term means, said once in a document, where it is first used: `termes` of `formulations.yml`."""

import re
from collections.abc import Iterable
from dataclasses import replace

from publication.portraits.contenu.formulations import termes
from publication.portraits.modele import Message, Section


def expliquer(messages: Iterable[Message], dits: set[str]) -> tuple[Message, ...]:
    """Return the sentences of a document in order, each term explained in the first that uses it.

    `dits` holds the terms explained so far, and receives those explained here: one set for a document.

    "… perçoivent le RSA ; …"    "… perçoivent le RSA (revenu de solidarité active) ; …"
    """
    return tuple(replace(message, texte=_expliquer(message.texte, dits)) for message in messages)


def expliquer_sections(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Do the same for all the sentences of a document."""
    dits = set[str]()
    return tuple(
        replace(
            section,
            elements=tuple(
                expliquer([element], dits)[0] if isinstance(element, Message) else element
                for element in section.elements
            ),
        )
        for section in sections
    )


def _expliquer(texte: str, dits: set[str]) -> str:
    for terme, definition in termes().items():
        if terme in dits:
            continue
        trouve = re.search(rf"\b{terme}\b(?! \()", texte)
        if trouve is not None:
            texte = f"{texte[: trouve.end()]} ({definition}){texte[trouve.end() :]}"
            dits.add(terme)
    return texte
