"""The stores of a home that publishes several scopes of one build: where each is, and finding one.

The first scope has `releases/`, each other one a store under `releases/perimetres/`; the first, once it is
no longer alone, also has a link there.
"""

from pathlib import Path

from publication.releases.magasin import courante, montrer
from socle.disque import DOSSIER_OUVERT
from socle.erreurs import ErreurPublication

PERIMETRES = "perimetres"
# What stands for the store of the first scope: its service alone, so that whoever copies the folder and what
# its links lead to copies one release, and does not go round.
_PREMIER = "../../current"


def magasin_de(releases: Path, perimetre: str, premier: str) -> Path:
    """Return the store of a scope; `premier`: that of the first one."""
    return releases if perimetre == premier else _dossier(releases, perimetre)


def ouvrir(releases: Path, perimetres: tuple[str, ...]) -> None:
    """Make the folder of the other scopes, and the name that leads to the first; nothing for one scope."""
    premier, *autres = perimetres
    if not autres:
        return
    for dossier in (releases, releases / PERIMETRES, _dossier(releases, premier)):
        if not dossier.is_dir():
            dossier.mkdir(parents=True)
            dossier.chmod(DOSSIER_OUVERT)
    lien = _dossier(releases, premier) / "current"
    if not lien.is_symlink():
        lien.symlink_to(_PREMIER)


def tous(releases: Path) -> list[Path]:
    """Return every store, that of the first scope first."""
    dossier = releases / PERIMETRES
    autres = sorted(d for d in dossier.iterdir() if d.is_dir()) if dossier.is_dir() else []
    return [releases, *(d for d in autres if not _est_le_premier(d))]


def contenant(releases: Path, release_id: str) -> Path:
    """Return the store that holds a release; that of the first scope where none does, and for `current`."""
    if release_id == "current":
        return releases
    return next((m for m in tous(releases) if (m / release_id).is_dir()), releases)


def du_perimetre(releases: Path, perimetre: str, en_francais: bool = False) -> Path:
    """Return the store of a scope as a reader finds it: by what is in `releases/` alone.

    Raises ErreurPublication when nothing was published on that scope here; `en_francais`: to readers of
    figures, and not to operators.
    """
    dossier = _dossier(releases, perimetre)
    if _est_le_premier(dossier):
        return releases
    if dossier.is_dir():
        return dossier
    # Alone, the first scope has no path of its own.
    if _dit(releases) == perimetre:
        return releases
    connus = ", ".join(sorted(p for m in tous(releases) if (p := _dit(m))))
    if en_francais:
        raise ErreurPublication(
            f"Aucune publication du périmètre « {perimetre} » sous {releases}. Périmètres publiés ici :"
            f" {connus or 'aucun'} (`ctg refresh --perimetre A,B` en publie plusieurs)."
        )
    raise ErreurPublication(
        f"No release of scope {perimetre!r} in {releases}. Scopes published here:"
        f" {connus or 'none yet'} (`ctg refresh --perimetre A,B` publishes several)."
    )


def nom_de(perimetre: str) -> str:
    """Return the name of a scope in a path: a colon is none on the shares of Windows."""
    return perimetre.replace(":", "-")


def _dossier(releases: Path, perimetre: str) -> Path:
    return releases / PERIMETRES / nom_de(perimetre)


def _est_le_premier(dossier: Path) -> bool:
    lien = dossier / "current"
    return lien.is_symlink() and str(lien.readlink()) == _PREMIER


def _dit(magasin: Path) -> str | None:
    """Return the scope that the release in service says it is of."""
    en_service = courante(magasin)
    return str(montrer(magasin, en_service.name)["perimetre"]) if en_service else None
