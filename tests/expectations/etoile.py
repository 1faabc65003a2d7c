"""What breaks the star, a promise at a time: alone, then after a release that it follows.

Belongs here: rows of `dim_` and `fct_` tables. Does not: the marts that are made of them (`derives.py`).
"""

# By mart: control, SQL on the star (`set …` updates that mart, `where …` deletes rows of it), text that the
# message must quote, other controls that rightly go red with it.
ETOILE = {
    "dim_territoire": [
        (
            "niveau_connu",
            "insert into marts.dim_territoire by name select 'bassin:1' as territoire_id, 'bassin' as"
            " niveau, '1' as code, 'Bassin' as libelle; insert into marts.fct_indicateurs by name select"
            " 'bassin:1' as territoire_id, 'bassin' as niveau, 2020 as millesime,"
            " 'population_municipale' as indicateur_id, 'non_disponible' as statut, 'hors couverture' as"
            " motif",
            "niveau=bassin",
        ),
        ("identifiant_incoherent", "set code = '26221' where code = '26220'", "commune:26220"),
        (
            "code_malforme",
            "set code = '6220' where code = '26220'",
            "commune:26220",
            "dim_territoire/identifiant_incoherent",
        ),
        ("libelle_absent", "set libelle = ' ' where code = '26220'", "commune:26220"),
        ("rattachement_absent", "set region = null where code = '26220'", "commune:26220"),
        (
            "epci_inconnu",
            "set epci = '200000000' where code = '26220'",
            "commune:26220 (epci 200000000)",
            "fct_indicateurs/somme_discordante",
        ),
    ],
    "dim_indicateur": [
        (
            "identifiant_unique",
            "insert into marts.dim_indicateur from marts.dim_indicateur where indicateur_id ="
            " 'part_allocataires_aah'",
            "identifiant=part_allocataires_aah",
        ),
        (
            "description_absente",
            "set description = '' where indicateur_id = 'mediane_niveau_vie'",
            "identifiant=mediane_niveau_vie",
        ),
        (
            "polarite_connue",
            "set polarite = 'bonne' where indicateur_id = 'mediane_niveau_vie'",
            "polarite=bonne",
        ),
        (
            "unite_sans_plage",
            "set unite = 'lits' where indicateur_id = 'part_allocataires_aah'",
            "exemples=lits",
        ),
        (
            "formule_absente",
            "set denominateur = null where indicateur_id = 'part_allocataires_rsa'",
            "identifiant=part_allocataires_rsa",
        ),
        (
            "motif_absent",
            "set motif = null where indicateur_id = 'part_allocataires_aah'",
            "identifiant=part_allocataires_aah",
        ),
        (
            "silencieux",
            "delete from marts.dim_disponibilite",
            "identifiant=taux_couverture_petite_enfance, niveau=commune",
        ),
    ],
    "fct_indicateurs": [
        (
            "hors_plage",
            "set valeur = 203900, valeur_affichee = '203900 €', borne_basse = 203900, borne_haute = 203900"
            " where territoire_id = 'commune:26220' and indicateur_id = 'mediane_niveau_vie'",
            "commune:26220 : 203900",
        ),
        (
            "part_hors_0_100",
            "set valeur = 125, valeur_affichee = '125,0 %', numerateur = 2500, borne_haute = 125 where"
            " territoire_id = 'commune:26220' and indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 : 125",
            "fct_indicateurs/calcul_incoherent",
            "fct_indicateurs/imprime_trop_precis",
            "fct_indicateurs/lisibilite_incoherente",
        ),
        (
            "statut_inconnu",
            "set statut = 'estime' where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 (estime)",
        ),
        (
            "masque_avec_valeur",
            "set statut = 'secret', motif = 'secret', valeur = null, borne_haute = null, borne_basse ="
            " null where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220 (secret)",
            "fct_indicateurs/lisibilite_incoherente",
        ),
        ("masque_sans_motif", "set motif = null where statut = 'secret'", "commune:26063 (secret)"),
        (
            "chiffre_sans_valeur",
            "set valeur = null, borne_basse = null, borne_haute = null where territoire_id ="
            " 'commune:26220' and indicateur_id = 'mediane_niveau_vie'",
            "commune:26220 (observe)",
            "mart_portrait_social/chiffre_sans_valeur",
        ),
        (
            "bornes_incoherentes",
            "set borne_haute = 1999 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000 hors de [1998 ; 1999]",
        ),
        (
            "bornes_absentes",
            "set borne_haute = null where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000",
            "fct_indicateurs/lisibilite_incoherente",
        ),
        *(
            ("lisibilite_incoherente", f"set {pose} where territoire_id = 'commune:26220' and {lequel}", *dit)
            for pose, lequel, *dit in (
                # Too wide, of too few, of half its value, a zero that may be two; a point that is one.
                (
                    "borne_haute = 22.5",
                    "indicateur_id = 'part_allocataires_rsa'",
                    "commune:26220 (point)",
                    "fct_indicateurs/imprime_trop_precis",
                ),
                ("denominateur_haut = 19", "indicateur_id = 'part_allocataires_rsa'", "commune:26220"),
                (
                    "borne_basse = 1, enveloppe_basse = 1",
                    "indicateur_id = 'nb_foyers_allocataires'",
                    "commune:26220",
                ),
                (
                    "lisibilite = 'intervalle', valeur_affichee = 'au plus 2'",
                    "indicateur_id = 'mediane_niveau_vie'",
                    "commune:26220 (intervalle)",
                ),
            )
        ),
        (
            "imprime_infidele",
            "set valeur_affichee = 'entre 12,4 et 12,7 %' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 (entre 12,4 et 12,7 %)",
        ),
        (
            "imprime_infidele",
            "set valeur_affichee = '99 999' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220 (99 999)",
        ),
        (
            "imprime_au_moins_zero",
            "set valeur_affichee = 'au moins 0,0 %' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 (au moins 0,0 %",
            "fct_indicateurs/imprime_infidele",
        ),
        (
            "imprime_trop_precis",
            "set valeur_affichee = '12,54 %' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 (12,54 %",
        ),
        (
            "calcul_incoherent",
            "set valeur = 12.6, valeur_affichee = '12,6 %' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 : 12,6 au lieu de 12,5",
        ),
        (
            "part_socle",
            "where territoire_id = 'commune:26220' and indicateur_id = 'population_municipale'",
            "commune:26220",
        ),
        (
            "part_socle",
            "set valeur = null, valeur_affichee = 'nd', numerateur = null, denominateur = null,"
            " borne_basse = null, borne_haute = null, lisibilite = null, statut = 'non_disponible',"
            " motif = 'ligne absente'"
            " where territoire_id = 'commune:26220' and indicateur_id = 'population_municipale'",
            "commune:26220",
        ),
        (
            "part_renseignee",
            "where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "observe=50,00 %, exemples=commune:26220",
        ),
        ("absents", "where territoire_id = 'region:84'", "region:84", "dim_indicateur/silencieux"),
        (
            "hors_tolerance",
            "set valeur = 67162153, valeur_affichee = '67162153', borne_basse = 67162153 where"
            " territoire_id = 'france:FR' and indicateur_id = 'population_municipale'",
            "attendu 67162154, observé 67162153",
        ),
        (
            "somme_discordante",
            "set valeur = 2100, valeur_affichee = '2100', enveloppe_basse = 2098, enveloppe_haute = 2104,"
            " borne_haute = 2104 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "epci:200068229 : 3250, communes [3346 ; 3358]",
        ),
    ],
}
# The same, on a star that a release came before: control, SQL, text.
MOUVEMENTS = {
    "dim_territoire": [
        ("part_territoires_perdus", "where code = '84'", "region:84"),
    ],
    "fct_indicateurs": [
        ("part_perdue", "where territoire_id = 'commune:26220'", "commune:26220"),
        (
            "part_effacee",
            "set valeur = null, statut = 'non_disponible', motif = 'perdu' where territoire_id ="
            " 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220 (non_disponible)",
        ),
        (
            "part_tue",
            "set valeur = null, statut = 'secret', motif = 'secret' where territoire_id ="
            " 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220",
        ),
        (
            "part_changee",
            "set valeur = 1995 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000 → 1995",
        ),
        (
            "plus_grand_ecart",
            "set valeur = 900 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000 → 900",
        ),
        (
            "indicateur_retire",
            "delete from marts.dim_indicateur where indicateur_id = 'mediane_niveau_vie'",
            "indicateur_id=mediane_niveau_vie",
        ),
    ],
}
