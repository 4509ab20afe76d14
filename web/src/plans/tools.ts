/** What a pointer does on the map with each tool: select, drag borders, draw lines and ground. */

import type OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import type { Coordinate } from "ol/coordinate";
import { platformModifierKey, shiftKeyOnly } from "ol/events/condition";
import type LineString from "ol/geom/LineString";
import type MultiPolygon from "ol/geom/MultiPolygon";
import type OlPolygon from "ol/geom/Polygon";
import { DragBox, Draw, Modify, Snap } from "ol/interaction";
import { toLonLat } from "ol/proj";
import { apart, dragged, rings } from "./corners";
import { type AreaFeature, type DraftMap, onMap } from "./draftmap";
import { HANDLE, SKETCH } from "./looks";
import type { Operation } from "./operation";
import type { Area, Corner, Ring } from "./service";

export const TOOLS = ["look", "border", "split", "merge", "give", "redraw"] as const;
export type Tool = (typeof TOOLS)[number];

/** What is drawn with a tool, if anything. */
const DRAWN: Partial<Record<Tool, "LineString" | "Polygon">> = { split: "LineString", redraw: "LineString", give: "Polygon" };
/** A corner that was dragged less than this, in metres, was only clicked on. */
const STILL_M = 0.05;

export interface Pointing {
  /** an area was clicked; with others if so wished */
  picked: (code: string | null, others: boolean) => void;
  /** a border was dragged; null where the drag came to nothing */
  dragged: (operation: Operation | null) => void;
  drawn: (points: Corner[]) => void;
  /** a box was drawn with Shift around areas, to select them too */
  boxed: (codes: string[]) => void;
}

export interface Pointer {
  use: (tool: Tool, may: boolean) => void;
  finish: () => void;
  abort: () => void;
}

export function pointer(target: DraftMap, doing: Pointing): Pointer {
  const { map } = target;
  let tool: Tool = "look";
  let draw: Draw | null = null;
  const modify = bordersOf(target, doing);
  modify.setActive(false);
  map.addInteraction(modify);
  const box = new DragBox({ condition: shiftKeyOnly, className: "ol-dragbox" });
  box.on("boxend", () => doing.boxed(target.inside(box.getGeometry().getExtent())));
  map.addInteraction(box);
  const snap = new Snap({ source: target.source, pixelTolerance: 12 });
  map.on("click", (event) => {
    if (DRAWN[tool] === undefined && !event.originalEvent.altKey) pick(map, event, doing);
  });
  const drawing = (next: Tool, may: boolean) => {
    if (draw !== null) map.removeInteraction(draw);
    map.removeInteraction(snap);
    const type = DRAWN[next];
    draw = type === undefined || !may ? null : drawOf(type, doing);
    if (draw === null) return;
    map.addInteraction(draw);
    // the last one added is asked first: it moves the pointer before the pen sees it
    map.addInteraction(snap);
  };
  return {
    use: (next, may) => {
      tool = next;
      modify.setActive(next === "border" && may);
      box.setActive(next === "look" || next === "merge");
      drawing(next, may);
    },
    finish: () => draw?.finishDrawing(),
    abort: () => draw?.abortDrawing(),
  };
}

function pick(map: OlMap, event: MapBrowserEvent, { picked }: Pointing): void {
  const found = map.getFeaturesAtPixel(event.pixel).find((feature) => feature.get("area") !== undefined);
  picked((found?.get("area") as Area | undefined)?.id ?? null, shiftKeyOnly(event) || platformModifierKey(event));
}

/** Corners and sides are dragged in all areas that share them; only what was done is told. */
function bordersOf({ source }: DraftMap, { dragged: told }: Pointing): Modify {
  const modify = new Modify({ source, style: HANDLE, pixelTolerance: 10 });
  modify.on("modifyend", ({ features }) => {
    const operations = (features.getArray() as AreaFeature[]).map(operationOf);
    told(operations.find((operation) => operation !== null) ?? null);
  });
  return modify;
}

function operationOf(feature: AreaFeature): Operation | null {
  const area = feature.get("area") as Area;
  const done = dragged(rings(area.geometry), mapRings(onMap(area)), mapRings(feature.getGeometry()!), degrees);
  if (done === null || !("to" in done) || !("at" in done) || done.to === undefined) return done;
  return apart(done.at, done.to) < STILL_M ? null : done;
}

/** Rings of ground on the map, without the corner at the end that only closes them. */
function mapRings(ground: OlPolygon | MultiPolygon): Ring[] {
  const closed = (ground.getType() === "Polygon" ? [ground.getCoordinates()] : ground.getCoordinates()) as Coordinate[][][];
  return closed.flat().map((ring) => ring.slice(0, -1) as Ring);
}

function degrees(place: Coordinate): Corner {
  return toLonLat(place) as Corner;
}

function drawOf(type: "LineString" | "Polygon", { drawn }: Pointing): Draw {
  const draw = new Draw({ type, style: [...SKETCH, HANDLE], stopClick: true });
  draw.on("drawend", ({ feature }) => {
    const ground = feature.getGeometry() as LineString | OlPolygon;
    const places = type === "LineString" ? (ground as LineString).getCoordinates() : (ground as OlPolygon).getCoordinates()[0]!.slice(0, -1);
    drawn(places.map(degrees));
  });
  return draw;
}
