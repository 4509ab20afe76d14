/** The buildings of a draft on the map, once one is near enough to see them: what a border cuts stands out. */

import Feature from "ol/Feature";
import type OlMap from "ol/Map";
import { buffer, containsExtent, type Extent, getHeight, getWidth } from "ol/extent";
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { buildingStyle } from "./looks";
import { buildings } from "./service";
import type { Plan } from "./service";

/** Metres per pixel from which buildings are too small to be worth fetching. */
const FAR_M = 2.6;
/** Milliseconds that the map must rest before buildings are fetched. */
const REST_MS = 150;

const FORMAT = new GeoJSON({ featureProjection: "EPSG:3857" });

export class Buildings {
  readonly layer: VectorLayer<VectorSource>;
  private readonly source = new VectorSource();
  private plan: Plan | null = null;
  /** what was asked for last: of which version, in which box */
  private held: { key: string; box: Extent } | null = null;
  private timer = 0;
  /** how many looks have not ended */
  private looking = 0;

  constructor(private readonly map: OlMap) {
    this.layer = new VectorLayer({ source: this.source, style: buildingStyle, maxResolution: FAR_M, declutter: true, zIndex: 5 });
    map.addLayer(this.layer);
    map.on("moveend", () => this.look());
  }

  /** Show the buildings of a plan as it is now. */
  show(plan: Plan): void {
    this.plan = plan;
    this.look();
  }

  visible(shown: boolean): void {
    this.layer.setVisible(shown);
    this.look();
  }

  /** Fetch what is in view, unless that is shown already; a while after the last move. Until then the map is busy. */
  private look(): void {
    if (this.timer === 0) this.busy(1);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      void this.fetch().finally(() => this.busy(-1));
    }, REST_MS);
  }

  private busy(more: 1 | -1): void {
    this.looking += more;
    // a map that was left is drawn nowhere
    this.map.getTargetElement()?.setAttribute("aria-busy", String(this.looking > 0));
  }

  private async fetch(): Promise<void> {
    const view = this.map.getView();
    const { plan } = this;
    // plans without a number of their own stand for the areas in force
    if (plan === null || plan.id === 0 || !this.layer.getVisible() || (view.getResolution() ?? Infinity) >= FAR_M) return;
    const seen = view.calculateExtent(this.map.getSize());
    const key = `${plan.id}.${plan.version}`;
    if (this.held?.key === key && containsExtent(this.held.box, seen)) return;
    const box = buffer(seen, Math.max(getWidth(seen), getHeight(seen)) / 6);
    const asked = { key, box };
    this.held = asked;
    const degrees = transformExtent(box, "EPSG:3857", "EPSG:4326");
    const found = await buildings(plan.id, degrees).catch(() => null);
    if (this.held !== asked) return;
    // without its buildings the plan can be edited all the same: they are asked for at the next move
    if (found === null) {
      this.held = null;
      return;
    }
    this.source.clear(true);
    this.source.addFeatures(FORMAT.readFeatures(found) as Feature[]);
  }
}
