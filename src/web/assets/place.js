// Place is kept: what is unfolded and which hit is chosen, when one goes back or reloads; and a list of
// filters, where it stood when a value of it was chosen.
"use strict";

(() => {
  const here = `imr-place:${location.pathname}${location.search}`;
  const state = () => JSON.parse(sessionStorage.getItem(here) || "{}");
  const note = (more) => sessionStorage.setItem(here, JSON.stringify({ ...state(), ...more }));

  const folds = [...document.querySelectorAll("main details:not(.menu)")];
  const { folded } = state();
  if (Array.isArray(folded) && folded.length === folds.length) {
    folds.forEach((fold, n) => {
      fold.open = folded[n];
    });
  }
  const remember = () => note({ folded: folds.map((fold) => fold.open) });
  // Not what the page itself unfolds while it is read.
  addEventListener("load", () => {
    for (const fold of folds) fold.addEventListener("toggle", remember);
  });

  const hits = [...document.querySelectorAll(".results .hit")];
  hits.forEach((hit, n) => {
    hit.addEventListener("click", (event) => {
      if (event.target.closest("a")) note({ hit: n });
    });
  });
  const { hit } = state();
  if (Number.isInteger(hit) && hits[hit]) hits[hit].classList.add("at");

  // A value was chosen: its list stays where it stood, unfolded as it was.
  const key = "imr-panel";
  const panel = document.querySelector(".panel");
  if (!panel) return;
  const titles = () => [...panel.querySelectorAll("details[data-of]")];
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a.value, a.not, a.more");
    const facet = link && link.closest(".facet");
    if (!facet) return;
    const open = titles().filter((fold) => fold.open).map((fold) => fold.dataset.of);
    const place = { id: facet.querySelector("h3").id, top: facet.getBoundingClientRect().top, open };
    sessionStorage.setItem(key, JSON.stringify(place));
  });
  const kept = sessionStorage.getItem(key);
  if (!kept) return;
  sessionStorage.removeItem(key);
  const { id, top, open } = JSON.parse(kept);
  for (const fold of titles()) {
    if (open.includes(fold.dataset.of)) fold.open = true;
  }
  const facet = document.getElementById(id);
  if (!facet || !facet.offsetParent) return;
  const settle = () => {
    const now = facet.closest(".facet").getBoundingClientRect().top;
    const drawer = getComputedStyle(panel).position === "fixed" ? panel : window;
    drawer.scrollBy({ top: now - top, behavior: "instant" });
  };
  // After the browser has gone to the address's own target.
  settle();
  window.addEventListener("load", () => requestAnimationFrame(settle), { once: true });
})();
