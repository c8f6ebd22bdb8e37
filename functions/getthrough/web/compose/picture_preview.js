/** A preview of a picture. It is loaded only on request, because its host sees the request. */

import { h } from "../elements/dom.js";

/** @param {HTMLInputElement} input   the URL @returns {HTMLElement} a button, and the place for the picture */
export function picturePreview(input) {
  const button = h("button", { type: "button" }, "Preview");
  const place = h("span", { class: "picture", role: "status" });
  button.addEventListener("click", () => place.replaceChildren(preview(input.value.trim(), place)));
  input.addEventListener("input", () => place.replaceChildren());
  return h("span", { class: "look" }, button, place);
}

/** @param {string} address @param {HTMLElement} place @returns {HTMLElement | string} */
function preview(address, place) {
  if (!/^https:\/\/\S+$/i.test(address)) {
    return address ? "Only pictures with an https URL can be shown here." : "Enter its URL first: https://…";
  }
  const picture = h("img", {
    src: address,
    alt: "The picture as it will be sent",
    referrerpolicy: "no-referrer",
    decoding: "async",
  });
  picture.addEventListener("error", () => {
    if (picture.isConnected) place.replaceChildren("The picture could not be loaded. Check the URL.");
  });
  return picture;
}
