"""The modules that write the mirror: each has `fichiers()`, the bytes of its files by path in the mirror."""

from demonstration import (
    anct,
    arcep,
    caf,
    cnaf_allocataires,
    cnaf_petite_enfance,
    contours,
    ctg,
    dares,
    dgcl,
    education,
    geographie,
    insee_equipements,
    insee_melodi,
    insee_recensement,
    insee_revenus,
)

PRODUCTEURS = (
    geographie,
    insee_recensement,
    insee_melodi,
    insee_revenus,
    insee_equipements,
    cnaf_allocataires,
    cnaf_petite_enfance,
    contours,
    anct,
    arcep,
    dares,
    dgcl,
    education,
    caf,
    ctg,
)
