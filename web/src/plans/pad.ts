/** Corners by keyboard: choose one along the border of an area, move it by metres, or mark places from corner to corner. */

import { button, element } from "../dom";
import { along, apart, corners, halfway, outer, sharers, shifted } from "./corners";
import type { DraftMap } from "./draftmap";
import { type Held, listed } from "./held";
import type { Operation } from "./operation";
import type { Area, Corner } from "./service";
import { w } from "./words";

/** Metres east and north of each arrow. */
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** Metres that a corner moves with each key press unless another step is typed. */
const STEP_M = 5;

export interface PadDoing {
  edit: (operation: Operation) => void;
  drawn: (points: Corner[]) => void;
}

export class Pad {
  readonly element: HTMLElement;
  private readonly keys = element("div", "keys");
  private readonly hint = element("p", "hint");
  private readonly step = Object.assign(element("input", ""), { type: "number", id: "step", min: "0.1", step: "any", value: String(STEP_M) });
  private readonly buttons = element("div", "row wrap");
  private held: Held | null = null;
  private code: string | null = null;
  private drawing = false;
  private at = 0;
  /** where the corner, or the pen, was moved to; null while it is on its corner */
  private place: Corner | null = null;
  private marks: Corner[] = [];

  constructor(private readonly map: DraftMap, private readonly doing: PadDoing) {
    Object.assign(this.keys, { tabIndex: 0, id: "corners" });
    this.keys.setAttribute("role", "application");
    this.keys.setAttribute("aria-label", w("corners"));
    this.keys.setAttribute("aria-live", "polite");
    this.keys.setAttribute("aria-describedby", "corner-keys");
    this.hint.id = "corner-keys";
    this.keys.addEventListener("keydown", (event) => this.pressed(event));
    const caption = element("label", "caption", w("step"));
    caption.htmlFor = "step";
    const row = element("div", "row", this.keys, element("div", "step", caption, this.step));
    this.element = element("section", "pad", element("h3", "", w("corners")), row, this.buttons, this.hint);
  }

  /** Which area's corners are chosen, and whether they are moved or marked. */
  show(held: Held, code: string | null, drawing: boolean): void {
    if (this.place !== null) this.map.restore();
    const other = code !== this.code || drawing !== this.drawing;
    if (drawing !== this.drawing || this.buttons.childElementCount === 0) this.buttons.replaceChildren(...this.actions(drawing));
    Object.assign(this, { held, code, drawing, place: null, marks: [] });
    const area = this.area();
    if (area !== null) this.at = other ? firstInner(held, area) : along(this.at, 0, corners(area.geometry).length);
    this.element.hidden = code === null;
    this.hint.textContent = w(drawing ? "cornerKeysDraw" : "cornerKeys");
    this.redraw();
  }

  /** Let go of what was moved and marked. */
  cancel(): void {
    this.place = null;
    this.marks = [];
    this.map.restore();
    this.redraw();
  }

  private actions(drawing: boolean): HTMLElement[] {
    const moving = [button("choice", () => this.insert(), w("insert")), button("choice", () => this.remove(), w("remove"))];
    return [
      button("choice", () => this.go(-1), w("previous")),
      button("choice", () => this.go(1), w("next")),
      button("choice", () => this.enter(), w(drawing ? "mark" : "put")),
      ...(drawing ? [button("choice", () => this.finish(), w("finish"))] : moving),
      button("choice", () => this.cancel(), w("cancel")),
    ];
  }

  private pressed(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow !== undefined && event.shiftKey) this.move(...arrow);
    else if (arrow !== undefined) this.go(arrow[0] + arrow[1] > 0 ? 1 : -1);
    else if (!this.named(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Do what a key is named for; false where it is none of them. */
  private named(key: string): boolean {
    const finish = this.drawing ? () => this.finish() : undefined;
    const moving = this.drawing ? {} : { Insert: () => this.insert(), Delete: () => this.remove() };
    const keys: Record<string, (() => void) | undefined> = { Enter: () => this.enter(), Escape: () => this.cancel(), f: finish, F: finish, ...moving };
    const action = keys[key];
    action?.();
    return action !== undefined;
  }

  private area(): Area | null {
    return this.code === null ? null : (this.held?.areas.get(this.code) ?? null);
  }

  private corner(): Corner | null {
    const area = this.area();
    return area === null ? null : (corners(area.geometry)[this.at] ?? null);
  }

  private go(steps: number): void {
    const area = this.area();
    if (area === null) return;
    if (this.place !== null && !this.drawing) this.map.restore();
    this.at = along(this.at, steps, corners(area.geometry).length);
    this.place = null;
    this.redraw();
  }

  private move(east: number, north: number): void {
    const corner = this.corner();
    const step = Number(this.step.value);
    if (corner === null || !(step > 0)) return;
    this.place = shifted(this.place ?? corner, east * step, north * step);
    if (!this.drawing) this.map.preview(sharers(this.held!.areas.values(), corner), corner, this.place);
    this.redraw();
  }

  private enter(): void {
    const corner = this.corner();
    if (corner === null) return;
    if (this.drawing) this.marks.push(this.place ?? corner);
    else if (this.place !== null) return this.doing.edit({ op: "move_vertex", at: corner, to: this.place });
    this.redraw();
  }

  private insert(): void {
    const area = this.area();
    const operation = area === null ? null : halfway(area.geometry, this.at);
    if (operation !== null) this.doing.edit(operation);
  }

  private remove(): void {
    const corner = this.corner();
    if (corner !== null) this.doing.edit({ op: "delete_vertex", at: corner });
  }

  private finish(): void {
    const points = this.marks;
    this.cancel();
    if (points.length > 1) this.doing.drawn(points);
  }

  private redraw(): void {
    const corner = this.corner();
    this.keys.textContent = corner === null ? "" : this.says(corner);
    this.map.point(corner === null ? null : (this.place ?? corner), this.keys.textContent);
    this.map.draw(this.place !== null && this.drawing ? [...this.marks, this.place] : this.marks);
  }

  private says(corner: Corner): string {
    const held = this.held!;
    const names = listed(held, sharers(held.areas.values(), corner).map(({ id }) => id));
    const count = corners(this.area()!.geometry).length;
    const words = [w("corner", { n: this.at + 1, of: count, names })];
    if (outer(held.areas.values(), corner)) words.push(w("outer"));
    if (this.place !== null) words.push(w("cornerMoved", { n: this.at + 1, m: apart(corner, this.place).toFixed(1) }));
    if (this.marks.length > 0) words.push(w("marked", { n: this.marks.length }));
    return words.join(" · ");
  }
}

/** The first corner that can be moved: the outer border stays where it is. */
function firstInner(held: Held, area: Area): number {
  return Math.max(0, corners(area.geometry).findIndex((corner) => !outer(held.areas.values(), corner)));
}
