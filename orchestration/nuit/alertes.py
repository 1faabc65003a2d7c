"""What the night tells people who are not looking: by mail, Teams, Matrix, a webhook, through Apprise.

    CTG_HOME/alertes.yml     where to; nothing is sent where it is absent
    CTG_HOME/alertes.json    what was told and still stands, kept from night to night

One message per refused source and per failing check: source, millésime, observed, expected, first rows, next
step. The same failure is told once; its end is told; after a quiet time, a summary says that nights go on.

A message leaves the machine. Of a file that is not public it quotes nothing. Rows of a mart are those that
readers would get, and only where the proof of secrecy let the marts of this very night through. Of an error
that is none of these, it has the first line, which our own errors write without a value.

Belongs here: what is told, to whom, once. Does not belong here: what is wrong (the summary of the night says
it), nor how a message travels (Apprise).
"""

import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from socle.disque import ecrire_json
from socle.etat import EtatIllisible, lire_octets, lire_ou_refaire

from .chemins import Chemins
from .reglages import ReglageRefuse, Reglages
from .reglages import exiger_miroir as exiger
from .resume import dire_tuee, tuee

NON_CITE = "not quoted here: the file is not public"
ICI = "`ctg sources list` and the end of `ctg refresh`, on the machine of the night, say the rest"
SANS_NUIT = ("veille", "tuee")
"""What tells something and is no night: the watch of addresses, the look for a night that did not end."""
Nature = Literal["failure", "success", "info"]
Genre = Literal["refus", "adresse", "controle", "secret", "nuit"]
"""What a fact is about: a file, an address that the watch asks, a mart, secrecy, a night."""


class AlertesRefusees(Exception):
    """A file of addresses that cannot be used."""


class Destinations(BaseModel):
    """`alertes.yml`: addresses as Apprise writes them, and days without a message before a summary."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    destinations: list[str] = Field(min_length=1)
    silence_jours: int = Field(default=7, ge=1)


@dataclass(frozen=True)
class Fait:
    """One thing that needs somebody. `cle` is the same from night to night."""

    genre: Genre
    cle: str
    ou: str
    titre: str
    suite: str
    millesime: int | None = None
    observe: str = ""
    attendu: str = ""
    premieres: Sequence[str] = ()

    def __str__(self) -> str:
        """Say it, one fact per line."""
        dits = {
            "source": self.ou,
            "millésime": "" if self.millesime is None else str(self.millesime),
            "what": self.titre,
            "observed": self.observe,
            "expected": self.attendu,
            "first rows": "".join(f"\n  {ligne}" for ligne in self.premieres),
            "next": self.suite,
        }
        return "\n".join(f"{quoi}: {dit}" for quoi, dit in dits.items() if dit)


@dataclass
class Envois:
    """What became of the messages of a night. `echecs`: what could not be sent, and to where."""

    envoyes: int = 0
    echecs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Connu:
    """A fact that was told and stands; `depuis`: when it was told."""

    genre: Genre
    ou: str
    titre: str
    depuis: str


@dataclass
class _Memoire:
    """What was told and stands, by key; the last message; how the nights ended since."""

    connus: dict[str, _Connu] = field(default_factory=dict)
    dernier: str | None = None
    nuits: dict[str, int] = field(default_factory=dict)


def lire_destinations(chemins: Chemins) -> Destinations | None:
    """Where to send, None where nobody said so.

    Raises `AlertesRefusees`, which quotes no address, or `EtatIllisible` where the file cannot be opened.
    """
    octets = lire_octets(chemins.alertes, "addresses, as docs/how-to.md writes them", "write it again")
    if octets is None:
        return None
    # Loaded where something is sent: it knows a hundred services.
    import apprise

    try:
        lues = Destinations.model_validate(yaml.safe_load(octets) or {})
    except (ValidationError, ValueError, yaml.YAMLError) as e:
        fautes = (
            "; ".join(f"{'.'.join(map(str, x['loc']))}: {x['msg']}" for x in e.errors(include_input=False))
            if isinstance(e, ValidationError)
            else "it is not YAML"
        )
        raise AlertesRefusees(f"{chemins.alertes}: {fautes}. Next: write it as docs/how-to.md does") from None
    for rang, adresse in enumerate(lues.destinations, 1):
        if apprise.Apprise.instantiate(adresse) is None:
            raise AlertesRefusees(
                f"{chemins.alertes}: address {rang} is none that Apprise knows (it is not shown, for it may"
                " hold a password). Next: write it as https://appriseit.com says for that service"
            )
    return lues


def prevenir(
    chemins: Chemins,
    resume: Mapping[str, Any],
    diffusions: Mapping[str, str],
    maintenant: datetime | None = None,
) -> Envois:
    """Tell what this night has that was not told yet, what ended, or that all goes on; nothing is raised.

    `resume`: the summary of the night (`resume.Resume.dit`); `diffusions`: what the contract of each source
    says.
    """
    envois = Envois()
    try:
        voulues = lire_destinations(chemins)
        if voulues is not None:
            _prevenir(chemins, voulues, resume, diffusions, maintenant or datetime.now(UTC), envois)
    except Exception as e:
        # Whatever a library does with an address, the night has ended and has its own code.
        envois.echecs.append(
            str(e) if isinstance(e, AlertesRefusees | EtatIllisible) else f"{type(e).__name__} in the alerts"
        )
    return envois


def exiger_miroir(reglages: Reglages) -> None:
    """Refuse a mirror that is not there, as `reglages.exiger_miroir` does, and tell it: no run would."""
    try:
        exiger(reglages)
    except ReglageRefuse as e:
        echec = {"etape": "start", "quoi": str(e), "suite": "start the night again then"}
        envois = prevenir(reglages.chemins, {"etat": "echec", "echecs": [echec]}, {})
        raise ReglageRefuse("\n".join([str(e), *(f"Alert not sent: {x}" for x in envois.echecs)])) from None


def dire_la_tuee(chemins: Chemins) -> tuple[str | None, Envois]:
    """Tell a night that did not end, once; return when it began, None where all did.

    The caller holds CTG_HOME.
    """
    debut = tuee(chemins)
    return debut, prevenir(chemins, {"etat": "tuee", "tuee": debut}, {}) if debut else Envois()


def essayer(chemins: Chemins) -> Envois | None:
    """Send one message to each address; None where there is none. Raises `AlertesRefusees`."""
    voulues = lire_destinations(chemins)
    if voulues is None:
        return None
    total = Envois()
    for adresse in voulues.destinations:
        _Poste([adresse], total).envoyer("[CTG] a trial", f"{socket.gethostname()}, {chemins.home}", "info")
    return total


def _prevenir(
    chemins: Chemins,
    voulues: Destinations,
    resume: Mapping[str, Any],
    diffusions: Mapping[str, str],
    maintenant: datetime,
    envois: Envois,
) -> None:
    memoire = relire(chemins)
    faits = {f.cle: f for f in faits_de(resume, diffusions)}
    poste = _Poste(voulues.destinations, envois)
    a_dire = [f for cle, f in faits.items() if cle not in memoire.connus]
    for groupe in _par_source(a_dire):
        premier = groupe[0]
        corps = "\n\n".join(map(str, groupe)) + _signature(chemins, resume)
        if poste.envoyer(f"[CTG] {premier.ou}: {premier.titre}", corps, "failure"):
            for fait in groupe:
                memoire.connus[fait.cle] = _Connu(fait.genre, fait.ou, fait.titre, maintenant.isoformat())
    for cle in [c for c, su in memoire.connus.items() if c not in faits and _juge(su.genre, resume)]:
        finie = memoire.connus[cle]
        corps = f"{finie.titre}\nsince: {finie.depuis}\nover: {maintenant.isoformat()}"
        if poste.envoyer(f"[CTG] {finie.ou}: over", corps + _signature(chemins, resume), "success"):
            del memoire.connus[cle]
    if resume["etat"] != "tuee":
        memoire.nuits[resume["etat"]] = memoire.nuits.get(resume["etat"], 0) + 1
    calme = memoire.dernier is None or maintenant - datetime.fromisoformat(memoire.dernier) >= timedelta(
        days=voulues.silence_jours
    )
    if calme and resume["etat"] != "tuee" and not envois.envoyes and not envois.echecs:
        poste.envoyer("[CTG] all goes on", _bilan(memoire) + _signature(chemins, resume), "info")
    if envois.envoyes:
        memoire.dernier, memoire.nuits = maintenant.isoformat(), {}
    ecrire_json(chemins.alertes_dites, asdict(memoire))


def faits_de(resume: Mapping[str, Any], diffusions: Mapping[str, str]) -> Iterator[Fait]:
    """What of a night needs somebody, in what may leave the machine."""
    for refus in (*resume.get("refus", ()), *resume.get("veille", ())):
        genre: Genre = "adresse" if "url" in refus else "refus"
        quoi = refus.get("url") or f"{refus['source']}/{refus['ressource']}/{refus['millesime']}"
        if diffusions.get(refus["source"]) == "publique":
            ou = f"{refus['source']}/{refus['ressource']}"
            observe = f"{refus['observe']} ({refus['lieu']})" if refus["lieu"] else refus["observe"]
            faits = {"observe": observe, "attendu": refus["attendu"], "suite": refus["que_faire"]}
        else:
            # What somebody dropped under another name may be named after anybody.
            ou = refus["source"] if refus["source"] in diffusions else "depot"
            faits = {"observe": NON_CITE, "suite": ICI}
        cle = f"{genre}/{refus['code']}/{quoi}"
        yield Fait(genre, cle, ou, refus["titre"], millesime=refus["millesime"], **faits)
    for constat in resume.get("controles", ()):
        yield Fait(
            "controle",
            f"controle/{constat['mart']}/{constat['controle']}",
            f"marts.{constat['mart']}",
            f"{constat['controle']} ({constat['severite']})",
            "docs/runbook.md; the report of the night (validation/rapport.html) has every row",
            observe=constat["observe"],
            attendu=constat["attendu"],
            premieres=constat["premieres"],
        )
    if secret := resume.get("secret"):
        yield Fait(
            "secret",
            "secret",
            "statistical secrecy",
            "the proof did not let the night through",
            "`ctg secret incidents` on the machine of the night, then docs/runbook.md",
            observe=f"{secret['constats']} finding(s), {secret['incidents']} incident(s) to decide",
            attendu="none",
        )
    if debut := resume.get("tuee"):
        yield Fait(
            "nuit",
            f"tuee/{debut}",
            "night",
            dire_tuee(debut),
            "`ctg doctor`, and `journalctl -k` for what ended it (memory, power); then `ctg refresh`: what"
            " readers have is whole, and a night goes on from what had landed",
            attendu="a summary, whatever the night did",
            observe="none",
        )
    for echec in resume.get("echecs", ()):
        ou = f"night, step {echec['etape']}"
        yield Fait("nuit", f"echec/{echec['etape']}", ou, echec["quoi"], echec["suite"])
    if resume.get("postgres", {}).get("erreurs"):
        yield Fait(
            "nuit",
            "postgres",
            "PostgreSQL",
            "did not get the release in service",
            "`ctg publier postgres`, after its message",
        )


def _juge(genre: Genre, resume: Mapping[str, Any]) -> bool:
    """Whether this night could have told such a failure again: one that stopped before says nothing of it."""
    if resume["etat"] in SANS_NUIT or genre == "adresse":
        return genre == "adresse" and "veille" in resume
    if genre in ("controle", "secret"):
        # What is in service passed them, and to go back to its inputs is a correction.
        return "controles" in resume or resume["etat"] == "inchangee"
    return bool(resume["etat"] != "echec")


def _par_source(faits: Iterable[Fait]) -> list[list[Fait]]:
    """Refusals of one source together; each check alone."""
    groupes: dict[str, list[Fait]] = {}
    for fait in faits:
        quoi = fait.ou.partition("/")[0] if fait.genre in ("refus", "adresse") else fait.cle
        groupes.setdefault(quoi, []).append(fait)
    return list(groupes.values())


def _bilan(memoire: _Memoire) -> str:
    nuits = ", ".join(f"{combien} {etat}" for etat, combien in sorted(memoire.nuits.items()))
    debout = Counter(connu.ou for connu in memoire.connus.values())
    reste = "\n".join(f"  {ou}: {combien}" for ou, combien in sorted(debout.items())) or "  nothing"
    return f"nights since the last message: {nuits}\ntold before, and not over:\n{reste}"


def _signature(chemins: Chemins, resume: Mapping[str, Any]) -> str:
    service = f", release {resume['release_id']}" if resume.get("release_id") else ""
    autres = {"veille": "watch of addresses", "tuee": "look at the last night"}
    quoi = autres.get(resume["etat"], f"night {resume['etat']}")
    return f"\n\n{socket.gethostname()}, {chemins.home}: {quoi}{service}"


def relire(chemins: Chemins) -> _Memoire:
    """Return what was told and stands; nothing where it is lost, which is told."""
    return lire_ou_refaire(
        chemins.alertes_dites,
        _Memoire,
        _Memoire(),
        "what was told and stands",
        "what stands is told once more",
    )


class _Poste:
    """The destinations of a night: one that did not answer is asked no more until the next."""

    def __init__(self, adresses: Iterable[str], envois: Envois) -> None:
        import apprise

        self.services = [s for a in adresses if (s := apprise.Apprise.instantiate(a)) is not None]
        self.envois = envois

    def envoyer(self, titre: str, corps: str, nature: Nature) -> bool:
        """Send to each; whether one at least took it."""
        pris = False
        for service in list(self.services):
            if service.notify(body=corps, title=titre, notify_type=nature, body_format="text"):
                pris = True
            else:
                self.services.remove(service)
                ou = str(service.url(privacy=True)).partition("?")[0]  # type: ignore[no-untyped-call]
                self.envois.echecs.append(f"{ou} did not take {titre!r}")
        self.envois.envoyes += pris
        return pris
