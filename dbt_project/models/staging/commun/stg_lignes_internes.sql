-- Where each territory stands in the files that are not public. Kept for the operator beside the release
-- (`ctg explain`); no mart reads it, and no release holds it.
{{ lignes_des_fichiers(ressources_declarees() | rejectattr('diffusion', 'equalto', 'publique') | list) }}
