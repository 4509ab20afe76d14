/** The corners of areas: which there are, who shares them, what a drag did to them. */

import { flag, type Operation } from "./operation";
import type { Area, Corner, Ground, Ring } from "./service";

/** Metres of one degree of latitude; of longitude, times the cosine of the latitude (within 0.5 % everywhere). */
const DEGREE_M = 111_195;

/** All rings of an area, without the corner at the end that only closes them. */
export function rings({ type, coordinates }: Ground): Ring[] {
  const closed = type === "Polygon" ? coordinates : coordinates.flat();
  return closed.map((ring) => ring.slice(0, -1));
}

/** All corners of an area, ring by ring. */
export function corners(ground: Ground): Corner[] {
  return rings(ground).flat();
}

export function same(one: readonly number[], other: readonly number[]): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

/** Areas that have this very corner. */
export function sharers(areas: Iterable<Area>, corner: Corner): Area[] {
  return [...areas].filter(({ geometry }) => corners(geometry).some((one) => same(one, corner)));
}

/** Whether a corner lies on the outer border of all areas, which does not move: a side from it is one area's alone. */
export function outer(areas: Iterable<Area>, corner: Corner): boolean {
  const ends = sharers(areas, corner).flatMap(({ geometry }) => beside(geometry, corner)).map(String);
  return ends.some((end) => ends.indexOf(end) === ends.lastIndexOf(end));
}

/** The corners before and after one, in each ring that has it. */
function beside(ground: Ground, corner: Corner): Corner[] {
  return rings(ground).flatMap((ring) => {
    const at = ring.findIndex((one) => same(one, corner));
    return at === -1 ? [] : [ring[along(at, -1, ring.length)]!, ring[along(at, 1, ring.length)]!];
  });
}

/** Areas with at least two corners in common with some: those these have a border with, in the order of their codes. */
export function neighbours(areas: Iterable<Area>, ...some: Area[]): Area[] {
  const own = new Set(some.flatMap(({ geometry }) => corners(geometry).map(String)));
  const ids = new Set(some.map(({ id }) => id));
  const common = (other: Area) => corners(other.geometry).filter((corner) => own.has(String(corner))).length;
  return [...areas].filter((other) => !ids.has(other.id) && common(other) >= 2).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The corner so many steps on, round and round. */
export function along(at: number, steps: number, count: number): number {
  return count === 0 ? 0 : (((at + steps) % count) + count) % count;
}

/** A place so many metres east and north of another. */
export function shifted([lon, lat]: Corner, east: number, north: number): Corner {
  const narrow = Math.cos((lat * Math.PI) / 180);
  return [lon + east / (DEGREE_M * narrow), lat + north / DEGREE_M];
}

/** Metres from one place to another nearby. */
export function apart(one: Corner, other: Corner): number {
  const narrow = Math.cos((one[1] * Math.PI) / 180);
  return DEGREE_M * Math.hypot((other[0] - one[0]) * narrow, other[1] - one[1]);
}

/** The place on a border that is nearest to another place. */
export function foot(start: Corner, end: Corner, [lon, lat]: Corner): Corner {
  const narrow = Math.cos((lat * Math.PI) / 180) ** 2;
  const [east, north] = [end[0] - start[0], end[1] - start[1]];
  const length = east * east * narrow + north * north;
  const share = ((lon - start[0]) * east * narrow + (lat - start[1]) * north) / length;
  const held = Math.min(1, Math.max(0, share));
  return [start[0] + held * east, start[1] + held * north];
}

/**
 * What a drag or click did to the rings of an area: one corner went elsewhere, came in on a side, or is gone.
 *
 * `held` are the corners as the service keeps them, `before` and `after` the same on the map; null where nothing moved.
 */
export function dragged(held: Ring[], before: Ring[], after: Ring[], toDegrees: (place: Corner) => Corner): Operation | null {
  for (const [number, ring] of before.entries()) {
    const now = after[number]!;
    const at = ring.findIndex((corner, index) => now[index] === undefined || !same(corner, now[index]));
    if (now.length < ring.length) return { op: "delete_vertex", at: held[number]!.at(at)! };
    if (now.length > ring.length) return inserted(held[number]!, at === -1 ? ring.length : at, toDegrees(now.at(at)!));
    if (at !== -1) return { op: "move_vertex", at: held[number]![at]!, to: toDegrees(now[at]!) };
  }
  return null;
}

function inserted(ring: Ring, at: number, to: Corner): Operation {
  const [start, end] = [ring[along(at, -1, ring.length)]!, ring[along(at, 0, ring.length)]!];
  return { op: "insert_vertex", at: foot(start, end, to), to };
}

/** A corner in the middle of the side that follows another one. */
export function halfway(ground: Ground, at: number): Operation | null {
  const found = sideAfter(ground, at);
  if (found === null) return null;
  const [start, end] = found;
  return { op: "insert_vertex", at: [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2] };
}

function sideAfter(ground: Ground, at: number): [Corner, Corner] | null {
  let left = at;
  for (const ring of rings(ground)) {
    if (left < ring.length) return [ring[left]!, ring[along(left, 1, ring.length)]!];
    left -= ring.length;
  }
  return null;
}

/** The edit of a drag, with what it may move. */
export function withAcross(operation: Operation, across: boolean): Operation {
  return "at" in operation ? { ...operation, ...flag(across) } : operation;
}
