/** Tools, undo and redo above the map, and below them what the tool in use still needs to know. */

import { button, element } from "../dom";
import { type Tool, TOOLS } from "./tools";
import { w, type Word } from "./words";

export interface ToolDoing {
  use: (tool: Tool) => void;
  step: (which: "undo" | "redo") => void;
}

/** What can be done just now. */
export interface May {
  edit: boolean;
  undo: boolean;
  redo: boolean;
}

export class Toolbar {
  readonly element: HTMLElement;
  private readonly tools = new Map<Tool, HTMLButtonElement>();
  private readonly steps = new Map<"undo" | "redo", HTMLButtonElement>();

  constructor({ use, step }: ToolDoing, ...more: HTMLElement[]) {
    TOOLS.forEach((tool) => this.tools.set(tool, toolButton(tool, () => use(tool))));
    (["undo", "redo"] as const).forEach((which) => {
      const made = button("tool", () => step(which), w(which));
      made.id = which;
      made.setAttribute("aria-keyshortcuts", which === "undo" ? "Control+Z" : "Control+Y");
      this.steps.set(which, made);
    });
    const group = element("div", "group", ...this.tools.values());
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", w("tools"));
    this.element = element("div", "toolbar", group, element("div", "group", ...this.steps.values()), ...more);
  }

  /** Show which tool is in use; `above` the grids there is nothing but merging. */
  show(tool: Tool, may: May, above = false): void {
    this.tools.forEach((made, one) => {
      made.setAttribute("aria-pressed", String(one === tool));
      made.disabled = one !== "look" && !(may.edit && (one === "merge" || !above));
    });
    this.steps.get("undo")!.disabled = !may.undo;
    this.steps.get("redo")!.disabled = !may.redo;
  }
}

function toolButton(tool: Tool, pressed: () => void): HTMLButtonElement {
  const made = button("tool", pressed, w(tool));
  made.id = `tool-${tool}`;
  return made;
}

/** A choice of one of several codes under a caption. */
export function choice(id: string, caption: Word, options: [string, string][], chosen: string | null, changed: (code: string) => void): HTMLElement {
  const select = element("select", "", ...options.map(([code, name]) => new Option(name, code, false, code === chosen)));
  select.id = id;
  select.addEventListener("change", () => changed(select.value));
  const label = element("label", "", w(caption));
  label.htmlFor = id;
  return element("span", "option", label, select);
}

export function tick(id: string, caption: Word, checked: boolean, changed: (checked: boolean) => void): HTMLElement {
  const box = Object.assign(element("input", ""), { type: "checkbox", id, checked });
  box.addEventListener("change", () => changed(box.checked));
  return element("label", "option", box, w(caption));
}
