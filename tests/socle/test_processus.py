"""What a process beside is started for, and that it ends with it."""

import pytest

from socle.processus import a_cote


def test_a_module_of_the_project_is_run() -> None:
    with a_cote("socle.horloge") as processus:
        assert processus.wait() == 0


def test_it_is_gone_when_the_caller_goes_on() -> None:
    with pytest.raises(ZeroDivisionError), a_cote("http.server", "0", "--bind", "127.0.0.1") as processus:
        raise ZeroDivisionError
    assert processus.returncode == -9
