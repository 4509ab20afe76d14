/** How areas, findings and what is being drawn look on the map. */

import type { FeatureLike } from "ol/Feature";
import type { Coordinate } from "ol/coordinate";
import { getCenter, getHeight, getWidth } from "ol/extent";
import MultiPoint from "ol/geom/MultiPoint";
import type MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import type Polygon from "ol/geom/Polygon";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import { FONT } from "../areas";
import { colourOf, type Mode } from "./colours";
import type { Area } from "./service";

const INK = "#16202b";
const HALO = new Stroke({ color: "#ffffff", width: 3 });
const BORDER = new Stroke({ color: "#54687d", width: 1.2 });
/** pixels below which ground that was found wrong is too small to be seen */
const TINY_PX = 14;

/** pixels below which an area is too small to bear its name */
const LABELLED_PX = 44;
/** metres per pixel from which borders of communities are drawn thin, since there are many on the screen */
const FAR_M = 6;

/** Pixels that a feature measures the longer way. */
function pixels(feature: FeatureLike, resolution: number): number {
  const extent = feature.getGeometry()!.getExtent();
  return Math.max(getWidth(extent), getHeight(extent)) / resolution;
}

/** What the look of an area depends on besides itself. */
export interface Look {
  mode: () => Mode;
  found: () => Map<string, boolean>;
  parentName: (code: string | null) => string;
}

/** Areas in the colour of the mode; over a basemap half of it shines through. */
export function areaStyle({ mode, found, parentName }: Look, basemap: boolean): (feature: FeatureLike, resolution: number) => Style {
  return (feature, resolution) => {
    const area = feature.get("area") as Area;
    const text = pixels(feature, resolution) < LABELLED_PX ? "" : label(area, parentName(area.properties.parent));
    return new Style({
      stroke: BORDER,
      fill: new Fill({ color: colourOf(area, mode(), found()) + (basemap ? "99" : "") }),
      text: new Text({ text, font: `400 12px ${FONT}`, fill: new Fill({ color: INK }), stroke: HALO, overflow: true }),
    });
  };
}

/** Name and households; the community that a name begins with stands on a line of its own, to be narrow. */
function label({ properties: { name, code, households } }: Area, parent: string): string {
  const called = name ?? code;
  const lines = parent !== "" && called.startsWith(parent) && called !== parent ? [parent, called.slice(parent.length)] : [called];
  return [...lines, ...(households === null ? [] : [String(households)])].join("\n");
}

/** Borders of communities, above those of their grids. */
export function parentStyle(_: FeatureLike, resolution: number): Style {
  return new Style({ stroke: new Stroke({ color: "#23507f", width: resolution > FAR_M ? 1.8 : 3 }) });
}

/** The corners of an area that can be dragged. */
const CORNERS = new Style({
  image: new Circle({ radius: 5, fill: new Fill({ color: "#ffffff" }), stroke: new Stroke({ color: "#0b4f8a", width: 2 }) }),
  geometry: (feature) => {
    if (feature.getGeometry()!.getType() === "MultiLineString") return undefined;
    const ground = feature.getGeometry() as Polygon | MultiPolygon;
    const rings = (ground.getType() === "Polygon" ? [ground.getCoordinates()] : ground.getCoordinates()) as Coordinate[][][];
    return new MultiPoint(rings.flat(2));
  },
});

/** The first one selected is the one an edit starts from. */
export function selectedStyle(feature: FeatureLike): Style[] {
  const first = feature.get("first") === true;
  const corners = first && feature.get("corners") === true ? [CORNERS] : [];
  return [
    new Style({ stroke: new Stroke({ color: "#ffffff", width: first ? 7 : 5 }) }),
    new Style({ stroke: new Stroke({ color: "#0b4f8a", width: first ? 4 : 3, ...(first ? {} : { lineDash: [8, 5] }) }) }),
    ...corners,
  ];
}

/** metres per pixel below which buildings bear how many households live in them */
const COUNTED_M = 0.7;
const STANDING = { fill: new Fill({ color: "#8793a166" }), stroke: new Stroke({ color: "#5b6876", width: 0.8 }) };
const CUT = { fill: new Fill({ color: "#d4462ccc" }), stroke: new Stroke({ color: "#7d1a0b", width: 1.8 }) };

/** A building; one that a border cuts stands out, one without households is empty. */
export function buildingStyle(feature: FeatureLike, resolution: number): Style {
  const { fill, stroke } = feature.get("cut") === true ? CUT : STANDING;
  const households = Number(feature.get("households") ?? 0);
  const text = resolution > COUNTED_M || households === 0 ? "" : String(households);
  return new Style({
    stroke,
    ...(households === 0 && feature.get("cut") !== true ? {} : { fill }),
    text: new Text({ text, font: `400 11px ${FONT}`, fill: new Fill({ color: INK }), stroke: HALO, overflow: true }),
  });
}

export function findingStyle(feature: FeatureLike, resolution: number): Style[] {
  const color = feature.get("blocks") === true ? "#9b1c1c" : "#7c3a06";
  const stroke = new Stroke({ color, width: 2.5 });
  const ground = new Style({ stroke, fill: new Fill({ color: `${color}40` }) });
  if (pixels(feature, resolution) > TINY_PX) return [ground];
  const ring = new Style({ geometry: new Point(getCenter(feature.getGeometry()!.getExtent())), image: new Circle({ radius: 9, stroke }) });
  return [ground, ring];
}

export const SKETCH = [
  new Style({ stroke: new Stroke({ color: "#ffffff", width: 5 }) }),
  new Style({ stroke: new Stroke({ color: "#b3261e", width: 2.5, lineDash: [7, 4] }) }),
];

/** The handle of a corner under the pointer, and the pen of a line. */
export const HANDLE = new Style({
  image: new Circle({ radius: 7, fill: new Fill({ color: "#b3261e" }), stroke: new Stroke({ color: "#ffffff", width: 2 }) }),
});
