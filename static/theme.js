// Runs before the first paint, so that a chosen theme never flashes in from the other one.
"use strict";
try {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch { /* storage is switched off: the system's theme stays */ }
