/** That others changed the plan meanwhile: which grids, and what to do about it. */

import { button, element } from "../dom";
import { type Held, listed } from "./held";
import type { Stale } from "./saying";
import { w } from "./words";

export function conflict(held: Held, { version, changed }: Stale, { load, onTop }: { load: () => void; onTop: () => void }): HTMLElement[] {
  const choices = [button("primary", load, w("load")), button("choice", onTop, w("onTop"))];
  return [
    element("p", "status warn", w("stale", { version })),
    element("p", "", w("staleChanged", { names: listed(held, changed) })),
    element("div", "row wrap", ...choices),
  ];
}
