// "Mon secteur": communes of one's choice, kept in the address, added up as the warehouse does (docs/intervalles.md).
(function () {
  "use strict";
  var plan = JSON.parse(document.getElementById("plan").textContent);
  var FINE = "\u202f", MOINS = "\u2212", RANGS = ["observe", "arrondi", "partiel"];
  var choisies = [], charges = {};

  // Printing: socle/affichage.py, whose texts a test compares with these.
  // `sens`: 1 up, -1 down, nothing to the nearest; decimals under zero are tens. Sums and shares are never under zero.
  function quantieme(valeur, decimales, sens) {
    var chiffres = BigInt(Math.abs(valeur).toFixed(9).replace(".", "")), pas = 10n ** BigInt(9 - decimales);
    if (sens) return (chiffres + (sens > 0 ? pas - 1n : 0n)) / pas;
    return (2n * chiffres + pas) / (2n * pas);
  }

  function connues(basse, haute, decimales, dePlus) {
    var ecart = haute === null ? 0 : Number((haute - basse).toFixed(9)) / 2, exposant = -10;
    if (!ecart) return decimales;
    while (Number("1e" + (exposant + 1)) <= ecart) exposant += 1;
    return Math.min(decimales, (dePlus || 0) - exposant);
  }

  function nombre(valeur, decimales, sens) {
    var entier = quantieme(valeur, decimales, sens);
    if (decimales < 0) { entier *= 10n ** BigInt(-decimales); decimales = 0; }
    var lu = entier.toString().padStart(decimales + 1, "0");
    var coupe = lu.length - decimales, groupes = lu.slice(0, coupe).replace(/\B(?=(\d{3})+$)/g, FINE);
    return (valeur < 0 && entier ? MOINS : "") + groupes + (decimales ? "," + lu.slice(coupe) : "");
  }

  function intervalle(basse, haute, regle) {
    var apres = regle.suffixe ? FINE + regle.suffixe : "", bas, haut;
    if (basse === haute) return null;
    if (haute === null) return "au moins " + nombre(basse, regle.decimales, -1) + apres;
    if (nombre(basse, regle.decimales) === nombre(haute, regle.decimales)) return null;
    var decimales = connues(basse, haute, regle.decimales, 1);
    bas = nombre(basse, decimales, -1);
    haut = nombre(haute, decimales, 1);
    return (/[1-9]/.test(bas) ? "entre " + bas + " et " : "au plus ") + haut + apres;
  }

  function lisibilite(valeur, basse, haute, assise, regle) {
    if (assise !== null && regle.assise_minimale !== null && assise < regle.assise_minimale) return "trop_peu";
    if (basse === haute) return "point";
    if (haute === null) return "intervalle";
    if (nombre(basse, regle.decimales) === nombre(haute, regle.decimales)) return "point";
    if (valeur === 0) return "intervalle";
    var etendue = Number((haute - basse).toFixed(9));
    if (regle.suffixe === "%" && etendue > regle.etendue_lisible) return "intervalle";
    if (etendue > toleree(regle.etendue_lisible_relative)) return "intervalle";
    return Number(Math.abs(basse + haute - 2 * valeur).toFixed(9)) > toleree(regle.biais_lisible) ? "intervalle" : "point";

    function toleree(pourcent) { return Number((2 * Math.abs(valeur) * pourcent / 100).toFixed(9)); }
  }

  // A term, by what is known of it: the ends that it never leaves, where it would be at each end without the noise of
  // its rounding (of those printed 0, none at the low end, one each on average at the high one), the variance of that noise.
  function terme(v, variance) {
    if (v.length === 1 || (v[0] === v[1] && v[0] === v[2])) return { v: v[0], bas: v[0], haut: v[0], milieuBas: v[0], milieuHaut: v[0], variance: 0 };
    if (variance === 0 || v[2] === null) return { v: v[0], bas: v[1], haut: v[2], milieuBas: v[1], milieuHaut: v[2], variance: 0 };
    var etendue = Math.round(v[2]) - Math.round(v[1]) + 1;
    return { v: v[0], bas: v[1], haut: v[2], milieuBas: v[0], milieuHaut: v[0] || v[2] / 2, variance: variance === undefined ? (etendue * etendue - 1) / 12 : variance };
  }

  // What a commune brings to a sum: its last figure, and the terms of it.
  function part(code, regle) {
    var donnees = charges[departement(code)], c = donnees.communes[code], rang = donnees.indicateurs.indexOf(regle.id);
    var trouver = function (lignes) { return lignes.filter(function (l) { return l[0] === rang; })[0]; };
    var chiffre = trouver(c.chiffres), lus = trouver(c.termes), termes = null;
    if (lus) {
      var v = lus.slice(1), taux = regle.facteur !== null, exact = v.length === (taux ? 2 : 1), variances = v.slice(taux ? 6 : 3);
      termes = { num: terme(exact ? [v[0]] : v.slice(0, 3), variances[0]), den: taux ? terme(exact ? [v[1]] : v.slice(3, 6), variances[1]) : null };
    }
    return { annee: chiffre && chiffre[1], statut: chiffre ? donnees.statuts[chiffre[3] || 0] : "non_disponible", termes: termes };
  }

  function ajouter(termes) {
    return termes.reduce(function (a, b) {
      var somme = {};
      Object.keys(b).forEach(function (champ) { somme[champ] = a === null ? b[champ] : a[champ] === null || b[champ] === null ? null : a[champ] + b[champ]; });
      return somme;
    }, null);
  }

  // Intervals: macros/mesures.sql (`borne_basse_probable`, `quotient_probable`), at 99 % and never out of the envelope.
  function bornesDuCompte(t) {
    var bruit = Math.ceil(plan.quantile * Math.sqrt(t.variance));
    return [Math.max(t.bas, t.milieuBas - bruit), t.haut === null ? null : Math.min(t.haut, t.milieuHaut + bruit)];
  }

  function fieller(sens, num, den, vNum, vDen) {
    var z2 = plan.quantile * plan.quantile, reste = den * den - z2 * vDen;
    return reste > 0 ? (num * den + sens * plan.quantile * Math.sqrt(vNum * reste + vDen * num * num)) / reste : null;
  }

  function bornesDuTaux(num, den, regle) {
    var basse = den.haut === null ? 0 : regle.facteur * num.bas / den.haut;
    var haute = num.haut === null || !den.bas ? null : regle.facteur * num.haut / den.bas;
    if (num.variance + den.variance && num.haut !== null && den.haut !== null) {
      var bas = fieller(-1, num.milieuBas, den.milieuHaut, num.variance, den.variance), haut = fieller(1, num.milieuHaut, den.milieuBas, num.variance, den.variance);
      if (bas !== null) basse = Math.max(basse, regle.facteur * bas);
      if (haut !== null) haute = haute === null ? regle.facteur * haut : Math.min(haute, regle.facteur * haut);
    }
    return [basse, regle.part_d_un_tout ? Math.min(haute === null ? 100 : haute, 100) : haute];
  }

  // Any part secret: no total. Any part that was not read: partial, and nobody knows how much higher it is.
  function sommer(codes, regle) {
    var parts = codes.map(function (code) { return part(code, regle); });
    var annee = Math.max.apply(null, parts.map(function (p) { return p.annee || 0; })) || null;
    var lues = parts.filter(function (p) { return p.termes && p.annee === annee; });
    var dit = { annee: annee, lues: lues.length, parts: codes.length, valeur: null, bornes: [null, null], lisibilite: null };
    if (!regle.sommable) return Object.assign(dit, { statut: "non_disponible", texte: "nd", motif: "Publié commune par commune\u00a0: ne s'additionne pas" });
    if (parts.some(function (p) { return p.statut === "secret"; })) return Object.assign(dit, { statut: "secret", texte: "s", motif: "Une commune au moins est sous secret\u00a0: pas de total" });
    if (!lues.length) return Object.assign(dit, { statut: "non_disponible", texte: "nd", motif: "Aucune de ces communes n'a ce chiffre" });
    var taux = regle.facteur !== null, num = ajouter(lues.map(function (p) { return p.termes.num; }));
    var den = taux ? ajouter(lues.map(function (p) { return p.termes.den; })) : null;
    var rang = Math.max.apply(null, lues.map(function (p) { return RANGS.indexOf(p.statut); }).concat(lues.length < parts.length ? 2 : 0));
    if (lues.length < parts.length) {
      num.haut = null;
      if (den) den.haut = null;
    }
    if (taux && !den.v) return Object.assign(dit, { statut: "sans_objet", texte: "na", motif: den.haut === 0 ? "Dénominateur nul" : "Dénominateur arrondi à 0" });
    var valeur = taux ? regle.facteur * num.v / den.v : num.v, bornes = taux ? bornesDuTaux(num, den, regle) : bornesDuCompte(num);
    if (regle.part_d_un_tout && rang) valeur = Math.min(valeur, 100);
    var sur = lisibilite(valeur, bornes[0], bornes[1], taux ? den.haut : null, regle), dites = intervalle(bornes[0], bornes[1], regle);
    var texte = nombre(valeur, connues(bornes[0], bornes[1], regle.decimales)) + (regle.suffixe ? FINE + regle.suffixe : "");
    return Object.assign(dit, {
      statut: RANGS[rang], valeur: valeur, bornes: bornes, lisibilite: sur,
      texte: sur === "trop_peu" ? "trop peu" : sur === "intervalle" && dites ? dites : texte,
      precision: sur === "point" && dites ? dites : "",
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
    var lues = dit.statut === "partiel" ? dit.lues + (dit.lues > 1 ? " communes lues sur " : " commune lue sur ") + dit.parts : "";
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
    somme.append(table);
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
    document.getElementById("refus").textContent = inconnus.length ? "Pas une commune de cette publication\u00a0: " + inconnus.join(", ") + "." : "";
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
    } else document.getElementById("refus").textContent = codes.length > 1 ? "Plusieurs communes ont ce nom\u00a0: ajouter le code." : codes.length ? "Déjà dans le secteur." : "Aucune commune de ce nom\u00a0: choisir dans la liste.";
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
