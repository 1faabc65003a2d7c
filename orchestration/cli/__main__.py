"""`python -m orchestration.cli`, where the environment's `ctg` is not on PATH."""

from . import main

main(prog_name="ctg")
