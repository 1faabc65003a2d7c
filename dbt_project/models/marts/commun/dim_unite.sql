-- How a figure of each unit is printed: what a reader who prints one needs beside its decimals.
select
    unite,
    nature,
    suffixe,
    ecart_singulier,
    ecart_pluriel,
    libelle_singulier,
    libelle_pluriel,
    signee,
    monnaie,
    cast(evolution_minimale as double) as evolution_minimale,
    cast(ecart_minimal as double) as ecart_minimal
from {{ ref('unites') }}
