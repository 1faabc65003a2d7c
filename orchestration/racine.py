"""Where the checkout is: the dbt project and the lock file stand beside the packages. Imports nothing."""

from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
