/** What the colours of a map mean, and the choice between them. */

import { element } from "../dom";
import { classes, type Mode } from "./colours";
import { tick } from "./toolbar";
import { w } from "./words";

/** Width up to which the page has one column, as in its style sheet. */
const SMALL_PX = 760;

/** The legend with its choice; `changed` is told when other colours are wanted, `shown` whether buildings are. */
export function colours(changed: (mode: Mode) => void, shown?: (buildings: boolean) => void): HTMLElement {
  const select = element("select", "", new Option(w("byDeviation"), "deviation"), new Option(w("byFindings"), "findings"));
  select.id = "colours";
  select.setAttribute("aria-label", w("colourBy"));
  const list = element("ul", "");
  const show = (mode: Mode) => list.replaceChildren(...classes(mode).map(({ key, fill }) => {
    const patch = element("span", "patch");
    patch.style.background = fill;
    return element("li", "", patch, w(key));
  }));
  select.addEventListener("change", () => {
    show(select.value as Mode);
    changed(select.value as Mode);
  });
  show("deviation");
  const houses = shown === undefined ? [] : [tick("show-buildings", "showBuildings", true, shown), element("p", "hint", w("buildingsHint"))];
  const legend = element("details", "legend", element("summary", "", w("colourBy")), select, list, ...houses);
  // a small screen has no room for it over the map
  legend.open = innerWidth > SMALL_PX;
  return legend;
}
