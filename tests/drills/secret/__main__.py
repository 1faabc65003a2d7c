"""Attack the engine of secrecy: all attacks, some (`--attaque`), or one world in full (`--graine`)."""

import argparse
import json
import sys
from pathlib import Path

from tests.drills.secret import boite
from tests.drills.secret.attaques import ATTAQUES
from tests.drills.secret.boite import Masques
from tests.drills.secret.campagne import Bilan, chercher, juger, mener


def _ligne(bilan: Bilan) -> str:
    attaque = ATTAQUES[bilan.code]
    audit = f"{bilan.refuses} of {bilan.audites}" if attaque.auditee else ""
    colonnes = (
        f"`{bilan.code}` {attaque.nom}",
        attaque.numero,
        f"{bilan.trouvees} in {bilan.touches} worlds",
        str(bilan.mondes),
        str(bilan.attaques),
        str(bilan.arretes),
        audit,
    )
    return "| " + " | ".join(colonnes) + " |"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.drills.secret", description=__doc__)
    options.add_argument("--attaque", choices=sorted(ATTAQUES), action="append", help="all by default")
    options.add_argument("--mondes", type=int, default=3000)
    options.add_argument("--premiere", type=int, default=0, help="first seed")
    options.add_argument("--graine", type=int, help="one world, told in full")
    options.add_argument("--nature", help="of that world; all those of the attack by default")
    options.add_argument("--processus", type=int, default=2)
    options.add_argument("--audits", type=int, default=1, help="successes the auditor judges, by 40 worlds")
    options.add_argument("--exemples", type=int, default=3)
    options.add_argument("--garder", type=Path, help="write the releases in which something was found here")
    options.add_argument("--juger", type=Path, help="ask the auditor about releases that were kept, no more")
    choix = options.parse_args()
    codes = choix.attaque or list(ATTAQUES)
    if choix.juger:
        _juger(choix.juger, codes, choix.exemples)
        return
    if choix.graine is not None:
        for code in codes:
            for nature in [choix.nature] if choix.nature else ATTAQUES[code].natures:
                _raconter(code, nature, choix.graine)
        return
    bilans = mener(
        codes,
        choix.mondes,
        premiere=choix.premiere,
        processus=choix.processus,
        audits=choix.audits,
        dire=lambda texte: print(texte, end="\r", file=sys.stderr) if sys.stderr.isatty() else None,
    )
    print("| attack | listed as | protected numbers found | worlds | protected | stopped | auditor |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for bilan in bilans.values():
        print(_ligne(bilan))
    if choix.garder:
        choix.garder.write_text(json.dumps({c: [_ecrite(*x) for x in b.sorties] for c, b in bilans.items()}))
    print()
    for bilan in bilans.values():
        for exemple in bilan.premiers[: choix.exemples]:
            print(f"{bilan.code}, {exemple}")


def _ecrite(nature: str, graine: int, sorties: list[Masques]) -> list[object]:
    return [nature, graine, [[[*cle, raison] for cle, raison in masques.items()] for masques in sorties]]


def _juger(fichier: Path, codes: list[str], exemples: int) -> None:
    """Of releases kept by `--garder`, perhaps under another checkout, how many this auditor refuses."""
    for code, gardees in json.loads(fichier.read_text()).items():
        if code in codes and ATTAQUES[code].auditee:
            lues = [(n, g, [{(t, i): r for t, i, r in m} for m in sorties]) for n, g, sorties in gardees]
            bilan = juger(code, lues)
            print(
                f"{code}: the auditor refuses {bilan.refuses} of {bilan.audites}", *bilan.premiers[:exemples]
            )


def _raconter(code: str, nature: str, graine: int) -> None:
    """One world in full: what the reader has, and what the attack finds."""
    siennes, succes = chercher(code, nature, graine)
    print(f"{code}, {nature} {graine}")
    if siennes is None:
        print("  the engine publishes nothing before a person decides")
        return
    for monde, masques in siennes:
        for (niveau, c), membres in monde.territoires.items():
            if niveau != "commune":
                print(f"  {niveau}:{c} = {' '.join(membres)}")
        for rang in boite.cellules(monde):
            cle = (rang["territoire_id"], rang["indicateur_id"])
            dit = "s" if cle in masques else rang["statut"]
            terme = "/".join(
                f"{rang[x]:g}" for x in ("numerateur", "denominateur") if rang[x] is not None
            ) or (f"{rang['valeur']:g}" if rang["valeur"] is not None else "")
            raison = f" ({masques[cle]})" if cle in masques else ""
            print(f"    {cle[1]} {cle[0]}: {dit}{raison}, in truth {terme}")
    for s in succes:
        print(f"  FOUND {s}; made by {s.forme.apports}")


if __name__ == "__main__":
    main()
