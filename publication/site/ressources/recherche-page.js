// The search of every page: a sentence is read as publication/lecture reads it, and answered with the figures of the release. What it reads is loaded when the field is first used. Without JavaScript the field is hidden, and lists are there.
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

  // ---- Reading: Lexique, Demande and Lieu of vocabulaire.py, Nom and Noms of noms.py, under the same names.
  var ABREGES = { saint: "st", sainte: "ste" }, DITS_EN_PARTIE = ["epci", "ctg"];

  function singulier(mot) { return mot.length > 3 && /[sx]$/.test(mot) ? mot.slice(0, -1) : mot; }

  function Lexique(index, communes, noms) {
    var lexique = this;
    this.index = index;
    this.vides = new Set(index.vides.split(" "));
    this.niveaux = Object.keys(index.niveaux);
    this.parId = new Map();
    this.indicateurs = new Map();
    this.expressions = new Map();
    this.communs = new Set();
    this.parCle = new Map();
    this.parMot = new Map();
    Object.keys(index.expressions).forEach(function (dite) { lexique.expressions.set(dite, index.expressions[dite]); });
    index.indicateurs.forEach(function (i, rang) {
      i.rang = rang;
      i.mots = lexique.mots(i.nom).map(singulier);
      i.mots.forEach(function (m) { lexique.communs.add(m); });
      lexique.indicateurs.set(i.id, rang);
      lexique.expressions.set(i.mots.join(" "), { i: [rang] });
    });
    index.territoires.forEach(function (t, place) {
      // The list says how one that has no page is printed.
      lexique.nommer({ id: t[0] + ":" + t[2], niveau: t[0], nom: t[1], code: t[2], page: t[3] || index.liste + "#n-" + t[0], sansPage: !t[3], departement: t[4], region: t[5], population: t[6], place: place, ici: true });
    });
    Object.keys(communes.departements).forEach(function (departement) {
      var la = communes.departements[departement];
      la.communes.forEach(function (c) {
        var epci = lexique.parId.get("epci:" + la.epci[c[2]]);
        lexique.nommer({
          id: "commune:" + c[1], niveau: "commune", nom: c[0], code: c[1], departement: departement, region: la.region, epci: la.epci[c[2]], population: c[3], ici: true,
          page: communes.page.replace("CODE", c[1]).replace("DEPARTEMENT", departement), precision: epci ? epci.nom : ""
        });
      });
    });
    this.nommerDehors(noms);
  }

  Lexique.prototype.nommerDehors = function (noms) {
    var lexique = this, dehors = new Map();
    function nommer(t) {
      dehors.set(t.id, t);
      lexique.nommer(t);
    }
    noms.communes.split("\n").filter(Boolean).forEach(function (ligne) {
      var bouts = ligne.match(/^(\S+) (.*) (\d*)$/);
      nommer({ id: "commune:" + bouts[1], niveau: "commune", nom: bouts[2], code: bouts[1], population: bouts[3] === "" ? null : +bouts[3] });
    });
    noms.territoires.forEach(function (t) { nommer({ id: t[0] + ":" + t[2], niveau: t[0], nom: t[1], code: t[2], population: t[3] }); });
    noms.autres.forEach(function (n) {
      var t = lexique.parId.get(n[3]) || dehors.get(n[3]);
      if (t) lexique.ranger({ t: t, cle: lexique.mots(n[1]), code: n[2], nom: n[1], propre: false, entier: true });
    });
    this.postaux = !!noms.postaux;
    noms.postaux.split("\n").filter(Boolean).forEach(function (ligne) {
      var codes = ligne.split(" "), postal = codes.shift();
      codes.forEach(function (c) {
        var id = "commune:" + (c.length < 5 ? postal.slice(0, 2) + c : c), t = lexique.parId.get(id) || dehors.get(id);
        if (t) lexique.ranger({ t: t, cle: [postal], code: postal, nom: t.nom, propre: false, entier: true, postal: true });
      });
    });
  };

  Lexique.prototype.mots = function (texte) {
    var vides = this.vides, tous = plat(texte).split(" ").filter(Boolean), gardes = tous.filter(function (m) { return !vides.has(m); });
    return (gardes.length ? gardes : tous).map(function (m) { return ABREGES[m] || m; });
  };

  Lexique.prototype.nommer = function (t) {
    var dites = this.index.expressions, cle = this.mots(t.nom), courte = cle;
    if (DITS_EN_PARTIE.indexOf(t.niveau) >= 0) courte = cle.filter(function (m) { return !(dites[singulier(m)] && dites[singulier(m)].n); });
    t.cherche = plat(t.nom);
    if (t.ici) this.parId.set(t.id, t);
    this.ranger({ t: t, cle: cle, code: t.code, nom: t.nom, propre: true, entier: true });
    if (courte.length && courte.length < cle.length) this.ranger({ t: t, cle: courte, code: t.code, nom: t.nom, propre: true, entier: false });
    if (t.ici || DITS_EN_PARTIE.indexOf(t.niveau) >= 0) new Set(cle).forEach(function (m) { ajouter(this.parMot, m, { t: t, cle: courte.length ? courte : cle, nom: t.nom }); }, this);
  };

  Lexique.prototype.ranger = function (nom) {
    var cle = nom.cle.join(" "), code = nom.code.toLowerCase();
    ajouter(this.parCle, cle, nom);
    if (nom.entier && code !== cle && (!nom.propre || this.index.codes.indexOf(nom.t.niveau) >= 0)) ajouter(this.parCle, code, nom);
  };

  function ajouter(carte, cle, valeur) {
    if (!carte.has(cle)) carte.set(cle, []);
    carte.get(cle).push(valeur);
  }

  function rang(nom, dit) {
    var sansNiveau = nom.cle.join(" ") === dit ? !nom.entier : nom.t.niveau === "region";
    return sansNiveau || !nom.propre ? 1 : 0;
  }

  // The most populous first, then as the release lists them.
  Lexique.prototype.parPopulation = function (a, b) {
    var p = a.t.population, q = b.t.population, niveaux = this.niveaux;
    if (p !== q) return (q == null ? -1 : q) - (p == null ? -1 : p);
    if (a.t.niveau !== b.t.niveau) return niveaux.indexOf(a.t.niveau) - niveaux.indexOf(b.t.niveau);
    if (a.t.ici && b.t.ici && a.t.place !== b.t.place) return a.t.place - b.t.place;
    return a.t.id < b.t.id ? -1 : a.t.id > b.t.id ? 1 : a.code < b.code ? -1 : 1;
  };

  function ids(noms) { return Array.from(new Set(noms.map(function (n) { return n.t.id; }))); }

  function dits(noms) {
    return Array.from(new Set(noms.map(function (n) {
      return n.t.niveau === "commune" ? n.nom + " (" + n.t.code.slice(0, n.t.code.indexOf("97") ? 2 : 3) + ")" : n.nom;
    })));
  }

  function estPostal(nom) { return !!nom.postal; }

  function parCodePostal(dit, noms) {
    noms = noms.filter(estPostal).concat(noms.filter(function (n) { return !n.postal; }));
    var ici = ids(noms.filter(function (n) { return n.t.ici; })), dehors = noms.filter(function (n) { return !n.t.ici; });
    var unSens = ids(noms).length === 1 || noms.every(estPostal);
    return unSens && !dehors.length ? { dit: dit, candidats: ici, autres: [], dehors: [] } : { dit: dit, candidats: [], autres: ici, dehors: dits(dehors) };
  }

  // Whose postal code it is, and whose code of Insee.
  Lexique.prototype.postalDit = function (code) {
    var noms = this.parCle.get(code) || [], postaux = noms.filter(estPostal), insee = noms.filter(function (n) { return !n.postal && n.code === code; });
    insee.sort(function (a, b) { return b.propre - a.propre; });
    return postaux.length ? code + " est le code postal de " + (postaux.length > 1 ? postaux.length + " communes" : postaux[0].nom) + (insee.length ? " et le code Insee de " + insee[0].nom : "") + "." : "";
  };

  Lexique.prototype.entier = function (mots, niveaux) {
    var dit = mots.join(" "), lexique = this, noms = (this.parCle.get(dit) || []).slice();
    noms.sort(function (a, b) { return lexique.parPopulation(a, b); });
    if (noms.some(estPostal)) return parCodePostal(dit, noms);
    var gardes = noms.filter(function (n) { return n.propre && niveaux.has(n.t.niveau); });
    noms = gardes.length ? gardes : noms;
    if (!noms.length) return null;
    var ici = noms.filter(function (n) { return n.propre && n.t.ici; });
    var mieux = ici.length ? Math.min.apply(null, ici.map(function (n) { return rang(n, dit); })) : 1;
    ici = ici.filter(function (n) { return rang(n, dit) === mieux; });
    var dehors = noms.filter(function (n) { return !n.t.ici && rang(n, dit) <= mieux; });
    var habitants = Math.max.apply(null, [0].concat(ici.map(function (n) { return n.t.population || 0; })));
    if (ici.length && !dehors.some(function (n) { return rang(n, dit) < mieux || (n.t.population || 0) > habitants; })) return { dit: dit, candidats: ids(ici), autres: [], dehors: [] };
    return { dit: dit, candidats: [], autres: ids(ici.concat(noms.filter(function (n) { return n.t.ici; }))), dehors: dits(dehors) };
  };

  Lexique.prototype.enPartie = function (mots, niveaux) {
    var rare = null, lexique = this;
    mots.forEach(function (m) {
      var siens = this.parMot.get(m) || [];
      if (!rare || siens.length < rare.length) rare = siens;
    }, this);
    var noms = rare.filter(function (n) { return mots.every(function (m) { return n.cle.indexOf(m) >= 0; }); });
    noms.sort(function (a, b) { return lexique.parPopulation(a, b); });
    function laissees(n) { return !n.t.ici; }
    var duNiveau = noms.filter(function (n) { return niveaux.has(n.t.niveau) && DITS_EN_PARTIE.indexOf(n.t.niveau) >= 0; });
    if (duNiveau.length) {
      noms = duNiveau;
      if (!noms.some(laissees) && (noms.length === 1 || noms.every(function (n) { return n.t.niveau === "ctg"; }))) return { dit: mots.join(" "), candidats: ids(noms), autres: [], dehors: [] };
    }
    var ici = noms.filter(function (n) { return n.t.ici; }), dehors = dits(duNiveau.filter(laissees));
    return ici.length || dehors.length ? { dit: mots.join(" "), candidats: [], autres: ids(ici), dehors: dehors } : null;
  };

  function ecart(a, b) {
    var avant = Array.from({ length: b.length + 1 }, function (_, j) { return j; });
    for (var i = 1; i <= a.length; i++) {
      var ligne = [i];
      for (var j = 1; j <= b.length; j++) ligne[j] = Math.min(avant[j] + 1, ligne[j - 1] + 1, avant[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      avant = ligne;
    }
    return avant[b.length];
  }

  Lexique.prototype.proche = function (mots) {
    var dit = mots.join(" "), lexique = this, trouves = new Map();
    this.parCle.forEach(function (noms, cle) {
      var ecrits = mots.length === 1 ? [cle].concat(cle.split(" ").filter(function (m) { return m.length > 3; })) : [cle];
      ecrits.forEach(function (ecrit) {
        var plus = dit.length < 4 ? 0 : dit.length < 7 && ecrit[0] !== dit[0] ? 1 : 2;
        if (Math.abs(ecrit.length - dit.length) > plus) return;
        var e = ecart(ecrit, dit);
        if (e <= plus) noms.forEach(function (n) {
          if (n.propre && n.t.ici && n.cle.join(" ") === cle && !(trouves.has(n.t.id) && trouves.get(n.t.id).ecart <= e)) trouves.set(n.t.id, { ecart: e, t: n.t, code: n.code });
        });
      });
    });
    var ranges = Array.from(trouves.values()).sort(function (a, b) { return a.ecart - b.ecart || lexique.parPopulation(a, b); });
    return ranges.length ? { dit: dit, candidats: [], autres: ids(ranges.slice(0, 5)), dehors: [] } : null;
  };

  Lexique.prototype.lire = function (phrase) {
    var lexique = this, nommes = [], lieux = [], sens = [], noms = [];
    var jetons = phrase.split(/\s+/).filter(function (j) {
      if (lexique.parId.has(j)) lieux.push({ dit: j, candidats: [j], autres: [], dehors: [] });
      else if (lexique.indicateurs.has(j)) nommes.push(lexique.indicateurs.get(j));
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
      var lu = lexique.expressions.get(suite.map(singulier).join(" "));
      if (lu) sens.push([suite.length, lu]);
      return lu;
    }
    function nom(nommer) {
      return function (debut, suite) {
        var lu = lexique[nommer](suite, new Set()), commun = suite.length === 1 && (suite[0].length < 3 || lexique.communs.has(singulier(suite[0])));
        if (!lu || (commun && !lu.candidats.length)) return false;
        noms[debut] = [nommer, suite];
        return true;
      };
    }
    for (var n = Math.min(10, libres.length); n > 0; n--) {
      chercher(n, expression);
      chercher(n, nom("entier"));
      chercher(n, nom("enPartie"));
    }
    for (n = 4; n > 0; n--) chercher(n, nom("proche"));
    var niveaux = new Set(sens.map(function (s) { return s[1].n; }).filter(Boolean)), lus = [];
    noms.forEach(function (lu) { lus.push(lexique[lu[0]](lu[1], niveaux)); });
    if (!lus.length && niveaux.size) {
      var siens = Array.from(this.parId.values()).filter(function (t) { return niveaux.has(t.niveau); });
      if (siens.length === 1) lus.push({ dit: "", candidats: [siens[0].id], autres: [], dehors: [] });
    }
    var reste = libres.filter(function (m) { return m !== null; }), ranges = this.rangs(nommes, sens, reste.map(singulier));
    reste = reste.filter(function (m) { return !ranges.some(function (i) { return lexique.index.indicateurs[i].mots.indexOf(singulier(m)) >= 0; }); });
    // France does not answer for « Fort-de-France », nor Die for « Saint-Dié »: a word is not understood.
    if (reste.length || doute({ lieux: lus })) lus = lus.map(function (l) { return { dit: l.dit, candidats: [], autres: l.autres.concat(l.candidats), dehors: l.dehors }; });
    return {
      indicateurs: ranges, lieux: lieux.concat(lus), annee: annees.length ? +annees[annees.length - 1] : null,
      evolution: sens.some(function (s) { return s[1].e; }), comparaison: sens.some(function (s) { return s[1].c; }) || lus.length > 1,
      absents: sens.map(function (s) { return s[1].a; }).filter(Boolean),
      reste: reste
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
    var c = chiffre(t, i.id), page = t.page && !t.sansPage ? t.page + (t.niveau === "commune" || t.page.indexOf("#") >= 0 ? "" : "#" + i.theme) : i.page;
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

  // A place that is not understood is said: neither a wider one nor one of part of its name answers for it.
  function doute(demande) { return demande.lieux.some(function (l) { return !l.candidats.length; }); }

  // Communes of one name, or of one postal code: none of them is opened for the others.
  function plusieurs(lexique, demande) {
    return demande.lieux.some(function (l) { return l.candidats.length > 1 && lexique.parId.get(l.candidats[0]).niveau === "commune"; });
  }

  function propositions(lexique, demande) {
    var i = lexique.index.indicateurs[demande.indicateurs[0]], autres = [];
    demande.lieux.forEach(function (l) { autres = autres.concat(l.autres); });
    return Array.from(new Set(autres)).slice(0, 10).map(function (id) {
      var t = lexique.parId.get(id), page = t.page && t.page + (!i || t.niveau === "commune" || t.page.indexOf("#") >= 0 ? "" : "#" + i.theme);
      return { id: id, genre: "Peut-être", nom: t.nom, code: t.code, precision: [t.precision, t.population && t.population.toLocaleString("fr-FR") + " habitants"].filter(Boolean).join(" · "), page: page };
    }).filter(function (r) { return r.page; });
  }

  function incompris(lexique, demande, phrase) {
    var dits = demande.lieux.filter(function (l) { return !l.candidats.length; }).map(function (l) {
      if (l.dehors.length) return l.dehors.join(", ") + (l.dehors.length > 1 ? " ne sont pas" : " n'est pas") + " dans cette publication, dont le périmètre est\u00a0: " + lexique.index.couvre + ".";
      return lexique.postalDit(l.dit) || "Lieu non reconnu\u00a0: " + l.dit + (l.autres.length ? " — " + lexique.parId.get(l.autres[0]).nom + "\u00a0?" : ".");
    });
    phrase.split(/\s+/).forEach(function (mot) {
      if (!/^\d{5}$/.test(mot)) return;
      var dit = lexique.postalDit(mot), t = lexique.parId.get("commune:" + mot);
      if (dit && dits.indexOf(dit) < 0) dits.push(dit);
      else if (t && !lexique.postaux) dits.push(mot + " est lu comme le code Insee de " + t.nom + "\u00a0; comme code postal, il peut être celui d'autres communes, à demander par leur nom.");
    });
    return (demande.indicateurs.length || dits.length) && demande.reste.length ? dits.concat("Mots non compris\u00a0: " + demande.reste.join(", ") + ".") : dits;
  }

  function repondre(lexique, demande) {
    var lieux = [];
    if (doute(demande)) return Promise.resolve([]);
    demande.lieux.forEach(function (l) {
      var tous = l.candidats.map(function (id) { return lexique.parId.get(id); });
      // Communes of one name are each answered for; of a convention, the newest.
      lieux = lieux.concat(tous.slice(0, tous[1] && tous[1].niveau === "commune" ? 4 : 1));
    });
    if (!lieux.length && demande.indicateurs.length && !demande.reste.length && lexique.parId.has(lexique.index.perimetre)) lieux = [lexique.parId.get(lexique.index.perimetre)];
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
      if (t.page) toutes.push({ genre: niveaux[t.niveau], nom: t.nom, code: t.code, precision: t.sansPage ? "pas de page dans cette publication" : t.precision || "", page: t.page, cherche: t.cherche, aussi: plat(t.precision || "") + " " + t.cherche.replace(/\bsaint(e?)\b/g, "st$1"), id: t.id, note: 5 });
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
    demande.lieux.forEach(function (l) { l.candidats.forEach(function (id) { dits.set(id, 150 - dits.size); }); });
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
    var champ = forme.querySelector("input"), trouve = element("div", "trouve"), compte = element("p", "compte"), liste = element("ul", "resultats"), lexique = null, tour = 0, sure = false;
    champ.autocomplete = "off";
    champ.spellcheck = false;
    compte.setAttribute("role", "status");
    liste.setAttribute("aria-label", "Réponses");
    trouve.append(compte, liste);
    forme.append(trouve);

    function preparer() {
      return Promise.all([charger("ressources/recherche-index.js"), charger("ressources/recherche-communes.js"), charger("ressources/recherche-noms.js")]).then(function () {
        window.CTG_LEXIQUE = lexique = window.CTG_LEXIQUE || new Lexique(window.CTG_INDEX, window.CTG_COMMUNES, window.CTG_NOMS);
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
          var proposees = propositions(lexique, demande), propose = new Set(proposees.map(function (r) { return r.id; }));
          var pages = trouver(lexique, demande, phrase).filter(function (e) { return !propose.has(e.id); }), vues = pages.slice(0, Math.max(4, 12 - reponses.length));
          var absents = demande.absents.map(function (a) { return "Pas dans l'observatoire\u00a0: " + a + "."; }).concat(incompris(lexique, demande, phrase));
          pages = proposees.concat(pages);
          vues = proposees.concat(vues);
          liste.textContent = "";
          reponses.concat(vues).forEach(function (r) { liste.append(ligne(r)); });
          // Enter opens what is named; what may only be meant, it leaves to be chosen.
          var premiere = reponses.concat(vues)[0], lieu = premiere && lexique.parId.has(premiere.id);
          sure = !doute(demande) && !plusieurs(lexique, demande) && (!lieu || demande.lieux.some(function (l) { return l.candidats.indexOf(premiere.id) >= 0; }));
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
        if (premier) premier[sure ? "click" : "focus"]();
      });
    });
    installerLeClavier(forme, champ, liste, montrer);
    if (champ.value) montrer();
  }

  [].forEach.call(document.querySelectorAll(".recherche"), installer);
})();
