// Charts are taken away: link, picture, table, code of a frame, citation; `?graphe=` shows one alone, for that frame.
(() => {
  "use strict";
  const { index, entiere, lue, dire } = window.PORTRAIT || {};
  if (!index) return;
  const texte = (noeud, quoi) => noeud.querySelector(quoi)?.textContent.trim() || "";
  const territoire = texte(document, "h1");
  const adresse = location.href.replace(/[?#].*$/, "");
  const titre = (figure) => texte(figure, "figcaption > :first-child");
  const source = (figure) => texte(figure, ".image .source").replace(/\s+/g, " ");
  const edition = `Observatoire CTG, ${index.edition}`;
  const element = (balise, reglages, ...dedans) => {
    const fait = Object.assign(document.createElement(balise), reglages);
    fait.append(...dedans);
    return fait;
  };

  // The frame: one chart, what it is about, where it comes from.
  const voulu = new URLSearchParams(location.search).get("graphe");
  const seul = voulu && document.getElementById(voulu);
  if (seul?.matches("figure.graphique")) {
    const bandeau = document.querySelector(".bandeau");
    const pied = element("p", { className: "pied" }, `${edition}. `, element("a", { href: `#${voulu}` }, "Le portrait entier"));
    const nomme = element("p", { className: "surtitre" }, territoire);
    const page = element("main", { id: "contenu" }, nomme, seul, pied, document.querySelector("dialog.citer"));
    const nom = seul.querySelector("figcaption > :first-child");
    nom.replaceWith(element("h1", { id: nom.id }, nom.textContent));
    for (const a of page.querySelectorAll('a[href^="#"]')) Object.assign(a, { href: adresse + a.hash, target: "_blank" });
    document.body.className = "seul";
    document.body.replaceChildren(...(bandeau ? [element("header", {}, bandeau)] : []), page);
    return;
  }

  const { enregistrer, svg, png } = window.CTG_IMAGE;
  const page = location.pathname.split("/").pop().replace(/\.html$/, "");
  const nom = (figure) => `${page}-${figure.id}`;
  const dessin = (figure) => figure.querySelector(".image svg");
  const dits = (figure) => ({
    titre: titre(figure),
    sous: `${territoire}. ${texte(figure, ".unite")}`,
    pieds: [source(figure), edition],
  });

  // As `publication/commun/tableur.py` writes a cell: for French Excel, what it would work out behind an apostrophe.
  const enCellule = (valeur) => {
    const dit = /^[=+\-@\t\r]/.test(valeur) && !/^[+-]\d[\d\u00a0\u202f .,]*[a-zA-ZÀ-ÿ%€ ]*$/.test(valeur) ? `'${valeur}` : valeur;
    return /[;"\n]/.test(dit) ? `"${dit.replaceAll('"', '""')}"` : dit;
  };
  const COLONNES = ["ligne", "colonne", "indicateur_id", "territoire_id", "millesime", "valeur", "valeur_affichee", "precision", "unite", "statut", "source", "publication", "demonstration"];
  const enCsv = (figure) => {
    const table = figure.querySelector("table");
    const tetes = [...table.tHead.rows[0].cells].map((c) => c.textContent.trim());
    const lignes = [...table.tBodies[0].rows].flatMap((rang) => [...rang.cells].slice(1).map(lue).flatMap((c, n, toutes) => {
      // An interval that has a column of its own stands beside its figure.
      if (!c.texte || toutes.some((autre) => autre.precision === c.texte)) return [];
      const dite = [texte(rang, "th"), tetes[n + 1], c.indicateur, c.territoire, c.millesime, c.valeur, c.texte, c.precision, c.unite, c.statut];
      return [[...dite, c.source || source(figure).replace(/^Sources?\s*:\s*/, ""), index.edition, index.demonstration ? "oui" : "non"]];
    }));
    return "\ufeff" + [COLONNES, ...lignes].map((l) => l.map(enCellule).join(";") + "\r\n").join("");
  };

  const integrer = (figure) => {
    const dit = titre(figure).replace(/&/g, "&amp;").replace(/"/g, "&quot;");
    const haut = Math.ceil(figure.querySelector(".image").offsetHeight / 50) * 50 + 250;
    return `<iframe src="${adresse}?graphe=${figure.id}#${figure.id}" title="${dit}" width="100%" height="${haut}" loading="lazy" style="border:0"></iframe>`;
  };

  // With the last figure of its territory, the first of its table, as it is printed and as it is.
  const citer = (figure) => {
    const lues = figure.matches(".carte") ? [] : [...figure.querySelectorAll("td[data-chiffre]")].map(lue);
    const dites = lues.filter((c) => c.territoire === lues[0].territoire && c.indicateur === lues[0].indicateur && c.valeur);
    const derniere = dites.sort((a, b) => a.millesime - b.millesime).pop();
    const unite = texte(figure, ".unite");
    return `${titre(figure)}${unite ? ` (${unite})` : ""}, ${territoire}. `
      + (derniere ? `${derniere.libelle}, ${derniere.millesime}\u00a0: ${derniere.dite}. ` : "")
      + `${source(figure)}. ${edition}${index.demonstration ? `. ${index.demonstration}` : ""}. ${adresse}#${figure.id}`;
  };

  const MENU = [
    ["Image PNG", (f) => png(dessin(f), dits(f), nom(f))],
    ["Image SVG", (f) => svg(dessin(f), dits(f), nom(f))],
    ["Tableau CSV", (f) => enregistrer(new Blob([enCsv(f)], { type: "text/csv;charset=utf-8" }), `${nom(f)}.csv`)],
    ["Intégrer", (f) => dire("Intégrer ce graphique", integrer(f))],
    ["Citer", (f) => dire("Citer ce graphique", citer(f))],
  ];
  for (const figure of document.querySelectorAll("figure.graphique")) {
    const lien = element("a", { href: `#${figure.id}` }, "Lien");
    const boutons = MENU.map(([libelle, faire]) => [libelle, () => faire(figure)]);
    figure.querySelector(".image").append(window.CTG_IMAGE.menu(titre(figure), boutons, lien));
  }
})();
