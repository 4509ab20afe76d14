/** Two plans side by side: maps that move together, what differs, and the figures of both. */

import type { Config } from "../api";
import { button, element } from "../dom";
import { DraftMap, viewOf } from "./draftmap";
import { type Held, named, sums } from "./held";
import { colours } from "./legend";
import { address } from "./route";
import { load } from "./sending";
import { compare, type Difference, type Plan, plans } from "./service";
import { standing } from "./standing";
import { difference, differing } from "./told";
import { choice } from "./toolbar";
import { w } from "./words";

/** Show a plan beside another one, or beside 0, the areas that it was made from. */
export async function comparison(screen: HTMLElement, config: Config, id: number, other: number): Promise<() => void> {
  screen.replaceChildren(element("p", "panel quiet", w("waiting")));
  const [all, fresh, changes] = await Promise.all([plans(), load(id), compare(id, other === 0 ? null : other)]);
  const old = await (other === 0 ? standing(config, fresh, w("inForce", { day: fresh.plan.base })) : load(other));
  const stage = element("section", "stage twin");
  const side = element("div", "panel");
  screen.replaceChildren(side, stage);
  const maps = mapsOf(stage, config, [old, fresh]);
  side.append(...panel(all, old, fresh, differing(changes), ({ old: before, new: after }) => {
    const codes = [before, after].filter((code) => code !== null);
    maps.forEach((map) => map.choose(codes.map((code) => [code])));
    // the maps share what they look at: the one that knows the area leads
    maps.forEach((map) => map.goTo(codes));
  }));
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
  // each map has its final size only when all are there
  maps.forEach((map) => map.home());
  stage.lastElementChild?.append(colours((mode) => maps.forEach((map) => map.colourBy(mode))));
  return maps;
}

function panel(all: Plan[], old: Held, fresh: Held, changes: Difference[], goTo: (one: Difference) => void): HTMLElement[] {
  const { plan } = fresh;
  const back = element("a", "", w("closeCompare"));
  back.href = address(plan.id);
  const others = all.filter(({ id }) => id !== plan.id).map(({ id, name }) => [String(id), name] as [string, string]);
  const inForce: [string, string] = ["0", w("inForce", { day: plan.base })];
  const than = choice("than", "than", [inForce, ...others], String(old.plan.id), (code) => (location.hash = address(plan.id, Number(code))));
  const heading = element("h2", "", w("side", { name: plan.name }));
  return [element("p", "", back), heading, than, figures([old, fresh]), differenceList(changes, [old, fresh], goTo)];
}

/** Figures of both plans in one table. */
function figures(shown: Held[]): HTMLElement {
  const all = shown.map((held) => sums(held.areas.values()));
  const rows: [string, (string | number | null)[]][] = [
    [w("count"), all.map(({ areas }) => areas)],
    [w("households"), all.map(({ households }) => households)],
    [w("within"), all.map(({ within }) => within)],
    [w("meanCompactness"), all.map(({ compactness }) => compactness.toFixed(2))],
  ];
  const heads = [w("figure"), ...shown.map(({ plan }) => (plan.id === 0 ? w("inForceShort") : plan.name))].map((text) => Object.assign(element("th", "", text), { scope: "col" }));
  const body = rows.map(([head, values]) => {
    const title = Object.assign(element("th", "", head), { scope: "row" });
    return element("tr", "", title, ...values.map((value) => element("td", "number", String(value ?? "–"))));
  });
  return element("table", "chain figures", element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...body));
}

function differenceList(changes: Difference[], [old, fresh]: [Held, Held], goTo: (one: Difference) => void): HTMLElement {
  const items = changes.map((one) => {
    const [kind, line, moved] = difference(one, (code) => named(old, code), (code) => named(fresh, code));
    const texts = [element("span", "rule", kind), element("span", "name", line), element("span", "code", moved)];
    return element("li", "", button("finding", () => goTo(one), ...texts));
  });
  const count = element("span", "hint", items.length === 0 ? "" : String(items.length));
  const body = items.length === 0 ? element("p", "quiet", w("noDifferences")) : element("ul", "findings long", ...items);
  return element("section", "", element("h3", "", w("differences"), " ", count), body);
}
