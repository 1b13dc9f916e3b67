// What the frame does in the browser: keys, theme, dialogs, copying, drafts. Pages work without it.
"use strict";

const root = document.documentElement;
const find = (selector) => document.querySelector(selector);
const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]");

// --- theme -----------------------------------------------------------------------------------

function switchTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.theme || system) === "dark" ? "light" : "dark";
  try {
    if (next === system) localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch { /* storage is switched off: it holds for this page */ }
  if (next === system) delete root.dataset.theme;
  else root.dataset.theme = next;
}

// --- clicks ----------------------------------------------------------------------------------

async function copy(button) {
  const source = button.dataset.copyFrom && find(button.dataset.copyFrom);
  if (!await write(source ? source.innerText : button.dataset.copy, source)) return;
  if (button.classList.contains("copied")) return;
  const word = button.querySelector("span");
  const before = [button.title, word?.textContent];
  button.title = "Copied";
  if (word) word.textContent = "Copied";
  button.classList.add("copied");
  setTimeout(() => {
    button.title = before[0];
    if (word) word.textContent = before[1];
    button.classList.remove("copied");
  }, 1500);
}

// Browsers lend their clipboard to safe addresses alone. Elsewhere the old way, and where that is
// refused too the text stays selected, for Ctrl-C.
async function write(text, source) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (source) getSelection().selectAllChildren(source);
    return Boolean(source) && document.execCommand("copy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.open) document.getElementById(button.dataset.open)?.showModal();
  if (button && "themeSwitch" in button.dataset) switchTheme();
  if (button && "dismiss" in button.dataset) button.parentElement.remove();
  if (button && ("copy" in button.dataset || "copyFrom" in button.dataset)) copy(button);
  if (event.target.nodeName === "DIALOG") event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});

// --- keys: an element with data-key is pressed by its key, or focused when it is a field -------

let before = "";

function press(key) {
  const target = find(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (isTyping(target)) { target.focus(); target.select(); } else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenu();
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (find("dialog[open]") || event.repeat) return;
  if (event.key === "?") find("#help")?.showModal();
  else if (!(press(`${before} ${event.key}`) || press(event.key))) { before = event.key; return; }
  before = "";
  event.preventDefault();
});

function closeMenu() {
  const menu = find("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

// --- drafts: what was typed into a form with data-draft survives leaving the page --------------

const draftOf = (form) => `draft ${form.dataset.draft}`;
const fieldsOf = (form) => [...form.elements].filter(
  (field) => field.name && !["hidden", "file", "password", "submit"].includes(field.type));
const valueOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);

function keepDraft(form) {
  const typed = fieldsOf(form).map((field) => [field.name, field.value, valueOf(field)]);
  try { sessionStorage.setItem(draftOf(form), JSON.stringify(typed)); } catch { /* no room */ }
}

function restoreDraft(form) {
  const typed = JSON.parse(sessionStorage.getItem(draftOf(form)) || "[]");
  let changed = false;
  for (const field of fieldsOf(form)) { // by name, as there may be more of them than before
    const isChoice = typeof valueOf(field) === "boolean";
    const found = typed.find(([name, option]) => name === field.name && (!isChoice || option === field.value));
    if (!found || valueOf(field) === found[2]) continue;
    changed = true;
    if (isChoice) [, , field.checked] = found; else [, , field.value] = found;
  }
  const note = form.querySelector("[data-draft-note]");
  if (note) note.hidden = !changed;
}

const dropDraft = (form) => { try { sessionStorage.removeItem(draftOf(form)); } catch { /* none */ } };

document.addEventListener("input", (event) => {
  const { form } = event.target; // which may stand elsewhere
  if (form?.dataset.draft) keepDraft(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-draft]")) dropDraft(event.target);
});
document.addEventListener("reset", (event) => {
  if (!event.target.matches("form[data-draft]")) return;
  dropDraft(event.target);
  const note = event.target.querySelector("[data-draft-note]");
  if (note) note.hidden = true;
});
try { document.querySelectorAll("form[data-draft]").forEach(restoreDraft); } catch { /* no storage */ }

// --- a chosen file is sent at once ---------------------------------------------------------------

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send-on-change]");
  if (form && event.target.value) form.requestSubmit();
});

// --- the reader's time zone, told once by a browser; times are in it from the next page on -------

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const { tellZone } = document.body.dataset;
if (tellZone) {
  const zone = browserZone();
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch(tellZone, { method: "POST", headers, body: new URLSearchParams({ zone }) }).catch(() => {});
}

const zoneHint = find("[data-zone-hint]");
if (zoneHint) {
  const button = zoneHint.querySelector("button");
  const field = find(button.dataset.fill);
  button.textContent = browserZone();
  zoneHint.hidden = field.value === browserZone();
  button.addEventListener("click", () => { field.value = browserZone(); field.focus(); zoneHint.hidden = true; });
}
