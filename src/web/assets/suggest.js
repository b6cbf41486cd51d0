// Suggestions under the search box: each becomes a filter.
"use strict";

(() => {
  const box = document.getElementById("q");
  if (!box) return;
  const form = box.form;
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  box.after(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  let answer = null;
  let at = -1;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const mark = (to) => {
    const options = [...list.children];
    if (options.length === 0) return;
    if (at >= 0) options[at].setAttribute("aria-selected", "false");
    at = (to + options.length) % options.length;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[at].id);
  };

  const choose = (n) => {
    const { field, value } = answer.suggestions[n];
    box.value = answer.rest;
    const filter = document.createElement("input");
    filter.type = "hidden";
    filter.name = field;
    filter.value = value;
    form.append(filter);
    close();
    form.requestSubmit();
  };

  const part = (name, text) => {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    return element;
  };

  const show = () => {
    list.replaceChildren();
    answer.suggestions.forEach((suggestion, n) => {
      const option = document.createElement("li");
      option.id = `suggestion-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(part("name", suggestion.name));
      option.append(part("label", suggestion.label));
      if (suggestion.letters !== null) {
        const letters = suggestion.letters === 1 ? "letter" : "letters";
        option.append(part("count", `${suggestion.letters.toLocaleString("en-US")} ${letters}`));
      }
      // Before the box loses the focus.
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        choose(n);
      });
      list.append(option);
    });
    list.hidden = list.children.length === 0;
    at = -1;
    box.setAttribute("aria-expanded", String(!list.hidden));
    box.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    asked += 1;
    const own = asked;
    const typed = box.value;
    // Quotation marks and operators are written on purpose.
    const open = (typed.match(/"/g) || []).length % 2 === 1;
    if (open || typed.trim().length < 2 || typed.length > 200) {
      close();
      return;
    }
    const got = await fetch(`/api/suggest?q=${encodeURIComponent(typed)}`);
    if (!got.ok || own !== asked || document.activeElement !== box) return;
    answer = await got.json();
    show();
  };

  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(close), 60);
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      mark(at + 1);
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      mark(at - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
})();
