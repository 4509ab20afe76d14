/** What was found wrong, each a button that goes to the place. */

import { button, element } from "../dom";
import { type Held, listed } from "./held";
import type { Finding } from "./service";
import { measured, ruleName } from "./told";
import { w } from "./words";

/** Findings shown at once; the rest come as the first ones are mended. */
const SHOWN = 200;

export function findingList(held: Held, goTo: (finding: Finding) => void): HTMLElement {
  const sorted = [...held.findings].sort((a, b) => Number(b.properties.blocks) - Number(a.properties.blocks));
  const list = element("ul", "findings", ...sorted.slice(0, SHOWN).map((one) => element("li", "", findingButton(held, one, goTo))));
  const count = element("span", "hint", sorted.length === 0 ? "" : String(sorted.length));
  const none = element("p", "quiet", w(held.checked ? "noFindings" : "checking"));
  const body = sorted.length === 0 ? none : list;
  return element("section", "", element("h3", "", w("findings"), " ", count), body);
}

function findingButton(held: Held, finding: Finding, goTo: (finding: Finding) => void): HTMLElement {
  const { rule, codes, blocks, message } = finding.properties;
  const made = button(
    blocks ? "finding blocks" : "finding",
    () => goTo(finding),
    element("span", "rule", ruleName(rule)),
    ...(blocks ? [element("span", "badge", w("blocks"))] : []),
    element("span", "name", listed(held, codes)),
    element("span", "code", measured(finding)),
  );
  made.title = message;
  return made;
}
