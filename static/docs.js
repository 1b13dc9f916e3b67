// The page to try the API: Swagger UI, in the site's light or dark.
"use strict";

const place = document.getElementById("docs");
const system = matchMedia("(prefers-color-scheme: dark)");

function dress() {
  const { theme } = document.documentElement.dataset;
  const dark = theme ? theme === "dark" : system.matches;
  document.documentElement.classList.toggle("dark-mode", dark);
}

// A key by itself is taken too.
function authorize(request) {
  const given = request.headers.Authorization?.trim();
  if (given && !given.includes(" ")) request.headers.Authorization = `Token ${given}`;
  return request;
}

dress();
system.addEventListener("change", dress);
new MutationObserver(dress).observe(document.documentElement, { attributeFilter: ["data-theme"] });

SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
  requestInterceptor: authorize,
});
