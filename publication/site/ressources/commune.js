// The page of a département's communes: the one that the address names (#26220) above the table that holds them all.
(function () {
  "use strict";
  var cadre = document.getElementById("fiche");
  if (!cadre) return;
  var plan = JSON.parse(document.getElementById("plan").textContent);
  var donnees = (window.CTG_DONNEES || {})[plan.departement];
  var titre = document.title, lignes = {}, carte = document.querySelector(".lieux figure");
  if (carte) carte.innerHTML = window.CTG_CARTES[plan.departement];

  function element(nom, classe, texte) {
    var e = document.createElement(nom);
    if (classe) e.className = classe;
    if (texte) e.textContent = texte;
    return e;
  }

  function lien(page, texte) {
    var a = element("a", "", texte);
    a.href = page;
    return a;
  }

  function cotes(signes) {
    return Object.keys(plan.cotes).map(function (signe) {
      var noms = plan.noms.filter(function (_, rang) { return signes[rang] === signe; });
      return noms.length ? plan.cotes[signe] + " " + noms.join(" et ") : "";
    }).filter(Boolean).join(", ").replace(/^./, function (lettre) { return lettre.toUpperCase(); });
  }

  // A row of the data script in full: [rank, millésime, text, rank of its statut, bounds or rank of its motif].
  function lire(c, indicateur) {
    var rang = donnees.indicateurs.indexOf(indicateur), dit = c.chiffres.filter(function (x) { return x[0] === rang; })[0];
    return dit && {
      annee: dit[1], texte: dit[2], statut: donnees.statuts[dit[3] || 0], nom: plan.statuts[donnees.statuts[dit[3] || 0]],
      bornes: typeof dit[4] === "string" ? dit[4] : "", motif: typeof dit[4] === "number" ? donnees.motifs[dit[4]] : ""
    };
  }

  function ligne(regle, dit, cellules, commune) {
    var tr = element("tr"), th = element("th"), td = element("td", "citer");
    var sens = dit.motif || (dit.texte === "trop peu" ? regle.trop_peu : /^(entre|au plus|au moins) /.test(dit.texte) ? plan.incertain : cotes(commune.dataset.c || ""));
    var modele = dit.motif || dit.texte === "trop peu" || !regle.modeles.length ? [regle.libelle + "\u00a0: ", ""] : regle.modeles[/^[01](,\d+)?$/.test(dit.texte) ? 0 : 1];
    var valeur = lien("../" + regle.page, "");
    th.scope = "row";
    valeur.append.apply(valeur, [].map.call(commune.childNodes, function (n) { return n.cloneNode(true); }));
    var code = valeur.querySelector(".code");
    if (code) code.remove();
    if (dit.bornes) valeur.title = dit.nom + ", " + dit.bornes;
    th.append(modele[0], valeur, modele[1], element("span", "sous", dit.annee + (sens ? " · " + sens : "")));
    tr.append(th);
    cellules.forEach(function (c) {
      var copie = element("td");
      if (c && !code) copie.append.apply(copie, [].map.call(c.childNodes, function (n) { return n.cloneNode(true); }));
      tr.append(copie);
    });
    Object.assign(td.dataset, { i: regle.id, libelle: regle.libelle, m: dit.annee, v: dit.texte, s: dit.nom + (dit.bornes ? ", " + dit.bornes : ""), source: regle.source });
    if (regle.unite.length) Object.assign(td.dataset, { une: regle.unite[0], unite: regle.unite[1] });
    tr.append(td);
    return tr;
  }

  function services(c) {
    var liste = element("ul", "services"), sans = [], tus = [];
    plan.services.forEach(function (s) {
      var dit = lire(c, s.id);
      if (!dit || dit.motif) return tus.push(s.libelle);
      if (dit.texte === "0" && dit.statut === "observe") return sans.push(s.libelle);
      var li = element("li");
      li.append(lien("../" + s.page, s.libelle), "\u00a0: " + dit.texte + " (" + dit.annee + ")");
      liste.append(li);
    });
    var boite = element("section");
    boite.append(element("h3", "", "Services dans la commune"), liste);
    if (sans.length) boite.append(element("p", "aide", "Pas dans la commune\u00a0: " + sans.join(", ") + "."));
    if (tus.length) boite.append(element("p", "aide", "Sans renseignement\u00a0: " + tus.join(", ") + "."));
    return boite;
  }

  function situer(code) {
    [].forEach.call(document.querySelectorAll(".places .ici, .places .autour"), function (e) { e.classList.remove("ici", "autour"); });
    var place = document.getElementById("c" + code);
    if (place) {
      place.classList.add("ici");
      place.parentNode.classList.add("autour");
    }
  }

  function montrer() {
    var code = location.hash.slice(1), c = donnees && donnees.communes[code], tr = c && lignes[code];
    if (carte && !tr) document.querySelector(".lieux").append(carte);
    cadre.hidden = !tr;
    cadre.textContent = "";
    document.title = (tr ? c.nom + " | " : "") + titre;
    if (!tr) return situer(code);
    var epci = tr.parentNode.querySelector(".groupe"), lieu = document.getElementById("lieu");
    var reperes = [[epci, "EPCI"], [lieu, lieu ? lieu.cells[0].textContent : ""]].filter(function (r) { return r[0]; });
    var table = element("table", "dix"), tete = table.createTHead().insertRow(), corps = table.createTBody();
    [[null, c.nom + " en " + plan.chiffres.length + " chiffres"]].concat(reperes, [[null, "Citer"]]).forEach(function (r) {
      var th = element("th"), page = r[0] && r[0].querySelector("th a");
      th.scope = "col";
      th.append(page ? lien(page.getAttribute("href"), r[1]) : r[1]);
      tete.append(th);
    });
    reperes.forEach(function (r, rang) { table.style.setProperty("--lieu-" + (rang + 1), JSON.stringify(r[1])); });
    table.dataset.t = "commune:" + code;
    table.dataset.territoire = c.nom;
    plan.chiffres.forEach(function (regle, rang) {
      var dit = lire(c, regle.id);
      if (dit) corps.append(ligne(regle, dit, reperes.map(function (r) { return r[0].cells[rang + 1]; }), tr.cells[rang + 1]));
    });
    var h2 = element("h2", "", c.nom), commune = element("div", "commune"), suite = element("div");
    var nom = c.epci && donnees.epci[c.epci].nom;
    h2.append(element("span", "surtitre", "Commune" + (nom ? ", " + nom : "") + " " + code));
    if (carte) suite.append(carte);
    suite.append(lien("../secteur.html#" + code, "Additionner avec d'autres communes"));
    commune.append(table, services(c), suite);
    cadre.append(h2, commune);
    if (window.CTG_CITER) window.CTG_CITER(cadre);
    situer(code);
    cadre.scrollIntoView();
  }

  [].forEach.call(document.querySelectorAll(".places path"), function (trace) {
    var c = donnees && donnees.communes[trace.id.slice(1)];
    if (!c) return;
    var nom = document.createElementNS("http://www.w3.org/2000/svg", "title");
    nom.textContent = c.nom;
    trace.append(nom);
    trace.addEventListener("click", function () { location.hash = trace.id.slice(1); });
  });
  // The address shows a commune here, and no longer scrolls to its row.
  [].forEach.call(document.querySelectorAll(".toutes tr[id]:not(#lieu)"), function (tr) {
    lignes[tr.id] = tr;
    tr.removeAttribute("id");
  });
  addEventListener("hashchange", montrer);
  // Once site.js is there, which makes the buttons.
  addEventListener("DOMContentLoaded", montrer);
})();
