"""The phases that build the system of a group, in reading order: `montrees`, `registre`, `complements`,
`primaires`, `restes`, `combinaisons`, `incidents`. Each is a function over the Chantier; what is hidden
besides is `confidentialite.moteur.resolution`, which comes back to `combinaisons`.
"""
