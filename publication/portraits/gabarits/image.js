// A chart or a map as a picture that says by itself what it shows, of whom, from whom; the menu that takes it away.
window.CTG_IMAGE = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";

  const enregistrer = (contenu, nom) => {
    const url = URL.createObjectURL(contenu);
    Object.assign(document.createElement("a"), { href: url, download: nom }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };

  // `dits`: a title, what it is of, and the lines under the drawing.
  const composer = (original, { titre, sous, pieds }) => {
    const dessin = original.cloneNode(true);
    dessin.querySelectorAll(".visee, defs > path[id]").forEach((n) => n.remove());
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
    ecrire(titre, 15, "bold");
    ecrire(sous, 12);
    y += 10;
    for (const [nom, valeur] of Object.entries({ x: marge, y, width: large, height: haut })) dessin.setAttribute(nom, valeur);
    boite.append(dessin);
    y += haut + 4;
    for (const pied of pieds) ecrire(pied, 10);
    y += marge;
    fond.setAttribute("height", y);
    for (const [nom, valeur] of Object.entries({ width: large + 2 * marge, height: y, viewBox: `0 0 ${large + 2 * marge} ${y}` })) boite.setAttribute(nom, valeur);
    return { source: new XMLSerializer().serializeToString(boite), large: large + 2 * marge, haut: y };
  };

  const svg = (dessin, dits, nom) => enregistrer(new Blob([composer(dessin, dits).source], { type: "image/svg+xml" }), `${nom}.svg`);
  const png = (dessin, dits, nom) => {
    const { source, large, haut } = composer(dessin, dits), fois = 3;
    const vue = new Image();
    vue.onload = () => {
      const toile = Object.assign(document.createElement("canvas"), { width: large * fois, height: haut * fois });
      toile.getContext("2d").drawImage(vue, 0, 0, toile.width, toile.height);
      toile.toBlob((fait) => enregistrer(fait, `${nom}.png`));
    };
    vue.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  };

  const menu = (titre, boutons, ...liens) => {
    const plie = document.createElement("details");
    plie.className = "emporter";
    plie.innerHTML = '<summary>Emporter<span class="cache hors-vue"></span></summary><ul></ul>';
    plie.querySelector("span").textContent = `\u00a0: ${titre}`;
    for (const [libelle, faire] of boutons) {
      const bouton = Object.assign(document.createElement("button"), { type: "button", textContent: libelle });
      bouton.addEventListener("click", faire);
      liens.push(bouton);
    }
    for (const lien of liens) plie.lastElementChild.appendChild(document.createElement("li")).append(lien);
    return plie;
  };

  return { enregistrer, svg, png, menu };
})();
