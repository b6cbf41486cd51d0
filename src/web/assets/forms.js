// Forms: long facets narrow as one types, empty fields stay out of addresses, open menus close.
"use strict";

(() => {
  // A long facet is narrowed as one types; its button asks the server the same.
  const find = document.getElementById("find");
  if (find) {
    const list = find.closest(".facet").querySelector("ul.values");
    find.addEventListener("input", () => {
      const sought = find.value.toLowerCase();
      for (const value of list.children) {
        // A drug is found by its brands, too.
        const inside = [...value.querySelectorAll("[data-also]")];
        const also = inside.some((drug) => drug.dataset.also.includes(sought));
        value.hidden = !also && !value.textContent.toLowerCase().includes(sought);
        const fold = value.querySelector("details");
        if (fold && also && sought.length > 1) fold.open = true;
      }
    });
  }

  // Fields that say nothing are left out of the address.
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", () => {
      for (const field of form.elements) {
        if (field.name && field.value === "") field.disabled = true;
      }
    });
    // Going back finds the fields as they were.
    window.addEventListener("pageshow", () => {
      for (const field of form.elements) field.disabled = false;
    });
  }

  // One menu is open at a time.
  const menus = [...document.querySelectorAll("details.menu")];
  document.addEventListener("click", (event) => {
    for (const menu of menus) {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    }
  });
  addEventListener("pageshow", () => {
    for (const menu of menus) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) {
      if (menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });
})();
