"""The 86 most populous communes of France outside the Drôme, and some as people call them for short."""

_VILLES = """
Paris|Marseille|Lyon|Toulouse|Nice|Nantes|Montpellier|Strasbourg|Bordeaux|Lille|Rennes|Toulon|Reims
Saint-Étienne|Le Havre|Villeurbanne|Dijon|Angers|Grenoble|Saint-Denis|Nîmes|Aix-en-Provence
Clermont-Ferrand|Le Mans|Brest|Tours|Amiens|Annecy|Limoges|Metz|Boulogne-Billancourt|Perpignan|Besançon
Orléans|Rouen|Montreuil|Argenteuil|Caen|Mulhouse|Nancy|Saint-Paul|Tourcoing|Roubaix|Nanterre
Vitry-sur-Seine|Créteil|Avignon|Asnières-sur-Seine|Aubervilliers|Colombes|Dunkerque|Poitiers
Aulnay-sous-Bois|Saint-Pierre|Versailles|Rueil-Malmaison|Courbevoie|Béziers|La Rochelle|Cherbourg
Champigny-sur-Marne|Le Tampon|Mérignac|Pau|Antibes|Cannes|Fort-de-France|Ajaccio|Saint-Maur-des-Fossés
Saint-Nazaire|Noisy-le-Grand|Drancy|Cayenne|Cergy|Colmar|Calais|Issy-les-Moulineaux|Vénissieux
Levallois-Perret|Pessac|Ivry-sur-Seine|Clichy|Quimper|Antony|Troyes|Montauban
"""
VILLES_DE_FRANCE = [ville for ligne in _VILLES.split("\n") for ville in ligne.split("|") if ville]
DITES = ["Aix", "Vitry", "Boulogne", "Asnières", "Saint-Maur", "Ivry", "Champigny", "Noisy"]
