/** A draft as the page holds it, and what an edit makes of it. */

import type { Area, Edited, Figures, Finding, Plan, Turn, Upper, Whole } from "./service";
import { w } from "./words";

export interface Held {
  plan: Plan;
  areas: ReadonlyMap<string, Area>;
  upper: readonly Upper[];
  findings: readonly Finding[];
  /** whether all of it was checked, or only what was edited */
  checked: boolean;
  /** figures on both sides of the last edit, by code */
  turns: Readonly<Record<string, Turn>>;
}

/** A draft as the service tells it; without findings while it is still being checked. */
export function opened({ plan, upper, features }: Whole, findings: readonly Finding[] | null): Held {
  return { plan, upper, findings: findings ?? [], checked: findings !== null, areas: new Map(features.map((area) => [area.id, area])), turns: {} };
}

/** The draft after an edit: areas that changed stand in the place of the old ones, findings of them are told anew. */
export function followed(held: Held, edited: Edited): Held {
  const areas = new Map(held.areas);
  edited.removed.forEach((code) => areas.delete(code));
  edited.changed.features.forEach((area) => areas.set(area.id, area));
  const touched = new Set([...edited.removed, ...edited.changed.features.map(({ id }) => id)]);
  const stay = held.findings.filter(({ properties }) => !properties.codes.some((code) => touched.has(code)));
  const { version, can_undo, can_redo } = edited;
  return {
    plan: { ...held.plan, version, can_undo, can_redo, areas: areas.size },
    areas,
    upper: edited.upper ?? held.upper,
    checked: held.checked,
    findings: [...edited.findings.features, ...stay],
    turns: edited.figures,
  };
}

/** Codes that an edit touched and that are still there. */
export function touched(edited: Edited): string[] {
  return edited.changed.features.map(({ id }) => id);
}

/** What an area is called: its name, or its code where that is not known. */
export function named(held: Held, code: string): string {
  const found = held.areas.get(code)?.properties ?? held.upper.find((one) => one.code === code);
  return found?.name ?? code;
}

/** Areas that a sentence names; of more, the first ones and how many there are. */
const NAMED = 6;

/** What areas are called, one after the other. */
export function listed(held: Held, codes: readonly string[]): string {
  const names = codes.slice(0, NAMED).map((code) => named(held, code)).join(w("separator"));
  return codes.length > NAMED ? w("andMore", { names, n: codes.length - NAMED }) : names;
}

/** Sums of a draft: how many areas, households, and how many areas are within a share of the target. */
export interface Sums {
  areas: number;
  households: number | null;
  within: number | null;
  compactness: number;
}

/** Share of the target within which an area counts as fitting. */
export const FITTING = 0.1;

export function sums(areas: Iterable<Area>): Sums {
  const all: Figures[] = [...areas].map(({ properties }) => properties);
  const known = all.filter(({ households }) => households !== null);
  const none = known.length === 0;
  return {
    areas: all.length,
    households: none ? null : known.reduce((sum, { households }) => sum + households!, 0),
    within: none ? null : known.filter(({ deviation }) => Math.abs(deviation ?? Infinity) <= FITTING).length,
    compactness: all.length === 0 ? 0 : all.reduce((sum, { compactness }) => sum + compactness, 0) / all.length,
  };
}
