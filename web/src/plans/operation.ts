/** Edits as the service takes them: never polygons, only what is done to them. */

import type { Corner } from "./service";

/** A border between communities may move only if that is said. */
export interface Across {
  across?: true;
}
export type Operation =
  | ({ op: "move_vertex"; at: Corner; to: Corner } & Across)
  | ({ op: "insert_vertex"; at: Corner; to?: Corner } & Across)
  | ({ op: "delete_vertex"; at: Corner } & Across)
  | { op: "split"; code: string; line: Corner[] }
  | ({ op: "merge"; codes: string[]; into: string } & Across)
  | ({ op: "give"; ground: Corner[][]; to: string; of: string } & Across)
  | ({ op: "give_buildings"; buildings: string[]; to: string; strip?: number } & Across)
  | ({ op: "redraw_border"; one: string; other: string; line: Corner[] } & Across)
  | { op: "merge_parents"; codes: string[]; into: string }
  | { op: "assign"; codes: string[]; to: string }
  | { op: "rename"; code: string; name: string };

/** What else an edit is about: the grid it starts from, the neighbour, and whether communities' borders may move. */
export interface About {
  code: string;
  neighbour: string | null;
  across: boolean;
}

/** A flag that is only sent where it is set. */
export function flag(across: boolean): Across {
  return across ? { across: true } : {};
}

/** The first area goes on, and takes the ground of the others. */
export function merge(codes: readonly string[], across: boolean): Operation | null {
  const [into] = codes;
  return into === undefined || codes.length < 2 ? null : { op: "merge", codes: [...codes], into, ...flag(across) };
}

/** The first area above the grids goes on, and takes in what lies in the others. */
export function mergeParents(codes: readonly string[]): Operation | null {
  const [into] = codes;
  return into === undefined || codes.length < 2 ? null : { op: "merge_parents", codes: [...codes], into };
}

export function split(code: string, line: Corner[]): Operation | null {
  return line.length < 2 ? null : { op: "split", code, line };
}

export function redrawBorder(line: Corner[], { code, neighbour, across }: About): Operation | null {
  if (neighbour === null || line.length < 2) return null;
  return { op: "redraw_border", one: code, other: neighbour, line, ...flag(across) };
}

/** Ground inside drawn corners goes from one area to another; the ring is closed here. */
export function give(corners: Corner[], { code, neighbour, across }: About): Operation | null {
  const [first] = corners;
  if (neighbour === null || first === undefined || corners.length < 3) return null;
  return { op: "give", ground: [[...corners, first]], to: neighbour, of: code, ...flag(across) };
}

/** Buildings by their numbers as they are typed; a strip of so many metres leads to those that the neighbour does not touch. */
export function giveBuildings(typed: string, strip: number, neighbour: string | null, across: boolean): Operation | null {
  const buildings = typed.split(/[\s,，、;；]+/).filter((id) => id !== "");
  if (neighbour === null || buildings.length === 0) return null;
  return { op: "give_buildings", buildings, to: neighbour, ...(strip > 0 ? { strip } : {}), ...flag(across) };
}
