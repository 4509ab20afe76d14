/** Two plans side by side: maps that move together, what differs, and the figures of both. */

import type { Config } from "../api";
import { button, element } from "../dom";
import { DraftMap, viewOf } from "./draftmap";
import { type Held, named, opened, sums } from "./held";
import { colours } from "./legend";
import { address } from "./route";
import { load } from "./sending";
import { compare, type Difference, open, type Plan, plans } from "./service";
import { difference, differing } from "./told";
import { choice } from "./toolbar";
import { w } from "./words";

/** Show a plan beside another one; beside 0, what differs from the areas that it was made from. */
export async function comparison(screen: HTMLElement, config: Config, id: number, other: number): Promise<() => void> {
  screen.replaceChildren(element("p", "panel quiet", w("waiting")));
  const [all, left, right, changes] = await Promise.all([
    plans(),
    load(id),
    other === 0 ? null : open(other).then((whole) => opened(whole, [])),
    compare(id, other === 0 ? null : other),
  ]);
  const stage = element("section", "stage twin");
  const side = element("div", "panel");
  screen.replaceChildren(side, stage);
  const maps = mapsOf(stage, config, right === null ? [left] : [right, left]);
  const goTo = (code: string) => maps.forEach((map) => (map.choose([code]), map.goTo([code])));
  side.append(...panel(all, left, right, differing(changes), goTo));
  return () => maps.forEach((map) => map.end());
}

/** One map for each plan; they share what they look at. */
function mapsOf(stage: HTMLElement, config: Config, shown: Held[]): DraftMap[] {
  const view = viewOf(config);
  const maps = shown.map((held) => {
    const target = element("div", "map");
    target.tabIndex = 0;
    target.setAttribute("role", "application");
    stage.append(element("div", "frame", element("p", "whose", held.plan.name), target));
    const map = new DraftMap(target, config, view);
    map.show(held);
    return map;
  });
  stage.lastElementChild?.append(...colours((mode) => maps.forEach((map) => map.colourBy(mode))));
  return maps;
}

function panel(all: Plan[], left: Held, right: Held | null, changes: Difference[], goTo: (code: string) => void): HTMLElement[] {
  const { plan } = left;
  const back = element("a", "", w("closeCompare"));
  back.href = address(plan.id);
  const others = all.filter(({ id }) => id !== plan.id).map(({ id, name }) => [String(id), name] as [string, string]);
  const inForce: [string, string] = ["0", w("inForce", { day: plan.base })];
  const than = choice("than", "than", [inForce, ...others], String(right?.plan.id ?? 0), (code) => (location.hash = address(plan.id, Number(code))));
  const name = (code: string) => (left.areas.has(code) || right === null ? named(left, code) : named(right, code));
  return [element("p", "", back), element("h2", "", `${w("side")}：${plan.name}`), than, figures(left, right), differenceList(changes, name, goTo)];
}

/** Figures of both plans in one table. */
function figures(left: Held, right: Held | null): HTMLElement {
  const shown = right === null ? [left] : [right, left];
  const all = shown.map((held) => sums(held.areas.values()));
  const rows: [string, (string | number | null)[]][] = [
    [w("count"), all.map(({ areas }) => areas)],
    [w("households"), all.map(({ households }) => households)],
    [w("within"), all.map(({ within }) => within)],
    [w("meanCompactness"), all.map(({ compactness }) => compactness.toFixed(2))],
  ];
  const heads = [w("figure"), ...shown.map(({ plan }) => plan.name)].map((text) => Object.assign(element("th", "", text), { scope: "col" }));
  const body = rows.map(([head, values]) => {
    const title = Object.assign(element("th", "", head), { scope: "row" });
    return element("tr", "", title, ...values.map((value) => element("td", "number", String(value ?? "–"))));
  });
  return element("table", "chain", element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...body));
}

function differenceList(changes: Difference[], name: (code: string) => string, goTo: (code: string) => void): HTMLElement {
  const items = changes.map((one) => {
    const [kind, line, moved] = difference(one, name);
    const code = one.new ?? one.old ?? "";
    const texts = [element("span", "rule", kind), element("span", "name", line), element("span", "code", moved)];
    return element("li", "", button("finding", () => goTo(code), ...texts));
  });
  const count = element("span", "hint", items.length === 0 ? "" : String(items.length));
  const body = items.length === 0 ? element("p", "quiet", w("noDifferences")) : element("ul", "findings", ...items);
  return element("section", "", element("h3", "", w("differences"), " ", count), body);
}
