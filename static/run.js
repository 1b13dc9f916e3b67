// The run page: a cell opens its row in a dialog, columns hide and stay hidden, a task in the log
// filters it. Without this file they are links, a plain table and the Tasks tab's links.
"use strict";

(() => {
  const dialog = document.getElementById("row-dialog");
  const menu = document.querySelector("[data-columns]");

  // --- a row in a dialog -----------------------------------------------------------------------

  async function open(link) {
    await htmx.ajax("GET", link.href.split("#")[0], { target: "#row" });
    if (!dialog.open) dialog.showModal();
    const field = link.hash && dialog.querySelector(link.hash);
    if (field) field.focus();
    else dialog.scrollTop = 0;
  }

  if (dialog) document.addEventListener("click", (event) => {
    const link = event.target.closest("a.cell-open");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });

  // --- a task's lines in the log ---------------------------------------------------------------

  document.querySelector(".log-lines")?.addEventListener("click", (event) => {
    const task = event.target.closest(".line-task")?.closest(".line").dataset.task;
    if (task) location.search = new URLSearchParams({ task });
  });

  // --- columns: what is hidden is remembered for the squid, by name -----------------------------

  if (!menu) return;
  const key = `hidden columns ${menu.dataset.columns}`;
  const boxes = [...menu.querySelectorAll("input")];

  function recalled() {
    try { return new Set(JSON.parse(localStorage.getItem(key)) || []); } catch { return new Set(); }
  }

  function show(box) {
    const place = Number(box.value) + 1;
    for (const cell of document.querySelectorAll(`.results tr > :nth-child(${place})`))
      cell.hidden = !box.checked;
  }

  function remember(box) {
    const names = recalled();
    if (box.checked) names.delete(box.dataset.name);
    else names.add(box.dataset.name);
    try { localStorage.setItem(key, JSON.stringify([...names])); } catch { /* for this page only */ }
  }

  const hidden = recalled();
  for (const box of boxes) {
    box.checked = !hidden.has(box.dataset.name);
    if (!box.checked) show(box);
  }
  menu.addEventListener("change", (event) => { show(event.target); remember(event.target); });
})();
