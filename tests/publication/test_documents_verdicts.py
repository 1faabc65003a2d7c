"""One verdict per figure, with what the warehouse says and the reading that would match."""

from pathlib import Path

from petit_audit import juger, lire, lire_cas


def test_a_figure_has_its_verdict_and_the_reason(tmp_path: Path) -> None:
    cas = lire_cas("verdicts_essais.yml")
    for un, ((trouve,), _) in zip(cas, juger(tmp_path, [*map(lire, cas)]), strict=True):
        attendu = dict(un["attendu"])
        assert attendu.pop("dit", "") in trouve["explication"], (un, trouve["explication"])
        assert attendu.pop("tait", "\0") not in trouve["explication"], (un, trouve["explication"])
        assert {nom: trouve[nom] for nom in attendu} == attendu, (un, trouve["explication"])
