/* Keeps what is typed into a form and not saved in this tab's sessionStorage, until it is saved. */
"use strict";
(function () {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = "draft:" + form.dataset.draft;
  const fields = () =>
    Array.from(form.elements).filter((each) => each.name && each.type !== "hidden");
  const typed = () =>
    Object.fromEntries(
      fields().map((each) => [each.name, each.type === "checkbox" ? each.checked : each.value]),
    );
  // As the page came: on a reload, browsers may have filled in again what was typed.
  const came = (each) => {
    if (each.type === "checkbox") return each.defaultChecked;
    if (!each.options) return each.defaultValue;
    return (Array.from(each.options).find((one) => one.defaultSelected) || each.options[0]).value;
  };
  const saved = JSON.stringify(Object.fromEntries(fields().map((each) => [each.name, came(each)])));
  const base = form.elements.base.value;

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(key) || "null");
    } catch {
      return null;
    }
  }
  function forget() {
    try {
      sessionStorage.removeItem(key);
    } catch {
      /* Storage is switched off: nothing is kept. */
    }
  }
  function bringBack(kept) {
    for (const each of fields()) {
      if (!(each.name in kept.typed)) continue;
      if (each.type === "checkbox") each.checked = kept.typed[each.name];
      else each.value = kept.typed[each.name];
    }
    // The save then names the version from which this was written.
    form.elements.base.value = kept.base;
  }
  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "second";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  // The service writes some values in its own way, so what is saved may differ from what was typed.
  if (location.hash === "#saved") {
    forget();
    history.replaceState(null, "", location.pathname);
    // Without "#saved" the browser would no longer show it.
    document.getElementById("saved").classList.add("shown");
  }
  const kept = read();
  // Equal text was saved: the page shows it.
  if (kept && JSON.stringify(kept.typed) !== saved) {
    const notice = document.createElement("div");
    notice.className = "notice warning";
    notice.setAttribute("role", "status");
    const words = document.createElement("p");
    words.textContent = "This tab still has text that was not saved.";
    notice.append(
      words,
      button("Bring it back", () => {
        bringBack(kept);
        notice.remove();
      }),
      button("Throw it away", () => {
        forget();
        notice.remove();
      }),
    );
    form.before(notice);
  } else {
    forget();
  }

  let changed = false;
  form.addEventListener("input", () => {
    changed = true;
    try {
      sessionStorage.setItem(
        key,
        JSON.stringify({ base: form.elements.base.value || base, typed: typed() }),
      );
    } catch {
      /* Storage is full or switched off: the page works without it. */
    }
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
})();
