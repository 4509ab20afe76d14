/* Visits to streets: what was walked in one shift or up to it, as stretches of streets on one canvas.
   A stretch is a street with the first and last of the parts that a page divides it into. */
(() => {
  const PARTS = 255; // of gridmap.maps.visits
  gridmap.PARTS = PARTS;
  const NEAR = 8; // pixels within which a click means a street
  const BATCH = 400; // stretches that are stroked at a time: one path of all would take seconds
  const AGES_H = [0, 24, 72, 168, 720, Infinity]; // of the classes of age but the last, which is never
  const UNWALKED = 0xff;

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /* what gridmap.maps.visits.encoded wrote, sorted by street and shift */
  gridmap.visits = ({ counts, keys, parts }, streets) => {
    const [from, ends] = [bytes(keys), bytes(parts)];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const all = { street: new Uint32Array(total), shift: new Uint16Array(total), rank: new Uint8Array(total),
      low: new Uint8Array(total), high: new Uint8Array(total) };
    let [at, end, row] = [0, 0, 0];
    counts.forEach((count, shift) => {
      let street = 0;
      for (let n = 0; n < count; n += 1, row += 1) {
        let [key, bits] = [0, 0];
        do {
          key += (from[at] & 0x7f) * 2 ** bits;
          bits += 7;
          at += 1;
        } while (from[at - 1] & 0x80);
        street += Math.floor(key / 6);
        const partial = key % 2 === 1;
        all.street[row] = street;
        all.shift[row] = shift;
        all.rank[row] = (key % 6) >> 1;
        all.low[row] = partial ? ends[end] : 0;
        all.high[row] = partial ? ends[end + 1] : PARTS;
        if (partial) end += 2;
      }
    });
    // rows of each street in the order of shifts: a counting sort
    const first = new Uint32Array(streets + 1);
    for (const street of all.street) first[street + 1] += 1;
    for (let street = 0; street < streets; street += 1) first[street + 1] += first[street];
    const next = first.slice();
    const rows = new Uint32Array(total);
    for (let n = 0; n < total; n += 1) {
      rows[next[all.street[n]]] = n;
      next[all.street[n]] += 1;
    }
    return { ...all, first, rows };
  };

  /* Stretches by class: of each a flat list of street, first part, last part. FIRST and LAST shift are included.
     CLASS_OF(row) says which class a visit belongs to, or -1; where several meet, the lowest counts. Where it never
     falls from the last visit to the first (AGING), the first that is met stays. */
  gridmap.stretches = (visits, streets, span, classOf, classes, aging = false) => {
    const found = Array.from({ length: classes }, () => []);
    const state = new Uint8Array(PARTS);
    for (let street = 0; street < streets; street += 1) painted(visits, street, span, { classOf, aging, state, found });
    return found;
  };
  function painted(visits, street, [firstShift, lastShift], { classOf, aging, state, found }) {
    let open = -1; // parts that a visit may still change; -1 before the first
    for (let n = visits.first[street + 1] - 1; n >= visits.first[street] && open; n -= 1) {
      const row = visits.rows[n];
      if (visits.shift[row] > lastShift) continue;
      if (visits.shift[row] < firstShift) break;
      const which = classOf(row);
      if (which < 0) continue;
      const [low, high, stays] = [visits.low[row], visits.high[row], aging || which === 0];
      if (open < 0) {
        if (stays && low === 0 && high === PARTS) {
          found[which].push(street, 0, PARTS);
          return;
        }
        state.fill(UNWALKED);
        open = PARTS;
      }
      for (let part = low; part < high; part += 1) {
        if (which >= state[part]) continue;
        if (stays) open -= 1;
        state[part] = which;
      }
    }
    if (open >= 0) gathered(found, street, state);
  }
  function gathered(found, street, state) {
    let begin = 0;
    for (let part = 1; part <= PARTS; part += 1) {
      if (part < PARTS && state[part] === state[begin]) continue;
      if (state[begin] !== UNWALKED) found[state[begin]].push(street, begin, part);
      begin = part;
    }
  }
  gridmap.ageClass = (hours) => AGES_H.findIndex((limit) => hours <= limit);

  /* a street ready to be drawn: its lines, and how far along each vertex lies, from 0 to PARTS */
  gridmap.road = (lines) => {
    const made = gridmap.decoded(lines);
    let whole = 0;
    const along = made.rings.map((line) => {
      const at = new Float64Array(line.length / 2);
      at[0] = whole;
      for (let i = 1; i < at.length; i += 1) {
        whole += Math.hypot(line[2 * i] - line[2 * i - 2], line[2 * i + 1] - line[2 * i - 1]);
        at[i] = whole;
      }
      return at;
    });
    for (const at of along) for (let i = 0; i < at.length; i += 1) at[i] *= whole > 0 ? PARTS / whole : 0;
    return { ...made, along };
  };

  const Walks = gridmap.Canvas.extend({
    /* CLASSES: those below first; each with its stretches, colour, width, dashes */
    show(classes) {
      this.classes = classes;
      this.draw();
    },

    _drawOn(on) {
      const wide = this._map.getZoom() >= 16 ? 1.7 : 1;
      const inView = this.options.roads.map((road) => this._inView(road.box));
      on.lineCap = "butt";
      on.lineJoin = "round";
      for (const { stretches, colour, width, dash } of this.classes ?? []) {
        on.strokeStyle = colour;
        on.lineWidth = width * wide;
        on.setLineDash(dash ?? []);
        this._stroke(on, stretches, inView);
      }
      on.setLineDash([]);
    },

    _stroke(on, stretches, inView) {
      on.beginPath();
      for (let i = 0; i < stretches.length; i += 3) {
        if (inView[stretches[i]]) this._traceBetween(on, this.options.roads[stretches[i]], stretches[i + 1], stretches[i + 2]);
        if (i % (3 * BATCH) === 0) {
          on.stroke();
          on.beginPath();
        }
      }
      on.stroke();
    },

    _traceBetween(on, road, low, high) {
      if (low === 0 && high === PARTS) {
        this._trace(on, road.rings, false);
        return;
      }
      const { scale, corner } = this.view;
      road.rings.forEach((line, part) => {
        const at = road.along[part];
        let started = false;
        for (let i = 1; i < at.length; i += 1) {
          if (at[i] <= low || at[i - 1] >= high || at[i] <= at[i - 1]) continue;
          const point = (along) => {
            const share = (along - at[i - 1]) / (at[i] - at[i - 1]);
            return [line[2 * i - 2] + share * (line[2 * i] - line[2 * i - 2]),
              line[2 * i - 1] + share * (line[2 * i + 1] - line[2 * i - 1])].map((value, axis) =>
              value * scale - (axis ? corner.y : corner.x));
          };
          if (!started) on.moveTo(...point(Math.max(low, at[i - 1])));
          started = true;
          on.lineTo(...point(Math.min(high, at[i])));
        }
      });
    },

    /* the street at a place of the screen, or -1 */
    streetAt(latlng) {
      if (!this._map || !this.view) return -1;
      const [x, y] = [gridmap.mercatorX(latlng.lng), gridmap.mercatorY(latlng.lat)];
      let best = -1;
      let least = NEAR / this.view.scale;
      this.options.roads.forEach(({ rings, box }, street) => {
        if (x < box[0] - least || x > box[2] + least || y < box[1] - least || y > box[3] + least) return;
        for (const line of rings) {
          for (let i = 2; i < line.length; i += 2) {
            const away = distance(x, y, line[i - 2], line[i - 1], line[i], line[i + 1]);
            if (away <= least && this.options.isStreet(street)) [best, least] = [street, away];
          }
        }
      });
      return best;
    },
  });
  function distance(x, y, x0, y0, x1, y1) {
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const share = length ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) : 0;
    return Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0));
  }
  gridmap.walks = (options) => new Walks(options);
})();
