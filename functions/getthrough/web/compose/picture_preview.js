/** A look at a picture before it is sent. It is fetched only when somebody asks for it: its host learns of that. */

import { h } from "../elements/dom.js";

/** @param {HTMLInputElement} input   the address @returns {HTMLElement} a button, and the place for the picture */
export function pictureLook(input) {
  const button = h("button", { type: "button" }, "Preview");
  const place = h("span", { class: "picture", role: "status" });
  button.addEventListener("click", () => place.replaceChildren(look(input.value.trim(), place)));
  input.addEventListener("input", () => place.replaceChildren());
  return h("span", { class: "look" }, button, place);
}

/** @param {string} address @param {HTMLElement} place @returns {HTMLElement | string} */
function look(address, place) {
  if (!/^https:\/\/\S+$/i.test(address)) {
    return address ? "Only a picture at an https address can be shown here." : "Give its address first: https://…";
  }
  const picture = h("img", {
    src: address,
    alt: "The picture as it will be sent",
    referrerpolicy: "no-referrer",
    decoding: "async",
  });
  picture.addEventListener("error", () => {
    if (picture.isConnected)
      place.replaceChildren(
        "No picture came from there, so a phone would most likely not get it either: check the address.",
      );
  });
  return picture;
}
