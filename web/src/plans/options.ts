/** What the tool in use does next, and what it still needs to know: the neighbour, and whether communities may change. */

import { button, element } from "../dom";
import { type Held, named, sums } from "./held";
import { giveBuildings, merge, mergeParents, type Operation } from "./operation";
import { choice, tick } from "./toolbar";
import type { Tool } from "./tools";
import { gridsOf } from "./units";
import { w, type Word } from "./words";

export interface Asking {
  held: Held;
  tool: Tool;
  chosen: readonly string[];
  /** the level above the grids that is selected from; null: grids themselves */
  level: string | null;
  /** codes of areas that touch the first one selected */
  beside: readonly string[];
  neighbour: string | null;
  across: boolean;
  may: boolean;
  /** whether what others did waits to be decided on */
  met: boolean;
}
export interface OptionsDoing {
  edit: (operation: Operation) => void;
  neighbour: (code: string) => void;
  across: (may: boolean) => void;
  finish: () => void;
  cancel: () => void;
}

const NEEDS_NEIGHBOUR: readonly Tool[] = ["merge", "give", "redraw"];
const DRAWS: readonly Tool[] = ["split", "give", "redraw"];

export function options(asking: Asking, doing: OptionsDoing): HTMLElement[] {
  const { tool, may, chosen, across } = asking;
  const parts: HTMLElement[] = [element("p", "hint", hint(asking))];
  if (!may) return parts;
  if (NEEDS_NEIGHBOUR.includes(tool) && chosen.length > 0) parts.push(neighbours(asking, doing));
  if (tool === "merge") parts.push(...merges(asking, doing));
  if (tool === "give" && asking.neighbour !== null) parts.push(buildings(asking, doing));
  if (tool !== "look" && tool !== "split" && asking.level === null) parts.push(tick("across", "across", across, doing.across));
  if (DRAWS.includes(tool) && chosen.length > 0) {
    parts.push(element("span", "option", button("choice", doing.finish, w("finish")), button("choice", doing.cancel, w("cancel"))));
  }
  return parts;
}

function hint({ held, tool, chosen, level, neighbour, may, met }: Asking): string {
  if (met) return w("hint_met");
  if (!may) return w("hint_readonly");
  const [first] = chosen;
  if (first === undefined && tool !== "look" && tool !== "border") return w("hint_choose");
  const name = first === undefined ? "" : named(held, first);
  if (level !== null) return w(tool === "merge" ? "hint_mergeAbove" : "hint_lookAbove", { name });
  return w(`hint_${tool}` as Word, { name, neighbour: neighbour === null ? "" : named(held, neighbour) });
}

function neighbours({ held, beside, neighbour }: Asking, doing: OptionsDoing): HTMLElement {
  const listed = beside.map((code) => [code, named(held, code)] as [string, string]);
  return choice("neighbour", "neighbour", listed, neighbour, doing.neighbour);
}

/** Merge all that are selected, or the only one with its neighbour. */
function merges({ held, chosen, level, neighbour, across }: Asking, { edit }: OptionsDoing): HTMLElement[] {
  const alone = chosen.length === 1 && neighbour !== null;
  const codes = alone ? [chosen[0]!, neighbour] : chosen;
  const operation = level === null ? merge(codes, across) : mergeParents(codes);
  if (operation === null) return [];
  const words = alone ? w("mergeNeighbour", { name: named(held, neighbour) }) : w("mergeNow", { n: chosen.length });
  const made = button("primary", () => edit(operation), words);
  made.id = "merge-now";
  const { households } = sums(gridsOf(held, codes, level).flatMap((code) => held.areas.get(code) ?? []));
  return [made, ...(households === null ? [] : [element("span", "hint total", w("together", { households }))])];
}

function buildings({ neighbour, across }: Asking, { edit }: OptionsDoing): HTMLElement {
  const input = Object.assign(element("input", ""), { type: "text", id: "buildings", maxLength: 2000 });
  const label = element("label", "", w("buildings"));
  label.htmlFor = "buildings";
  const strip = Object.assign(element("input", ""), { type: "number", id: "strip", min: "0", step: "any" });
  strip.setAttribute("aria-label", w("strip"));
  strip.placeholder = w("strip");
  const form = element("form", "option", label, input, strip, element("button", "choice", w("giveBuildings")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const operation = giveBuildings(input.value, Number(strip.value), neighbour, across);
    if (operation !== null) edit(operation);
  });
  return form;
}
