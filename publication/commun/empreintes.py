"""The SHA-256 of the files of one folder, each computed once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from socle.disque import sha256_fichier


class Empreintes:
    """Digests of the files of `dossier`, by path within it; a file is asked for once it is closed."""

    def __init__(self, dossier: Path) -> None:
        """Start with nothing known of the folder."""
        self._dossier = dossier
        self._connues: dict[str, str] = {}

    def de(self, chemin: str) -> str:
        """Return the digest of one file."""
        if chemin not in self._connues:
            self._connues[chemin] = sha256_fichier(self._dossier / chemin)
        return self._connues[chemin]

    def toutes(self) -> dict[str, str]:
        """Return the digest of every file now in the folder, in the order of paths."""
        presents = chemins(self._dossier)
        # hashlib lets another thread work while it reads.
        with ThreadPoolExecutor(2) as ouvriers:
            return dict(zip(presents, ouvriers.map(self.de, presents), strict=True))


def chemins(dossier: Path) -> list[str]:
    """List the files of a folder and of those within it, by path, in order."""
    return sorted(p.relative_to(dossier).as_posix() for p in dossier.rglob("*") if p.is_file())
