/** Borders between areas that are part of different communities, which only move where that is allowed. */

import { rings } from "./corners";
import type { Area, Corner } from "./service";

/** Sides with areas of different parents, or none, on the other side; or with others than `parentOf` tells apart. */
export function parentBorders(areas: Iterable<Area>, parentOf = (area: Area) => area.properties.parent): [Corner, Corner][] {
  const sides = new Map<string, { side: [Corner, Corner]; parent: string | null; inner: boolean }>();
  for (const area of areas) {
    const parent = parentOf(area);
    for (const ring of rings(area.geometry)) {
      ring.forEach((start, at) => {
        const end = ring[(at + 1) % ring.length]!;
        // the same side runs the other way round in the area beyond
        const key = start[0] < end[0] || (start[0] === end[0] && start[1] < end[1]) ? `${start};${end}` : `${end};${start}`;
        const beyond = sides.get(key);
        if (beyond === undefined) sides.set(key, { side: [start, end], parent, inner: false });
        else beyond.inner = beyond.parent === parent;
      });
    }
  }
  return [...sides.values()].filter(({ inner }) => !inner).map(({ side }) => side);
}
