/** "This means ...": an administrator tells which address a text stands for. */

import { correct, Problem } from "./api";
import { element } from "./dom";
import { t } from "./i18n";

/** A form that makes a text an alias; `done` is told the version from which on it holds. */
export function correction(given: string, done: (version: number) => void): HTMLElement {
  const input = element("input", "");
  Object.assign(input, { type: "search", id: "means", required: true, maxLength: 200, autocomplete: "off", placeholder: t("meansExample") });
  const caption = element("label", "caption", t("means", { given }));
  caption.htmlFor = "means";
  const said = element("p", "hint");
  said.setAttribute("role", "status");
  const form = element("form", "", caption, element("div", "row", input, element("button", "primary", t("save"))), said);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    said.className = "hint";
    said.textContent = t("saving");
    correct(given, input.value.trim()).then(({ version }) => done(version), (error: unknown) => {
      said.className = "bad";
      said.textContent = error instanceof Problem ? error.detail || error.title : t("offline");
    });
  });
  return form;
}
