"""Addresses (URL) as they may be shown: without the user and the password they may hold."""

from urllib.parse import unquote, urlsplit, urlunsplit


def separer(url: str) -> tuple[str, tuple[str, str] | None]:
    """Return an address without its user and password, and these.

    http://ctg:S3CRET@miroir.example/2022 is http://miroir.example/2022, for the user ctg.
    """
    parties = urlsplit(url)
    identifiants, arobase, hote = parties.netloc.rpartition("@")
    if not arobase:
        return url, None
    utilisateur, _, mot_de_passe = identifiants.partition(":")
    return urlunsplit(parties._replace(netloc=hote)), (unquote(utilisateur), unquote(mot_de_passe))


def sans_identifiants(url: str) -> str:
    """Return the part of an address, or of a folder, that may be shown."""
    return separer(url)[0]
