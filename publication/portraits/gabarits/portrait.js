// Helps to quote a figure, and spares the keyboard a stop at regions that do not scroll. The page is read without it.
(() => {
  "use strict";
  const donnees = document.getElementById("index-chiffres");
  // What all pages of a site share is in a file beside them.
  const index = donnees ? { ...window.CHIFFRES, ...JSON.parse(donnees.textContent) } : null;

  const regions = new ResizeObserver((vues) => {
    for (const { target } of vues) {
      const deborde = target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1;
      if (deborde) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll(".defile").forEach((r) => regions.observe(r));

  if (!index) return;

  // A page of a site numbers its series and its territories.
  const territoires = Object.keys(index.territoires);
  const entiere = (dite) => {
    if (!index.series) return dite;
    const [serie, territoire] = dite.split(".");
    return index.series[serie].replace("|", `|${territoires[territoire]}|`);
  };

  // What a cell says of its figure. In the table of a chart, `data-v` is its number, not rounded, and `data-p` its
  // interval where another column has it.
  const lue = (cellule) => {
    const copie = cellule.cloneNode(true);
    copie.querySelectorAll("small, .cache, [aria-hidden]").forEach((n) => n.remove());
    const texte = copie.textContent.trim();
    if (!cellule.dataset.chiffre) return { texte };
    const reference = entiere(cellule.dataset.chiffre);
    const [indicateur, territoire, millesime] = reference.split("|");
    const statut = index.statuts[cellule.dataset.statut || "observe"];
    const precision = (cellule.dataset.p
      || cellule.querySelector("small")?.textContent
      || cellule.querySelector(".approche")?.title
      || cellule.querySelector("abbr")?.title.slice(statut.length + 2)
      || "").replace(/\.$/, "");
    const valeur = cellule.dataset.v || (cellule.querySelector("abbr") ? texte : "");
    const arrondie = cellule.dataset.v && !texte.replace(/\s/g, "").replace("−", "-").startsWith(valeur);
    const mots = [arrondie && `valeur ${valeur}`, statut, precision].filter(Boolean).join(", ");
    return {
      texte, valeur, indicateur, territoire, millesime, statut, precision,
      libelle: index.indicateurs[indicateur],
      unite: index.unites[indicateur],
      source: index.autres[reference] || index.sources[`${indicateur}|${millesime}`],
      dite: `${texte} (${mots})`,
    };
  };

  const citation = (cellule) => {
    const c = lue(cellule);
    return `${c.libelle}\u00a0: ${c.dite}, ${index.territoires[c.territoire]}, ${c.millesime}. `
      + `Source\u00a0: ${c.source}. Observatoire CTG, ${index.edition}, ${c.indicateur}, ${c.territoire}`
      + (index.demonstration ? `. ${index.demonstration}.` : ".");
  };

  const dialogue = document.createElement("dialog");
  dialogue.className = "citer";
  const zone = Object.assign(document.createElement("textarea"), { readOnly: true, rows: 6 });
  zone.setAttribute("aria-label", "À copier");
  const copier = Object.assign(document.createElement("button"), { type: "button", textContent: "Copier" });
  const fermer = Object.assign(document.createElement("button"), { type: "button", textContent: "Fermer" });
  const dit = document.createElement("p");
  dit.setAttribute("role", "status");
  dialogue.append(zone, copier, fermer, dit);
  (document.querySelector("main") || document.body).append(dialogue);
  copier.addEventListener("click", async () => {
    zone.select();
    try {
      await navigator.clipboard.writeText(zone.value);
    } catch {
      document.execCommand("copy");
    }
    dit.textContent = "Copié.";
  });
  fermer.addEventListener("click", () => dialogue.close());

  const dire = (quoi, texte) => {
    dialogue.setAttribute("aria-label", quoi);
    zone.value = texte;
    dit.textContent = "";
    dialogue.showModal();
    zone.select();
  };
  const citer = (cellule) => dire("Citer ce chiffre", citation(cellule));
  window.PORTRAIT = { index, entiere, lue, dire };

  // Thousands of figures are no thousands of stops: they take the focus once it is asked for.
  const cellules = document.querySelectorAll("[data-chiffre]");
  if (!cellules.length) return;
  const bouton = Object.assign(document.createElement("button"), {
    type: "button",
    className: "mode-citer",
    textContent: "Citer un chiffre de la page",
  });
  bouton.setAttribute("aria-pressed", "false");
  bouton.addEventListener("click", () => {
    const actif = bouton.getAttribute("aria-pressed") === "false";
    bouton.setAttribute("aria-pressed", String(actif));
    document.body.classList.toggle("citation", actif);
    cellules.forEach((c) => (actif ? (c.tabIndex = 0) : c.removeAttribute("tabindex")));
  });
  document.querySelector("#citer h2")?.after(bouton);
  document.addEventListener("click", (e) => {
    const cellule = e.target.closest("[data-chiffre]");
    if (cellule && !String(getSelection())) citer(cellule);
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && e.target.matches?.("[data-chiffre]")) {
      e.preventDefault();
      citer(e.target);
    }
  });
})();
