// What moves on a page: regions that the socket brings, and the console. Pages work without it.
"use strict";

(() => {
  const WINDOW = 1000; // lines a console holds, and as many that wait while one reads
  const UNSAID = 1000; // lines taken in before the server is told
  const NEAR = 24; // pixels from the end that count as being there
  const QUIET_DROP = 1000; // milliseconds without a socket before it is said
  const GONE = 4404;
  const RETRIED = [1006, 1011, 1012, 1013]; // close codes after which htmx tries again by itself

  const byId = (id) => document.getElementById(id);
  const part = (root, name) => root.querySelector(`[data-console="${name}"]`);
  let send = null;

  function parse(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  }

  // --- regions: brought up to date in place, so that focus, selection and motion stay ----------

  function patch(old, fresh) {
    if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return undefined;
    }
    patchAttributes(old, fresh);
    const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
    after.forEach((node, i) => (i < before.length ? patch(before[i], node) : old.append(node)));
    before.slice(after.length).forEach((node) => node.remove());
    return undefined;
  }

  function patchAttributes(old, fresh) {
    for (const { name, value } of fresh.attributes)
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }

  // A socket has no request and so no token; its forms take the one this page was given.
  function lendToken(region) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (!token) return;
    for (const form of region.querySelectorAll("form[method=post]"))
      if (!form.elements.csrfmiddlewaretoken) form.prepend(token.cloneNode());
  }

  function bring(region) {
    const old = byId(region.id);
    if (old?.querySelector(".htmx-request")) return later(region);
    lendToken(region);
    if (region.id === "console") old?.replaceWith(region);
    else if (old) patch(old, region);
    else arrive(region);
    const now = byId(region.id);
    if (now) htmx.process(now);
    if (now?.id === "console") state();
    document.dispatchEvent(new CustomEvent("live:region", { detail: region.id }));
    return undefined;
  }

  // A button of the region waits for its answer, which needs the region as it was: after it.
  function later(region) {
    document.addEventListener("htmx:afterRequest", () => setTimeout(() => bring(region)), { once: true });
  }

  // A new row goes on top of the table it names, which is there on the first page of rows only.
  function arrive(region) {
    const into = region.dataset.into && byId(region.dataset.into);
    if (!into) return;
    region.classList.add("arrived");
    into.prepend(region);
  }

  // --- console ---------------------------------------------------------------------------------

  const states = new WeakMap(); // of each console element

  function state() {
    const root = byId("console");
    if (!root) return null;
    if (!states.has(root)) states.set(root, begin(root));
    return states.get(root);
  }

  function begin(root) {
    const list = byId("console-lines");
    const last = Number(root.dataset.last);
    const console = {
      root, list, last, said: last, task: "", follows: true,
      held: document.createDocumentFragment(), news: 0, skipped: false,
    };
    list.addEventListener("scroll", () => follow(console, isAtEnd(list)), { passive: true });
    list.addEventListener("wheel", (event) => event.deltaY < 0 && follow(console, isShort(list)), { passive: true });
    for (const name of ["wrap", "mute"]) prefer(console, name, recall(name));
    toEnd(list);
    return console;
  }

  const isShort = (list) => list.scrollHeight <= list.clientHeight;
  const isAtEnd = (list) => list.scrollTop + list.clientHeight >= list.scrollHeight - NEAR;
  const toEnd = (list) => { list.scrollTop = list.scrollHeight; };

  function follow(console, follows) {
    if (console.follows === follows) return;
    console.follows = follows;
    if (follows) release(console);
    else tellNews(console);
  }

  function takeLines(html) {
    const console = state();
    if (!console) return;
    const fresh = parse(html);
    for (const line of [...fresh.children]) {
      const link = line.firstElementChild;
      link.href = console.root.dataset.logs + link.getAttribute("href");
      if (Number(line.id.slice(5)) <= console.last) line.remove();
    }
    const lines = fresh.children;
    if (!lines.length) return;
    console.last = Number(lines[lines.length - 1].id.slice(5));
    if (console.task) [...lines].forEach((line) => sift(console, line));
    if (console.follows) show(console, fresh);
    else hold(console, fresh);
    if (console.last - console.said >= UNSAID) say(console);
  }

  function show(console, lines) {
    const { list } = console;
    list.append(lines);
    cut(list);
    toEnd(list);
  }

  function cut(list) {
    const focused = list.contains(document.activeElement) && document.activeElement !== list;
    while (list.childElementCount > WINDOW) list.firstElementChild.remove();
    if (focused && !list.contains(document.activeElement)) list.focus({ preventScroll: true });
  }

  // While one reads, nothing in the list moves: lines wait, the oldest making room.
  function hold(console, lines) {
    console.news += lines.children.length;
    console.held.append(lines);
    while (console.held.childElementCount > WINDOW) {
      console.held.firstElementChild.remove();
      console.skipped = true;
    }
    tellNews(console);
  }

  function release(console) {
    if (console.skipped) console.list.replaceChildren();
    Object.assign(console, { news: 0, skipped: false, follows: true });
    show(console, console.held);
    tellNews(console);
  }

  function tellNews({ root, follows, news }) {
    const pill = part(root, "latest");
    pill.hidden = follows;
    pill.lastElementChild.textContent = news ? ` · ${news.toLocaleString("en")} new` : "";
  }

  function say(console) {
    console.said = console.last;
    send?.(JSON.stringify({ run: console.root.dataset.run, have: console.last }));
  }

  // --- what the console's buttons do -----------------------------------------------------------

  function sift({ task }, line) {
    line.hidden = Boolean(task) && line.dataset.task !== task;
  }

  function only(console, task) {
    console.task = task;
    for (const line of [...console.list.children, ...console.held.children]) sift(console, line);
    const button = part(console.root, "unfilter");
    button.hidden = !task;
    button.firstElementChild.textContent = task;
    if (console.follows) toEnd(console.list);
    else console.list.querySelector(".line:not([hidden])")?.scrollIntoView({ block: "nearest" });
  }

  function recall(name) {
    try { return localStorage.getItem(`console ${name}`) === "true"; } catch { return false; }
  }

  function prefer(console, name, on) {
    part(console.root, name).setAttribute("aria-pressed", on);
    if (name === "wrap") console.root.classList.toggle("wrap", on);
    else console.list.setAttribute("aria-live", on ? "off" : "polite");
    try { localStorage.setItem(`console ${name}`, on); } catch { /* it holds for this page */ }
    if (console.follows) toEnd(console.list);
  }

  const plain = (line) => line.textContent.replace(/^\d+ /, "");

  async function copy({ list }, button) {
    const shown = [...list.children].filter((line) => !line.hidden);
    try {
      await navigator.clipboard.writeText(shown.map(plain).join("\n"));
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    } catch {
      getSelection().selectAllChildren(list); // no clipboard here: one key press is left to do
    }
  }

  const verbs = {
    latest: (console) => { release(console); console.list.focus({ preventScroll: true }); },
    unfilter: (console) => { only(console, ""); console.list.focus({ preventScroll: true }); },
    wrap: (console, button) => prefer(console, "wrap", button.ariaPressed !== "true"),
    mute: (console, button) => prefer(console, "mute", button.ariaPressed !== "true"),
    copy,
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#console button");
    if (!button) return;
    if (button.dataset.console) verbs[button.dataset.console](state(), button);
    else only(state(), button.closest(".line").dataset.task);
  });

  document.addEventListener("selectionchange", () => {
    const console = state();
    const selection = getSelection();
    if (console && !selection.isCollapsed && console.list.contains(selection.anchorNode))
      follow(console, false);
  });

  // --- socket ----------------------------------------------------------------------------------

  let dropped = 0;

  function tellSocket(open) {
    clearTimeout(dropped);
    const word = byId("socket").firstElementChild;
    if (open) word.hidden = true;
    else dropped = setTimeout(() => { word.hidden = false; }, QUIET_DROP);
  }

  document.addEventListener("htmx:wsOpen", ({ detail }) => {
    tellSocket(true);
    send = (text) => detail.socketWrapper.send(text);
    const console = state();
    if (console) say(console);
  });

  document.addEventListener("htmx:wsClose", ({ detail }) => {
    send = null;
    if (detail.event.code === GONE) return;
    tellSocket(false);
    if (!RETRIED.includes(detail.event.code)) setTimeout(detail.socketWrapper.reconnect, 1000);
  });

  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    event.preventDefault();
    const html = event.detail.message;
    if (html.startsWith("<li")) takeLines(html);
    else bring(parse(html).firstElementChild);
  });

  htmx.config.wsReconnectDelay = (tries) => Math.min(500 * 2 ** tries, 10_000) * (0.5 + Math.random() / 2);
  state();
})();
