// Copy buttons: <button data-copies="ID" hidden> puts the text of the element ID on the clipboard,
// as it is shown. Without a script there is no button, and the text can be selected by hand. Where the
// book has no address a button says so, and copies nothing that would lead nowhere.
"use strict";

(() => {
  const SHOWN_FOR = 2000; // milliseconds

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  // For pages from a file, and browsers that refuse the clipboard to scripts: copy a selection,
  // but with the text itself in place of what the browser would make of it.
  const copySelected = (text) => {
    const put = (event) => {
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
    };
    document.addEventListener("copy", put, { once: true });
    const done = document.execCommand("copy");
    document.removeEventListener("copy", put);
    return done;
  };

  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      select(element);
      return copySelected(element.textContent);
    }
  };

  for (const button of document.querySelectorAll("button[data-copies]")) {
    const shown = button.firstChild, word = shown.data;
    const text = document.getElementById(button.dataset.copies);
    const name = document.getElementById(`${text.id}-name`).textContent;
    const box = button.closest(".press-cite, .press-form");
    const status = box.querySelector("[role=status]");
    const addressless = box.querySelector(".press-addressless");
    let timer;
    button.addEventListener("click", async () => {
      if (addressless) {
        [shown.data, status.textContent] = ["No address", addressless.textContent];
      } else if (await copy(text)) {
        [shown.data, status.textContent] = ["Copied", `${name} copied`];
      } else {
        [shown.data, status.textContent] =
          ["Selected", `${name} is selected: press Ctrl+C to copy it`];
      }
      clearTimeout(timer);
      timer = setTimeout(() => {
        shown.data = word;
        status.textContent = "";
      }, SHOWN_FOR);
    });
    button.hidden = false;
  }
})();
