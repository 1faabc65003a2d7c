"""The site of a release: what a coordinator opens by double click, and finds a territory or an indicateur in.

Reads one release (its `ctg.duckdb` and its certificate) and writes one folder, `site/`, of pages that need no
server, no network and no framework; beside it `portraits/`, the documents that pages of conventions lead to.
Nothing here enters a content hash: it all follows from the tables, and
from the code. The same release gives the same bytes.

    contenu.py    what each page says      gabarits/      its HTML
    lecture.py    what is read for it      ressources/    style sheet and script, once for all pages
    rendu.py      from one to the other    cache.py       drawings kept from night to night
    ecriture.py   the folders              adresses.py    the name of each file
"""
