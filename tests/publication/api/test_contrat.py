"""The served API holds what `openapi.json` says, whatever is asked of it: schemathesis draws the demands."""

import pytest
import schemathesis
from hypothesis import given, settings
from starlette.testclient import TestClient

from publication.api.documents import DEMANDE, FICHIERS

schemathesis.checks.load_all_checks()
DES_FICHIERS = {document: f"/{document.adresse}" for document in (*FICHIERS, DEMANDE)}


@pytest.fixture(scope="session")
def contrat(client: TestClient) -> schemathesis.BaseSchema:
    # By a name that this machine alone is known by, as a reader asks.
    ici = {"Host": "127.0.0.1"}
    lu = schemathesis.openapi.from_asgi("/api/v1/openapi.json", client.app, headers=ici)
    lu.config.update(base_url="http://127.0.0.1/api/v1")
    return lu


def test_it_is_openapi(contrat: schemathesis.BaseSchema) -> None:
    contrat.validate()
    assert contrat.raw_schema["openapi"] == "3.1.0"


@pytest.mark.parametrize("adresse", DES_FICHIERS.values())
def test_answers_are_those_of_the_contract(contrat: schemathesis.BaseSchema, adresse: str) -> None:
    @settings(max_examples=40, deadline=None, database=None)
    @given(contrat[adresse]["GET"].as_strategy())
    def demander(cas: schemathesis.Case) -> None:
        cas.call_and_validate()

    demander()
