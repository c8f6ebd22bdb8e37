/** Reorders the items of a list by dragging their handles with a mouse, a pen or a finger. */

/** Pixels from the window's edge within which it scrolls. */
const EDGE = 80;
/** Milliseconds of the animation after a move. */
const GLIDE = 160;

/**
 * @param {HTMLElement} list   its children are the items
 * @param {string} handle   a selector within each of them
 * @param {(item: HTMLElement) => void} dropped   called if its position changed
 */
export function reorderable(list, handle, dropped) {
  list.addEventListener("pointerdown", (event) => {
    const grip = /** @type {HTMLElement} */ (event.target).closest(handle);
    const item = /** @type {HTMLElement | null} */ (grip?.closest("li") ?? null);
    if (!grip || !item || event.button !== 0 || list.children.length < 2) return;
    event.preventDefault(); // select no text and don't scroll
    drag(list, item, event, dropped);
  });
}

/** @param {HTMLElement} list @param {HTMLElement} item @param {PointerEvent} start @param {(item: HTMLElement) => void} dropped */
function drag(list, item, start, dropped) {
  const origin = [...list.children].indexOf(item);
  const grabbed = start.clientY - item.getBoundingClientRect().top;
  let y = start.clientY;
  let frame = requestAnimationFrame(step);
  const ended = new AbortController();
  const { signal } = ended;
  item.classList.add("dragged");
  document.documentElement.style.overflowAnchor = "none"; // else the window scrolls along with moved items
  list.setPointerCapture(start.pointerId);
  list.addEventListener(
    "pointermove",
    (event) => {
      y = event.clientY;
    },
    { signal },
  );
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) list.addEventListener(end, drop, { signal });

  function step() {
    const speed = y < EDGE ? y - EDGE : Math.max(0, y - innerHeight + EDGE);
    scrollBy(0, speed / 6);
    const before = sibling(-1);
    const after = sibling(1);
    const top = y - grabbed;
    if (before && top < place(before) + before.offsetHeight / 2) swap(before, () => before.before(item));
    else if (after && top + item.offsetHeight > place(after) + after.offsetHeight / 2) {
      swap(after, () => after.after(item));
    }
    item.style.transform = `translateY(${Math.round(top - place(item))}px)`;
    frame = requestAnimationFrame(step);
  }

  /** The position of an item's upper edge in the window, without its current transform. @param {HTMLElement} other */
  function place(other) {
    return list.getBoundingClientRect().top + other.offsetTop - list.offsetTop;
  }

  /** @param {-1 | 1} way */
  function sibling(way) {
    return /** @type {HTMLElement | null} */ (way < 0 ? item.previousElementSibling : item.nextElementSibling);
  }

  /** Moves an item and animates the other one to its new position. @param {HTMLElement} other @param {() => void} move */
  function swap(other, move) {
    const was = other.getBoundingClientRect().top;
    move();
    glide(other, was);
  }

  function drop() {
    ended.abort();
    cancelAnimationFrame(frame);
    const was = item.getBoundingClientRect().top;
    item.style.transform = "";
    item.classList.remove("dragged");
    document.documentElement.style.overflowAnchor = "";
    glide(item, was);
    if ([...list.children].indexOf(item) !== origin) dropped(item);
  }
}

/** @param {HTMLElement} element @param {number} was   the previous position of its upper edge */
function glide(element, was) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const now = element.getBoundingClientRect().top;
  element.animate([{ transform: `translateY(${was - now}px)` }, { transform: "none" }], {
    duration: GLIDE,
    easing: "ease-out",
  });
}
