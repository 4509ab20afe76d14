/** Colours of areas: how far off the target they are, or what was found. */

import type { Area, Finding } from "./service";
import type { Word } from "./words";

export type Mode = "deviation" | "findings";
export interface Class {
  key: Word;
  fill: string;
}

/**
 * Blue for too few, orange for too many: told apart by all kinds of colour vision, and by lightness alone from what
 * fits (ColorBrewer PuOr and Blues, which their authors mark as colour-blind safe and fit for print).
 */
const DEVIATIONS: (Class & { most: number })[] = [
  { key: "muchLess", most: -0.3, fill: "#5e9fcb" },
  { key: "less", most: -0.1, fill: "#bcd9ec" },
  { key: "fits", most: 0.1, fill: "#f6f6f2" },
  { key: "more", most: 0.3, fill: "#fdd7a2" },
  { key: "muchMore", most: Infinity, fill: "#f09a3e" },
];
const UNKNOWN: Class = { key: "unknown", fill: "#d9dce0" };
const FOUND: Record<"blocks" | "found" | "clean", Class> = {
  blocks: { key: "blocking", fill: "#d4826a" },
  found: { key: "found", fill: "#fbe3a6" },
  clean: { key: "clean", fill: "#f6f6f2" },
};

export function classes(mode: Mode): Class[] {
  return mode === "deviation" ? [...DEVIATIONS, UNKNOWN] : [FOUND.blocks, FOUND.found, FOUND.clean];
}

/** The class of a deviation; one that lies on a limit is in the class nearer to the target. */
export function deviationClass(deviation: number | null): Class {
  if (deviation === null) return UNKNOWN;
  return DEVIATIONS.find(({ most }) => (most < 0 ? deviation < most : deviation <= most))!;
}

/** How bad it is by code: whether anything was found, and whether it blocks. */
export function worst(findings: readonly Finding[]): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const { properties } of findings) {
    for (const code of properties.codes) found.set(code, properties.blocks || (found.get(code) ?? false));
  }
  return found;
}

export function colourOf(area: Area, mode: Mode, found: Map<string, boolean>): string {
  if (mode === "deviation") return deviationClass(area.properties.deviation).fill;
  const blocks = found.get(area.id);
  return FOUND[blocks === undefined ? "clean" : blocks ? "blocks" : "found"].fill;
}
