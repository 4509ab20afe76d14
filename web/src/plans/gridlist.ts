/** The list of grids by which they are selected without a map: one with the arrow keys, several with space. */

import { element } from "../dom";
import type { Held } from "./held";
import type { Area } from "./service";
import { percent } from "./told";
import { w } from "./words";

export class GridList {
  readonly element: HTMLElement;
  private readonly list = element("ul", "grids");
  private readonly filter = Object.assign(element("input", ""), { type: "search", id: "filter" });
  private readonly count = element("span", "hint");
  private areas: Area[] = [];
  private chosen: readonly string[] = [];
  private active: string | null = null;

  constructor(private readonly choose: (codes: string[], goTo: boolean) => void) {
    Object.assign(this.list, { tabIndex: 0, id: "grids" });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.list.setAttribute("aria-label", w("gridsKeys"));
    this.filter.placeholder = w("filter");
    this.filter.setAttribute("aria-label", w("filter"));
    this.filter.addEventListener("input", () => this.draw());
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.element = element("section", "", element("h3", "", w("grids"), " ", this.count), this.filter, this.list);
  }

  show(held: Held): void {
    this.areas = [...held.areas.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.draw();
  }

  mark(chosen: readonly string[]): void {
    this.chosen = chosen;
    this.active = chosen.at(-1) ?? this.active;
    this.count.textContent = chosen.length === 0 ? "" : w("chosen", { n: chosen.length });
    for (const item of this.items()) item.setAttribute("aria-selected", String(chosen.includes(item.dataset.code!)));
    this.point();
  }

  private items(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  private draw(): void {
    const words = this.filter.value.trim().toLowerCase();
    const fits = ({ properties: { name, code } }: Area) => `${name ?? ""} ${code}`.toLowerCase().includes(words);
    this.list.replaceChildren(...this.areas.filter(fits).map(item));
    this.mark(this.chosen);
  }

  private point(): void {
    const item = this.items().find(({ dataset }) => dataset.code === this.active);
    this.items().forEach((one) => one.classList.toggle("active", one === item));
    if (item === undefined) this.list.removeAttribute("aria-activedescendant");
    else this.list.setAttribute("aria-activedescendant", item.id);
    // without moving the page: only the list scrolls
    if (item !== undefined && document.activeElement === this.list) item.scrollIntoView({ block: "nearest" });
  }

  private pressed(event: KeyboardEvent): void {
    const items = this.items();
    const at = items.findIndex(({ dataset }) => dataset.code === this.active);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const next = steps[event.key];
    if (next !== undefined) this.goTo(items[Math.min(items.length - 1, Math.max(0, next))], event.ctrlKey || event.metaKey);
    else if (event.key === " " && this.active !== null) this.toggle(this.active);
    else return;
    event.preventDefault();
  }

  /** The next one is selected, or with Ctrl only pointed at, to be added by space. */
  private goTo(item: HTMLElement | undefined, pointOnly: boolean): void {
    if (item === undefined) return;
    this.active = item.dataset.code!;
    if (pointOnly) this.point();
    else this.choose([this.active], true);
  }

  private clicked(event: MouseEvent): void {
    const code = (event.target as HTMLElement).closest("li")?.dataset.code;
    if (code === undefined) return;
    if (event.shiftKey || event.ctrlKey || event.metaKey) this.toggle(code);
    else this.choose([code], true);
  }

  private toggle(code: string): void {
    const others = this.chosen.filter((one) => one !== code);
    const chosen = others.length === this.chosen.length ? [...others, code] : others;
    this.choose(chosen, false);
    this.active = code;
    this.point();
  }
}

function item({ id, properties: { name, households, deviation } }: Area): HTMLElement {
  const figures = [households === null ? "" : String(households), deviation === null ? "" : percent(deviation)];
  const made = element("li", "", element("span", "name", name ?? id), ...figures.map((text) => element("span", "number", text)));
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.id = `grid-${id}`;
  made.dataset.code = id;
  return made;
}
