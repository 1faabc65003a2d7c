-- The canonical table: every indicateur of every territory of the scope, and how it is printed.
{{ chiffres_des_territoires(ref('dim_territoire')) }}
