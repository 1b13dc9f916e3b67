// The picker: whoever fills in a kind's fields means that kind.
"use strict";

document.addEventListener("input", (event) => {
  const line = event.target.closest(".repeat");
  if (line && event.target.name !== "repeat") line.querySelector("[name=repeat]").checked = true;
}, true);
