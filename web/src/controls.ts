/** What stands on a map to move it, in the language in use. */

import type OlMap from "ol/Map";
import { defaults as controls, ScaleLine, Zoom, ZoomToExtent } from "ol/control";
import type { Extent } from "ol/extent";
import { t } from "./i18n";

export function setControls(map: OlMap, home: Extent, attribution: boolean): void {
  map.getControls().clear();
  controls({ zoom: false, rotate: false, attribution, attributionOptions: { collapsible: false } }).forEach((control) => map.addControl(control));
  map.addControl(new Zoom({ zoomInTipLabel: t("zoomInTitle"), zoomOutTipLabel: t("zoomOutTitle"), zoomOutLabel: "−" }));
  map.addControl(new ZoomToExtent({ extent: home, tipLabel: t("zoomHome"), label: "⌂" }));
  map.addControl(new ScaleLine({ units: "metric" }));
}
