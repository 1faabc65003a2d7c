// The page of an indicateur: a row for each commune and its shape on the map, of figures that the page holds, names and outlines that all pages share.
(function () {
  "use strict";
  var table = document.getElementById("communes"), svg = document.querySelector(".carte-communes svg"), lieux = window.CTG_LIEUX, bulles = {};
  if (!table) return;
  var dit = JSON.parse(document.getElementById("chiffres-des-communes").textContent), corps = table.tBodies[0];

  function element(nom, classe, texte) {
    var e = document.createElement(nom);
    if (classe) e.className = classe;
    e.textContent = texte;
    return e;
  }

  // What sorts: a point, as it is printed. A range and what is masked have no rank.
  function rang(texte) {
    var lu = /^([−+]?)([\d\s]+(?:,\d+)?)\D*$/.exec(texte);
    return lu && parseFloat((lu[1] === "−" ? "-" : "") + lu[2].replace(/\s/g, "").replace(",", "."));
  }

  lieux.noms.forEach(function (lieu, n) {
    var c = dit.chiffres[n];
    if (!c) return;
    var code = lieu[0], nom = lieu[1], texte = c[0], precision = dit.precisions[c[1]], dite = precision[0];
    var tr = corps.insertRow(), th = element("th", "", nom), valeur = element(precision[1] ? "abbr" : "span", precision[1], texte);
    th.scope = "row";
    if (precision[1]) valeur.title = dite;
    tr.append(th, element("td", "code", code), element("td", "nombre", ""), element("td", "citer", ""));
    tr.cells[2].append(valeur);
    if (precision[2]) {
      var note = element("abbr", "note-statut", precision[2]);
      note.title = dite;
      tr.cells[2].append(" ", note);
    }
    if (!precision[1] && rang(texte) !== null) tr.cells[2].dataset.ordre = rang(texte);
    Object.assign(tr.cells[3].dataset, { t: "commune:" + code, v: texte, s: dite });
    if (c[2]) tr.cells[3].dataset.source = c[2];
    bulles["c" + code] = nom + "\u00a0: " + texte + (precision[1] ? "\u00a0: " + dite : "");
  });

  if (!svg) return;
  svg.insertAdjacentHTML("afterbegin", "<defs>" + Object.keys(lieux.traits).map(function (id) {
    return '<path id="' + id + '" d="' + lieux.traits[id] + '"/>';
  }).join("") + "</defs>");
  [].forEach.call(svg.querySelectorAll('use[href^="#c"]'), function (zone) {
    var bulle = document.createElementNS("http://www.w3.org/2000/svg", "title");
    bulle.textContent = bulles[zone.getAttribute("href").slice(1)] || "";
    zone.append(bulle);
  });

  // The map is taken away as a picture; its figures are in the CSV of the page.
  var page = document.getElementById("contenu").dataset, figure = svg.closest("figure");
  var dits = {
    titre: page.indicateur,
    sous: document.querySelector(".marque-lieu").textContent + ", par commune, " + table.dataset.annees + " (" + page.unite + ")",
    pieds: [
      figure.querySelector("figcaption").textContent,
      "Observatoire CTG, publication " + page.release + " du " + page.publiee + (page.demonstration ? ", " + page.demonstration : ""),
    ],
  };
  figure.append(window.CTG_IMAGE.menu("la carte", [
    ["Image PNG", function () { window.CTG_IMAGE.png(svg, dits, page.identifiant); }],
    ["Image SVG", function () { window.CTG_IMAGE.svg(svg, dits, page.identifiant); }],
  ]));
})();
