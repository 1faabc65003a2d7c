-- Where each territory stands in each public file. A register has a line for each structure or agreement: how many a
-- commune has would tell what a hidden cell counts, and only its owner could look a line up (stg_lignes_internes).
{{ lignes_des_fichiers(ressources_declarees() | selectattr('diffusion', 'equalto', 'publique') | list) }}
