// The matches of a letter, one after the other: buttons, and the keys [ and ].
"use strict";

(() => {
  const marks = [...document.querySelectorAll(".letter .items mark, .letter .passage mark")];
  if (marks.length === 0) return;
  let at = -1;
  const bar = document.createElement("div");
  bar.className = "matches";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Matches in this letter");
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const say = () => {
    said.textContent = at < 0 ? `${marks.length} matches` : `${at + 1} of ${marks.length}`;
  };

  const go = (to) => {
    if (at >= 0) marks[at].classList.remove("here");
    at = (to + marks.length) % marks.length;
    const mark = marks[at];
    for (let fold = mark.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    mark.classList.add("here");
    mark.scrollIntoView({ block: "center" });
    say();
  };

  const button = (label, sign, step) => {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = sign;
    element.setAttribute("aria-label", label);
    element.addEventListener("click", () => go(at < 0 && step < 0 ? -1 : at + step));
    return element;
  };
  bar.append(said, button("Previous match", "\u2191", -1), button("Next match", "\u2193", 1));
  say();
  document.querySelector("main").append(bar);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) return;
    if (event.key === "]") go(at + 1);
    if (event.key === "[") go(at < 0 ? -1 : at - 1);
  });
})();
