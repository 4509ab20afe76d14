/** A draft from a file: drawn by `gridmap grids draw`, or mended elsewhere; what is wrong with it is listed in full. */

import { Problem } from "../api";
import { element } from "../dom";
import { address } from "./route";
import { problemText } from "./saying";
import { upload } from "./service";
import { w } from "./words";

/** Media types by the endings of files. */
const TYPES: Record<string, string> = {
  gpkg: "application/geopackage+sqlite3",
  geojson: "application/geo+json",
  json: "application/geo+json",
  zip: "application/zip",
};
/** Faults that are listed; a file with more has usually one reason for all. */
const SHOWN = 200;

/** The form; the day, the name and the target are those of the form of a new draft beside it, where they are filled in. */
export function uploadForm(wanted: () => { name: string; on: string; target: number }): HTMLElement {
  const input = Object.assign(element("input", ""), { type: "file", id: "upload", accept: Object.keys(TYPES).map((ending) => `.${ending}`).join(","), required: true });
  const caption = element("label", "caption", w("drawnFile"));
  caption.htmlFor = "upload";
  const go = element("button", "choice", w("upload"));
  const said = element("div", "upload-said");
  said.setAttribute("role", "alert");
  const form = element("form", "row new", element("div", "field", caption, input), go);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [file] = input.files ?? [];
    if (file === undefined) return;
    go.disabled = true;
    said.replaceChildren(element("p", "quiet", w("uploading")));
    const { name, ...rest } = wanted();
    send(file, { name: name === "" ? stem(file.name) : name, ...rest })
      .then(({ id }) => (location.hash = address(id)), (error: unknown) => said.replaceChildren(...refusal(file.name, error)))
      .finally(() => (go.disabled = false));
  });
  return element("div", "", form, element("p", "hint", w("drawnHint")), said);
}

function send(file: File, wanted: { name: string; on: string; target: number }): ReturnType<typeof upload> {
  const type = TYPES[ending(file.name)];
  if (type === undefined) return Promise.reject(new Problem(415, w("unknownEnding", { name: file.name }), ""));
  return upload(file, type, wanted);
}

function ending(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}

/** What a file is called without its ending, as long as a plan's name may be. */
export function stem(name: string): string {
  const dot = name.lastIndexOf(".");
  return (dot > 0 ? name.slice(0, dot) : name).slice(0, 100);
}

interface Fault {
  message: string;
  feature: number | null;
  line: number | null;
  column: string | null;
}

/** Why a file was not taken, with every fault and its place. */
function refusal(name: string, error: unknown): HTMLElement[] {
  const found = error instanceof Problem ? error.said["faults"] : undefined;
  if (!Array.isArray(found)) return [element("p", "status bad", `${name}: ${problemText(error)}`)];
  const faults = found as Fault[];
  const lines = faults.slice(0, SHOWN).map((one) => element("li", "", faultLine(one)));
  const more = faults.length > SHOWN ? [element("p", "quiet", w("moreFaults", { n: faults.length - SHOWN }))] : [];
  return [element("p", "status bad", w("faults", { name, n: faults.length })), element("ul", "notes faults", ...lines), ...more];
}

export function faultLine({ message, feature, line, column }: Fault): string {
  const places = [
    ...(feature === null ? [] : [w("faultFeature", { n: feature })]),
    ...(line === null ? [] : [w("faultLine", { n: line })]),
    ...(column === null ? [] : [w("faultColumn", { name: column })]),
  ];
  return places.length === 0 ? message : w("faultAt", { place: places.join(w("separator")), message });
}
