/** An optional basemap of the user's own: plain web Mercator tiles, or GCJ-02 tiles put back where they belong. */

import TileLayer from "ol/layer/Tile";
import Projection from "ol/proj/Projection";
import { addCoordinateTransforms, addProjection, fromLonLat, get, toLonLat } from "ol/proj";
import XYZ from "ol/source/XYZ";
import { createXYZ } from "ol/tilegrid";
import type { Basemap } from "./api";
import { fromGcj, toGcj } from "./gcj";

const GCJ = "GCJ02-MERCATOR";

type Point = number[];
const through = (step: (lon: number, lat: number) => Point) => (point: Point) => {
  const [lon, lat] = toLonLat(point) as [number, number];
  return fromLonLat(step(lon, lat));
};

/** Web Mercator metres of a WGS 84 point to those of the same point in GCJ-02, and back. */
export const mercatorToGcj = through(toGcj);
export const mercatorFromGcj = through(fromGcj);

/** Register web Mercator drawn over GCJ-02 degrees, so that OpenLayers warps the tiles onto the true map. */
function registerGcj(): void {
  if (get(GCJ) !== null) return;
  const mercator = get("EPSG:3857")!;
  addProjection(new Projection({ code: GCJ, units: "m", extent: mercator.getExtent(), worldExtent: [-180, -85, 180, 85] }));
  addCoordinateTransforms("EPSG:4326", GCJ, (point) => fromLonLat(toGcj(point[0]!, point[1]!)), (point) => {
    const [lon, lat] = toLonLat(point) as [number, number];
    return fromGcj(lon, lat);
  });
  addCoordinateTransforms("EPSG:3857", GCJ, mercatorToGcj, mercatorFromGcj);
}

function escaped(text: string): string {
  const box = document.createElement("span");
  box.textContent = text;
  return box.innerHTML;
}

export function basemapLayer(basemap: Basemap): TileLayer<XYZ> {
  const shifted = basemap.crs === "GCJ-02";
  if (shifted) registerGcj();
  const source = new XYZ({
    url: basemap.url,
    projection: shifted ? GCJ : "EPSG:3857",
    tileGrid: createXYZ({ maxZoom: 18 }),
    // OpenLayers puts attributions into the page as HTML
    attributions: escaped(basemap.attribution),
    // reprojection reads pixels, which the browser allows for tiles of other hosts only with this
    ...(shifted ? { crossOrigin: "anonymous" } : {}),
  });
  return new TileLayer({ source });
}
