/** Shows /openapi.json with Swagger UI, whose script has run before this one. */

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Swagger UI's own dark colours hang on a class. */
function dress() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dress();
dark.addEventListener("change", dress);

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null, // it would ask swagger.io about the document
});
