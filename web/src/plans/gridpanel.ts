/** The selected grid: its figures before and after the last edit, its name and what it is part of. */

import { button, element } from "../dom";
import type { Held } from "./held";
import type { Operation } from "./operation";
import type { Area } from "./service";
import { figure, figureName, FIGURES } from "./told";
import { w, type Word } from "./words";

export function gridPanel(held: Held, chosen: readonly string[], may: boolean, edit: (operation: Operation) => void): HTMLElement {
  const area = held.areas.get(chosen[0] ?? "");
  const panel = element("section", "grid-panel");
  if (area === undefined) {
    panel.append(element("p", "quiet", w("nothingChosen")));
    return panel;
  }
  const { name, code } = area.properties;
  panel.append(element("h3", "", name ?? code, " ", element("span", "code", name === null ? "" : code)), figureTable(held, area));
  if (may) panel.append(element("details", "", element("summary", "", w("naming")), ...forms(held, area, edit)));
  return panel;
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

function forms(held: Held, { properties: { code, name, parent } }: Area, edit: (operation: Operation) => void): HTMLElement[] {
  const named = Object.assign(element("input", ""), { type: "text", id: "rename", maxLength: 200, required: true, value: name ?? "" });
  const rename = form("name", "rename", named, () => edit({ op: "rename", code, name: named.value.trim() }));
  const level = held.upper.find((one) => one.code === parent)?.level;
  const others = held.upper.filter((one) => one.level === level);
  if (parent === null || others.length < 2) return [rename];
  const choice = element("select", "", ...others.map((one) => new Option(one.name ?? one.code, one.code, false, one.code === parent)));
  choice.id = "assign";
  const other = (operation: (to: string) => Operation) => {
    if (choice.value !== parent) edit(operation(choice.value));
  };
  const move = form("parent", "assign", choice, () => other((to) => ({ op: "assign", codes: [code], to })));
  const join = button("choice", () => other((to) => ({ op: "merge_parents", codes: [parent, to], into: to })), w("joinParents"));
  return [rename, move, join];
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
