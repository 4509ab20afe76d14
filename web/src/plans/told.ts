/** Figures, findings and differences in words. */

import type { Difference, Figures, Finding } from "./service";
import { isWord, w, type Word } from "./words";

/** Figures of an area in the order in which they are shown. */
export const FIGURES = ["households", "residents", "buildings", "area_m2", "compactness", "deviation"] as const;
export type FigureName = (typeof FIGURES)[number];

const NONE = "–";

export function figureName(name: FigureName): string {
  return w(name === "buildings" ? "buildingsCount" : name);
}

export function figure(name: FigureName, figures: Figures | null): string {
  const value = figures?.[name] ?? null;
  if (value === null) return NONE;
  if (name === "area_m2") return hectares(value);
  if (name === "deviation") return percent(value);
  return name === "compactness" ? value.toFixed(2) : String(value);
}

export function hectares(area: number): string {
  return w("hectares", { n: (area / 10_000).toFixed(area < 100_000 ? 2 : 1) });
}

/** A share with its sign: +12 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return `${rounded > 0 ? "+" : ""}${rounded}%`;
}

export function ruleName(rule: string): string {
  const key = `rule_${rule}`;
  return isWord(key) ? w(key) : rule;
}

/** What was measured and what the limit is: 4 m², limit 1 m². */
export function measured({ properties: { measured: value, limit, unit } }: Finding): string {
  return w("measure", { measured: quantity(value, unit), limit: quantity(limit, unit) });
}

function quantity(value: number, unit: string): string {
  const key = `unit_${unit}`;
  const shown = unit === "share" ? Math.round(value * 100) : Number(value.toFixed(value < 10 ? 2 : 0));
  return isWord(key) ? w(key, { n: shown }) : String(shown);
}

const KINDS: Record<string, Word> = { split: "split_kind", merge: "merge_kind" };

export function kindName(kind: string): string {
  const key = KINDS[kind] ?? kind;
  return isWord(key) ? w(key) : kind;
}

/** What is different: all but areas that are the same in both. */
export function differing(changes: readonly Difference[]): Difference[] {
  return changes.filter(({ kind }) => kind !== "unchanged");
}

/** A difference as a line: kind, which became which, and what passes; names as each side calls its areas. */
export function difference(one: Difference, oldName: Name, newName: Name): [string, string, string] {
  const old = one.old === null ? NONE : oldName(one.old);
  const fresh = one.new === null ? NONE : newName(one.new);
  const line = old === fresh ? fresh : w("becomes", { old, new: fresh });
  return [kindName(one.kind), line, w("moved", { households: one.households ?? NONE, area: hectares(one.area_m2) })];
}

type Name = (code: string) => string;
