/** The areas of each level as map layers: loaded for what is on screen, drawn thinner the finer the level. */

import type { FeatureLike } from "ol/Feature";
import { buffer, containsExtent, getHeight, getWidth, type Extent } from "ol/extent";
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import { type Config, getAreas } from "./api";

interface Look {
  colour: string;
  /** colour of the names, dark enough to be read */
  ink: string;
  width: number;
  dash?: number[];
  /** map zoom from which the level is drawn */
  from: number;
  font: string;
}

export const FONT = '"Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif';
const LOOKS: Record<string, Look> = {
  district: { colour: "#14243a", ink: "#14243a", width: 3.2, from: 0, font: `700 15px ${FONT}` },
  street: { colour: "#23507f", ink: "#1d4470", width: 2.4, from: 0, font: `600 14px ${FONT}` },
  community: { colour: "#3b74ad", ink: "#2b5a8a", width: 1.8, from: 10, font: `600 13px ${FONT}` },
  grid: { colour: "#7d9ab8", ink: "#46596c", width: 1, from: 12.5, font: `400 12px ${FONT}` },
  micro: { colour: "#7f93a6", ink: "#56646f", width: 1, dash: [3, 3], from: 15.5, font: `400 11px ${FONT}` },
};
const OTHER: Look = { colour: "#6b7c8d", ink: "#46596c", width: 1.2, from: 11, font: `400 12px ${FONT}` };
// metres per pixel of web Mercator at zoom 0, tiles of 256 pixels
const RESOLUTION_0 = 156543.03392804097;
// pale enough to leave all contrast to lines and labels
const TINTS = ["#eef4fa", "#f3f6ea", "#faf3e8", "#f6eff4", "#ebf5f3", "#f4f1fa"];

export function look(level: string): Look {
  return LOOKS[level] ?? OTHER;
}

/** Communities and the grids in them share a tint, chosen by code, the same on every visit. */
export function tint(code: string): string {
  let sum = 0;
  for (const letter of code) sum = (sum * 31 + letter.codePointAt(0)!) >>> 0;
  return TINTS[sum % TINTS.length]!;
}

type Tinted = (resolution: number) => boolean;

/**
 * Communities are tinted until their grids appear, which then carry the tint: both would hide the grids' lines.
 * Over a basemap nothing is tinted, because it would be hidden.
 */
function tinted(level: string, levels: string[], basemap: boolean): Tinted {
  if (level === "grid" && !basemap) return () => true;
  if (level !== "community" || basemap) return () => false;
  const gridsAppear = levels.includes("grid") ? RESOLUTION_0 / 2 ** look("grid").from : 0;
  return (resolution) => resolution >= gridsAppear;
}

export function styleOf(level: string, fill: Tinted): (feature: FeatureLike, resolution: number) => Style {
  const { colour, ink: dark, width, dash, font } = look(level);
  const stroke = new Stroke({ color: colour, width, ...(dash ? { lineDash: dash } : {}) });
  // a fill that cannot be seen keeps the whole area, not only its border, under the pointer
  const clear = new Fill({ color: "rgba(255,255,255,0.01)" });
  const ink = new Fill({ color: dark });
  const halo = new Stroke({ color: "#ffffff", width: 3 });
  return (feature, resolution) => {
    const owner = String(feature.get(level === "grid" ? "parent" : "code") ?? feature.get("code"));
    const text = String(feature.get("name") ?? feature.get("code"));
    return new Style({
      stroke,
      fill: fill(resolution) ? new Fill({ color: tint(owner) }) : clear,
      text: new Text({ text, font, fill: ink, stroke: halo }),
    });
  };
}

/** Load a box half as large again on each side, and stay with it until the view leaves it. */
function roomy(): (extent: Extent) => Extent[] {
  let box: Extent | null = null;
  return (extent) => {
    const size = Math.max(getWidth(extent), getHeight(extent));
    const stale = box === null || !containsExtent(box, extent) || getWidth(box) > 8 * size;
    if (stale) box = buffer(extent, size / 2);
    return [box!];
  };
}

export interface LevelLayer {
  level: string;
  layer: VectorLayer<VectorSource>;
}

interface Source {
  /** the date in question, asked again at each load; empty for today */
  day: () => string;
  /** told when areas could not be loaded */
  failed: (error: unknown) => void;
}
interface Wiring extends Source {
  level: string;
  zIndex: number;
  fill: Tinted;
}

/** One layer per level, coarse ones on top; but grids, whose tint would hide micro-grids, lie below all. */
export function levelLayers({ levels, basemap }: Config, source: Source): LevelLayer[] {
  return levels.map((level, rank) => {
    const zIndex = level === "grid" ? 1 : 20 - rank;
    const fill = tinted(level, levels, basemap !== null);
    return { level, layer: levelLayer({ level, zIndex, fill, ...source }) };
  });
}

function levelLayer({ level, zIndex, fill, day, failed }: Wiring): LevelLayer["layer"] {
  const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
  const source: VectorSource = new VectorSource({
    strategy: roomy(),
    loader: (extent) => {
      const on = day();
      getAreas(level, transformExtent(extent, "EPSG:3857", "EPSG:4326"), on)
        .then((collection) => {
          const features = format.readFeatures(collection);
          features.forEach((feature) => feature.setId(String(feature.get("code"))));
          // an answer for a date that is no longer asked about comes too late
          if (on === day()) source.addFeatures(features);
        })
        .catch((error: unknown) => {
          source.removeLoadedExtent(extent);
          failed(error);
        });
    },
  });
  return new VectorLayer({
    source,
    zIndex,
    minZoom: look(level).from,
    declutter: true,
    style: styleOf(level, fill),
    properties: { level },
  });
}
