"""What the steps of a night print: left to the terminal or the journal that it was started from.

Belongs here: that Dagster takes nothing of it away. Does not: runs that the page or the schedule starts,
whose output is theirs to keep. Dagster writes what it takes to files under `CTG_HOME`, then to the terminal
by a process of its own: on a full disk, the night could no longer say why it ended.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.compute_log_manager import CapturedLogContext
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._serdes import ConfigurableClassData


class SortiesLibres(LocalComputeLogManager):
    """The outputs that other runs left, where Dagster has them; it takes none."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "SortiesLibres":
        """Make one from the settings of an instance."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Leave the outputs of a step where they go."""
        yield CapturedLogContext(log_key)


def instance_sans_capture(dossier: Path) -> dg.DagsterInstance:
    """Open the instance of this folder for a night of this process."""
    defauts = InstanceRef.config_defaults(str(dossier))["compute_logs"]
    assert defauts is not None
    reglage = {"module": __name__, "class": SortiesLibres.__name__, "config": defauts.config_dict}
    ref = InstanceRef.from_dir(str(dossier), overrides={"compute_logs": reglage})
    return dg.DagsterInstance.from_ref(ref)
