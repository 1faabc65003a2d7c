// "Mon secteur": communes of one's choice, kept in the address, added up as the warehouse does (docs/intervalles.md).
(function () {
  "use strict";
  var plan = JSON.parse(document.getElementById("plan").textContent);
  var FINE = "\u202f", MOINS = "\u2212", RANGS = ["observe", "arrondi", "partiel"];
  var choisies = [], charges = {};

  // Printing: socle/affichage.py, whose texts a test compares with these.
  function quantieme(valeur, decimales) {
    var chiffres = BigInt(Math.abs(valeur).toFixed(9).replace(".", "")), pas = 10n ** BigInt(9 - decimales);
    return (2n * chiffres + pas) / (2n * pas);
  }

  function nombre(valeur, decimales) {
    var entier = quantieme(valeur, decimales), lu = entier.toString().padStart(decimales + 1, "0");
    var coupe = lu.length - decimales, groupes = lu.slice(0, coupe).replace(/\B(?=(\d{3})+$)/g, FINE);
    return (valeur < 0 && entier ? MOINS : "") + groupes + (decimales ? "," + lu.slice(coupe) : "");
  }

  function intervalle(basse, haute, regle) {
    var apres = regle.suffixe ? FINE + regle.suffixe : "", bas, haut;
    if (basse === haute) return null;
    if (haute === null) return "au moins " + nombre(basse, regle.decimales) + apres;
    bas = nombre(basse, regle.decimales);
    haut = nombre(haute, regle.decimales);
    if (bas === haut) return null;
    return (quantieme(basse, regle.decimales) ? "entre " + bas + " et " : "au plus ") + haut + apres;
  }

  function lisibilite(valeur, basse, haute, assise, regle) {
    if (assise !== null && regle.assise_minimale !== null && assise < regle.assise_minimale) return "trop_peu";
    if (basse === haute) return "point";
    if (haute === null) return "intervalle";
    if (nombre(basse, regle.decimales) === nombre(haute, regle.decimales)) return "point";
    if (valeur === 0) return "intervalle";
    if (regle.suffixe === "%") return haute - basse > regle.etendue_lisible ? "intervalle" : "point";
    return haute - basse > 2 * Math.abs(valeur) * regle.etendue_lisible_relative / 100 ? "intervalle" : "point";
  }

  // What a commune brings to a sum: its last figure, and the terms of it as numbers with their bounds.
  function part(code, regle) {
    var donnees = charges[departement(code)], c = donnees.communes[code], rang = donnees.indicateurs.indexOf(regle.id);
    var trouver = function (lignes) { return lignes.filter(function (l) { return l[0] === rang; })[0]; };
    var chiffre = trouver(c.chiffres), t = trouver(c.termes), termes = null;
    if (t) {
      var v = t.slice(1), taux = regle.facteur !== null, exact = v.length === (taux ? 2 : 1);
      var num = exact ? [v[0], v[0], v[0]] : v.slice(0, 3), den = !taux ? null : exact ? [v[1], v[1], v[1]] : v.slice(3);
      termes = [num, den];
    }
    return { annee: chiffre && chiffre[1], statut: chiffre ? donnees.statuts[chiffre[3] || 0] : "non_disponible", termes: termes };
  }

  function ajouter(a, b) {
    return a.map(function (valeur, rang) { return valeur === null || b[rang] === null ? null : valeur + b[rang]; });
  }

  // Any part secret: no total. Any part that was not read: partial, and nobody knows how much higher it is.
  function sommer(codes, regle) {
    var parts = codes.map(function (code) { return part(code, regle); });
    var annee = Math.max.apply(null, parts.map(function (p) { return p.annee || 0; })) || null;
    var lues = parts.filter(function (p) { return p.termes && p.annee === annee; });
    var dit = { annee: annee, lues: lues.length, parts: codes.length, valeur: null, bornes: [null, null], lisibilite: null };
    if (!regle.sommable) return Object.assign(dit, { statut: "non_disponible", texte: "nd", motif: "Publié commune par commune : ne s'additionne pas" });
    if (parts.some(function (p) { return p.statut === "secret"; })) return Object.assign(dit, { statut: "secret", texte: "s", motif: "Une commune au moins est sous secret : pas de total" });
    if (!lues.length) return Object.assign(dit, { statut: "non_disponible", texte: "nd", motif: "Aucune de ces communes n'a ce chiffre" });
    var num = [0, 0, 0], den = [0, 0, 0], rang = lues.length < parts.length ? 2 : 0;
    lues.forEach(function (p) {
      num = ajouter(num, p.termes[0]);
      if (p.termes[1]) den = ajouter(den, p.termes[1]);
      rang = Math.max(rang, RANGS.indexOf(p.statut));
    });
    if (lues.length < parts.length) num[2] = den[2] = null;
    var taux = regle.facteur !== null, valeur = num[0], basse = num[1], haute = num[2];
    if (taux) {
      if (!den[0]) return Object.assign(dit, { statut: "sans_objet", texte: "na", motif: den[2] === 0 ? "Dénominateur nul" : "Dénominateur arrondi à 0" });
      valeur = regle.facteur * num[0] / den[0];
      basse = den[2] === null ? 0 : regle.facteur * num[1] / den[2];
      haute = num[2] === null || !den[1] ? null : regle.facteur * num[2] / den[1];
      if (regle.part_d_un_tout) haute = haute === null ? 100 : Math.min(haute, 100);
      if (regle.part_d_un_tout && rang) valeur = Math.min(valeur, 100);
    }
    var sur = lisibilite(valeur, basse, haute, taux ? den[2] : null, regle), bornes = intervalle(basse, haute, regle);
    var texte = nombre(valeur, regle.decimales) + (regle.suffixe ? FINE + regle.suffixe : "");
    return Object.assign(dit, {
      statut: RANGS[rang], valeur: valeur, bornes: [basse, haute], lisibilite: sur,
      texte: sur === "trop_peu" ? "trop peu" : sur === "intervalle" && bornes ? bornes : texte,
      precision: sur === "point" && bornes ? bornes : "",
      motif: sur === "trop_peu" ? regle.trop_peu : sur === "intervalle" ? plan.incertain : ""
    });
  }

  function departement(code) {
    return Object.keys(plan.departements).filter(function (d) { return plan.departements[d].codes.indexOf(code) >= 0; })[0];
  }

  function charger(departements, fini) {
    var manquent = departements.filter(function (d) { return !charges[d]; }), restent = manquent.length;
    if (!restent) return fini();
    manquent.forEach(function (d) {
      var s = document.createElement("script");
      s.src = plan.departements[d].script;
      s.onload = function () {
        charges[d] = window.CTG_DONNEES[d];
        if (!--restent) fini();
      };
      document.head.append(s);
    });
  }

  function element(nom, classe, texte) {
    var e = document.createElement(nom);
    if (classe) e.className = classe;
    if (texte) e.textContent = texte;
    return e;
  }

  function nommer(code) { return charges[departement(code)].communes[code].nom; }

  function ligne(regle, noms) {
    var dit = sommer(choisies, regle), tr = element("tr"), th = element("th"), td = element("td", "citer"), a = element("a", "", dit.texte);
    var statut = plan.statuts[dit.statut] + (dit.precision ? ", " + dit.precision : "");
    var modele = regle.somme.length && /\d/.test(dit.texte) && dit.lisibilite ? regle.somme[/^[01](,\d+)?$/.test(dit.texte) ? 0 : 1] : [regle.libelle + "\u00a0: ", ""];
    var lues = dit.statut === "partiel" ? dit.lues + " communes lues sur " + dit.parts : "";
    a.href = regle.page;
    th.scope = "row";
    th.append(modele[0], a, modele[1], element("span", "sous", [dit.annee, dit.motif || statut, lues].filter(Boolean).join(" · ")));
    Object.assign(td.dataset, { i: regle.id, libelle: regle.libelle, m: dit.annee || "", v: dit.texte, s: statut + (lues ? ", " + lues : ""), source: regle.source });
    if (regle.unite.length) Object.assign(td.dataset, { une: regle.unite[0], unite: regle.unite[1] });
    tr.append(th, td);
    tr.dataset.indicateur = regle.id;
    return tr;
  }

  function dessiner() {
    var liste = document.getElementById("choisies"), somme = document.getElementById("somme");
    liste.textContent = somme.textContent = "";
    choisies.forEach(function (code) {
      var li = element("li"), a = element("a", "", nommer(code)), b = element("button", "", "Retirer");
      a.href = charges[departement(code)].communes[code].page;
      b.type = "button";
      b.setAttribute("aria-label", "Retirer " + nommer(code));
      b.addEventListener("click", function () { basculer(code); });
      li.append(a, " ", b);
      liste.append(li);
    });
    [].forEach.call(document.querySelectorAll(".places path"), function (trace) { trace.classList.toggle("ici", choisies.indexOf(trace.id.slice(1)) >= 0); });
    if (!choisies.length) return;
    var noms = choisies.map(nommer), table = element("table", "dix"), tete = table.createTHead().insertRow(), corps = table.createTBody();
    [noms.length > 1 ? "Somme de " + noms.length + " communes" : noms[0], "Citer"].forEach(function (texte) {
      var th = element("th", "", texte);
      th.scope = "col";
      tete.append(th);
    });
    table.dataset.t = "communes " + choisies.join(" + ");
    table.dataset.territoire = noms.join(" + ");
    plan.chiffres.forEach(function (regle) { corps.append(ligne(regle, noms)); });
    somme.append(table, element("p", "aide", "Les bornes sont sûres : elles laissent à chaque commune tout ce que son arrondi peut cacher."));
    if (window.CTG_CITER) window.CTG_CITER(somme);
  }

  function basculer(code) {
    var rang = choisies.indexOf(code);
    location.hash = (rang < 0 ? choisies.concat(code) : choisies.filter(function (c) { return c !== code; })).join(",");
  }

  function lireAdresse() {
    var demandes = decodeURIComponent(location.hash.slice(1)).split(",").filter(Boolean).map(function (code) { return plan.anciens[code] || code; });
    var inconnus = demandes.filter(function (code) { return !departement(code); });
    var connus = demandes.filter(function (code, rang) { return departement(code) && demandes.indexOf(code) === rang; });
    document.getElementById("refus").textContent = inconnus.length ? "Pas une commune de cette publication : " + inconnus.join(", ") + "." : "";
    charger(connus.map(departement).filter(function (d, rang, tous) { return tous.indexOf(d) === rang; }), function () {
      choisies = connus;
      dessiner();
    });
  }

  // The names to choose among, and the map: of all the scope, or of one département of a country.
  function proposer(departements) {
    charger(departements, function () {
      var noms = document.getElementById("noms");
      noms.textContent = "";
      departements.forEach(function (d) {
        Object.keys(charges[d].communes).forEach(function (code) {
          var o = element("option");
          o.value = charges[d].communes[code].nom + " (" + code + ")";
          noms.append(o);
          var trace = document.getElementById("c" + code);
          if (!trace) return;
          var nom = document.createElementNS("http://www.w3.org/2000/svg", "title");
          nom.textContent = charges[d].communes[code].nom;
          trace.append(nom);
          trace.addEventListener("click", function () { basculer(code); });
        });
      });
      dessiner();
    });
  }

  function choisir(d) {
    var s = document.createElement("script");
    s.src = plan.departements[d].carte;
    s.onload = function () {
      document.getElementById("carte").innerHTML = window.CTG_CARTES[d];
      proposer([d]);
    };
    document.head.append(s);
  }

  function plat(texte) { return texte.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, " ").trim(); }

  document.querySelector(".choisir").addEventListener("submit", function (e) {
    e.preventDefault();
    var champ = document.getElementById("commune"), voulu = plat(champ.value);
    var offertes = [].map.call(document.getElementById("noms").children, function (o) { return o.value; });
    var codes = offertes.filter(function (o) { return [plat(o), plat(o.replace(/ \([^(]*\)$/, "")), o.slice(o.lastIndexOf("(") + 1, -1).toLowerCase()].indexOf(voulu) >= 0; }).map(function (o) { return o.slice(o.lastIndexOf("(") + 1, -1); });
    if (codes.length === 1 && choisies.indexOf(codes[0]) < 0) {
      champ.value = "";
      basculer(codes[0]);
    } else document.getElementById("refus").textContent = codes.length > 1 ? "Plusieurs communes ont ce nom : ajouter le code." : codes.length ? "Déjà dans le secteur." : "Aucune commune de ce nom : choisir dans la liste.";
    champ.focus();
  });

  document.getElementById("secteur").hidden = false;
  var tous = Object.keys(plan.departements);
  if (plan.peu) proposer(tous);
  else {
    var menu = document.getElementById("departement");
    tous.forEach(function (d) {
      var o = element("option", "", plan.departements[d].nom);
      o.value = d;
      menu.append(o);
    });
    document.getElementById("l-departement").hidden = false;
    menu.addEventListener("change", function () { choisir(menu.value); });
    choisir(tous[0]);
  }
  addEventListener("hashchange", lireAdresse);
  lireAdresse();
  window.CTG_SECTEUR = { nombre: nombre, intervalle: intervalle, lisibilite: lisibilite, sommer: sommer };
})();
