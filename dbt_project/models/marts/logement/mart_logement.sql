-- The theme, one row per territory and millésime.
{{ mart_theme('logement') }}
