/** The areas in force on the day that a plan was made from, to be put beside it. */

import { getArea, getLength } from "ol/sphere";
import { type Config, getAreas } from "../api";
import { onMap } from "./draftmap";
import { type Held, opened } from "./held";
import type { Area } from "./service";

/** Areas as the service lists them, without the figures that only plans have. */
interface Listed {
  features: (Omit<Area, "properties"> & { properties: Area["properties"] })[];
}

export async function standing(config: Config, { plan, upper }: Held, name: string): Promise<Held> {
  const level = plan.level ?? config.levels.at(-1) ?? "grid";
  const listed = (await getAreas(level, config.bounds ?? [-180, -90, 180, 90], plan.base)) as Listed;
  const features = listed.features.map((area) => measured(area, plan.target));
  return opened({ plan: { ...plan, id: 0, name, status: "published" }, upper: [...upper], features }, null);
}

/** An area with its figures; compactness is 4 pi area / perimeter squared, 1 for a circle (Polsby and Popper, 1991). */
function measured(area: Area, target: number): Area {
  const ground = onMap(area);
  const [size, around] = [getArea(ground), getLength(ground)];
  const households = area.properties.households ?? null;
  const deviation = households === null ? null : (households - target) / target;
  const compactness = around === 0 ? 0 : (4 * Math.PI * size) / around ** 2;
  return { ...area, properties: { ...area.properties, households, area_m2: size, compactness, deviation, buildings: null, parts: 1 } };
}
