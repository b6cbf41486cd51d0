// What is ticked is kept in this browser, across searches, until it is dropped.
"use strict";

(() => {
  const key = "imr-picks";
  const most = 150;
  const read = () => {
    try {
      const picks = JSON.parse(localStorage.getItem(key));
      return Array.isArray(picks) ? picks.filter((pick) => typeof pick === "string").slice(0, most) : [];
    } catch {
      return [];
    }
  };
  const write = (picks) => localStorage.setItem(key, JSON.stringify(picks));

  const boxes = [...document.querySelectorAll("input[name=pick]")];
  const tray = document.getElementById("tray");
  const address = (picks) => `/selection?${picks.map((pick) => `pick=${encodeURIComponent(pick)}`).join("&")}`;

  const show = () => {
    const picks = read();
    for (const box of boxes) box.checked = picks.includes(box.value);
    if (!tray) return;
    tray.replaceChildren();
    tray.hidden = picks.length === 0;
    if (picks.length === 0) return;
    const link = document.createElement("a");
    link.href = address(picks);
    link.textContent = `Selection: ${picks.length} ${picks.length === 1 ? "entry" : "entries"}`;
    const clear = document.createElement("button");
    clear.type = "button";
    clear.textContent = "Clear";
    clear.addEventListener("click", () => {
      write([]);
      show();
    });
    tray.append(link, clear);
  };

  for (const box of boxes) {
    box.addEventListener("change", () => {
      const picks = read().filter((pick) => pick !== box.value);
      if (box.checked && picks.length < most) picks.push(box.value);
      write(picks);
      show();
    });
  }

  // Moving and dropping on the selection's own page.
  for (const link of document.querySelectorAll("a[data-picks]")) {
    link.addEventListener("click", () => {
      write(new URL(link.href).searchParams.getAll("pick"));
    });
  }

  addEventListener("pageshow", show);
  addEventListener("storage", show);
  show();
})();
