"""What is said of a publication to PostgreSQL that cannot be done, without a password in it."""

import json
from pathlib import Path

import duckdb
import pytest

from publication.exports.postgres import serveur as reseau
from publication.exports.postgres.schema import Schema
from publication.exports.postgres.serveur import Adresse, exiger_la_version
from socle.erreurs import ErreurPublication
from tests.publication.releases_postgres import Cible, DeuxReleases, copie
from tests.serveur_postgres import MOT_DE_PASSE, Serveur


class TestErreurs:
    """What is said when it cannot be done, and what never is."""

    def test_a_server_that_is_away(self, releases: DeuxReleases, tmp_path: Path) -> None:
        from publication.exports.postgres import Demande, publier

        adresse = Adresse.lire(f"postgresql://u:{'motdepasse'}@/base?host={tmp_path}")
        with pytest.raises(ErreurPublication) as refus:
            publier(adresse, Demande(releases.premiere, "marts", None))
        assert f"PostgreSQL, base on {tmp_path}: no connection" in str(refus.value)
        assert "check that the server runs" in str(refus.value) and "motdepasse" not in str(refus.value)

    def test_a_database_that_is_not_there(self, postgres: Serveur) -> None:
        with (
            pytest.raises(ErreurPublication, match='database "nulle_part" does not exist'),
            reseau.connexion(Adresse.lire(postgres.dsn("nulle_part"))),
        ):
            pass

    @pytest.mark.parametrize("forme", ["uri", "mots"])
    def test_a_wrong_password_is_never_shown(self, postgres: Serveur, forme: str) -> None:
        from urllib.parse import quote

        faux = MOT_DE_PASSE + "Faux"
        dsn = f"postgresql://avec_mot_de_passe:{quote(faux, safe='')}@/postgres?host={postgres.dossier}"
        if forme == "mots":
            dsn = f"host={postgres.dossier} dbname=postgres user=avec_mot_de_passe password='{faux}'"
        adresse = Adresse.lire(dsn)
        with pytest.raises(ErreurPublication) as refus, reseau.connexion(adresse):
            pass
        texte = str(refus.value)
        assert 'password authentication failed for user "avec_mot_de_passe"' in texte
        assert "~/.pgpass" in texte
        for montre in (texte, str(adresse), repr(adresse), repr(refus.value.__cause__)):
            assert "Nyons" not in montre and "Faux" not in montre

    def test_a_password_opens_and_hides_in_what_the_server_says(self, postgres: Serveur) -> None:
        adresse = Adresse.lire(
            f"host={postgres.dossier} dbname=postgres user=avec_mot_de_passe password='{MOT_DE_PASSE}'"
        )
        with (
            pytest.raises(ErreurPublication) as refus,
            reseau.connexion(adresse) as con,
        ):
            con.execute(f'select * from "{MOT_DE_PASSE.replace("%", "%%")}"'.encode(), ())
        assert "***" in str(refus.value) and "Nyons" not in str(refus.value)

    @pytest.mark.parametrize(
        "dsn",
        [
            "postgresql://u:s3cr@t@hote/base",
            "postgresql://u:s3/cr@hote/base",
            "postgresql://u:s3#cr@hote/base",
            "postgresql://u:s3?cr@hote/base",
            "postgresql://u:100%s3cr@hote/base",
            "host=hote password=s3 cr",
            "s3cr",
            "host=hote mot_de_passe=s3cr",
        ],
    )
    def test_a_dsn_that_cannot_be_read_is_not_quoted(self, dsn: str) -> None:
        with pytest.raises(ErreurPublication, match="percent-encoded") as refus:
            Adresse.lire(dsn)
        assert "s3" not in str(refus.value)
        assert refus.value.__cause__ is None and refus.value.__suppress_context__

    def test_a_role_that_may_not_make_schemas(self, cible: Cible, releases: DeuxReleases) -> None:
        role = f"simple_{cible.base}"
        cible.lire(f"create role {role} login; alter schema marts owner to {role}")
        for (table,) in cible.lire("select oid::regclass from pg_class where relnamespace ="
                                   " 'marts'::regnamespace and relkind = 'r'"):  # fmt: skip
            cible.lire(f"alter table {table} owner to {role}")
        adresse = Adresse.lire(cible.serveur.dsn(cible.base, role))
        with pytest.raises(ErreurPublication, match=r"permission denied for database .*CREATE on the"):
            _publier(adresse, releases.seconde, cible.lecteurs)
        cible.lire(f"grant create on database {cible.base} to {role}")
        with pytest.raises(ErreurPublication, match=r"denied to create role.* that exists \(--lecteurs\)"):
            _publier(adresse, releases.seconde, "nouveaux")
        # A role that exists is enough: the publication is no superuser's.
        _publier(adresse, releases.seconde, cible.lecteurs)
        assert cible.schemas()["marts"] == releases.seconde.name

    def test_the_schema_of_another_role(self, cible: Cible, releases: DeuxReleases) -> None:
        role = f"autre_{cible.base}"
        cible.lire(f"create role {role} login; grant create on database {cible.base} to {role}")
        adresse = Adresse.lire(cible.serveur.dsn(cible.base, role))
        with pytest.raises(ErreurPublication, match="Schema marts belongs to postgres"):
            _publier(adresse, releases.seconde, cible.lecteurs)

    def test_a_read_only_server(self, cible: Cible, releases: DeuxReleases) -> None:
        cible.lire(f"alter database {cible.base} set default_transaction_read_only = on")
        with pytest.raises(ErreurPublication, match=r"\[25006\].*name the primary"):
            cible.publier(releases.seconde)

    def test_a_broken_key_is_told_with_its_row(
        self, publication: Cible, releases: DeuxReleases, tmp_path: Path
    ) -> None:
        release = copie(releases.seconde, tmp_path)
        with duckdb.connect(str(release / "ctg.duckdb")) as con:
            con.execute("create table marts.deux as from (values ('a'), ('a')) t(cle)")
        paquet = json.loads((release / "datapackage.json").read_bytes())
        paquet["resources"].append({"name": "deux", "schema": {"primaryKey": ["cle"]}})
        (release / "datapackage.json").write_text(json.dumps(paquet))
        with pytest.raises(ErreurPublication, match=r"Key \(cle\)=\(a\) is duplicated \[23505\].*rollback"):
            publication.publier(release, refaire=True)
        assert publication.schemas() == {
            "marts": releases.seconde.name,
            "marts_precedente": releases.premiere.name,
        }

    def test_an_old_server(self) -> None:
        exiger_la_version(140000, "ici")
        with pytest.raises(ErreurPublication, match="version 13; expected 14"):
            exiger_la_version(130022, "ici")

    @pytest.mark.parametrize("nom", ["", "pg_marts", "m" * 53, "é" * 27])
    def test_a_name_that_postgresql_would_cut_or_keeps_for_itself(self, nom: str) -> None:
        with pytest.raises(ErreurPublication, match="cannot be a schema of publication"):
            Schema(nom)

    def test_a_column_whose_name_would_be_cut(
        self, publication: Cible, releases: DeuxReleases, tmp_path: Path
    ) -> None:
        release = copie(releases.seconde, tmp_path)
        with duckdb.connect(str(release / "ctg.duckdb")) as con:
            con.execute(f"create table marts.longue as select 1 as {'c' * 64}")
        with pytest.raises(ErreurPublication, match="more than the 63 bytes"):
            publication.publier(release)


def _publier(adresse: Adresse, release: Path, lecteurs: str | None) -> None:
    from publication.exports.postgres import Demande, publier

    publier(adresse, Demande(release, "marts", lecteurs))
