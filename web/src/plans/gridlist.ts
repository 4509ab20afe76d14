/** The list of grids by which they are selected without a map: one with the arrow keys, several with space. */

import { element } from "../dom";
import { levelName } from "../i18n";
import type { Held } from "./held";
import { percent } from "./told";
import { redrawn } from "./redrawn";
import { choice } from "./toolbar";
import { type Item, items, levelsAbove } from "./units";
import { w } from "./words";

export class GridList {
  readonly element: HTMLElement;
  private readonly list = element("ul", "grids");
  private readonly filter = Object.assign(element("input", ""), { type: "search", id: "filter" });
  private readonly count = element("span", "hint");
  private readonly levels = element("div", "");
  private items: Item[] = [];
  private chosen: readonly string[] = [];
  private active: string | null = null;
  /** from where a range reaches that is selected with Shift */
  private anchor: string | null = null;

  constructor(private readonly choose: (codes: string[], goTo: boolean) => void, private readonly chooseLevel: (level: string | null) => void) {
    Object.assign(this.list, { tabIndex: 0, id: "grids" });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.list.setAttribute("aria-label", w("gridsKeys"));
    this.filter.placeholder = w("filter");
    this.filter.setAttribute("aria-label", w("filter"));
    this.filter.addEventListener("input", () => this.draw());
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.element = element("section", "", element("h3", "", w("areas"), " ", this.count), this.levels, this.filter, this.list);
  }

  /** Show what can be selected: grids, or the areas of a level above them. */
  show(held: Held, level: string | null): void {
    this.items = items(held, level);
    const above = levelsAbove(held).map((one) => [one, levelName(one)] as [string, string]);
    const all: [string, string][] = [["", held.plan.level === null ? w("grids") : levelName(held.plan.level)], ...above];
    const select = choice("level", "level", all, level ?? "", (chosen) => this.chooseLevel(chosen === "" ? null : chosen));
    redrawn(this.levels, ...(above.length === 0 ? [] : [select]));
    this.draw();
  }

  mark(chosen: readonly string[]): void {
    this.chosen = chosen;
    this.active = chosen.at(-1) ?? this.active;
    this.count.textContent = chosen.length === 0 ? "" : w("chosen", { n: chosen.length });
    for (const item of this.rows()) item.setAttribute("aria-selected", String(chosen.includes(item.dataset.code!)));
    this.point();
  }

  private rows(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  private draw(): void {
    const words = this.filter.value.trim().toLowerCase();
    const fits = ({ name, code }: Item) => `${name} ${code}`.toLowerCase().includes(words);
    this.list.replaceChildren(...this.items.filter(fits).map(row));
    this.mark(this.chosen);
  }

  private point(): void {
    const item = this.rows().find(({ dataset }) => dataset.code === this.active);
    this.rows().forEach((one) => one.classList.toggle("active", one === item));
    if (item === undefined) this.list.removeAttribute("aria-activedescendant");
    else this.list.setAttribute("aria-activedescendant", item.id);
    // without moving the page: only the list scrolls
    if (item !== undefined && document.activeElement === this.list) item.scrollIntoView({ block: "nearest" });
  }

  private pressed(event: KeyboardEvent): void {
    const items = this.rows();
    const at = items.findIndex(({ dataset }) => dataset.code === this.active);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const next = steps[event.key];
    const only = event.ctrlKey || event.metaKey;
    if (next !== undefined) this.goTo(items[Math.min(items.length - 1, Math.max(0, next))], event.shiftKey ? "range" : only ? "point" : "choose");
    else if (event.key === " " && this.active !== null) this.toggle(this.active);
    else if (only && event.key.toLowerCase() === "a") this.choose(items.map(({ dataset }) => dataset.code!), false);
    else return;
    event.preventDefault();
  }

  /** The next one is selected, with Shift all up to it, or with Ctrl it is only pointed at, to be added by space. */
  private goTo(item: HTMLElement | undefined, how: "choose" | "range" | "point"): void {
    if (item === undefined) return;
    if (how === "range") return this.reach(item.dataset.code!);
    this.active = item.dataset.code!;
    if (how === "point") this.point();
    else this.only(this.active);
  }

  private only(code: string): void {
    this.anchor = code;
    this.choose([code], true);
  }

  /** Select all from the one that was selected last by itself up to another; the former stays the first. */
  private reach(code: string): void {
    const codes = this.rows().map(({ dataset }) => dataset.code!);
    const from = codes.indexOf(this.anchor ?? this.chosen[0] ?? code);
    const to = codes.indexOf(code);
    const all = from === -1 ? [code] : codes.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.choose(from > to ? all.reverse() : all, false);
    this.active = code;
    this.point();
  }

  private clicked(event: MouseEvent): void {
    const code = (event.target as HTMLElement).closest("li")?.dataset.code;
    if (code === undefined) return;
    if (event.shiftKey) this.reach(code);
    else if (event.ctrlKey || event.metaKey) this.toggle(code);
    else this.only(code);
  }

  private toggle(code: string): void {
    const others = this.chosen.filter((one) => one !== code);
    const chosen = others.length === this.chosen.length ? [...others, code] : others;
    this.choose(chosen, false);
    this.active = this.anchor = code;
    this.point();
  }
}

function row({ code, name, households, deviation, grids }: Item): HTMLElement {
  const last = grids === null ? (deviation === null ? "" : percent(deviation)) : w("gridsIn", { n: grids });
  const figures = [households === null ? "" : String(households), last];
  const made = element("li", "", element("span", "name", name), ...figures.map((text) => element("span", "number", text)));
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.id = `grid-${code}`;
  made.dataset.code = code;
  return made;
}
