// Keys: / to the search box, j and k through the hits, n and p to the next and previous page or letter.
"use strict";

(() => {
  const box = document.getElementById("q");
  const hits = [...document.querySelectorAll(".hit")];
  let at = -1;

  const go = (to) => {
    if (hits.length === 0) return;
    if (at >= 0) hits[at].classList.remove("at");
    at = Math.max(0, Math.min(hits.length - 1, to));
    hits[at].classList.add("at");
    hits[at].querySelector("a.open").focus();
    hits[at].scrollIntoView({ block: "nearest" });
  };

  const follow = (rel) => {
    const link = document.querySelector(`a[rel="${rel}"]`);
    if (link) link.click();
  };

  const typing = (element) => element.matches("input, select, textarea");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "j") {
      go(at + 1);
    } else if (event.key === "k") {
      go(at - 1);
    } else if (event.key === "n") {
      follow("next");
    } else if (event.key === "p") {
      follow("prev");
    }
  });
})();
