// What portraits and pages of the site share: what is folded opens to a link and on paper, maps are read commune by commune.
(() => {
  "use strict";

  // A printed page shows every table.
  addEventListener("beforeprint", () => {
    for (const d of document.querySelectorAll("details:not(.citations, .emporter):not([open])")) {
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
    if (!cible || !cible.closest("details:not([open])")) return;
    for (let d = cible.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    cible.scrollIntoView();
  };
  addEventListener("hashchange", deplier);
  deplier();
  // Contents that lie over the page are folded again once they have led somewhere.
  for (const a of document.querySelectorAll("nav .pli a")) a.addEventListener("click", () => (a.closest("details").open = false));

  // A map is one stop of the keyboard: a list of its communes, which the pointer moves too.
  const sonder = (carte) => {
    const zones = [...carte.querySelectorAll("g > :has(> title)")];
    const dite = (zone) => zone.firstElementChild.textContent;
    zones.sort((a, b) => dite(a).localeCompare(dite(b), "fr"));
    const choix = document.createElement("select");
    choix.className = "sonde";
    choix.setAttribute("aria-label", "Une commune de la carte");
    choix.append(new Option("Une commune…", ""), ...zones.map((zone, rang) => new Option(dite(zone), rang)));
    const bulle = Object.assign(document.createElement("span"), { className: "bulle", hidden: true });
    bulle.setAttribute("aria-hidden", "true");
    const cadre = carte.parentElement;
    cadre.append(bulle);
    (cadre.matches("figure") ? carte : cadre).after(choix);
    let trait;
    const viser = (zone) => {
      trait?.remove();
      bulle.hidden = !zone;
      if (!zone) return;
      // A copy over all others: their borders would cover its own.
      trait = zone.cloneNode();
      trait.setAttribute("class", "visee");
      zone.parentNode.append(trait);
      bulle.textContent = dite(zone);
      const ici = zone.getBoundingClientRect(), la = cadre.getBoundingClientRect();
      const x = (ici.left + ici.right - bulle.offsetWidth) / 2 - la.left;
      const y = ici.top - la.top - bulle.offsetHeight - 6;
      bulle.style.left = `${Math.max(0, Math.min(x, la.width - bulle.offsetWidth)) + cadre.scrollLeft}px`;
      bulle.style.top = `${y < 0 ? ici.bottom - la.top + 6 : y}px`;
    };
    choix.addEventListener("change", () => viser(zones[choix.value]));
    choix.addEventListener("focus", () => viser(zones[choix.value]));
    choix.addEventListener("blur", () => viser());
    choix.addEventListener("keydown", (e) => e.key === "Escape" && viser());
    carte.addEventListener("pointerover", (e) => {
      const rang = zones.indexOf(e.target);
      if (rang < 0) return;
      choix.value = rang;
      viser(zones[rang]);
    });
    carte.addEventListener("pointerleave", (e) => e.pointerType === "mouse" && viser());
  };
  for (const carte of document.querySelectorAll("figure svg:has(g > * > title)")) sonder(carte);
})();
