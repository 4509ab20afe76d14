/** What a plan says of itself, and where to go from it. */

import { button, element } from "../dom";
import type { Held } from "./held";
import { sums } from "./held";
import { download, saving } from "./publishing";
import { address } from "./route";
import { planFile } from "./service";
import { w } from "./words";

export function planHead(held: Held, { publish }: { publish: () => void }): HTMLElement[] {
  const { plan } = held;
  const back = element("a", "", w("allPlans"));
  back.href = address(null);
  const compare = element("a", "choice", w("compare"));
  compare.href = address(plan.id, 0);
  const actions: HTMLElement[] = [compare];
  if (plan.status === "draft") actions.push(button("primary", publish, w("publish")));
  else if (plan.status === "published") actions.push(download("choice", plan.id));
  actions.push(saving("choice", "downloadAreas", () => planFile(plan.id), `plan-${plan.id}.gpkg`));
  const about = [w(plan.status), `${w("version")} ${plan.version}`, plan.effective === null ? "" : `${w("effective")} ${plan.effective}`];
  const state = element("p", "quiet", about.filter((word) => word !== "").join(" · "));
  state.id = "plan-state";
  const actionsRow = element("div", "row wrap", ...actions);
  return [element("p", "", back), element("h2", "", plan.name), state, element("p", "quiet", totals(held)), actionsRow];
}

/** How many grids and households, and how many grids fit. */
export function totals(held: Held): string {
  const { areas, households, within, compactness } = sums(held.areas.values());
  const counted = households === null ? [] : [`${w("households")} ${households}`, `${w("within")} ${within}`];
  return [`${w("count")} ${areas}`, ...counted, `${w("meanCompactness")} ${compactness.toFixed(2)}`].join(" · ");
}
