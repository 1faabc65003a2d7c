// What a page gains with JavaScript: the search of the home page, the "Citer" buttons, columns that sort. Without it, lists, citations and tables are there.
(function () {
  "use strict";

  function plat(texte) {
    return texte.toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  }

  function element(nom, classe, texte) {
    var e = document.createElement(nom);
    if (classe) e.className = classe;
    if (texte) e.textContent = texte;
    return e;
  }

  // Search: every word asked for begins a word of the entry, or its code; whole names and codes first.
  function chercher(index, demande) {
    var mots = plat(demande).split(/[^a-z0-9]+/).filter(Boolean);
    if (!mots.length) return [];
    var entier = mots.join(" ");
    var trouves = [];
    index.forEach(function (e, rang) {
      var nom = e.nom, note = 0;
      for (var i = 0; i < mots.length; i++) {
        if (e.code === mots[i]) note += 50;
        else if ((" " + nom).indexOf(" " + mots[i]) >= 0) note += 10;
        else if ((" " + e.code).indexOf(" " + mots[i]) >= 0) note += 8;
        else if ((" " + e.autres).indexOf(" " + mots[i]) >= 0) note += 2;
        else return;
      }
      if (nom === entier) note += 100;
      else if (nom.indexOf(entier) === 0) note += 30;
      // Those of a page of their own before those of another's.
      if (e.l[6]) note += 5;
      trouves.push({ note: note - Math.min(nom.length, 90) / 100, rang: rang, e: e });
    });
    trouves.sort(function (a, b) { return b.note - a.note || a.rang - b.rang; });
    return trouves;
  }

  function installerRecherche() {
    var forme = document.querySelector(".recherche");
    if (!forme || !window.RECHERCHE) return;
    var champ = forme.querySelector("input"), liste = forme.querySelector(".resultats"), compte = forme.querySelector(".compte");
    var separe = function (t) { return plat(t).replace(/[^a-z0-9]+/g, " ").trim(); };
    var index = window.RECHERCHE.map(function (l) {
      return { l: l, nom: separe(l[1]), code: separe(l[2]), autres: separe(l[3] + " " + l[5]) };
    });
    forme.hidden = false;
    function montrer() {
      var trouves = chercher(index, champ.value);
      liste.textContent = "";
      trouves.slice(0, 12).forEach(function (t) {
        var a = element("a"), li = element("li");
        a.href = t.e.l[4];
        a.append(element("span", "genre", t.e.l[0]), element("span", "nom", t.e.l[1]), element("span", "precision", [t.e.l[3], t.e.l[2]].filter(Boolean).join(" · ")));
        li.append(a);
        liste.append(li);
      });
      compte.textContent = !champ.value.trim() ? "" : trouves.length > 12 ? trouves.length + " réponses, les 12 premières" : trouves.length > 1 ? trouves.length + " réponses" : trouves.length ? "1 réponse" : "Aucune réponse : essayer un autre mot, ou un code.";
    }
    champ.addEventListener("input", montrer);
    forme.addEventListener("submit", function (e) {
      e.preventDefault();
      var premier = liste.querySelector("a");
      if (premier) premier.click();
    });
    forme.addEventListener("keydown", function (e) {
      var liens = [].slice.call(liste.querySelectorAll("a")), place = liens.indexOf(document.activeElement);
      if (e.key === "ArrowDown" && liens.length) { e.preventDefault(); liens[Math.min(place + 1, liens.length - 1)].focus(); }
      else if (e.key === "ArrowUp" && place >= 0) { e.preventDefault(); (place ? liens[place - 1] : champ).focus(); }
      else if (e.key === "Escape") { champ.value = ""; montrer(); champ.focus(); }
    });
    if (champ.value) montrer();
  }

  // Citation: one French sentence, copied with the statut of the figure. A number printed bare takes its unit: 1,9 place, 2 places.
  function phrase(d) {
    var nue = d.unite && /^[−+\d\s,]+$/.test(d.v), n = nue && parseFloat(d.v.replace(/[−+\s]/g, "").replace(",", "."));
    var v = nue ? d.v + "\u00a0" + (n < 2 ? d.une : d.unite) : d.v;
    return d.indicateur + " (" + d.identifiant + "), " + d.territoire + " (" + d.t + "), " + d.m + " : " + v + " (" + d.s + ")." + (d.source ? " Source : " + d.source + "." : "") + " Observatoire CTG, publication " + d.release + " du " + d.publiee + (d.demonstration ? ", " + d.demonstration : "") + ".";
  }

  var annonce;
  function annoncer(texte) {
    if (!annonce) {
      annonce = element("p", "annonce");
      annonce.setAttribute("role", "status");
      document.body.append(annonce);
    }
    annonce.textContent = texte;
    clearTimeout(annoncer.fin);
    annoncer.fin = setTimeout(function () { annonce.textContent = ""; }, 8000);
  }

  function copier(texte) {
    var fini = function () { annoncer("Copié : " + texte); };
    var autrement = function () {
      var zone = element("textarea");
      zone.value = texte;
      document.body.append(zone);
      zone.select();
      var fait = document.execCommand("copy");
      zone.remove();
      fait ? fini() : annoncer("À copier : " + texte);
    };
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(texte).then(fini, autrement);
    else autrement();
  }

  function installerCitations(racine) {
    var page = document.querySelector("main");
    // A long table says once what all its rows share; a row of it holds name, code, value.
    [].forEach.call(racine.querySelectorAll("table[data-niveau] tbody tr"), function (tr) {
      var marque = tr.cells[2].querySelector("abbr"), montre = tr.cells[2].textContent.replace(/ [≈◔]$/, "").trim();
      Object.assign(tr.cells[3].dataset, {
        t: tr.closest("table").dataset.niveau + ":" + tr.cells[1].textContent, m: tr.closest("table").dataset.m,
        v: montre, s: marque ? marque.title : "observé"
      });
    });
    // What several figures share is said once around them.
    function autour(td, champ) { return (td.closest("[data-" + champ + "]") || td).dataset[champ]; }
    [].forEach.call(racine.querySelectorAll("td.citer[data-v]"), function (td) {
      var nom = td.parentNode.querySelector("th").textContent.trim(), b = element("button", "", "Citer");
      b.type = "button";
      var annees = autour(td, "annees") || td.dataset.m;
      b.setAttribute("aria-label", "Citer " + (td.dataset.libelle || nom) + ", " + annees);
      b.addEventListener("click", function () {
        copier(phrase({
          indicateur: td.dataset.libelle || page.dataset.indicateur, identifiant: td.dataset.i || page.dataset.identifiant,
          territoire: autour(td, "territoire") || nom, t: autour(td, "t"), v: td.dataset.v, s: td.dataset.s || "observé",
          m: annees,
          source: autour(td, "source"), unite: td.dataset.unite || page.dataset.unite, une: td.dataset.une || page.dataset.uniteSingulier,
          release: page.dataset.release, publiee: page.dataset.publiee, demonstration: page.dataset.demonstration
        }));
      });
      td.append(b);
    });
  }

  // Sorting: within each group; a figure that is not shown stays last, whichever the order.
  function installerTri() {
    [].forEach.call(document.querySelectorAll("table.triable"), function (table) {
      [].forEach.call(table.querySelectorAll("thead th"), function (th, rang) {
        if (!(rang === 0 || (th.classList.contains("nombre") && table.querySelector("td[data-ordre]")))) return;
        var b = element("button", "trier", th.textContent);
        b.type = "button";
        th.textContent = "";
        th.append(b);
        b.addEventListener("click", function () {
          var montant = th.getAttribute("aria-sort") !== "ascending";
          if (rang && !th.hasAttribute("aria-sort")) montant = false;
          [].forEach.call(table.querySelectorAll("thead th"), function (autre) { autre.removeAttribute("aria-sort"); });
          th.setAttribute("aria-sort", montant ? "ascending" : "descending");
          [].forEach.call(table.tBodies, function (corps) {
            var lignes = [].filter.call(corps.rows, function (tr) { return !tr.classList.contains("groupe"); });
            lignes.map(function (tr, i) {
              var c = tr.cells[rang];
              return { tr: tr, i: i, cle: rang ? (c.dataset.ordre === undefined ? null : +c.dataset.ordre) : plat(c.textContent.trim()) };
            }).sort(function (a, b) {
              if (a.cle === null || b.cle === null) return (a.cle === null) - (b.cle === null) || a.i - b.i;
              return (a.cle < b.cle ? -1 : a.cle > b.cle ? 1 : 0) * (montant ? 1 : -1) || a.i - b.i;
            }).forEach(function (l) { corps.append(l.tr); });
          });
        });
      });
    });
  }

  installerRecherche();
  installerCitations(document);
  // For what a script adds to the page.
  window.CTG_CITER = installerCitations;
  installerTri();
})();
