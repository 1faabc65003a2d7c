"""The producers' real files as a mirror: by producer, under the names that contracts give.

`python -m tests.miroir_reel ../shared/real DIR` lays one out for a night by hand.
"""

import shutil
import sys
from pathlib import Path

# Files found after the first ones, which lie under the names that they came with.
PLACES = {
    "cnaf/iris/data_CAF_2018_IRIS.csv": "decembre_2026/data_CAF_2018_IRIS.csv",
    "dgcl/epcicom2019.xlsx": "novembre_2026/epcicom2019.xlsx",
    "dgcl/epcicom2025.xlsx": "decembre_2026/epcicom2025.xlsx",
    "insee/ept/ept_2026.xlsx": "novembre_2026/ept_2026.xlsx",
    **{
        f"insee/filosofi/FILO2018_DISP_{niveau}.csv": f"decembre_2026/FILO2018_DISP_{niveau}.csv"
        for niveau in ("COM", "EPCI", "DEP", "REG", "METROPOLE")
    },
    "insee/populations/donnees_communes_pop2023.csv": "decembre_2026/donnees_communes_2023.csv",
    "insee/populations/population2019.xls.gz": "novembre_2026/population2019.xls.gz",
    "laposte/019HexaSmal_2023.csv": "decembre_2026/laposte_019HexaSmal_2023.csv",
}


def poser(reel: Path, miroir: Path) -> Path:
    """Copy the files of `reel` into a folder that does not exist yet; return it."""
    deplaces = {*PLACES.values()}

    def laisses(ou: str, noms: list[str]) -> set[str]:
        return {nom for nom in noms if str((Path(ou) / nom).relative_to(reel)) in deplaces}

    shutil.copytree(reel, miroir, ignore=laisses, copy_function=shutil.copyfile)
    for dossier in (miroir, *(d for d in miroir.rglob("*") if d.is_dir())):
        # Those of `reel` may be read only.
        dossier.chmod(0o755)
    for place, nom in PLACES.items():
        (miroir / place).parent.mkdir(exist_ok=True)
        shutil.copyfile(reel / nom, miroir / place)
    return miroir


if __name__ == "__main__":
    print(poser(Path(sys.argv[1]), Path(sys.argv[2])))
