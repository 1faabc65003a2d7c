"""What a reader finds in a `ctg.duckdb`, as JSON: run by the Python of the matrix, with some DuckDB alone."""

import json
import sys

import duckdb

with duckdb.connect(sys.argv[1], read_only=True) as con:
    trouve = {
        "tables": con.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by all"
        ).fetchall(),
        "colonnes": con.execute(
            "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns()"
            " where schema_name = 'marts' order by table_name, column_index"
        ).fetchall(),
        "cles": con.execute(
            "select table_name, constraint_column_names from duckdb_constraints()"
            " where schema_name = 'marts' and constraint_type = 'PRIMARY KEY' order by all"
        ).fetchall(),
        # By an index, then by scans of every column.
        "une_ligne": con.execute(
            "select libelle from marts.dim_territoire where territoire_id = 'commune:26220'"
        ).fetchall(),
        "remplies": con.execute("select count(columns(*)) from marts.fct_indicateurs").fetchall(),
        "chiffres": con.execute(
            "select statut, count(*), count(distinct valeur_affichee), sum(valeur::decimal(18, 2))::varchar,"
            " max(strlen(motif)) from marts.fct_indicateurs group by all order by all"
        ).fetchall(),
    }
print(json.dumps({"duckdb": duckdb.__version__, "trouve": trouve}))
