// Helps to quote a figure, and spares the keyboard a stop at regions that do not scroll. The page is read without it.
(() => {
  "use strict";
  const donnees = document.getElementById("index-chiffres");
  // What all pages of a site share is in a file beside them.
  const index = donnees ? { ...window.CHIFFRES, ...JSON.parse(donnees.textContent) } : null;

  // A printed page shows every table.
  addEventListener("beforeprint", () => {
    for (const d of document.querySelectorAll("details:not(.citations):not([open])")) {
      d.open = true;
      d.dataset.ouvert = "impression";
    }
  });
  addEventListener("afterprint", () => {
    for (const d of document.querySelectorAll('details[data-ouvert="impression"]')) {
      d.open = false;
      delete d.dataset.ouvert;
    }
  });

  // A link to what is folded unfolds it.
  const deplier = () => {
    const cible = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const replie = cible && cible.closest("details:not([open])");
    if (replie) {
      replie.open = true;
      cible.scrollIntoView();
    }
  };
  addEventListener("hashchange", deplier);
  deplier();

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

  const citation = (cellule) => {
    const reference = entiere(cellule.dataset.chiffre);
    const [indicateur, territoire, millesime] = reference.split("|");
    const source = index.autres[reference] || index.sources[`${indicateur}|${millesime}`];
    const statut = index.statuts[cellule.dataset.statut || "observe"];
    const precision = cellule.querySelector("small")?.textContent
      || cellule.querySelector(".approche")?.title
      || cellule.querySelector("abbr")?.title.slice(statut.length + 2)
      || "";
    const mots = [statut, precision.replace(/\.$/, "")].filter(Boolean);
    const copie = cellule.cloneNode(true);
    copie.querySelectorAll("small, .cache, [aria-hidden]").forEach((n) => n.remove());
    return `${index.indicateurs[indicateur]}\u00a0: ${copie.textContent.trim()} (${mots.join(", ")}), `
      + `${index.territoires[territoire]}, ${millesime}. Source\u00a0: ${source}. `
      + `Observatoire CTG, ${index.edition}, ${reference}`
      + (index.demonstration ? `. ${index.demonstration}.` : ".");
  };

  const dialogue = document.createElement("dialog");
  dialogue.className = "citer";
  dialogue.setAttribute("aria-label", "Citer ce chiffre");
  const zone = Object.assign(document.createElement("textarea"), { readOnly: true, rows: 6 });
  zone.setAttribute("aria-label", "Citation");
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
    dit.textContent = "Citation copiée.";
  });
  fermer.addEventListener("click", () => dialogue.close());

  const citer = (cellule) => {
    zone.value = citation(cellule);
    dit.textContent = "";
    dialogue.showModal();
    zone.select();
  };

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
