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

  const enregistrer = (figure, contenu, suffixe) => {
    const page = location.pathname.split("/").pop().replace(/\.html$/, "");
    const url = URL.createObjectURL(contenu);
    element("a", { href: url, download: `${page}-${figure.id}.${suffixe}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };

  // A picture says by itself what it shows, of whom, from whom.
  const SVG = "http://www.w3.org/2000/svg";
  const image = (figure) => {
    const dessin = figure.querySelector(".image svg").cloneNode(true);
    dessin.querySelectorAll(".visee").forEach((n) => n.remove());
    // Outlines that maps of the page share are written out.
    for (const use of dessin.querySelectorAll("use")) {
      const trace = document.getElementById(use.getAttribute("href").slice(1)).cloneNode();
      trace.removeAttribute("id");
      for (const { name, value } of use.attributes) if (name !== "href") trace.setAttribute(name, value);
      trace.append(...use.childNodes);
      use.replaceWith(trace);
    }
    const large = dessin.viewBox.baseVal.width, haut = dessin.viewBox.baseVal.height, marge = 12;
    const regle = document.createElement("canvas").getContext("2d");
    const police = dessin.querySelector("g").getAttribute("font-family");
    const boite = document.createElementNS(SVG, "svg");
    const poser = (balise, reglages, dit = "") => {
      const fait = document.createElementNS(SVG, balise);
      for (const [nom, valeur] of Object.entries(reglages)) fait.setAttribute(nom, valeur);
      fait.textContent = dit;
      boite.append(fait);
      return fait;
    };
    const fond = poser("rect", { fill: "#fff", width: large + 2 * marge });
    let y = marge;
    const ecrire = (dit, corps, graisse = "normal") => {
      regle.font = `${graisse} ${corps}px ${police}`;
      let ligne = "";
      const sortir = () => {
        y += corps * 1.3;
        poser("text", { x: marge, y, "font-family": police, "font-size": corps, "font-weight": graisse, fill: "#17232e" }, ligne);
      };
      for (const mot of dit.split(" ")) {
        const suite = ligne ? `${ligne} ${mot}` : mot;
        if (ligne && regle.measureText(suite).width > large) {
          sortir();
          ligne = mot;
        } else ligne = suite;
      }
      if (ligne) sortir();
    };
    ecrire(titre(figure), 15, "bold");
    ecrire(`${territoire}. ${texte(figure, ".unite")}`, 12);
    y += 10;
    for (const [nom, valeur] of Object.entries({ x: marge, y, width: large, height: haut })) dessin.setAttribute(nom, valeur);
    boite.append(dessin);
    y += haut + 4;
    ecrire(source(figure), 10);
    ecrire(edition, 10);
    y += marge;
    fond.setAttribute("height", y);
    for (const [nom, valeur] of Object.entries({ width: large + 2 * marge, height: y, viewBox: `0 0 ${large + 2 * marge} ${y}` })) boite.setAttribute(nom, valeur);
    return { svg: new XMLSerializer().serializeToString(boite), large: large + 2 * marge, haut: y };
  };
  const enPng = (figure) => {
    const { svg, large, haut } = image(figure), fois = 3;
    const vue = new Image();
    vue.onload = () => {
      const toile = element("canvas", { width: large * fois, height: haut * fois });
      toile.getContext("2d").drawImage(vue, 0, 0, toile.width, toile.height);
      toile.toBlob((png) => enregistrer(figure, png, "png"));
    };
    vue.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  };

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
    ["Image PNG", enPng],
    ["Image SVG", (f) => enregistrer(f, new Blob([image(f).svg], { type: "image/svg+xml" }), "svg")],
    ["Tableau CSV", (f) => enregistrer(f, new Blob([enCsv(f)], { type: "text/csv;charset=utf-8" }), "csv")],
    ["Intégrer", (f) => dire("Intégrer ce graphique", integrer(f))],
    ["Citer", (f) => dire("Citer ce graphique", citer(f))],
  ];
  for (const figure of document.querySelectorAll("figure.graphique")) {
    const liste = element("ul", {}, element("li", {}, element("a", { href: `#${figure.id}` }, "Lien")));
    for (const [nom, faire] of MENU) {
      const bouton = element("button", { type: "button" }, nom);
      bouton.addEventListener("click", () => faire(figure));
      liste.append(element("li", {}, bouton));
    }
    const nom = element("span", { className: "cache" }, `\u00a0: ${titre(figure)}`);
    figure.querySelector(".image").append(element("details", { className: "emporter" }, element("summary", {}, "Emporter", nom), liste));
  }
})();
