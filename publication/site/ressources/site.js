// What a page gains with JavaScript: the "Citer" buttons, columns that sort. Without it, lists, citations and tables are there.
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

  installerCitations(document);
  // For what a script adds to the page.
  window.CTG_CITER = installerCitations;
  installerTri();
})();
