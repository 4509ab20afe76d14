/** The map of a draft: its areas with colour, name and households, what is selected and what was found. */

import Feature from "ol/Feature";
import OlMap from "ol/Map";
import Overlay from "ol/Overlay";
import View from "ol/View";
import { buffer, containsCoordinate, createEmpty, type Extent, extend, getCenter, getHeight, getWidth } from "ol/extent";
import GeoJSON from "ol/format/GeoJSON";
import LineString from "ol/geom/LineString";
import MultiLineString from "ol/geom/MultiLineString";
import type MultiPolygon from "ol/geom/MultiPolygon";
import type Polygon from "ol/geom/Polygon";
import { DoubleClickZoom, DragZoom, defaults } from "ol/interaction";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import type { Config } from "../api";
import { basemapLayer } from "../basemap";
import { setControls } from "../controls";
import { Buildings } from "./buildings";
import { type Mode, worst } from "./colours";
import { same } from "./corners";
import type { Held } from "./held";
import { areaStyle, findingStyle, parentStyle, selectedStyle, SKETCH } from "./looks";
import { parentBorders } from "./parents";
import type { Area, Corner, Finding } from "./service";
import { w } from "./words";

export type AreaFeature = Feature<Polygon | MultiPolygon>;

const FORMAT = new GeoJSON({ featureProjection: "EPSG:3857" });

/** The ground of an area on the map. */
export function onMap(area: Area): Polygon | MultiPolygon {
  return FORMAT.readGeometry(area.geometry) as Polygon | MultiPolygon;
}

export function viewOf(config: Config): View {
  const [west, south, east, north] = boundsOf(config) as [number, number, number, number];
  return new View({ center: [(west + east) / 2, (south + north) / 2], zoom: config.zoom, maxZoom: 21, enableRotation: false });
}

function boundsOf(config: Config): Extent {
  return transformExtent(config.bounds ?? [73.5, 18, 135.1, 53.6], "EPSG:4326", "EPSG:3857");
}

export class DraftMap {
  readonly map: OlMap;
  readonly source = new VectorSource<AreaFeature>();
  private readonly parents = new VectorSource();
  private readonly found = new VectorSource();
  private readonly selected = new VectorSource<AreaFeature>();
  private readonly sketch = new VectorSource();
  private readonly corner = new Overlay({ element: document.createElement("div"), positioning: "center-center", stopEvent: false });
  private readonly layer: VectorLayer<VectorSource<AreaFeature>>;
  private mode: Mode = "deviation";
  private groups: readonly (readonly string[])[] = [];
  private corners = false;
  private worst = new Map<string, boolean>();
  /** names of the areas above, by code */
  private names = new Map<string, string>();
  /** geometries as the service last told them, by code, with their revision */
  private readonly told = new Map<string, { area: Area; revision: number }>();

  private readonly bounds: Extent;
  private readonly attribution: boolean;
  private readonly buildings: Buildings;

  constructor(target: HTMLElement, config: Config, view: View = viewOf(config)) {
    this.bounds = boundsOf(config);
    const base = config.basemap === null ? [] : [basemapLayer(config.basemap)];
    const style = areaStyle({ mode: () => this.mode, found: () => this.worst, parentName: (code) => this.names.get(code ?? "") ?? "" }, config.basemap !== null);
    this.layer = new VectorLayer({ source: this.source, style, declutter: true });
    const above = [
      new VectorLayer({ source: this.parents, style: parentStyle, zIndex: 10 }),
      new VectorLayer({ source: this.found, style: findingStyle, zIndex: 20 }),
      new VectorLayer({ source: this.selected, style: selectedStyle, zIndex: 30 }),
      new VectorLayer({ source: this.sketch, style: SKETCH, zIndex: 40 }),
    ];
    // a box drawn with Shift selects what lies in it
    const interactions = defaults().getArray().filter((one) => !(one instanceof DoubleClickZoom || one instanceof DragZoom));
    this.map = new OlMap({ target, view, layers: [...base, this.layer, ...above], controls: [], interactions, keyboardEventTarget: target });
    this.buildings = new Buildings(this.map);
    this.corner.getElement()!.className = "corner";
    this.map.addOverlay(this.corner);
    target.setAttribute("aria-label", w("mapKeys"));
    this.attribution = config.basemap !== null;
    setControls(this.map, this.bounds, this.attribution);
  }

  /** Draw a draft as it is; areas that did not change stay as they are. */
  show(held: Held): void {
    this.worst = worst(held.findings);
    this.names = new Map(held.upper.map(({ code, name }) => [code, name ?? ""]));
    for (const code of [...this.told.keys()]) if (!held.areas.has(code)) this.drop(code);
    held.areas.forEach((area) => {
      if (this.told.get(area.id)?.area !== area) this.put(area);
    });
    this.layer.changed();
    const sides = parentBorders(held.areas.values()).map((side) => side.map((corner) => fromLonLat(corner)));
    this.parents.clear();
    this.parents.addFeature(new Feature(new MultiLineString(sides)));
    this.found.clear();
    this.found.addFeatures(held.findings.flatMap(placed));
    this.buildings.show(held.plan);
  }

  /** Put ground that was dragged back to where the service has it. */
  restore(): void {
    this.told.forEach(({ area, revision }, code) => {
      if (this.source.getFeatureById(code)?.getGeometry()?.getRevision() !== revision) this.put(area);
    });
    this.outline();
  }

  colourBy(mode: Mode): void {
    this.mode = mode;
    this.layer.changed();
  }

  /** Show the outlines of what is selected, of the first one with its corners if they can be dragged. */
  choose(groups: readonly (readonly string[])[], corners = this.corners): void {
    this.groups = groups;
    this.corners = corners;
    this.outline();
  }

  /** The buildings of the plan, shown or not. */
  showBuildings(shown: boolean): void {
    this.buildings.visible(shown);
  }

  private outline(): void {
    this.selected.clear();
    this.groups.forEach((codes, at) => {
      const features = codes.flatMap((code) => this.source.getFeatureById(code) ?? []) as AreaFeature[];
      if (features.length === 0) return;
      const geometry = features.length === 1 ? features[0]!.getGeometry()! : around(features);
      this.selected.addFeature(new Feature({ geometry, first: at === 0, corners: this.corners }) as Feature<Polygon>);
    });
  }

  /** Show a corner elsewhere than it is, in all areas that share it. */
  preview(sharers: readonly Area[], at: Corner, to: Corner): void {
    this.restore();
    for (const area of sharers) {
      const moved = JSON.parse(JSON.stringify(area.geometry), (_, value: unknown) =>
        Array.isArray(value) && same(value as number[], at) ? to : value) as Area["geometry"];
      this.source.getFeatureById(area.id)?.setGeometry(onMap({ ...area, geometry: moved }));
    }
    this.outline();
  }

  /** Mark a place on the map, or none; it comes into view if it lies outside. */
  point(place: Corner | null, says = ""): void {
    const at = place === null ? undefined : fromLonLat(place);
    this.corner.setPosition(at);
    this.corner.getElement()!.title = says;
    if (at === undefined) return;
    const view = this.map.getView();
    const [west, south, east, north] = view.calculateExtent(this.map.getSize()) as [number, number, number, number];
    if (at[0]! < west || at[0]! > east || at[1]! < south || at[1]! > north) view.setCenter(at);
  }

  /** A line that is being drawn from marked points. */
  draw(points: readonly Corner[]): void {
    this.sketch.clear();
    if (points.length > 0) this.sketch.addFeature(new Feature(new LineString(points.map((point) => fromLonLat(point)))));
  }

  /** Bring the whole plan into view; a plan for a day to come may lie where no area is in force today. */
  home(): void {
    const whole = this.source.getFeatures().length === 0 ? this.bounds : this.source.getExtent()!;
    setControls(this.map, whole, this.attribution);
    this.map.updateSize();
    this.map.getView().fit(whole, { padding: [30, 30, 30, 30] });
  }

  /** Bring areas into view, with their surroundings. */
  goTo(codes: readonly string[]): void {
    const extent = createEmpty();
    codes.forEach((code) => extend(extent, this.source.getFeatureById(code)?.getGeometry()?.getExtent() ?? createEmpty()));
    this.fit(extent);
  }

  goToFinding(finding: Finding): void {
    const geometry = finding.geometry === null ? null : FORMAT.readGeometry(finding.geometry);
    if (geometry !== null) this.fit(geometry.getExtent());
  }

  /** Codes of the areas whose middle lies in a box of the map. */
  inside(box: Extent): string[] {
    const found = this.source.getFeaturesInExtent(box).filter((feature) => containsCoordinate(box, getCenter(feature.getGeometry()!.getExtent())));
    return found.map((feature) => String(feature.getId())).sort();
  }

  end(): void {
    this.map.setTarget();
    this.map.dispose();
  }

  private fit(extent: Extent): void {
    if (!(getWidth(extent) >= 0)) return;
    const room = buffer(extent, Math.max(getWidth(extent), getHeight(extent)) / 3);
    this.map.getView().fit(room, { padding: [20, 20, 20, 20], maxZoom: 18 });
  }

  private put(area: Area): void {
    const geometry = onMap(area);
    const known = this.source.getFeatureById(area.id);
    const feature = known ?? new Feature();
    feature.setGeometry(geometry);
    feature.set("area", area);
    if (known === null) {
      feature.setId(area.id);
      this.source.addFeature(feature);
    }
    this.told.set(area.id, { area, revision: geometry.getRevision() });
  }

  private drop(code: string): void {
    const feature = this.source.getFeatureById(code);
    if (feature !== null) this.source.removeFeature(feature);
    this.told.delete(code);
  }
}

/** The outline of several areas as one: their sides that none of them has in common with another. */
function around(features: readonly AreaFeature[]): MultiLineString {
  const areas = features.map((feature) => feature.get("area") as Area);
  return new MultiLineString(parentBorders(areas, () => "").map((side) => side.map((corner) => fromLonLat(corner))));
}

/** Findings of a whole area show in its colour; others where they are. */
const OF_THE_WHOLE = new Set(["households", "residents", "compactness", "duplicate_code", "invalid", "name_spelling"]);

function placed({ geometry, properties }: Finding): Feature[] {
  const place = geometry === null || OF_THE_WHOLE.has(properties.rule) ? null : FORMAT.readGeometry(geometry);
  return place === null ? [] : [new Feature({ geometry: place, blocks: properties.blocks })];
}
