/** All plans: open one, make one, copy it, withdraw it. */

import type { Config } from "../api";
import { button, element } from "../dom";
import { address } from "./route";
import { problemText } from "./saying";
import { make, type Plan, plans, withdraw } from "./service";
import { uploadForm } from "./uploading";
import { w, type Word } from "./words";

export async function planList(screen: HTMLElement, config: Config): Promise<void> {
  const said = element("p", "said");
  said.setAttribute("role", "status");
  const table = element("div", "scrolled");
  const doing: Doing = {
    show: async () => table.replaceChildren(tableOf(await plans(), doing)),
    refused: (error) => {
      said.className = "said bad";
      said.textContent = problemText(error);
    },
  };
  await doing.show();
  screen.replaceChildren(element("div", "page", newPlan(config.on ?? "", doing), said, element("h2", "", w("allPlans")), table));
}

interface Doing {
  show: () => Promise<void>;
  refused: (error: unknown) => void;
}

/** The form of a new draft. */
function newPlan(today: string, { refused }: Doing): HTMLElement {
  const name = Object.assign(element("input", ""), { type: "text", id: "new-name", required: true, maxLength: 100 });
  const on = Object.assign(element("input", ""), { type: "date", id: "new-on", value: today });
  const target = Object.assign(element("input", ""), { type: "number", id: "new-target", value: "300", min: "1", step: "1" });
  const made = element("button", "primary", w("create"));
  const form = element("form", "row new", field("name", name), field("fromDay", on), field("target", target), made);
  const file = uploadForm(() => ({ name: name.value.trim(), on: on.value, target: Number(target.value) }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    made.disabled = true;
    const wanted = { name: name.value.trim(), target: Number(target.value), ...(on.value === "" ? {} : { on: on.value }) };
    make(wanted).then(({ id }) => (location.hash = address(id)), refused).finally(() => (made.disabled = false));
  });
  return element("section", "", element("h2", "", w("newPlan")), form, file);
}

export function field(key: Word, input: HTMLElement): HTMLElement {
  const caption = element("label", "caption", w(key));
  caption.htmlFor = input.id;
  return element("div", "field", caption, input);
}

function tableOf(all: Plan[], doing: Doing): HTMLElement {
  if (all.length === 0) return element("p", "quiet", w("noPlans"));
  const heads = (["plan", "state", "effective", "base", "version", "areasCount", "changedAt", "doing"] as const).map((key) => {
    const cell = element("th", "", w(key));
    cell.scope = "col";
    return cell;
  });
  const rows = all.map((plan) => row(plan, doing));
  return element("table", "chain list", element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...rows));
}

function row(plan: Plan, doing: Doing): HTMLElement {
  const link = element("a", "", plan.name);
  link.href = address(plan.id);
  const name = element("th", "", link);
  name.scope = "row";
  const cells = [w(plan.status), plan.effective ?? "", plan.base, String(plan.version), String(plan.areas), moment(plan.changed_at)];
  return element("tr", plan.status, name, ...cells.map((text) => element("td", "", text)), element("td", "actions", ...actions(plan, doing)));
}

/** A moment in the time of this browser, to the minute. */
function moment(text: string): string {
  const when = new Date(text);
  return Number.isNaN(when.getTime()) ? text : when.toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
}

function actions(plan: Plan, { show, refused }: Doing): HTMLElement[] {
  const copied = button("choice", () => {
    make({ name: w("copyOf", { name: plan.name }), copy_of: plan.id }).then(show).catch(refused);
  }, w("copy"));
  if (plan.status === "withdrawn") return [copied];
  const draft = plan.status === "draft";
  const gone = button("choice", () => {
    if (!confirm(w(draft ? "sureDiscard" : "sureWithdraw", { name: plan.name }))) return;
    withdraw(plan.id, plan.version).then(show).catch(refused);
  }, w(draft ? "discard" : "withdraw"));
  return [copied, gone];
}
