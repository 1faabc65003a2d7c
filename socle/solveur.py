"""HiGHS, silent from its first word, and started again where it loses its way.

Belongs here: what whoever solves anything wants of the solver. Does not: any model, which the engine and the
proof of secrecy each write for themselves. `highspy.Highs` sets its callbacks in its constructor, and that
call prints the version and the licence of the solver before anybody could turn its output off.
"""

from typing import Any

import highspy


class Solveur(highspy.Highs):
    """HiGHS on one thread; it prints nothing."""

    def __init__(self) -> None:
        """Make a solver without a model."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.setOptionValue("threads", 1)

    def enableCallbacks(self) -> Any:
        """Turn the output off, then do what HiGHS does: the first call of the constructor."""
        self.setOptionValue("output_flag", False)
        return super().enableCallbacks()  # type: ignore[no-untyped-call]

    def run(self) -> Any:
        """Solve. From where the last program ended it may lose its way: it starts again, then unpresolved."""
        fini = super().run()
        _, voulu = self.getOptionValue("presolve")
        for presolve in (voulu, "off"):
            if self.getModelStatus() == highspy.HighsModelStatus.kUnknown:
                self.clearSolver()
                self.setOptionValue("presolve", presolve)
                fini = super().run()
                self.setOptionValue("presolve", voulu)
        return fini
