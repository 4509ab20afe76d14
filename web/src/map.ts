/** The map: levels of areas, what was found, and the point that was asked about. */

import Feature from "ol/Feature";
import OlMap from "ol/Map";
import Overlay from "ol/Overlay";
import View from "ol/View";
import { buffer, createEmpty, type Extent, extend, getHeight, getWidth } from "ol/extent";
import type { FeatureLike } from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import Point from "ol/geom/Point";
import { circular } from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import type { Answer, Candidate, Config } from "./api";
import { getArea } from "./api";
import { FONT, type LevelLayer, levelLayers } from "./areas";
import { basemapLayer } from "./basemap";
import { setControls } from "./controls";
import { levelName, t } from "./i18n";
import type { Position } from "./query";
import { hasError, sorted } from "./verdict";

const PIN = [
  new Style({ image: new Circle({ radius: 11, fill: new Fill({ color: "rgba(179,38,30,0.22)" }) }) }),
  new Style({ image: new Circle({ radius: 6, fill: new Fill({ color: "#b3261e" }), stroke: new Stroke({ color: "#fff", width: 2 }) }) }),
];
const FOUND = new Style({ stroke: new Stroke({ color: "#b45309", width: 3.5 }), fill: new Fill({ color: "rgba(245,158,11,0.20)" }) });

/** Ground that a place may lie on. */
const ERROR = new Style({ stroke: new Stroke({ color: "#b3261e", width: 1.5, lineDash: [6, 4] }), fill: new Fill({ color: "rgba(179,38,30,0.10)" }) });

/** One of several places, under its number in the list. */
function numbered(number: number): Style {
  const image = new Circle({ radius: 12, fill: new Fill({ color: "#b3261e" }), stroke: new Stroke({ color: "#fff", width: 2 }) });
  const text = new Text({ text: String(number), font: `700 13px ${FONT}`, fill: new Fill({ color: "#fff" }), offsetY: 1 });
  return new Style({ image, text, zIndex: -number });
}

export interface GridMap {
  levels: LevelLayer[];
  /** show the point and the area of an answer, and go there */
  show(answer: Answer, on: string): Promise<void>;
  clear(): void;
  /** the date has changed: borders are loaded anew */
  reload(): void;
  /** texts of the controls in the language in use */
  translate(): void;
  zoom(): number;
  onZoom(listener: () => void): void;
}

interface Wiring {
  config: Config;
  day: () => string;
  asked: (position: Position) => void;
  /** the mark of one of several places was clicked */
  chosen: (candidate: Candidate) => void;
  failed: (error: unknown) => void;
}

export function createMap(target: HTMLElement, { config, day, asked, chosen, failed }: Wiring): GridMap {
  const view = new View({ center: fromLonLat(config.center), zoom: config.zoom, maxZoom: 20, enableRotation: false });
  const levels = levelLayers(config, { day, failed });
  const found = new VectorSource();
  const base = config.basemap === null ? [] : [basemapLayer(config.basemap)];
  const layers = [...base, ...levels.map(({ layer }) => layer), new VectorLayer({ source: found, zIndex: 40 })];
  const map = new OlMap({ target, view, layers, controls: [], keyboardEventTarget: target });
  const home = config.bounds ? transformExtent(config.bounds, "EPSG:4326", "EPSG:3857") : view.calculateExtent(map.getSize());
  if (config.bounds) view.fit(home, { padding: [24, 24, 24, 24] });
  watchPointer(map, target, levels);
  map.on("singleclick", (event) => {
    const mark = map.getFeaturesAtPixel(event.pixel, { hitTolerance: 3 }).find((feature) => feature.get("candidate") !== undefined);
    if (mark === undefined) asked(position(event.coordinate));
    else chosen(mark.get("candidate") as Candidate);
  });
  target.addEventListener("keydown", (event) => {
    const centre = view.getCenter();
    if (event.key === "Enter" && centre !== undefined) asked(position(centre));
  });
  return {
    levels,
    show: async (answer, on) => {
      if (await show(found, answer, on)) goTo(map, found, answer.area === null && answer.lon !== null ? home : createEmpty());
    },
    clear: () => found.clear(),
    reload: () => levels.forEach(({ layer }) => layer.getSource()?.refresh()),
    translate: () => setControls(map, home, config.basemap !== null),
    zoom: () => view.getZoom() ?? 0,
    onZoom: (listener) => view.on("change:resolution", listener),
  };
}

function position(coordinate: number[]): Position {
  const [lon, lat] = toLonLat(coordinate) as [number, number];
  return { lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)) };
}

/** Draw the point and the area of an answer, or its several places; false where there are none, or another answer came in between. */
async function show(found: VectorSource, answer: Answer, on: string): Promise<boolean> {
  found.clear();
  const drawn = [...marks(answer), ...pins(answer)];
  found.addFeatures(drawn);
  const [first] = drawn;
  if (first === undefined) return false;
  const area = await areaOf(answer, on);
  if (area !== null && found.hasFeature(first)) {
    area.setStyle(FOUND);
    found.addFeature(area);
  }
  return found.hasFeature(first);
}

/** The place of an answer, with the ground that it may lie on. */
function pins(answer: Answer): Feature[] {
  const { lon, lat, accuracy_m: error } = answer;
  if (lon === null || lat === null) return [];
  const pin = new Feature(new Point(fromLonLat([lon, lat])));
  pin.setStyle(PIN);
  if (!error || !hasError(answer)) return [pin];
  const ground = new Feature(circular([lon, lat], error, 64).transform("EPSG:4326", "EPSG:3857"));
  ground.setStyle(ERROR);
  return [ground, pin];
}

/** The places that answer equally well, each under its number. */
function marks(answer: Answer): Feature[] {
  return sorted(answer).addresses.flatMap((candidate, at) => {
    if (candidate.lon === null || candidate.lat === null) return [];
    const mark = new Feature({ geometry: new Point(fromLonLat([candidate.lon, candidate.lat])), candidate });
    mark.setStyle(numbered(at + 1));
    return [mark];
  });
}

/** The feature of the finest area of an answer, or null where it has none. */
async function areaOf({ area }: Answer, on: string): Promise<Feature | null> {
  if (area === null) return null;
  const features = new GeoJSON({ featureProjection: "EPSG:3857" }).readFeatures(await getArea(area, on));
  return features[0] ?? null;
}

/** Bring what was found into view, with the territory where the point lies outside of it. */
function goTo(map: OlMap, found: VectorSource, besides: Extent): void {
  const extent = besides.slice();
  found.getFeatures().forEach((feature) => extend(extent, feature.getGeometry()!.getExtent()));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  // half as much again on each side shows the neighbours
  const room = buffer(extent, Math.max(getWidth(extent), getHeight(extent)) / 2);
  map.getView().fit(room, { padding: [20, 20, 20, 20], maxZoom: 17, duration: still ? 0 : 350 });
}

/** A small label that follows the pointer and names the finest area under it. */
function watchPointer(map: OlMap, target: HTMLElement, levels: LevelLayer[]): void {
  const tip = document.createElement("div");
  tip.className = "tip";
  const overlay = new Overlay({ element: tip, offset: [14, 14], stopEvent: false });
  map.addOverlay(overlay);
  const ranks = new Map(levels.map(({ level }, rank) => [level, rank]));
  map.on("pointermove", (event) => {
    if (event.dragging) {
      overlay.setPosition(undefined);
      return;
    }
    const under = map.getFeaturesAtPixel(event.pixel).filter((feature) => feature.get("code") !== undefined);
    const rank = (feature: FeatureLike) => ranks.get(String(feature.get("level"))) ?? -1;
    const finest = under.sort((a, b) => rank(b) - rank(a))[0];
    if (finest !== undefined) tip.textContent = describe(finest);
    overlay.setPosition(finest === undefined ? undefined : event.coordinate);
  });
  target.addEventListener("pointerleave", () => overlay.setPosition(undefined));
}

function describe(feature: FeatureLike): string {
  const households: unknown = feature.get("households");
  const count = typeof households === "number" ? t("households", { n: households }) : "";
  const words = [levelName(feature.get("level") ?? null), feature.get("name"), feature.get("code"), count];
  return words.filter((word) => word != null && word !== "").join(" · ");
}
