"""One fault against a whole warehouse: a night with it, `ctg doctor`, a night after, and what was seen.

Belongs here: what must hold, and in which class a breach of it counts (`bilan.CLASSES`). Does not: faults.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from tests.drills.bilan import A_LA_MAIN, FAUX, NON_DIT, PERDU, Constat, Essai
from tests.drills.entrepots.fautes import GENRES, Genre, Pose
from tests.drills.entrepots.monde import NOUVEAU, Monde, Sortie, boite, en_fils, preparer
from tests.journaux import DE_LA_CHAINE

# Made again by whoever needs it, or a trace for people.
DERIVES = ("build", "pages", "dagster", "normalised", "journaux", "alertes.json", "derniere.json", ".verrou")
_VARIABLE = re.compile(
    r"\d{8}T\d{6}Z-\w{8}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?|[0-9a-f-]{36}|\d+(?:[ .,]\d+)*"
)


@dataclass(frozen=True)
class Lecture:
    """What a reader finds in service: the digest of the figures in each form, and which files are altered."""

    contenu: str
    formes: tuple[str, ...]
    fautes: tuple[str, ...]


def lire(monde: Monde) -> Lecture:
    """Read as a reader does, in a child: DuckDB starts threads."""

    def dire() -> int:
        import duckdb

        from publication.releases import magasin

        releases = monde.home / "releases"
        servie = (releases / "current").resolve(strict=True)
        fautes = magasin.verifier(releases, servie.name)
        contenu = json.loads((servie / "MANIFEST.json").read_text())["content_hash"]
        with duckdb.connect() as con:
            con.execute(f"attach '{servie}/ctg.duckdb' as r (read_only)")
            tables = ("r.marts.fct_indicateurs", f"'{servie}/parquet/fct_indicateurs.parquet'")
            lues = [con.execute(f"from {t} order by all").fetchall() for t in tables]
        formes = [sha256(repr(lignes).encode()).hexdigest() for lignes in lues]
        print(json.dumps([contenu, formes, fautes]))
        return 0

    code, dit = en_fils(dire)
    if code:
        return Lecture("", (), (dit[-400:],))
    contenu, formes, fautes = json.loads(dit)
    return Lecture(contenu, tuple(formes), tuple(fautes))


@dataclass(frozen=True)
class Temoin:
    """What an undisturbed warehouse shows: in service at the end, and what is printed on the way."""

    lecture: Lecture
    lignes: frozenset[str]


def temoigner(origine: Monde, ou: Path, neuf: bool, reel: Path) -> Temoin:
    """Run the same nights with no fault."""
    monde = origine.copier(ou)
    if neuf:
        apporter(monde, reel)
    sorties = [monde.refresh(), monde.ctg("doctor"), monde.refresh(), monde.ctg("doctor")]
    assert all(s.code in (0, 2) for s in sorties), [s.texte[-2000:] for s in sorties if s.code not in (0, 2)]
    temoin = Temoin(lire(monde), frozenset(x for s in sorties for x in lignes(s)))
    shutil.rmtree(ou)
    assert len(set(temoin.lecture.formes)) == 1 and not temoin.lecture.fautes, temoin.lecture
    return temoin


def apporter(monde: Monde, reel: Path) -> None:
    """What the producers issued since."""
    shutil.copy(reel / NOUVEAU, monde.miroir / NOUVEAU)


def lignes(sortie: Sortie) -> Iterator[str]:
    """The lines of a command, without what varies from night to night."""
    for ligne in sortie.texte.splitlines():
        if dite := _VARIABLE.sub("*", ligne).strip().replace("/", " "):
            yield " ".join(dite.split())


class Epreuve:
    """A fault, drawn by `graine`, in a copy of the world."""

    def __init__(
        self, origine: Monde, ou: Path, genre: Genre, graine: int, reel: Path, temoins: Sequence[Temoin]
    ) -> None:
        self.tirage = Random(f"{genre.nom}/{graine}")
        self.origine, self.temoins = origine, temoins
        self.neuf = self.tirage.random() < genre.neuves
        self.monde = origine.copier(ou)
        if self.neuf:
            apporter(self.monde, reel)
        self.pose: Pose = genre.poser(self.monde, self.tirage)
        self.sorties: list[Sortie] = []

    def mener(self) -> list[Constat]:
        """Run the nights; return what went wrong."""
        constats: list[Constat] = []
        pose, monde = self.pose, self.monde
        precieux = self._precieux(self.origine)
        self.sorties.append(
            monde.refresh(*pose.options, avant=pose.avant, decider=pose.decider, **pose.reglages)
        )
        constats += self._lecteurs("with the fault")
        self.sorties.append(monde.ctg("doctor"))
        pose.lever()
        self.sorties.append(apres := monde.refresh())
        constats += self._lecteurs("the night after")
        if gueri := apres.code == 0 and self._juste(lire(monde)):
            if perdus := precieux - self._precieux(monde):
                constats.append((PERDU, f"nobody has {sorted(perdus)[:3]} any more"))
        else:
            constats += self._a_la_main()
        if any("Traceback" in s.texte or s.code not in (0, 1, 2) for s in self._finies()):
            constats.append((NON_DIT, "a traceback in place of a message"))
        if gueri and not self._dite() and (restes := self._restes()):
            constats.append((NON_DIT, f"nothing was said of {', '.join(map(str, restes))}"))
        return constats

    def _finies(self) -> list[Sortie]:
        """What ended by itself: memory may run out in a library, which then ends the process."""
        return [s for s in self.sorties if s.code >= 0]

    def _lecteurs(self, quand: str) -> Iterator[Constat]:
        """Readers have the release of the eve or the new one, whole; one that was damaged is told."""
        lue = lire(self.monde)
        if self._connue(lue):
            return
        touche = any(p.parts[0] == "releases" for p in self.pose.abimes)
        if not (touche and self._dite()):
            yield FAUX, f"{quand}, readers have {lue}"

    def _connue(self, lue: Lecture) -> bool:
        return any(lue == t.lecture for t in self.temoins)

    def _juste(self, lue: Lecture) -> bool:
        return lue == self.temoins[self.neuf].lecture

    def _dite(self) -> bool:
        """Whether something that an undisturbed warehouse does not say was said, or sent."""
        calmes = self.temoins[self.neuf].lignes
        return any(s.code or s.alertes or {*lignes(s)} - calmes for s in self.sorties)

    def _restes(self) -> list[Path]:
        """What is still damaged, and that nobody makes again."""
        return [
            p
            for p in self.pose.abimes
            if p.parts[0] not in DERIVES and _octets(self.monde.home / p) != _octets(self.origine.home / p)
        ]

    def _a_la_main(self) -> Iterator[Constat]:
        """Put back from a backup what the messages name, leave aside what they refuse: then all is right."""
        yield A_LA_MAIN, self.sorties[-1].texte[-300:]
        dit = "\n".join(s.texte for s in self.sorties)
        lieux = [lieu for p in self.pose.abimes for lieu in (p.name, *map(str, p.parents)) if lieu != "."]
        if "next" not in dit.lower() or (lieux and not any(lieu in dit for lieu in lieux)):
            yield NON_DIT, f"what is to be done is not told: {dit[-600:]}"
        for p in self.pose.abimes:
            ici, la = self.monde.home / p, self.origine.home / p
            if ici.is_dir():
                shutil.rmtree(ici)
            elif ici.exists():
                ici.unlink()
            if la.is_dir():
                shutil.copytree(la, ici, symlinks=True)
            elif la.exists():
                ici.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(la, ici)
        if "ctg horloge --juste" in dit:
            self.monde.ctg("horloge", "--juste")
        # A file dropped by hand, whose damage reads as a revision, waits for somebody to decide.
        for commande in re.findall(r"`ctg (sources reject [^`]+)`", self.sorties[-1].texte):
            self.monde.ctg(*commande.split())
        derniere = self.monde.refresh()
        if derniere.code or not self._juste(lire(self.monde)):
            yield PERDU, f"put back, it does not go on: {derniere.texte[-600:]}"

    @staticmethod
    def _precieux(monde: Monde) -> set[str]:
        """What nobody could make again: decisions and receptions told by the journals, rounded files."""
        dits = set()
        for journal in ("landing/journal.jsonl", "micro/journal.jsonl", "agregats/journal.jsonl"):
            fichier = monde.home / journal
            for ligne in fichier.read_bytes().splitlines() if fichier.exists() else ():
                try:
                    evenement: dict[str, Any] = json.loads(ligne)
                except ValueError:
                    continue
                evenement = {nom: v for nom, v in evenement.items() if nom not in DE_LA_CHAINE}
                if evenement.get("event") in ("recu", "accepte") or "gele_le" in evenement:
                    dits.add(f"{journal}: {json.dumps(evenement, sort_keys=True)}")
        return dits


class Entrepots:
    noms, entieres = tuple(g.nom for g in GENRES), True

    def __init__(self, racine: Path, reel: Path) -> None:
        self._reel, self._origine = reel, Monde(racine / "monde")
        self._origine.dossier.mkdir()
        preparer(self._origine.dossier, reel)
        self._temoins = [temoigner(self._origine, racine / "temoin", neuf, reel) for neuf in (False, True)]

    def essais(self, nom: str, ici: Path, tirage: int | None, graine: int) -> Iterator[Essai]:
        """The faults of a kind, drawn by as many seeds; what was said under one alone is printed."""
        (genre,) = (g for g in GENRES if g.nom == nom)
        for rang in range(graine, graine + (tirage or 1)):
            epreuve = Epreuve(self._origine, ici / "essai", genre, rang, self._reel, self._temoins)
            with boite(epreuve.monde):
                constats = epreuve.mener()
            if tirage is None:
                print(epreuve.pose, *epreuve.sorties, sep="\n", file=sys.stderr)
            yield Essai(genre.origine, f"{rang}, {epreuve.pose.quoi}", constats, epreuve.pose.faite())
            shutil.rmtree(ici / "essai")


def _octets(chemin: Path) -> dict[str, str]:
    """The digest of each file of a tree."""
    fichiers = [chemin] if chemin.is_file() else sorted(f for f in chemin.rglob("*") if f.is_file())
    return {str(f.relative_to(chemin)): sha256(f.read_bytes()).hexdigest() for f in fichiers}
