/** Shows /openapi.json with Swagger UI, whose script runs before this one. */

/** @type {{SwaggerUIBundle: (options: object) => unknown}} */
const { SwaggerUIBundle } = Object(globalThis);

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Swagger UI's own dark colours depend on a class. */
function dress() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

// The tab may have come from the console. What it keeps of a session ends with that.
addEventListener("storage", ({ key }) => {
  if (key === "getthrough.signed-out") sessionStorage.clear();
});

dress();
dark.addEventListener("change", dress);

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null, // it would send the document to swagger.io
});
