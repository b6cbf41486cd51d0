// Searches that are saved in this browser, with what is new since they were last looked at.
"use strict";

(() => {
  const key = "imr-saved";
  const read = () => {
    try {
      const saved = JSON.parse(localStorage.getItem(key));
      return Array.isArray(saved) ? saved : [];
    } catch {
      return [];
    }
  };
  const write = (saved) => localStorage.setItem(key, JSON.stringify(saved.slice(0, 100)));

  // An address without what only leafs through it.
  const plain = (search) => {
    const parameters = new URLSearchParams(search);
    for (const name of ["offset", "limit", "show", "find", "sort", "rank", "added-after"]) parameters.delete(name);
    return parameters.toString();
  };
  // The newest commit of the index: what is added later is new.
  const newest = async (query) => {
    const got = await fetch(`/api/search?${query}&limit=0&fields=id`);
    return got.ok ? (await got.json()).commit : undefined;
  };
  const since = (one) => `${one.query}&added-after=${encodeURIComponent(one.commit)}`;
  const here = plain(location.search);

  const tools = document.querySelector(".tools .export");
  if (tools && here) {
    const own = () => read().find((one) => one.query === here);
    const button = document.createElement("button");
    button.type = "button";
    const say = () => {
      button.textContent = own() ? "Saved" : "Save this search";
    };
    button.addEventListener("click", async () => {
      const chips = [...document.querySelectorAll(".chip:not(.quiet) summary, .chip .label")];
      const words = document.getElementById("q").value;
      const name = [words, ...chips.map((chip) => chip.textContent)].filter(Boolean).join("; ");
      const others = read().filter((one) => one.query !== here);
      if (own()) write(others);
      else write([{ query: here, name: name.slice(0, 200), commit: await newest(here) }, ...others]);
      say();
    });
    say();
    tools.append(button);
    // Looking at it is having seen it.
    if (own()) {
      newest(here)
        .then((commit) => {
          if (commit) write(read().map((one) => (one.query === here ? { ...one, commit } : one)));
        })
        .catch(() => {});
    }
  }

  const start = document.querySelector(".start");
  if (!start || read().length === 0) return;
  const section = document.createElement("section");
  const title = document.createElement("h2");
  title.id = "saved";
  title.textContent = "Saved searches";
  section.setAttribute("aria-labelledby", "saved");
  const list = document.createElement("ul");
  list.className = "saved";
  for (const one of read()) {
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/?${one.query}`;
    link.textContent = one.name || one.query;
    const fresh = document.createElement("span");
    const tell = async () => {
      if (!one.commit) return;
      const got = await fetch(`/api/search?${since(one)}&limit=0&fields=id`);
      if (got.status === 410) {
        fresh.textContent = "The index was rebuilt since you last looked";
      } else if (got.ok) {
        const { letters } = await got.json();
        if (letters === 0) return;
        const only = document.createElement("a");
        only.href = `/?${since(one)}`;
        only.textContent = `${letters} new since you last looked`;
        fresh.replaceChildren(only);
      }
    };
    const drop = document.createElement("button");
    drop.type = "button";
    drop.textContent = "Delete";
    drop.setAttribute("aria-label", `Delete ${link.textContent}`);
    drop.addEventListener("click", () => {
      write(read().filter((other) => other.query !== one.query));
      row.remove();
    });
    row.append(link, fresh, drop);
    list.append(row);
    tell().catch(() => {});
  }
  section.append(title, list);
  start.querySelector("section").before(section);
})();
