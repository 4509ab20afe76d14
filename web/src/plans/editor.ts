/** The editor of one plan: map and panel, and edits that are answered at once. */

import type { Config } from "../api";
import { element } from "../dom";
import { conflict } from "./conflict";
import { withAcross } from "./corners";
import { DraftMap } from "./draftmap";
import { findingList } from "./findinglist";
import { GridList } from "./gridlist";
import { gridPanel } from "./gridpanel";
import type { Held } from "./held";
import { colours } from "./legend";
import { give, type Operation, redrawBorder, split } from "./operation";
import { options } from "./options";
import { Pad } from "./pad";
import { planHead } from "./planhead";
import { publishDialog } from "./publishing";
import { redrawn } from "./redrawn";
import { problemText, type Stale } from "./saying";
import { begin, send, type Sent, type Told } from "./sending";
import { type Corner, findings } from "./service";
import { Toolbar } from "./toolbar";
import { pointer, type Pointer, type Tool } from "./tools";
import { besides, gridsByUnit, gridsOf, levelsAbove, unitOf } from "./units";
import { w } from "./words";

const DRAWING: readonly Tool[] = ["split", "give", "redraw"];

export class Editor {
  private chosen: string[] = [];
  private tool: Tool = "look";
  /** the level above the grids that is selected from; null: grids themselves */
  private level: string | null = null;
  private neighbour: string | null = null;
  private across = false;
  private busy = false;
  private closed = false;
  /** what others did meanwhile, until the user decides */
  private stale: { stale: Stale; sent: Sent } | null = null;

  private readonly head = element("section", "head");
  private readonly grid = element("div", "");
  private readonly found = element("div", "");
  private readonly said = element("p", "said");
  private readonly met = element("div", "met");
  private readonly asking = element("div", "options");
  private readonly map: DraftMap;
  private readonly pointer: Pointer;
  private readonly toolbar: Toolbar;
  private readonly list: GridList;
  private readonly pad: Pad;

  /** Open a plan on the screen; what comes back closes it. */
  static async open(screen: HTMLElement, config: Config, id: number): Promise<() => void> {
    screen.replaceChildren(element("p", "panel quiet", w("waiting")));
    const made = new Editor(screen, config, await begin(id));
    made.check();
    return () => made.close();
  }

  private constructor(screen: HTMLElement, private readonly config: Config, private held: Held) {
    const stage = element("div", "");
    stage.id = "map";
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    this.said.setAttribute("role", "status");
    this.met.setAttribute("role", "alert");
    this.toolbar = new Toolbar({ use: (tool) => this.use(tool), step: (which) => void this.send({ step: which }) });
    this.list = new GridList((codes, goTo) => this.choose(codes, goTo), (level) => this.chooseLevel(level));
    const side = element("div", "panel");
    const frame = element("div", "frame", stage, element("div", "messages", this.said, this.met));
    screen.replaceChildren(side, element("section", "stage", this.toolbar.element, this.asking, frame));
    this.map = new DraftMap(stage, config);
    frame.append(colours((mode) => this.map.colourBy(mode), (shown) => this.map.showBuildings(shown)));
    this.pad = new Pad(this.map, { edit: (operation) => void this.edit(withAcross(operation, this.across)), drawn: (points) => this.drawn(points) });
    side.append(this.head, this.grid, this.pad.element, this.found, this.list.element);
    this.pointer = pointer(this.map, {
      picked: (code, others) => this.picked(code, others),
      dragged: (operation) => (operation === null ? this.map.restore() : void this.edit(withAcross(operation, this.across))),
      drawn: (points) => this.drawn(points),
      boxed: (codes) => this.boxed(codes),
    });
    document.addEventListener("keydown", this.shortcut);
    this.take(held);
    this.map.home();
  }

  private close(): void {
    this.closed = true;
    document.removeEventListener("keydown", this.shortcut);
    this.map.end();
  }

  private readonly shortcut = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.pointer.abort();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]") !== null) return;
    const typing = event.target instanceof HTMLInputElement && event.target.type !== "checkbox";
    const key = event.key.toLowerCase();
    const redo = key === "y" || (key === "z" && event.shiftKey);
    if (typing || !(redo || key === "z")) return;
    event.preventDefault();
    if (redo ? this.held.plan.can_redo : this.held.plan.can_undo) void this.send({ step: redo ? "redo" : "undo" });
  };

  private may(): boolean {
    return this.held.plan.status === "draft" && this.stale === null;
  }

  /** Show a plan as it is from now on. */
  private take(held: Held): void {
    this.tell(held);
    this.map.restore();
    if (this.level !== null && !levelsAbove(held).includes(this.level)) this.level = null;
    this.list.show(held, this.level);
    this.head.replaceChildren(...planHead(held, { publish: () => void publishDialog(held, this.config.on ?? "", (told) => void this.reload(told)) }));
    this.choose(this.chosen, false);
  }

  private tell(held: Held): void {
    this.held = held;
    this.map.show(held);
    this.found.replaceChildren(findingList(held, (finding) => this.goToFinding(finding.properties.codes, () => this.map.goToFinding(finding))));
  }

  /** Have all of the plan checked; if it was edited meanwhile, again. */
  private check(): void {
    const { id, version } = this.held.plan;
    findings(id).then(
      (found) => {
        if (this.closed) return;
        if (version === this.held.plan.version) this.tell({ ...this.held, findings: found, checked: true });
        else this.check();
      },
      (error: unknown) => this.say({ text: problemText(error), tone: "bad" }),
    );
  }

  private goToFinding(codes: string[], go: () => void): void {
    const known = codes.filter((code) => this.held.areas.has(code));
    const units = [...new Set(known.map((code) => unitOf(this.held, code, this.level)))].filter((code) => code !== null) as string[];
    if (units.length > 0) this.choose(units, false);
    go();
  }

  /** Select from another level: what was selected is so with all that holds it, or that it holds first. */
  private chooseLevel(level: string | null): void {
    const grids = gridsOf(this.held, this.chosen, this.level);
    const units = level === null ? [] : grids.map((code) => unitOf(this.held, code, level));
    this.level = level;
    if (level !== null && this.tool !== "merge") this.tool = "look";
    this.list.show(this.held, level);
    this.choose([...new Set(units)].filter((code) => code !== null) as string[], false);
  }

  /** All in a box are selected besides what is. */
  private boxed(codes: string[]): void {
    const units = codes.map((code) => unitOf(this.held, code, this.level)).filter((code) => code !== null) as string[];
    if (units.length > 0) this.choose([...new Set([...this.chosen, ...units])], false);
  }

  private picked(at: string | null, others: boolean): void {
    const code = at === null ? null : unitOf(this.held, at, this.level);
    if (code === null) return this.choose([], false);
    if (!others) return this.choose([code], false);
    const rest = this.chosen.filter((one) => one !== code);
    this.choose(rest.length === this.chosen.length ? [...rest, code] : rest, false);
  }

  private choose(wanted: string[], goTo: boolean): void {
    const there = this.level === null ? this.held.areas : gridsByUnit(this.held, this.level);
    const codes = wanted.filter((code) => there.has(code));
    const beside = besides(this.held, codes[0], this.level);
    // a second one that is selected is the neighbour meant
    const meant = [codes[1], this.neighbour].find((code) => code !== undefined && code !== null && beside.includes(code));
    this.neighbour = meant ?? beside[0] ?? null;
    this.chosen = codes;
    this.list.mark(codes);
    if (goTo) this.map.goTo(gridsOf(this.held, codes, this.level));
    redrawn(this.grid, gridPanel(this.held, codes, this.level, this.may(), (operation) => void this.edit(operation)));
    this.ready();
  }

  private use(tool: Tool): void {
    this.tool = tool;
    this.ready();
  }

  /** Tools, their options and the corners, for what is selected now. */
  private ready(): void {
    const may = this.may();
    const { can_undo: undo, can_redo: redo } = this.held.plan;
    this.toolbar.show(this.tool, { edit: may, undo: may && undo, redo: may && redo }, this.level !== null);
    this.ask();
    const drawing = DRAWING.includes(this.tool);
    const corners = may && (drawing || this.tool === "border");
    this.map.choose(this.chosen.map((code) => gridsOf(this.held, [code], this.level)), may && this.tool === "border");
    this.pointer.use(this.tool, may && (!drawing || this.chosen.length > 0));
    this.pad.show(this.held, corners ? (this.chosen[0] ?? null) : null, drawing);
  }

  private ask(): void {
    const { held, tool, chosen, level, neighbour, across } = this;
    const beside = besides(held, chosen[0], level);
    const asking = { held, tool, chosen, level, beside, neighbour, across, may: this.may(), met: this.stale !== null };
    redrawn(this.asking, ...options(asking, {
      edit: (operation) => void this.edit(operation),
      neighbour: (code) => this.meant(code),
      across: (allowed) => this.allow(allowed),
      finish: () => this.pointer.finish(),
      cancel: () => (this.pointer.abort(), this.pad.cancel()),
    }));
  }

  private allow(across: boolean): void {
    this.across = across;
    // what the buttons would do is another edit now
    this.ask();
  }

  private meant(code: string): void {
    this.neighbour = code;
    this.ask();
  }

  private drawn(points: Corner[]): void {
    const [code] = this.chosen;
    if (code === undefined) return;
    const about = { code, neighbour: this.neighbour, across: this.across };
    const operation = this.tool === "split" ? split(code, points) : this.tool === "give" ? give(points, about) : redrawBorder(points, about);
    if (operation !== null) void this.edit(operation);
  }

  private edit(operation: Operation): Promise<void> {
    return this.send({ operation });
  }

  /** Send an edit, and show how it ended; what was dragged springs back unless it was done. */
  private async send(sent: Sent, rebase = false): Promise<void> {
    if (this.busy || (!rebase && !this.may())) return this.map.restore();
    this.wait(true);
    const outcome = await send(this.held, sent, rebase);
    this.wait(false);
    if (outcome.kind === "done") {
      this.stale = null;
      this.take(outcome.held);
      if (this.chosen.length === 0 && this.level === null) this.choose(outcome.touched, false);
      this.say(outcome.told);
    } else {
      this.map.restore();
      if (outcome.kind === "stale") this.stale = outcome;
      this.say(outcome.kind === "stale" ? null : outcome.told);
      this.ready();
    }
    this.meet();
  }

  private wait(busy: boolean): void {
    this.busy = busy;
    this.said.setAttribute("aria-busy", String(busy));
  }

  private say(told: Told | null): void {
    this.said.className = `said ${told?.tone ?? ""}`;
    this.said.textContent = told?.text ?? "";
  }

  /** What others did is shown until the user has decided: nothing is settled silently. */
  private meet(): void {
    const { stale: met } = this;
    this.met.replaceChildren(...(met === null ? [] : conflict(this.held, met.stale, {
      load: () => void this.reload(null, met.stale.changed),
      onTop: () => void this.send(met.sent, true),
    })));
  }

  private async reload(told: Told | null, changed: string[] = []): Promise<void> {
    const held = await begin(this.held.plan.id);
    this.stale = null;
    this.take(held);
    this.check();
    const known = changed.filter((code) => held.areas.has(code));
    if (known.length > 0) this.choose(known, true);
    this.say(told ?? { text: w("loaded", { version: held.plan.version }), tone: "good" });
    this.meet();
  }
}
