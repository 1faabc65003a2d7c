"""The command line in the process of the test, and what several homes of tests share."""

from dataclasses import fields
from typing import Any

from click.testing import CliRunner, Result

from orchestration.cli import main

# An account that is none of those that run tests.
PERSONNE = 65534
RELEASE = "20260101T000000Z-00000000"


def vide(classe: type[Any], **faits: object) -> Any:
    """One of a dataclass of which nothing else is known."""
    return classe(**dict.fromkeys(f.name for f in fields(classe) if f.init) | faits)


def ctg(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])
