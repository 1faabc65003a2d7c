// The search of every page: a sentence is read as publication/lecture/vocabulaire.py reads it, and answered with the figures of the release. What it reads is loaded when the field is first used. Without JavaScript the field is hidden, and lists are there.
(function () {
  "use strict";

  var racine = new URL("..", document.currentScript.src).href, charges = {};

  // A script tag, for a page opened as a file may fetch nothing.
  function charger(nom) {
    charges[nom] = charges[nom] || new Promise(function (fait, rate) {
      var s = document.createElement("script");
      s.src = racine + nom;
      s.onload = fait;
      s.onerror = function () { delete charges[nom]; rate(new Error(nom)); };
      document.head.append(s);
    });
    return charges[nom];
  }

  function plat(texte) {
    return texte.toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, " ").trim();
  }

  // ---- Reading: Lexique, Demande and Lieu of vocabulaire.py, under the same names.
  var ABREGES = { saint: "st", sainte: "ste" };

  function Lexique(index, communes) {
    var lexique = this;
    this.index = index;
    this.vides = new Set(index.vides.split(" "));
    this.niveaux = Object.keys(index.niveaux);
    this.parId = new Map();
    this.indicateurs = new Map();
    this.expressions = new Map();
    this.parMot = new Map();
    Object.keys(index.expressions).forEach(function (dite) { lexique.expressions.set(dite, index.expressions[dite]); });
    index.indicateurs.forEach(function (i, rang) {
      i.rang = rang;
      i.mots = lexique.mots(i.nom);
      lexique.indicateurs.set(i.id, rang);
      lexique.expressions.set(i.mots.join(" "), { i: [rang] });
    });
    index.territoires.forEach(function (t) {
      lexique.nommer({ id: t[0] + ":" + t[2], niveau: t[0], nom: t[1], code: t[2], page: t[3], departement: t[4], region: t[5] });
    });
    Object.keys(communes.departements).forEach(function (departement) {
      var la = communes.departements[departement];
      la.communes.forEach(function (c) {
        var epci = lexique.parId.get("epci:" + la.epci[c[2]]);
        lexique.nommer({
          id: "commune:" + c[1], niveau: "commune", nom: c[0], code: c[1], departement: departement, region: la.region, epci: la.epci[c[2]],
          page: communes.page.replace("CODE", c[1]).replace("DEPARTEMENT", departement), precision: epci ? epci.nom : ""
        });
      });
    });
  }

  Lexique.prototype.mots = function (texte) {
    var vides = this.vides, tous = plat(texte).split(" ").filter(Boolean).map(function (m) { return ABREGES[m] || m; });
    var gardes = tous.filter(function (m) { return !vides.has(m); }).map(function (m) { return m.length > 3 && /[sx]$/.test(m) ? m.slice(0, -1) : m; });
    return gardes.length ? gardes : tous;
  };

  Lexique.prototype.nommer = function (t) {
    var dites = this.index.expressions, complet = this.mots(t.nom), court = complet;
    if (t.niveau !== "commune") court = complet.filter(function (m) { return !(dites[m] && dites[m].n); });
    t.complet = complet;
    t.court = court.length ? court : complet;
    t.cherche = plat(t.nom);
    this.parId.set(t.id, t);
    new Set(complet).forEach(function (m) { this.ranger(m, { t: t, complet: complet, court: t.court }); }, this);
    if (this.index.codes.indexOf(t.niveau) >= 0) this.ranger(plat(t.code), { t: t, complet: t.niveau === "region" ? [] : [plat(t.code)], court: [plat(t.code)] });
  };

  Lexique.prototype.ranger = function (mot, nom) {
    if (!this.parMot.has(mot)) this.parMot.set(mot, []);
    this.parMot.get(mot).push(nom);
  };

  function rang(nom, dits) {
    var entier = dits.join(" ");
    if (entier === nom.complet.join(" ")) return 0;
    if (entier === nom.court.join(" ")) return 1;
    if (!dits.every(function (m) { return nom.court.indexOf(m) >= 0; })) return 9;
    return nom.t.niveau !== "commune" || (nom.court.join(" ") + " ").indexOf(entier + " ") === 0 ? 2 : 3;
  }

  Lexique.prototype.nommes = function (dits, pire) {
    var rare = null;
    dits.forEach(function (m) {
      var siens = this.parMot.get(m) || [];
      if (!rare || siens.length < rare.length) rare = siens;
    }, this);
    return rare.map(function (nom) { return { rang: rang(nom, dits), t: nom.t }; }).filter(function (r) { return r.rang <= pire; });
  };

  Lexique.prototype.lieu = function (trouves, dits) {
    var niveaux = this.niveaux, gardes = trouves.filter(function (r) { return dits.has(r.t.niveau); });
    if (!gardes.length) gardes = trouves.slice();
    gardes.forEach(function (r, i) { r.i = i; });
    gardes.sort(function (a, b) {
      return a.rang - b.rang || a.t.court.length - b.t.court.length || niveaux.indexOf(a.t.niveau) - niveaux.indexOf(b.t.niveau) || a.i - b.i;
    });
    var mieux = gardes[0].rang, de = function (garder) { return gardes.filter(garder).map(function (r) { return r.t.id; }); };
    return { candidats: de(function (r) { return r.rang === mieux; }), autres: de(function (r) { return r.rang > mieux && mieux >= 2; }) };
  };

  Lexique.prototype.lire = function (phrase) {
    var lexique = this, ids = [], lieux = [], sens = [], noms = [];
    var jetons = phrase.split(/\s+/).filter(function (j) {
      if (lexique.parId.has(j)) lieux.push({ candidats: [j], autres: [] });
      else if (lexique.indicateurs.has(j)) ids.push(lexique.indicateurs.get(j));
      else return true;
    });
    var dits = this.mots(jetons.join(" ")), annees = dits.filter(function (m) { return /^(19|20)\d\d$/.test(m); });
    var libres = dits.filter(function (m) { return annees.indexOf(m) < 0; });
    function chercher(longueur, lire) {
      for (var debut = 0; debut + longueur <= libres.length; debut++) {
        var suite = libres.slice(debut, debut + longueur);
        if (suite.indexOf(null) < 0 && lire(debut, suite)) libres.fill(null, debut, debut + longueur);
      }
    }
    function expression(_, suite) {
      var lu = lexique.expressions.get(suite.join(" "));
      if (lu) sens.push([suite.length, lu]);
      return lu;
    }
    function nom(pire) {
      return function (debut, suite) {
        var trouves = lexique.nommes(suite, pire);
        if (trouves.length) noms[debut] = trouves;
        return trouves.length;
      };
    }
    for (var n = Math.min(10, libres.length); n > 0; n--) {
      chercher(n, expression);
      chercher(n, nom(1));
      if (n > 1) chercher(n, nom(3));
    }
    chercher(1, function (debut, suite) { return suite[0].length > 2 && nom(3)(debut, suite); });
    var niveaux = new Set(sens.map(function (s) { return s[1].n; }).filter(Boolean)), lus = [];
    noms.forEach(function (trouves) { lus.push(lexique.lieu(trouves, niveaux)); });
    if (!lus.length && niveaux.size) {
      var siens = Array.from(this.parId.values()).filter(function (t) { return niveaux.has(t.niveau); });
      if (siens.length === 1) lus.push({ candidats: [siens[0].id], autres: [] });
    }
    var reste = libres.filter(function (m) { return m !== null; }), dans = !sens.some(function (s) { return s[1].i; });
    var ranges = this.rangs(ids, sens, reste);
    return {
      indicateurs: ranges, lieux: lieux.concat(lus), annee: annees.length ? +annees[annees.length - 1] : null,
      evolution: sens.some(function (s) { return s[1].e; }), comparaison: sens.some(function (s) { return s[1].c; }) || lus.length > 1,
      absents: sens.map(function (s) { return s[1].a; }).filter(Boolean), reste: ranges.length && dans ? [] : reste
    };
  };

  Lexique.prototype.rangs = function (ids, sens, reste) {
    var notes = new Map(ids.map(function (i) { return [i, 1000]; }));
    sens.forEach(function (s) {
      (s[1].i || []).forEach(function (i, place) { notes.set(i, (notes.get(i) || 0) + 10 * s[0] - place); });
    });
    reste = Array.from(new Set(reste));
    var absents = sens.some(function (s) { return s[1].a; }), seuls = reste.length && !notes.size && !absents;
    this.index.indicateurs.forEach(function (i) {
      var communs = reste.filter(function (m) { return i.mots.indexOf(m) >= 0; }).length;
      if (notes.has(i.rang)) notes.set(i.rang, notes.get(i.rang) + communs);
      else if (seuls && reste.every(function (m) { return i.mots.indexOf(m) >= 0; })) notes.set(i.rang, communs);
    });
    return Array.from(notes.keys()).sort(function (a, b) { return notes.get(b) - notes.get(a) || a - b; });
  };

  // ---- Answers: printed as the release prints them, with their bounds; last, what is not there and why.
  function script(t) {
    return t.niveau === "commune" ? "donnees/" + t.departement + ".js" : "donnees/territoires.js";
  }

  function chiffre(t, indicateur_id) {
    var lu = window.CTG_DONNEES[t.niveau === "commune" ? t.departement : "territoires"];
    var place = lu.indicateurs.indexOf(indicateur_id), sien = t.niveau === "commune" ? lu.communes[t.code] : lu.territoires[t.id];
    var c = sien && sien.chiffres.filter(function (c) { return c[0] === place; })[0];
    if (!c) return null;
    var statut = lu.statuts[c[3] || 0], montre = ["observe", "arrondi", "partiel"].indexOf(statut) >= 0, e = c[5];
    return {
      annee: c[1], texte: c[2], statut: statut, montre: montre, bornes: montre ? c[4] : null, motif: montre ? null : lu.motifs[c[4]],
      evolution: e && { debut: e[0], texte: e[2], motif: e[2] === null ? lu.motifs[e[3]] : null, depuis: e[1] }
    };
  }

  function avecUnite(texte, unite) {
    if (!unite[1] || !/^[−+\d\s,]+$/.test(texte)) return texte;
    return texte + "\u00a0" + (Math.abs(parseFloat(texte.replace(/[−+\s]/g, "").replace(",", "."))) < 2 ? unite[0] : unite[1]);
  }

  // What a commune is set beside: its EPCI, then wider.
  function autour(lexique, t) {
    return [t.epci && "epci:" + t.epci, t.niveau !== "departement" && t.departement && "departement:" + t.departement, t.niveau !== "region" && t.region && "region:" + t.region, "france:FR"]
      .filter(function (id) { return id && id !== t.id && lexique.parId.has(id); }).map(function (id) { return lexique.parId.get(id); });
  }

  function reponse(lexique, i, t, demande) {
    var c = chiffre(t, i.id), page = t.page ? t.page + (t.niveau === "commune" || t.page.indexOf("#") >= 0 ? "" : "#" + i.theme) : i.page;
    var r = { genre: "Réponse", montre: !!c && c.montre, page: page, precision: [i.nom + ", " + t.nom, t.niveau === "commune" && t.precision, i.univers, i.source && (/ ; /.test(i.source) ? "sources\u00a0: " : "source\u00a0: ") + i.source].filter(Boolean).join(" · ") };
    if (!r.montre) {
      r.genre = "Pas de chiffre";
      r.nom = i.nom + ", " + t.nom;
      var pourquoi = c ? lexique.index.statuts[c.statut] + (c.motif ? "\u00a0: " + c.motif : "") : i.motif || "non disponible pour ce territoire\u00a0; l'indicateur est donné pour\u00a0: " + i.niveaux.join(", ");
      r.precision = pourquoi + ".";
      return r;
    }
    if (c.statut === "partiel") r.precision += " · " + lexique.index.statuts.partiel;
    r.nom = avecUnite(c.texte, i.unite) + " en " + c.annee + (c.bornes ? " (" + c.bornes + ")" : "");
    if (demande.annee && demande.annee !== c.annee && !demande.evolution) r.suite = "Dernière année\u00a0; les autres sont sur la page de l'indicateur.";
    if (demande.evolution && c.evolution) {
      r.suite = c.evolution.texte === null ? "Pas d'évolution depuis " + c.evolution.debut + "\u00a0: " + c.evolution.motif + "." : "Évolution depuis " + c.evolution.debut + " (" + c.evolution.depuis + ")\u00a0: " + c.evolution.texte + ".";
    } else if (demande.evolution) r.suite = "Son évolution est sur sa page, là où elle se dit.";
    return r;
  }

  function repondre(lexique, demande) {
    var lieux = [];
    demande.lieux.forEach(function (l) {
      var tous = l.candidats.map(function (id) { return lexique.parId.get(id); });
      // Communes of one name are each answered for; an EPCI is meant before its conventions.
      lieux = lieux.concat(tous.slice(0, tous[1] && tous[1].niveau === "commune" ? 4 : 1));
    });
    if (!lieux.length && demande.indicateurs.length && lexique.parId.has(lexique.index.perimetre)) lieux = [lexique.parId.get(lexique.index.perimetre)];
    if (!lieux.length || !demande.indicateurs.length) return Promise.resolve([]);
    if (demande.comparaison && lieux.length === 1) lieux = lieux.concat(autour(lexique, lieux[0]));
    var ids = demande.indicateurs.slice(0, lieux.length > 1 || demande.comparaison ? 1 : 3);
    return Promise.all(lieux.map(function (t) { return charger(script(t)); })).then(function () {
      var toutes = [];
      ids.forEach(function (i) { lieux.forEach(function (t) { toutes.push(reponse(lexique, lexique.index.indicateurs[i], t, demande)); }); });
      toutes.forEach(function (r, rang) { r.rang = rang; });
      return toutes.filter(function (r) { return r.montre; }).concat(toutes.filter(function (r) { return !r.montre; }));
    });
  }

  // ---- Pages: every word asked for begins a word of the entry, or its code; whole names and codes first.
  function entrees(lexique) {
    if (lexique.entrees) return lexique.entrees;
    var niveaux = lexique.index.niveaux, toutes = [];
    lexique.parId.forEach(function (t) {
      if (t.page) toutes.push({ genre: niveaux[t.niveau], nom: t.nom, code: t.code, precision: t.precision || "", page: t.page, cherche: t.cherche, aussi: plat(t.precision || "") + " " + t.cherche.replace(/\bsaint(e?)\b/g, "st$1"), id: t.id, note: 5 });
    });
    lexique.index.indicateurs.forEach(function (i) {
      toutes.push({ genre: "Indicateur", nom: i.nom, code: i.id, precision: i.motif ? "non disponible\u00a0: " + i.motif : "", page: i.page, cherche: plat(i.nom), aussi: plat(i.dit), id: i.id, note: i.motif ? -200 : 5 });
    });
    lexique.index.autres.forEach(function (a) {
      toutes.push({ genre: a[0], nom: a[1], code: a[2], precision: a[3], page: a[4], cherche: plat(a[1]), aussi: plat(a[3]), note: 0 });
    });
    toutes.forEach(function (e) { e.plat = plat(e.code); });
    return (lexique.entrees = toutes);
  }

  function trouver(lexique, demande, phrase) {
    var mots = plat(phrase).split(" ").filter(Boolean), entier = mots.join(" "), trouvees = [], dits = new Map();
    demande.lieux.forEach(function (l) { l.candidats.concat(l.autres).forEach(function (id) { dits.set(id, 150 - dits.size); }); });
    demande.indicateurs.forEach(function (i, place) { dits.set(lexique.index.indicateurs[i].id, 60 - place); });
    entrees(lexique).forEach(function (e, place) {
      var note = e.note, tous = mots.every(function (m) {
        if (e.plat === m) note += 50;
        else if ((" " + e.cherche).indexOf(" " + m) >= 0) note += 10;
        else if ((" " + e.plat).indexOf(" " + m) >= 0) note += 8;
        else if ((" " + e.aussi).indexOf(" " + m) >= 0) note += 2;
        else return false;
        return true;
      });
      if (!tous && !dits.has(e.id)) return;
      note += dits.get(e.id) || 0;
      if (e.cherche === entier) note += 100;
      else if (e.cherche.indexOf(entier) === 0) note += 30;
      trouvees.push({ note: note - Math.min(e.nom.length, 90) / 100, place: place, e: e });
    });
    return trouvees.sort(function (a, b) { return b.note - a.note || a.place - b.place; }).map(function (t) { return t.e; });
  }

  // ---- The field.
  function element(nom, classe, texte) {
    var e = document.createElement(nom);
    if (classe) e.className = classe;
    if (texte) e.textContent = texte;
    return e;
  }

  function ligne(r) {
    var li = element("li", r.montre ? "reponse" : r.montre === false ? "refus" : ""), a = element("a"), dit = element("span", "dit");
    a.href = racine + r.page;
    dit.append(element("span", "nom", r.nom), element("span", "precision", [r.precision, r.code].filter(Boolean).join(" · ")));
    if (r.suite) dit.append(element("span", "suite", r.suite));
    a.append(element("span", "genre", r.genre), dit);
    li.append(a);
    return li;
  }

  function compter(n, un, plusieurs) {
    return n ? n + " " + (n > 1 ? plusieurs : un) : "";
  }

  // Told aloud: the answer; seen: why there is none, then how many there are.
  function dire(compte, absents, reponses, pages, vues) {
    var premiere = reponses.filter(function (r) { return r.montre; })[0], demandee = reponses.filter(function (r) { return r.rang === 0; })[0];
    var nombre = [compter(reponses.length, "réponse", "réponses"), compter(pages, "page", "pages")].filter(Boolean).join(", ");
    compte.textContent = "";
    if (demandee && !demandee.montre) absents = absents.concat(demandee.nom + ", pas de chiffre\u00a0: " + demandee.precision + (premiere ? " À défaut\u00a0:" : ""));
    if (premiere) compte.append(element("span", "hors-vue", premiere.nom + ", " + premiere.precision.split(" · ")[0] + ". "));
    compte.append(absents.concat(nombre ? nombre + (pages > vues ? " dont les " + vues + " premières" : "") + "." : []).join(" "));
    if (!nombre && !absents.length) compte.textContent = "Aucune réponse\u00a0: essayer un autre mot, ou un code.";
  }

  function installerLeClavier(forme, champ, liste, montrer) {
    forme.addEventListener("keydown", function (e) {
      var liens = [].slice.call(liste.querySelectorAll("a")), place = liens.indexOf(document.activeElement);
      if (e.key === "ArrowDown" && liens.length) { e.preventDefault(); liens[Math.min(place + 1, liens.length - 1)].focus(); }
      else if (e.key === "ArrowUp" && place >= 0) { e.preventDefault(); (place ? liens[place - 1] : champ).focus(); }
      else if (e.key === "Escape") { champ.value = ""; montrer(); champ.focus(); }
    });
  }

  function installer(forme) {
    var champ = forme.querySelector("input"), trouve = element("div", "trouve"), compte = element("p", "compte"), liste = element("ul", "resultats"), lexique = null, tour = 0;
    champ.autocomplete = "off";
    champ.spellcheck = false;
    compte.setAttribute("role", "status");
    liste.setAttribute("aria-label", "Réponses");
    trouve.append(compte, liste);
    forme.append(trouve);

    function preparer() {
      return Promise.all([charger("ressources/recherche-index.js"), charger("ressources/recherche-communes.js")]).then(function () {
        window.CTG_LEXIQUE = lexique = window.CTG_LEXIQUE || new Lexique(window.CTG_INDEX, window.CTG_COMMUNES);
      });
    }

    function montrer() {
      var phrase = champ.value.trim(), ce = ++tour;
      forme.classList.toggle("ouverte", !!phrase);
      if (!phrase) { liste.textContent = ""; compte.textContent = ""; return Promise.resolve(); }
      return preparer().then(function () {
        var demande = lexique.lire(phrase);
        return repondre(lexique, demande).then(function (reponses) {
          // What was typed meanwhile is answered by its own turn.
          if (ce !== tour) return;
          var pages = trouver(lexique, demande, phrase), vues = pages.slice(0, Math.max(4, 12 - reponses.length));
          var absents = demande.absents.map(function (a) { return "Pas dans l'observatoire\u00a0: " + a + "."; });
          liste.textContent = "";
          reponses.concat(vues).forEach(function (r) { liste.append(ligne(r)); });
          dire(compte, absents, reponses, pages.length, vues.length);
        });
      }).catch(function (erreur) {
        if (ce === tour) compte.textContent = "La recherche ne se charge pas (" + erreur.message + ")\u00a0: voir les listes de territoires et d'indicateurs.";
      });
    }

    // Ahead of the first word; a failure is told to who asks.
    champ.addEventListener("focus", function () { preparer().catch(function () {}); }, { once: true });
    champ.addEventListener("input", montrer);
    forme.addEventListener("submit", function (e) {
      e.preventDefault();
      montrer().then(function () {
        var premier = liste.querySelector("a");
        if (premier) premier.click();
      });
    });
    installerLeClavier(forme, champ, liste, montrer);
    if (champ.value) montrer();
  }

  [].forEach.call(document.querySelectorAll(".recherche"), installer);
})();
