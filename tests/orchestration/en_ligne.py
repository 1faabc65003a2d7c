"""The command line in the process of the test, and names that several homes of tests share."""

from click.testing import CliRunner, Result

from orchestration.cli import main

# An account that is none of those that run tests.
PERSONNE = 65534
RELEASE = "20260101T000000Z-00000000"


def ctg(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])
