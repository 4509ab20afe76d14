/** Sign in with a key, which is kept for this tab of the browser alone. */

import { useKey } from "./api";
import { element } from "./dom";
import { t } from "./i18n";

export function keyForm(label: string, used: () => void): HTMLElement {
  const input = element("input", "");
  Object.assign(input, { type: "password", id: "key", required: true, autocomplete: "off" });
  const caption = element("label", "caption", label);
  caption.htmlFor = "key";
  const use = element("button", "primary", t("useKey"));
  const form = element("form", "key", caption, element("div", "row", input, use));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(input.value.trim());
    used();
  });
  return form;
}
