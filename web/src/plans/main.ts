/** The plans page: a list of plans, the editor of one, or two of them side by side; for grid administrators alone. */

import "ol/ol.css";
import "../style.css";
import "./plans.css";
import { type Config, getConfig, Problem } from "../api";
import { element } from "../dom";
import { lang, type Lang, preferred, remembered, use } from "../i18n";
import { keyForm } from "../keyform";
import { comparison } from "./comparison";
import { Editor } from "./editor";
import { planList } from "./planlist";
import { routed } from "./route";
import { problemText } from "./saying";
import { w, type Word } from "./words";

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const screen = find("screen");

let config: Config | null = null;
/** ends what is on the screen */
let leave: () => void = () => undefined;

/** Show what the address asks for, in a box of its own: what was asked for before may still be on its way. */
async function show(): Promise<void> {
  leave();
  leave = () => undefined;
  const box = element("div", "box");
  screen.replaceChildren(box);
  try {
    config ??= await getConfig();
  } catch (error) {
    return refuse(error);
  }
  if (config.drafts !== "yes") return signIn(config.drafts === "key" ? (keyed() ? "notAllowed" : "needKey") : "noRecord");
  const { plan, other } = routed(location.hash);
  const end = await opened(box, config, plan, other);
  if (box.isConnected) leave = end;
  else end();
}

async function opened(box: HTMLElement, said: Config, plan: number | null, other: number | null): Promise<() => void> {
  if (plan === null) await planList(box, said);
  else return other === null ? Editor.open(box, said, plan) : comparison(box, said, plan, other);
  return () => undefined;
}

function keyed(): boolean {
  return sessionStorage.getItem("gridmap.key") !== null;
}

function refuse(error: unknown): void {
  if (error instanceof Problem && (error.status === 401 || error.status === 403)) return signIn(keyed() ? "notAllowed" : "needKey");
  screen.replaceChildren(element("div", "panel", element("p", "status bad", problemText(error))));
}

function signIn(why: Word): void {
  const form = why === "noRecord" ? [] : [keyForm(w("signIn"), () => location.reload())];
  screen.replaceChildren(element("div", "panel alone", element("p", `status ${why === "needKey" ? "" : "warn"}`, w(why)), ...form));
}

function speak(chosen: Lang): void {
  use(chosen);
  document.title = w("title");
  find("title").textContent = w("title");
  find("back").textContent = w("back");
  find("skip").textContent = w("skip");
  document.querySelectorAll<HTMLElement>("[data-lang]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.lang === chosen));
  });
}

function listen(): void {
  const shown = () => void show().catch(refuse);
  window.addEventListener("hashchange", shown);
  document.querySelectorAll<HTMLElement>("[data-lang]").forEach((button) => {
    button.addEventListener("click", () => {
      if (button.dataset.lang === lang()) return;
      speak(button.dataset.lang as Lang);
      shown();
    });
  });
  shown();
}

speak(preferred(remembered(), navigator.languages));
listen();
