/** What preact.js exports. `make vendor` writes that file; this one is written by hand. */
import type { ComponentChildren, VNode } from "preact";

export { batch, computed, effect, type Signal, signal } from "@preact/signals";
export { type ComponentChildren, render, type VNode } from "preact";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
/** Elements out of a template. The values are escaped; components are written <${Name} … />. */
export const html: (parts: TemplateStringsArray, ...values: unknown[]) => VNode & ComponentChildren;
