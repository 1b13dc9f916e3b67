// The run page: a cell opens its row in a dialog, columns hide and stay hidden, a task in the log
// filters it, a pill tells what came since. Without this file they are links, a plain table and the
// Tasks tab's links. A part of the page may be swapped, so nothing of it is kept in here.
"use strict";

(() => {
  const find = (selector) => document.querySelector(selector);

  // --- a row in a dialog -----------------------------------------------------------------------

  async function open(link) {
    const dialog = find("#row-dialog");
    await htmx.ajax("GET", link.href.split("#")[0], { target: "#row" });
    if (!dialog.open) dialog.showModal();
    const field = link.hash && dialog.querySelector(link.hash);
    if (field) field.focus();
    else dialog.scrollTop = 0;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.cell-open");
    if (!link || !find("#row-dialog") || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });

  // --- a task's lines in the log ---------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const task = event.target.closest(".log-lines .line-task")?.closest(".line").dataset.task;
    if (task) location.search = new URLSearchParams({ task });
  });

  // --- columns: what is hidden is remembered for the squid, by name -----------------------------

  const keyOf = (menu) => `hidden columns ${menu.dataset.columns}`;

  function recalled(menu) {
    try { return new Set(JSON.parse(localStorage.getItem(keyOf(menu))) || []); } catch { return new Set(); }
  }

  function show(box) {
    const place = Number(box.value) + 1;
    for (const cell of document.querySelectorAll(`.results tr > :nth-child(${place})`))
      cell.hidden = !box.checked;
  }

  function remember(menu, box) {
    const names = recalled(menu);
    if (box.checked) names.delete(box.dataset.name);
    else names.add(box.dataset.name);
    try { localStorage.setItem(keyOf(menu), JSON.stringify([...names])); } catch { /* for this page only */ }
  }

  function hideColumns() {
    const menu = find("[data-columns]");
    if (!menu) return;
    const hidden = recalled(menu);
    for (const box of menu.querySelectorAll("input")) {
      box.checked = !hidden.has(box.dataset.name);
      if (!box.checked) show(box);
    }
  }

  document.addEventListener("change", (event) => {
    const menu = event.target.closest("[data-columns]");
    if (menu) { show(event.target); remember(menu, event.target); }
  });

  // --- what came since the page was read: a pill tells how much, a press brings it ---------------

  function tellNews() {
    const pill = find("#news");
    const figure = pill && document.getElementById(pill.dataset.of);
    if (!figure) return;
    const news = Number(figure.dataset.count) - Number(pill.dataset.have);
    const [one, many] = pill.dataset.words.split(",");
    pill.textContent = `${news.toLocaleString("en")} ${news === 1 ? one : many} · show`;
    pill.hidden = news <= 0;
  }

  document.addEventListener("live:region", ({ detail }) => {
    if (detail === find("#news")?.dataset.of) tellNews();
  });

  // The first of what is new comes into sight, and the keyboard goes on from there.
  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    if (!target.matches("#results, #tasks, #logs")) return;
    hideColumns();
    tellNews();
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    const first = document.getElementById(detail.pathInfo?.anchor || "");
    first?.scrollIntoView({ block: "center" });
    first?.classList.add("arrived");
  });

  hideColumns();
  tellNews();
})();
