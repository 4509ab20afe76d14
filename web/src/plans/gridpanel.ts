/** The selected grid: its figures before and after the last edit, its name and what it is part of. */

import { button, element } from "../dom";
import { type Held, named, sums } from "./held";
import type { Operation } from "./operation";
import type { Area, Figures, Upper } from "./service";
import { figure, figureName, FIGURES, hectares } from "./told";
import { gridsOf } from "./units";
import { w, type Word } from "./words";

export function gridPanel(held: Held, chosen: readonly string[], level: string | null, may: boolean, edit: (operation: Operation) => void): HTMLElement {
  if (level !== null || chosen.length > 1) return severalPanel(held, chosen, level, may, edit);
  const area = held.areas.get(chosen[0] ?? "");
  const panel = element("section", "grid-panel");
  if (area === undefined) {
    panel.append(element("p", "quiet", w("nothingChosen")));
    return panel;
  }
  const { name, code } = area.properties;
  panel.append(element("h3", "", name ?? code, " ", element("span", "code", name === null ? "" : code)), figureTable(held, area));
  if (may) panel.append(element("details", "", element("summary", "", w("naming")), renameForm(area.properties, edit), ...assignForms(held, [area], edit)));
  return panel;
}

/** Several grids, or areas above them: their sums, and what can be done with all of them. */
function severalPanel(held: Held, chosen: readonly string[], level: string | null, may: boolean, edit: (operation: Operation) => void): HTMLElement {
  const areas = gridsOf(held, chosen, level).flatMap((code) => held.areas.get(code) ?? []);
  const panel = element("section", "grid-panel");
  const [first] = chosen;
  if (first === undefined) {
    panel.append(element("p", "quiet", w("nothingChosen")));
    return panel;
  }
  const heading = chosen.length === 1 ? [named(held, first), " ", element("span", "code", first)] : [w("chosen", { n: chosen.length })];
  panel.append(element("h3", "", ...heading), sumTable(areas, level === null ? null : held.plan.target));
  if (!may) return panel;
  const one = level !== null && chosen.length === 1 ? held.upper.find(({ code }) => code === first) : undefined;
  const parts = [...(one === undefined ? [] : [renameForm(one, edit)]), ...(level === null ? assignForms(held, areas, edit) : [])];
  if (parts.length > 0) panel.append(element("details", "", element("summary", "", w("naming")), ...parts));
  return panel;
}

/** Sums of several grids; of areas above them also how many grids of the target's size that would be. */
function sumTable(areas: Area[], target: number | null): HTMLElement {
  const { households } = sums(areas);
  const known = (name: "residents" | "buildings") => areas.reduce<number | null>((sum, { properties }) => (properties[name] === null ? sum : (sum ?? 0) + properties[name]), null);
  const rows: [string, string][] = [
    [w("count"), String(areas.length)],
    [w("households"), figure("households", { households } as Figures)],
    [w("residents"), String(known("residents") ?? "–")],
    [w("buildingsCount"), String(known("buildings") ?? "–")],
    [w("area_m2"), hectares(areas.reduce((sum, { properties }) => sum + properties.area_m2, 0))],
    ...(target === null || households === null || areas.length === 0 ? [] : [[w("meanHouseholds"), (households / areas.length).toFixed(0)] as [string, string]]),
  ];
  const body = rows.map(([head, value]) => element("tr", "", Object.assign(element("th", "", head), { scope: "row" }), element("td", "number", value)));
  return element("table", "chain figures sums", element("tbody", "", ...body));
}

function figureTable(held: Held, area: Area): HTMLElement {
  const turn = held.turns[area.id];
  const before = turn?.before ?? null;
  const row = (head: string, cells: string[], changed: boolean) => {
    const title = element("th", "", head);
    title.scope = "row";
    return element("tr", changed ? "changed" : "", title, ...cells.map((text) => element("td", "number", text)));
  };
  const rows = FIGURES.map((one) => {
    const now = figure(one, area.properties);
    const then = figure(one, before);
    return row(figureName(one), before === null ? [now] : [then, now], before !== null && then !== now);
  });
  const heads: Word[] = before === null ? ["figure", "after"] : ["figure", "before", "after"];
  const head = element("tr", "", ...heads.map((key) => Object.assign(element("th", "", w(key)), { scope: "col" })));
  return element("table", "chain figures", element("thead", "", head), element("tbody", "", ...rows));
}

function renameForm({ code, name }: Upper, edit: (operation: Operation) => void): HTMLElement {
  const typed = Object.assign(element("input", ""), { type: "text", id: "rename", maxLength: 200, required: true, value: name ?? "" });
  return form("name", "rename", typed, () => edit({ op: "rename", code, name: typed.value.trim() }));
}

/** Move grids to another area above; of a single one, also all that lies beside it there. */
function assignForms(held: Held, areas: readonly Area[], edit: (operation: Operation) => void): HTMLElement[] {
  const parent = areas[0]?.properties.parent ?? null;
  const level = held.upper.find((one) => one.code === parent)?.level;
  const others = held.upper.filter((one) => one.level === level);
  if (parent === null || others.length < 2) return [];
  const choice = element("select", "", ...others.map((one) => new Option(one.name ?? one.code, one.code, false, one.code === parent)));
  choice.id = "assign";
  const leaving = () => areas.filter(({ properties }) => properties.parent !== choice.value).map(({ id }) => id);
  const move = form("parent", "assign", choice, () => {
    if (leaving().length > 0) edit({ op: "assign", codes: leaving(), to: choice.value });
  });
  if (areas.length > 1) return [move];
  const join = button("choice", () => {
    if (choice.value !== parent) edit({ op: "merge_parents", codes: [parent, choice.value], into: choice.value });
  }, w("joinParents"));
  return [move, join];
}

function form(caption: Word, action: Word, input: HTMLElement, done: () => void): HTMLElement {
  const label = element("label", "caption", w(caption));
  label.htmlFor = input.id;
  const made = element("form", "field", label, element("div", "row", input, element("button", "choice", w(action))));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    done();
  });
  return made;
}
