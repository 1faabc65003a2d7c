// The map of the home page: names under the pointer and the keyboard, arrows from a shape to its neighbour. Without it, shapes are links for the pointer, and the list beside it has them all.
(function () {
  "use strict";
  var svg = document.querySelector(".carte-a-choisir svg"), dite = document.querySelector(".designe");
  if (!svg) return;
  var liens = [].slice.call(svg.querySelectorAll("a")), invite = dite.textContent, milieux = null;

  function milieu(lien) {
    var b = lien.getBBox();
    return { lien: lien, x: b.x + b.width / 2, y: b.y + b.height / 2 };
  }

  // The nearest shape of the quarter that the arrow points to.
  function voisin(depuis, dx, dy) {
    milieux = milieux || liens.map(milieu);
    var la = milieu(depuis), mieux = null, loin = Infinity;
    milieux.forEach(function (m) {
      var avance = (m.x - la.x) * dx + (m.y - la.y) * dy, cote = Math.abs((m.x - la.x) * dy) + Math.abs((m.y - la.y) * dx);
      if (avance > 0 && cote <= avance && avance + cote < loin) { mieux = m.lien; loin = avance + cote; }
    });
    return mieux;
  }

  function designer(e) {
    var lien = e.target.closest && e.target.closest("a");
    dite.textContent = lien ? lien.getAttribute("aria-label") + "." : invite;
  }

  svg.addEventListener("pointerover", designer);
  svg.addEventListener("pointerleave", function () { dite.textContent = invite; });
  svg.addEventListener("focusin", function (e) {
    designer(e);
    liens.forEach(function (lien) { lien.setAttribute("tabindex", lien === e.target ? "0" : "-1"); });
  });
  svg.addEventListener("keydown", function (e) {
    var pas = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[e.key];
    var lien = pas && e.target.closest("a") && voisin(e.target.closest("a"), pas[0], pas[1]);
    if (pas) e.preventDefault();
    if (lien) lien.focus();
  });
})();
