"""Count extracts on Spark: one request a line on standard input, one answer a line on standard output.

    python spark/compter.py --dossier DIR --maitre URL --dbt DBT_PROJECT
    {"foyers": ["/…/micro.parquet"], "rattachement": ["/…/rattachement-2023.parquet"]}
    {"tables": {"int_extrait_comptes": ["/…/part-0.parquet"], "int_extrait_medianes": ["/…"]}}
    {"erreur": {"etape": "int_extrait_comptes", "nature": "ARITHMETIC_OVERFLOW"}}

`DIR` is closed, empty, and removed by whoever started this: Spark and dbt write nowhere else; the files of an
answer stay until the next request. An error gives its place and its kind: Spark's message may quote a row.
"""

import argparse
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

TABLES = ("int_extrait_comptes", "int_extrait_medianes")
SCHEMA = "intermediate"
# One JVM, and as much for each worker of a cluster of this machine.
MEMOIRE = "1g"
NATURE = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")


class Echec(Exception):
    """A request that could not be answered: where it stopped, and why in Spark's own class of errors."""

    def __init__(self, etape: str, nature: str) -> None:
        """Both are names, and no message."""
        super().__init__(etape, nature)
        self.dit = {"erreur": {"etape": etape, "nature": nature}}


def reglages(dossier: Path, maitre: str) -> dict[str, str]:
    """What the session is started with. What follows the operator's own settings is not his to change."""
    java = f"-Djava.io.tmpdir={dossier / 'java'} -XX:-UsePerfData -XX:ErrorFile={dossier / 'hs_err_%p.log'}"
    reglages = {
        "spark.master": maitre,
        "spark.app.name": "ctg extrait count",
        # The stage bar is for a terminal.
        "spark.ui.showConsoleProgress": "false",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "false",
        "spark.local.dir": str(dossier / "local"),
        "spark.io.encryption.enabled": "true",
        # Hadoop gives files a mode of its own, whatever the umask.
        "spark.hadoop.fs.permissions.umask-mode": "077",
        "spark.sql.warehouse.dir": str(dossier / "entrepot"),
        "spark.sql.catalogImplementation": "in-memory",
        # A cast or a sum that does not fit is an error, never a NULL.
        "spark.sql.ansi.enabled": "true",
        "spark.driver.extraJavaOptions": java,
    }
    if est_local(maitre):
        # Loopback is for every account of the machine.
        reglages |= {
            "spark.authenticate": "true",
            "spark.authenticate.secret": secrets.token_hex(32),
            "spark.executor.extraJavaOptions": java,
            "spark.executor.memory": MEMOIRE,
            "spark.sql.shuffle.partitions": "4",
        }
    return reglages


def est_local(maitre: str) -> bool:
    """Whether the cluster is processes of this machine, started and ended by the session itself."""
    return maitre.startswith("local")


def configurer(dossier: Path, maitre: str) -> None:
    """Write the session's settings where Spark reads them: arguments show in the list of processes."""
    import pyspark

    for nom in ("conf", "local", "java", "travail"):
        (dossier / nom).mkdir()
    siens = os.environ.get("SPARK_CONF_DIR")
    lus = Path(siens, "spark-defaults.conf") if siens else None
    lignes = [f"spark.driver.memory {MEMOIRE}"]
    if lus and lus.exists():
        lignes.append(lus.read_text(encoding="utf-8"))
    lignes += [f"{cle} {valeur}" for cle, valeur in reglages(dossier, maitre).items()]
    (dossier / "conf" / "spark-defaults.conf").write_text("\n".join(lignes) + "\n", encoding="utf-8")
    os.environ["SPARK_CONF_DIR"] = str(dossier / "conf")
    # What is started without a path of its own, and what dbt keeps of a person.
    os.chdir(dossier / "travail")
    os.environ |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYSPARK_PYTHON": sys.executable}
    if est_local(maitre):
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        # Workers keep what their executors say in the folder `work` of their Spark.
        sien = dossier / "spark"
        sien.mkdir()
        for partie in Path(pyspark.__file__).parent.iterdir():
            if partie.name in ("bin", "jars", "python"):
                (sien / partie.name).symlink_to(partie)
        os.environ["SPARK_HOME"] = str(sien)


def rester_strict() -> None:
    """Keep dbt-spark from turning ANSI off, statement by statement: what does not fit would become NULL."""
    from dbt.adapters.spark.connections import SparkCredentials  # type: ignore[import-not-found]

    sien = SparkCredentials.__post_init__

    def apres(credits: Any) -> None:
        sien(credits)
        credits.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    SparkCredentials.__post_init__ = apres


class Moteur:
    """A session on a cluster, and the dbt project as it was parsed for it, once."""

    def __init__(self, dossier: Path, projet: Path) -> None:
        """Start the session that `configurer` described. Raises `Echec` where no cluster answers."""
        from pyspark.sql import SparkSession

        self._dossier, self._projet = dossier, projet
        try:
            self.session = SparkSession.builder.getOrCreate()
            # A master that has no worker accepts a session too: something has to be counted by one.
            self.session.range(1).repartition(2).count()
        except Exception as e:
            raise Echec("session", nature(e)) from e
        rester_strict()
        self._manifeste = self._dbt("parse").result

    def compter(self, demande: Mapping[str, Any]) -> dict[str, Any]:
        """Run the models of the tag `portable` on these files."""
        for schema in ("micro", SCHEMA):
            self.session.sql(f"create database if not exists {schema}")
        self._vue("micro.foyers", demande["foyers"])
        self._vue(f"{SCHEMA}.int_rattachement", demande["rattachement"])
        fin = self._dbt(
            *("build", "--select", "tag:portable"),
            *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        )
        for resultat in fin.result.results if fin.result else ():
            if resultat.status not in ("success", "pass"):
                raise Echec(resultat.node.name, nature(resultat.message))
        if not fin.success:
            raise Echec("dbt", nature(fin.exception))
        return {
            "spark": self.session.version,
            "tables": {
                table: [
                    unquote(urlsplit(f).path) for f in self.session.table(f"{SCHEMA}.{table}").inputFiles()
                ]
                for table in TABLES
            },
        }

    def fermer(self) -> None:
        """Stop the cluster, and wait for its JVM: while it ends, it may write where all is removed."""
        jvm = self.session.sparkContext._gateway
        self.session.stop()
        jvm.shutdown()
        jvm.proc.stdin.close()
        jvm.proc.wait()

    def _vue(self, nom: str, fichiers: list[str]) -> None:
        lectures = " union all ".join(f"select * from parquet.`file://{f}`" for f in fichiers)
        try:
            self.session.sql(f"create or replace view {nom} as {lectures}")
        except Exception as e:
            raise Echec(nom, nature(e)) from e

    def _dbt(self, *commande: str) -> Any:
        from dbt.cli.main import dbtRunner

        projet, sortie = str(self._projet), str(self._dossier / "dbt")
        options = ["--target", "spark", "--project-dir", projet, "--profiles-dir", projet]
        options += ["--target-path", sortie, "--log-path", sortie, "--log-level-file", "none"]
        lanceur = dbtRunner(manifest=getattr(self, "_manifeste", None))
        fin = lanceur.invoke([*commande, *options, "--no-partial-parse", "--no-write-json"])
        if fin.exception is not None:
            raise Echec("dbt", nature(fin.exception)) from fin.exception
        return fin


def nature(quoi: object) -> str:
    """The class of an error: Spark's own where it says one, else Python's."""
    if trouve := NATURE.search(str(quoi)):
        return trouve[1]
    return type(quoi).__name__ if isinstance(quoi, BaseException) else "unknown"


def repondre(moteur: Moteur, lignes: TextIO) -> Iterator[dict[str, Any]]:
    """One answer a request, until there are no more."""
    for ligne in lignes:
        try:
            yield moteur.compter(json.loads(ligne))
        except Echec as e:
            yield e.dit


def main() -> None:
    """Answer requests until standard input ends."""
    lecture = argparse.ArgumentParser(description=__doc__)
    lecture.add_argument("--dossier", type=Path, required=True)
    lecture.add_argument("--maitre", required=True)
    lecture.add_argument("--dbt", type=Path, required=True)
    dit = lecture.parse_args()
    os.umask(0o077)
    # Spark, its JVM and dbt print where they are started: answers have standard output to themselves.
    sortie = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def ecrire(reponse: dict[str, Any]) -> None:
        print(json.dumps(reponse), file=sortie, flush=True)

    configurer(dit.dossier, dit.maitre)
    try:
        moteur = Moteur(dit.dossier, dit.dbt)
    except Echec as e:
        ecrire(e.dit)
        return
    try:
        for reponse in repondre(moteur, sys.stdin):
            ecrire(reponse)
    finally:
        moteur.fermer()


if __name__ == "__main__":
    main()
