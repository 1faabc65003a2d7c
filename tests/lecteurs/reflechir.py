"""What a BI tool finds in a `ctg.duckdb`, as JSON: run with SQLAlchemy 1.4 and `duckdb-engine` alone."""

import json
import sys

import sqlalchemy as sa

moteur = sa.create_engine(f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True})
vue = sa.inspect(moteur)
tables = sorted(vue.get_table_names(schema="marts"))
trouve = {
    nom: {
        "commentaire": vue.get_table_comment(nom, schema="marts")["text"],
        "cle": vue.get_pk_constraint(nom, schema="marts")["constrained_columns"],
        "colonnes": [
            (c["name"], str(c["type"]), c["nullable"], c["comment"])
            for c in vue.get_columns(nom, schema="marts")
        ],
    }
    for nom in tables
}
fct = sa.Table("fct_indicateurs", sa.MetaData(), schema="marts", autoload_with=moteur)
with moteur.connect() as con:
    lus = con.execute(
        sa.select(fct.c.indicateur_libelle, fct.c.valeur_affichee, fct.c.statut)
        .where(fct.c.territoire_id == "commune:26220")
        .order_by(fct.c.indicateur_id, fct.c.millesime)
    ).fetchall()
print(json.dumps({"sqlalchemy": sa.__version__, "tables": trouve, "lus": [tuple(ligne) for ligne in lus]}))
