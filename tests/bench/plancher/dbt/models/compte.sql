select
    'epci:200068229' as territoire_id,
    3230 as nb_foyers_allocataires
