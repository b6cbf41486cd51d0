// One click copies a passage with its citation.
"use strict";

(() => {
  if (!navigator.clipboard) return;
  for (const citation of document.querySelectorAll(".citation")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy citation";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(citation.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select the text above to copy it";
      }
      setTimeout(() => {
        button.textContent = "Copy citation";
      }, 2000);
    });
    // Beside the item's heading, whether the citation is unfolded or not.
    citation.closest(".body").prepend(button);
  }
})();
