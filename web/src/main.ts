/** The page: a question by address, coordinates or click; the answer in words, as a table and on the map. */

import "ol/ol.css";
import "./style.css";
import { type Doing, draw, type Shown } from "./answer";
import { type Answer, type Asked, type Candidate, type Config, explain, getConfig, locate, Problem, suggest } from "./api";
import { look } from "./areas";
import { combobox } from "./combobox";
import { type Key, lang, levelName, preferred, remembered, t, use, type Lang } from "./i18n";
import { createMap, type GridMap } from "./map";
import { parseQuery, type Position } from "./query";

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const form = find<HTMLFormElement>("search");
const queryBox = find<HTMLInputElement>("query");
const dateBox = find<HTMLInputElement>("on");
const accuracyBox = find<HTMLInputElement>("accuracy");
const panel = find<HTMLElement>("answer");
const notice = find<HTMLElement>("notice");
const suggestions = combobox(queryBox, find("suggestions"), find("suggested"), {
  suggest: async (typed, signal) => (parseQuery(typed).kind === "address" ? suggest(typed, day(), signal) : []),
  chosen: ({ address }) => void ask({ address }),
});
const doing: Doing = {
  choose: chosen,
  ask: (address) => {
    queryBox.value = address;
    void ask({ address });
  },
  explain: (answer) => explain(answer.query ?? "", day()),
  corrects: () => config.corrects ?? "no",
  keyed: () => void keyed(),
  corrected: (address, version) => void corrected(address, version),
};

const NOWHERE: Config = { title: { zh: "网格查询", en: "Which grid is it in?" }, center: [120.86, 32.01], zoom: 12, levels: ["district", "street", "community", "grid", "micro"], basemap: null };

let shown: Shown = { kind: "welcome" };
let running: AbortController | null = null;
let config: Config = NOWHERE;
let map: GridMap | null = null;

function present(next: Shown): void {
  shown = next;
  draw(panel, shown, doing);
}

/** The day it is: for the service if it said so, which may be in another time zone than this browser. */
function today(): string {
  if (config.on) return config.on;
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The date in question as the service wants it: empty for today, so that its own clock decides what today is. */
function day(): string {
  return dateBox.value === today() ? "" : dateBox.value;
}

/** Ask, and show the answer; what is already known of it stands beside what the service says. */
async function ask(what: { address: string } | Position, known: Partial<Answer> = {}): Promise<void> {
  suggestions.close();
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const asked: Asked = { ...what, on: day(), accuracy: accuracyBox.value };
  present({ kind: "waiting" });
  notice.hidden = true;
  try {
    const answer = { ...(await locate(asked, signal)), ...known };
    present({ kind: "answer", answer, accuracy: asked.accuracy, today: asked.on === "" });
    await map?.show(answer, asked.on).catch(areasFailed);
  } catch (error) {
    if (signal.aborted) return;
    map?.clear();
    present({ kind: "failed", error });
  }
}

function submit(): void {
  const query = parseQuery(queryBox.value);
  switch (query.kind) {
    case "address":
      return void ask({ address: query.address });
    case "position":
      return void ask({ lon: query.lon, lat: query.lat });
    case "range":
      return present({ kind: "hint", key: "coordinatesOutOfRange" });
    case "empty":
      return present({ kind: "hint", key: "empty" });
  }
}

function pointed(position: Position): void {
  queryBox.value = `${position.lon}, ${position.lat}`;
  void ask(position);
}

/** Ask for the point of a candidate: its text would mean all of them again. */
function chosen({ address, lon, lat, level }: Candidate): void {
  if (lon === null || lat === null) return;
  queryBox.value = address;
  void ask({ lon, lat }, { address, matched_level: level ?? null });
}

/** What the service says of itself; those who may draft plans find the way there. */
function learn(said: Config): void {
  config = said;
  find("plans").hidden = said.drafts !== "yes";
}

/** A key was given: what it allows is known from then on, and the question is asked again with it. */
async function keyed(): Promise<void> {
  try {
    learn({ ...config, ...(await getConfig()) });
    submit();
  } catch (error) {
    present({ kind: "failed", error });
  }
}

/** An address was corrected: ask for it again once the service answers from what was changed, within seconds. */
async function corrected(address: string, version: number): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const { version: current } = await getConfig().catch(() => config);
    if ((current ?? 0) >= version) break;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  doing.ask(address);
}

function areasFailed(error: unknown): void {
  notice.textContent = t("areasFailed", { detail: error instanceof Problem ? error.message : t("offline") });
  notice.hidden = false;
}

function levelBox(level: string): HTMLLabelElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  box.addEventListener("change", () => map?.levels.find((one) => one.level === level)?.layer.setVisible(box.checked));
  const line = document.createElement("span");
  line.className = "line";
  line.style.borderTop = `${Math.max(look(level).width, 1.5)}px ${look(level).dash ? "dashed" : "solid"} ${look(level).colour}`;
  const name = document.createElement("span");
  name.dataset.level = level;
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.dataset.from = String(look(level).from);
  const label = document.createElement("label");
  label.append(box, line, name, hint);
  return label;
}

/** Say beside each level whether the map has to be zoomed in before it shows. */
function levelHints(): void {
  const zoom = map?.zoom() ?? 0;
  document.querySelectorAll<HTMLElement>("#levels [data-from]").forEach((hint) => {
    const text = zoom < Number(hint.dataset.from) ? t("zoomIn") : "";
    if (hint.textContent !== text) hint.textContent = text;
  });
}

function speak(chosenLang: Lang): void {
  use(chosenLang);
  document.title = config.title[chosenLang];
  find("title").textContent = config.title[chosenLang];
  document.querySelectorAll<HTMLElement>("[data-lang]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.lang === chosenLang));
  });
  document.querySelectorAll<HTMLElement>("[data-level]").forEach((name) => {
    name.textContent = levelName(name.dataset.level as Key);
  });
  notice.hidden = true;
  suggestions.close();
  map?.translate();
  levelHints();
  draw(panel, shown, doing);
}

function listen(): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  queryBox.addEventListener("keydown", (event) => {
    // the Enter that ends a pinyin composition picks characters and asks nothing; Safari tells it only by its code
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
  });
  dateBox.addEventListener("change", () => {
    notice.hidden = true;
    map?.reload();
    if (shown.kind === "answer") submit();
  });
  document.querySelectorAll<HTMLElement>("[data-lang]").forEach((button) => {
    button.addEventListener("click", () => speak(button.dataset.lang as Lang));
  });
}

async function start(): Promise<void> {
  dateBox.value = today();
  speak(preferred(remembered(), navigator.languages));
  listen();
  try {
    learn({ ...NOWHERE, ...(await getConfig()) });
  } catch (error) {
    return present({ kind: "failed", error });
  }
  dateBox.value = today();
  find("levels").append(...config.levels.map(levelBox));
  map = createMap(find("map"), { config, day, asked: pointed, chosen, failed: areasFailed });
  map.onZoom(levelHints);
  speak(lang());
}

void start();
