/** What is selected: grids, or areas of a level above them, each of which is the grids in it. */

import { neighbours } from "./corners";
import { type Held, named, sums } from "./held";
import type { Area, Upper } from "./service";

/** Something to be selected, as the list shows it. */
export interface Item {
  code: string;
  name: string;
  households: number | null;
  /** how far a grid is off the target; null where that is not known, or nothing is asked of the level */
  deviation: number | null;
  /** how many grids lie in it; null of a grid */
  grids: number | null;
}

/** Levels above the grids that have several areas, from the finest up. */
export function levelsAbove(held: Held): string[] {
  const [first] = held.areas.values();
  if (first === undefined) return [];
  const levels = ancestors(held, first).flatMap(({ level }) => level ?? []);
  return levels.filter((level) => held.upper.filter((one) => one.level === level).length > 1);
}

/** The areas that hold a grid, from the finest up. */
export function ancestors(held: Held, area: Area): Upper[] {
  const found: Upper[] = [];
  let code = area.properties.parent;
  while (code !== null) {
    const above = held.upper.find((one) => one.code === code);
    if (above === undefined || found.includes(above)) break;
    found.push(above);
    code = above.parent;
  }
  return found;
}

/** What a grid belongs to on a level; itself where none is asked for. */
export function unitOf(held: Held, code: string, level: string | null): string | null {
  const area = held.areas.get(code);
  if (area === undefined || level === null) return area?.id ?? null;
  return ancestors(held, area).find((one) => one.level === level)?.code ?? null;
}

/** The grids in each area of a level. */
export function gridsByUnit(held: Held, level: string): Map<string, Area[]> {
  const found = new Map<string, Area[]>();
  // children of one parent have the same ancestors
  const known = new Map<string | null, string | null>();
  for (const area of held.areas.values()) {
    const { parent } = area.properties;
    if (!known.has(parent)) known.set(parent, unitOf(held, area.id, level));
    const code = known.get(parent);
    if (code != null) found.set(code, [...(found.get(code) ?? []), area]);
  }
  return found;
}

/** The grids that are selected: those themselves, or all in the areas that are. */
export function gridsOf(held: Held, codes: readonly string[], level: string | null): string[] {
  if (level === null) return codes.filter((code) => held.areas.has(code));
  const within = gridsByUnit(held, level);
  return codes.flatMap((code) => within.get(code) ?? []).map(({ id }) => id);
}

/** Whatever can be selected, in the order of the codes. */
export function items(held: Held, level: string | null): Item[] {
  const found = level === null ? [...held.areas.values()].map(gridItem) : [...gridsByUnit(held, level)].map(([code, areas]) => unitItem(held, code, areas));
  return found.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function gridItem({ id, properties: { name, households, deviation } }: Area): Item {
  return { code: id, name: name ?? id, households, deviation, grids: null };
}

function unitItem(held: Held, code: string, areas: Area[]): Item {
  return { code, name: named(held, code), households: sums(areas).households, deviation: null, grids: areas.length };
}

/** Codes of those that have a border with one, on its level. */
export function besides(held: Held, code: string | undefined, level: string | null): string[] {
  if (code === undefined) return [];
  const own = gridsOf(held, [code], level).flatMap((one) => held.areas.get(one) ?? []);
  const beyond = neighbours(held.areas.values(), ...own).map(({ id }) => unitOf(held, id, level));
  return [...new Set(beyond)].filter((one) => one !== null && one !== code) as string[];
}
