// The recipe builder: marks what the recipe matches in the copy of the page, and points into it.
// The copy is in a sandbox: its elements can be marked from here, and nothing in it runs.
"use strict";

(() => {
  const frame = document.getElementById("copy");
  if (!frame) return;
  const inside = () => frame.contentDocument;
  const numbered = (number) => inside()?.querySelector(`[data-n="${number}"]`);
  let chosen = "";

  function clear(name) {
    for (const element of inside().querySelectorAll(`[${name}]`)) element.removeAttribute(name);
  }

  function mark(numbers, word) {
    for (const number of numbers || []) {
      const element = numbered(number);
      if (element) element.dataset.mark = `${element.dataset.mark || ""} ${word}`.trim();
    }
  }

  function show() {
    if (!inside()) return;
    clear("data-mark");
    const found = JSON.parse(document.getElementById("marks")?.textContent || "{}")[frame.dataset.part];
    if (!found) return;
    mark(found.rows, "row");
    for (const [name, numbers] of Object.entries(found.fields)) {
      mark(numbers, name === chosen ? "field chosen" : "field");
    }
    mark(found.next, "next");
  }

  // --- pointing ----------------------------------------------------------------------------------

  function point(event) {
    event.preventDefault();
    const element = event.target.closest("[data-n]");
    if (!element) return;
    const rows = document.getElementById("rows")?.value || "";
    const values = { number: element.dataset.n, part: frame.dataset.part, rows };
    window.htmx.ajax("POST", frame.dataset.point, { target: "#pointed", swap: "innerHTML", values });
  }

  function hover(event) {
    clear("data-hover");
    event.target.closest?.("[data-n]")?.setAttribute("data-hover", "");
  }

  function begin() {
    const page = inside();
    if (!page?.body || page.body.dataset.ready) return;
    page.body.dataset.ready = "yes";
    page.addEventListener("click", point);
    page.addEventListener("submit", (event) => event.preventDefault());
    page.addEventListener("mouseover", hover);
    page.addEventListener("mouseleave", () => clear("data-hover"));
    show();
  }

  frame.addEventListener("load", begin);
  if (inside()?.readyState === "complete") begin();
  document.addEventListener("htmx:afterSettle", show);

  // --- the field that is being edited stands out, and is brought into view -------------------------

  document.addEventListener("focusin", (event) => {
    const name = event.target.closest("[data-field]")?.dataset.field || "";
    if (name === chosen) return;
    chosen = name;
    show();
    inside()?.querySelector("[data-mark~=chosen]")?.scrollIntoView({ block: "nearest" });
  });
})();
