"use strict";

/* The map of grids: MAP is the map that folium made, DATA what gridmap.maps.contents wrote.
   Nothing of the data ever becomes HTML: all text goes through textContent. */
function gridmapGrids(MAP, DATA) {
  const UNKNOWN = "#d9d9d9";
  const OPACITY = 0.8;
  const SHOWN = 200; // entries of a list: a reader who needs more asks for the change sheet
  const FEW = 3; // names of areas in one entry
  const HIGHLIGHT = { color: "#111827", weight: 3.5, stroke: true };
  const NORM_COLOURS = ["#edf3ee", "#fdae61", "#d7301f", "#7f0000"];
  const PANES = { shaded: 410, buildings: 412, ground: 413, barriers: 414, streets: 415, borders: 420, places: 430,
    marks: 440, findings: 450 };

  /* ---- words and nodes ---- */
  const word = (key, values = {}) =>
    (DATA.words[key] ?? key).replace(/\{(\w+)\}/g, (open, name) => values[name] ?? open);
  const lower = (text) => (DATA.lang === "en" ? text.charAt(0).toLowerCase() + text.slice(1) : text);
  function node(tag, options = {}, ...children) {
    const made = document.createElement(tag);
    const { text, style, ...rest } = options;
    if (text !== undefined) made.textContent = text;
    if (style) Object.assign(made.style, style);
    for (const [name, value] of Object.entries(rest)) made.setAttribute(name, value);
    made.append(...children.filter(Boolean));
    return made;
  }
  const byId = (id) => document.getElementById(id);
  const said = (value) =>
    value === null || value === undefined ? word("unknown") : value.toLocaleString("en", { maximumFractionDigits: 3 })
      .replaceAll(",", DATA.lang === "en" ? "," : "\u2009");

  /* ---- geometry ---- */
  function path(steps) {
    const points = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      points.push([y / 1e6, x / 1e6]);
    }
    return points;
  }
  const polygon = (parts) => parts.map((rings) => rings.map(path));
  const SHAPES = DATA.shapes.map(polygon);

  /* ---- what an area says ---- */
  const classOf = (area, figure) => {
    const at = area.of.classes[figure]?.[area.row];
    return at === null || at === undefined ? null : at;
  };
  const sideOf = (area, figure) => {
    const at = classOf(area, figure);
    return at === null ? 0 : DATA.classes[area.level][figure].sides[at];
  };
  const normed = (level) => Object.keys(DATA.norms[level] ?? {}).filter((figure) => DATA.classes[level]?.[figure]);
  const broken = (area) => normed(area.level).filter((figure) => sideOf(area, figure) !== 0);
  const measured = (area) => normed(area.level).some((figure) => classOf(area, figure) !== null);
  const valueOf = (area, figure) => area.of.figures[figure]?.[area.row] ?? null;
  const nameOf = (area) => area.of.names[area.row];
  const codeOf = (area) => area.of.codes[area.row];
  function rangeText([least, greatest]) {
    if (least === null) return `≤ ${said(greatest)}`;
    return greatest === null ? `≥ ${said(least)}` : `${said(least)}–${said(greatest)}`;
  }

  const state = { by: DATA.start.by, level: DATA.start.level, pressed: null };
  const asked = new URLSearchParams(window.location.search);
  if (DATA.levels.includes(asked.get("level"))) state.level = asked.get("level");
  const choices = () => [
    ...(DATA.events ? ["change"] : []),
    ...(normed(state.level).length ? ["norms"] : []),
    ...DATA.figures.filter((figure) => DATA.classes[state.level]?.[figure]),
  ];
  if (choices().includes(asked.get("by"))) state.by = asked.get("by");

  function colourOf(area) {
    if (state.by === "change") return DATA.kinds[area.of.kinds[area.row]] ?? UNKNOWN;
    if (state.by === "norms") return measured(area) ? NORM_COLOURS[Math.min(broken(area).length, 3)] : UNKNOWN;
    const at = classOf(area, state.by);
    return at === null ? UNKNOWN : DATA.classes[area.level][state.by].colours[at];
  }

  /* ---- one map ---- */
  function panes(map) {
    for (const [name, height] of Object.entries(PANES)) {
      const pane = map.createPane(`gm-${name}`);
      pane.style.zIndex = height;
      // a canvas in front of another would take the pointer from it
      if (name !== "shaded") pane.style.pointerEvents = "none";
    }
  }

  function side(map, key) {
    const plan = DATA.sides[key];
    panes(map);
    const layers = { shaded: L.layerGroup().addTo(map), marks: L.layerGroup().addTo(map) };
    const areas = {};
    const found = new Map();
    for (const [level, of] of Object.entries(plan.levels)) {
      areas[level] = of.codes.map((code, row) => ({ of, row, level, side: key }));
      for (const area of areas[level]) found.set(`${level}/${codeOf(area)}`, area);
      layers[`borders-${level}`] = borders(level, of);
    }
    return { key, map, layers, areas, found };
  }

  function borders(level, of) {
    const look = DATA.looks[level];
    const rings = of.shapes.flatMap((shape) => SHAPES[shape]);
    return L.polygon(rings, { color: look.colour, weight: look.width, dashArray: look.dash, fill: false,
      interactive: false, pane: "gm-borders", smoothFactor: 0.5 });
  }

  function shade(one) {
    one.layers.shaded.clearLayers();
    for (const area of one.areas[state.level] ?? []) {
      if (!area.shape) {
        area.shape = L.polygon(SHAPES[area.of.shapes[area.row]], { stroke: false, fillOpacity: OPACITY,
          pane: "gm-shaded", smoothFactor: 0.5 });
        area.shape.bindTooltip(() => tip(area), { sticky: true, className: "gm-tip" });
        area.shape.bindPopup(() => popup(area), { maxWidth: 340, minWidth: 220 });
        area.shape.on("mouseover", () => point(area, true));
        area.shape.on("mouseout", () => point(area, false));
      }
      area.shape.setStyle({ fillColor: colourOf(area) });
      area.shape.addTo(one.layers.shaded);
    }
  }

  /* ---- what is said of an area ---- */
  function tip(area) {
    const figure = DATA.figures.includes(state.by) ? state.by : "households";
    return node("div", {}, ...headings(area),
      node("div", { text: `${word("code")} ${codeOf(area)}` }),
      node("div", { text: `${word(figure)} ${said(valueOf(area, figure))}` }),
      state.by === "change" && node("div", { text: word(`kind_${area.of.kinds[area.row]}`) }),
      ...broken(area).map((name) => node("div", { class: "gm-off", text: offText(area, name) })));
  }

  function headings(area) {
    const holders = area.of.holders[area.row];
    return [node("strong", { text: nameOf(area) }), holders && node("small", { text: holders })];
  }

  function offText(area, figure) {
    const mark = sideOf(area, figure) < 0 ? `▼ ${word("below")}` : `▲ ${word("above")}`;
    return `${mark}: ${word(figure)} ${said(valueOf(area, figure))} (${rangeText(DATA.norms[area.level][figure])})`;
  }

  function popup(area) {
    const rows = DATA.figures.filter((figure) => valueOf(area, figure) !== null).map((figure) => {
      const off = sideOf(area, figure);
      const value = `${said(valueOf(area, figure))}${off < 0 ? " ▼" : off > 0 ? " ▲" : ""}`;
      return node("tr", {}, node("td", { text: word(figure) }), node("td", { text: value, class: off ? "gm-off" : "" }));
    });
    const became = (DATA.passing ?? []).filter((row) => row.level === area.level && row[area.side] === codeOf(area));
    return node("div", { class: "gm-popup" }, ...headings(area), node("div", { text: `${word("code")} ${codeOf(area)}` }),
      node("table", {}, node("tbody", {}, ...rows)),
      became.length && node("ul", {}, ...became.map((row) => node("li", { text: passingText(row) }))));
  }

  function passingText(row) {
    const ends = `${row.old ?? word("nothing")} → ${row.new ?? word("nothing")}`;
    const people = row.households === null ? "" : ` · ${word("stay", { households: said(row.households) })}`;
    return `${word(`kind_${row.kind}`)}: ${ends}${people}`;
  }

  /* ---- two maps that move together ---- */
  const right = side(MAP, "new");
  const sides = [right];
  if (DATA.sides.old) {
    document.body.classList.add("gm-two");
    byId("gm-old").hidden = false;
    const options = { zoomControl: false, zoomSnap: 0.25, maxZoom: 20, preferCanvas: MAP.options.preferCanvas };
    sides.unshift(side(L.map("gm-old", options), "old"));
    MAP.invalidateSize({ animate: false });
    link(sides[0].map, MAP);
    link(MAP, sides[0].map);
  }

  function link(one, other) {
    one.on("move zoomend", () => {
      if (one.following) return;
      other.following = true;
      other.setView(one.getCenter(), one.getZoom(), { animate: false });
      other.following = false;
    });
    const spot = L.circleMarker([0, 0], { radius: 7, color: "#111827", weight: 2, fill: false, interactive: false,
      pane: "gm-marks", renderer: L.svg({ pane: "gm-marks" }) });
    one.on("mousemove", (event) => spot.setLatLng(event.latlng).addTo(other));
    one.on("mouseout", () => spot.remove());
  }

  /* ---- pointing: an area, and those it came from or went to ---- */
  function kin(area) {
    const other = sides.find((one) => one.key !== area.side);
    if (!other) return [];
    const rows = DATA.passing.filter((row) => row.level === area.level && row[area.side] === codeOf(area));
    const codes = rows.length ? rows.map((row) => row[other.key]) : [codeOf(area)];
    return codes.map((code) => other.found.get(`${area.level}/${code}`)).filter(Boolean);
  }

  function point(area, on) {
    for (const one of [area, ...kin(area)]) {
      one.shape?.setStyle(on ? HIGHLIGHT : { stroke: false });
      if (on) one.shape?.bringToFront();
    }
  }

  /* ---- backdrops ---- */
  function backdrop(name, shapes, style) {
    if (!shapes?.length) return;
    for (const one of sides) {
      one.layers[name] = L.layerGroup(shapes.map((shape) =>
        (style.fill === false ? L.polyline(shape.map(path), style) : L.polygon(polygon(shape), style))));
    }
  }
  const still = (name, style) => ({ interactive: false, pane: `gm-${name}`, smoothFactor: 0.5, ...style });
  // one shape of many parts each: a browser draws it at once
  const merged = (shapes) => (shapes?.length ? [shapes.flat()] : []);
  backdrop("buildings", merged(DATA.backdrops.buildings),
    still("buildings", { color: "#57534e", weight: 0.3, fillColor: "#78716c", fillOpacity: 0.55 }));
  backdrop("streets", merged(DATA.backdrops.streets), still("streets", { color: "#fff", weight: 0.7, fill: false }));
  backdrop("main", merged(DATA.backdrops.main), still("streets", { color: "#fff", weight: 2.4, fill: false }));
  backdrop("rivers", merged(DATA.backdrops.rivers), still("barriers", { color: "#2563eb", weight: 3, fill: false }));
  backdrop("railways", merged(DATA.backdrops.railways),
    still("barriers", { color: "#111827", weight: 2.2, dashArray: "7 5", fill: false }));
  for (const one of sides) {
    if (DATA.places) one.layers.places = L.layerGroup(DATA.places.map(place));
  }

  function place({ at: [lon, lat], kind }) {
    const style = { radius: 4, color: "#fff", weight: 1.5, fillColor: "#be123c", fillOpacity: 1, pane: "gm-places",
      renderer: L.svg({ pane: "gm-places" }) };
    return L.circleMarker([lat, lon], style).bindTooltip(node("span", { text: word(`place_${kind}`) }));
  }

  /* ---- findings ---- */
  for (const finding of DATA.findings ?? []) {
    const renderer = (MAP.findingsRenderer ??= L.svg({ pane: "gm-findings" }));
    const style = { color: "#c2410c", weight: 3, fillColor: "#f97316", fillOpacity: 0.6, pane: "gm-findings", renderer };
    const [lon, lat] = finding.at;
    finding.mark = L.featureGroup([
      ...(finding.polygons.length ? [L.polygon(polygon(finding.polygons), style)] : []),
      ...(finding.lines.length ? [L.polyline(finding.lines.map(path), { ...style, weight: 5 })] : []),
      L.circleMarker([lat, lon], { ...style, radius: 8, fillOpacity: 0.15 }),
    ]).bindPopup(() => node("div", { class: "gm-popup" }, node("strong", { text: finding.called }),
      node("div", { text: finding.message, title: finding.told }), finding.mend && node("p", { text: word("mend", finding) })));
  }
  if (DATA.findings) right.layers.findings = L.layerGroup(DATA.findings.map((finding) => finding.mark));

  /* ---- layers that can be put on and off, on both maps at once ---- */
  const shownLayers = new Map();
  function switches() {
    const parts = { streets: ["streets", "main"], barriers: ["rivers", "railways"] };
    const names = ["buildings", "streets", "barriers", "places", "findings"]
      .map((key) => [word(`${key}_layer`), parts[key] ?? [key]])
      .filter(([, keys]) => sides.some((one) => keys.some((key) => one.layers[key])));
    const levels = DATA.levels.map((level) => [word("borders_layer", { level: word(level) }), [`borders-${level}`]]);
    for (const [name, keys] of [...names, ...levels]) {
      const box = node("input", { type: "checkbox" });
      box.addEventListener("change", () => put(keys, box.checked));
      shownLayers.set(keys[0], { box, keys });
      byId("gm-layers").append(node("div", {}, node("label", {}, box, node("span", { text: name }))));
      // beside what a plan changes, buildings are asked for
      if (!keys[0].startsWith("borders-")) put(keys, !(keys[0] === "buildings" && DATA.events));
    }
  }
  function put(keys, on) {
    shownLayers.get(keys[0]).box.checked = on;
    for (const one of sides) {
      for (const layer of keys.map((key) => one.layers[key]).filter(Boolean)) on ? layer.addTo(one.map) : layer.remove();
    }
  }
  function bordersOfLevel() {
    const finest = DATA.levels.indexOf(state.level);
    DATA.levels.forEach((level, rank) => put([`borders-${level}`], rank <= finest));
    // coarse borders above fine ones
    for (const level of [...DATA.levels].reverse()) {
      for (const one of sides) if (one.map.hasLayer(one.layers[`borders-${level}`])) one.layers[`borders-${level}`].bringToFront();
    }
  }

  /* ---- legend ---- */
  function legendRows() {
    const areas = right.areas[state.level] ?? [];
    const count = (test) => areas.filter(test).length;
    if (state.by === "change") {
      const kinds = (one) => (one.areas[state.level] ?? []).map((area) => area.of.kinds[area.row]);
      const all = { new: kinds(right), old: kinds(sides[0]) };
      return Object.entries(DATA.kinds).map(([kind, colour]) => [colour, word(`kind_${kind}`),
        all[kind === "abolished" ? "old" : "new"].filter((one) => one === kind).length]).filter(([, , n]) => n);
    }
    if (state.by === "norms") {
      const most = Math.max(0, ...areas.map((area) => broken(area).length));
      return NORM_COLOURS.slice(0, Math.min(most, 3) + 1).map((colour, n) => [colour,
        n ? word("norm_broken", { count: n === 3 ? "≥ 3" : n }) : word("norm_kept"),
        count((area) => measured(area) && Math.min(broken(area).length, 3) === n)]);
    }
    const { colours, labels, sides: where } = DATA.classes[state.level][state.by];
    const rows = colours.map((colour, at) => [colour,
      labels[at] + (where[at] < 0 ? ` ▼ ${word("below")}` : where[at] > 0 ? ` ▲ ${word("above")}` : ""),
      count((area) => classOf(area, state.by) === at)]);
    const unknown = count((area) => classOf(area, state.by) === null);
    return unknown ? [...rows, [UNKNOWN, word("unknown"), unknown]] : rows;
  }

  function legend() {
    const figure = state.by === "change" ? "lineage" : state.by;
    const heading = DATA.figures.includes(figure)
      ? word("legend", { level: DATA.lang === "en" ? lower(word(state.level)) : word(state.level), figure: word(figure) })
      : word(figure);
    const norm = DATA.norms[state.level]?.[state.by];
    const lines = DATA.levels.slice(0, DATA.levels.indexOf(state.level) + 1).map((level) => {
      const { colour, width, dash } = DATA.looks[level];
      const style = { borderTop: `${Math.max(width, 1)}px ${dash ? "dashed" : "solid"} ${colour}` };
      return node("li", {}, node("i", { class: "gm-line", style }), node("span", { text: word(level) }));
    });
    byId("gm-legend").replaceChildren(node("h2", { text: heading }),
      norm ? node("p", { text: word("legend_norm", { norm: rangeText(norm) }) }) : "",
      node("ul", {}, ...legendRows().map(([colour, text, count]) => node("li", {},
        node("i", { style: { background: colour, opacity: OPACITY } }), node("span", { text }),
        node("small", { text: word("areas_count", { count }) }))), ...lines),
      ...DATA.notes.map((text) => node("p", { text })));
  }

  /* ---- lists that lead to the place ---- */
  function entry(colour, text, more, go) {
    const button = node("button", { type: "button", "aria-pressed": "false" },
      node("i", { style: { background: colour } }), node("span", { text }, more && node("small", { text: more })));
    button.addEventListener("click", () => {
      state.pressed?.setAttribute("aria-pressed", "false");
      state.pressed = button;
      button.setAttribute("aria-pressed", "true");
      go();
    });
    return node("li", {}, button);
  }
  function list(id, title, summary, entries) {
    const box = byId(id);
    box.hidden = false;
    const rest = entries.length - SHOWN;
    box.replaceChildren(node("summary", { text: `${title} (${entries.length})` }),
      summary && node("p", { text: summary }), node("ul", {}, ...entries.slice(0, SHOWN)),
      rest > 0 ? node("p", { text: word("more", { count: rest }) }) : "");
  }

  // of twenty that are redrawn together, the map says more than their names
  const few = (texts, between) =>
    texts.length > FEW + 1 ? word("and_others", { names: texts.slice(0, FEW).join(between), count: texts.length })
      : texts.join(between);
  function titled(event, end, level) {
    const one = sides.find((other) => other.key === end);
    const names = event[end].map((code) => {
      const area = one.found.get(`${level}/${code}`);
      return area ? nameOf(area) : code;
    });
    return names.length ? few(names, DATA.lang === "en" ? ", " : "、") : word("nothing");
  }
  function changesList() {
    const events = DATA.events.filter((event) => event.level === state.level);
    const people = events.reduce((sum, event) => sum + (event.households ?? 0), 0);
    const total = (right.areas[state.level] ?? []).reduce((sum, area) => sum + (valueOf(area, "households") ?? 0), 0);
    const known = events.some((event) => event.households !== null) && total > 0;
    const share = known ? ((100 * people) / total).toFixed(1) : "";
    const summary = !events.length ? word("changes_none")
      : word(known ? "changes_said" : "changes_uncounted", { count: events.length, households: said(people), share });
    list("gm-changes", word("changes"), summary, events.map((event) => {
      const ends = `${titled(event, "old", event.level)} → ${titled(event, "new", event.level)}`;
      const facts = [`${few(event.old, " ")} → ${few(event.new, " ")}`,
        event.households === null ? null : word("moves", { households: said(event.households) }),
        word("passes", { area: said(event.area_m2) })].filter(Boolean);
      return entry(DATA.kinds[event.kind], `${word(`kind_${event.kind}`)}: ${ends}`, facts.join(" · "), () => show(event));
    }));
  }
  function offList() {
    const areas = (right.areas[state.level] ?? []).filter((area) => broken(area).length)
      .sort((one, other) => broken(other).length - broken(one).length);
    list("gm-off", word("off_norm"), areas.length ? "" : word("off_norm_none"), areas.map((area) =>
      entry(NORM_COLOURS[Math.min(broken(area).length, 3)], nameOf(area),
        broken(area).map((figure) => offText(area, figure)).join("; "), () => showArea(area))));
  }
  function findingsList() {
    list("gm-findings", word("findings"), "", DATA.findings.map((finding) =>
      entry("#f97316", finding.called, finding.message, () => {
        clearMarks();
        put(["findings"], true);
        MAP.fitBounds(finding.mark.getBounds().pad(0.6), { maxZoom: 18, animate: false });
        finding.mark.openPopup(finding.mark.getLayers().at(-1).getLatLng());
      })));
  }

  /* ---- going to a place ---- */
  function clearMarks() {
    for (const one of sides) one.layers.marks.clearLayers();
  }
  function outline(one, shapes, options) {
    const renderer = (one.map.marksRenderer ??= L.svg({ pane: "gm-marks" }));
    const look = { color: "#111827", weight: 4, fill: false, interactive: false, pane: "gm-marks", renderer };
    L.polygon(shapes, { ...look, ...options }).addTo(one.layers.marks);
  }
  function show(event) {
    clearMarks();
    for (const one of sides) {
      const areas = event[one.key].map((code) => one.found.get(`${event.level}/${code}`)).filter(Boolean);
      if (areas.length) outline(one, areas.flatMap((area) => SHAPES[area.of.shapes[area.row]]));
      for (const ground of event.ground ?? []) {
        if (ground.length) outline(one, polygon(ground), { weight: 2, dashArray: "5 4", fill: true, fillColor: "#111827",
          fillOpacity: 0.35 });
      }
    }
    if (event.box) {
      const [west, south, east, north] = event.box;
      MAP.fitBounds(L.latLngBounds([[south, west], [north, east]]).pad(0.3), { maxZoom: 18, animate: false });
    }
  }
  function showArea(area) {
    clearMarks();
    outline(right, SHAPES[area.of.shapes[area.row]]);
    MAP.fitBounds(area.shape.getBounds().pad(0.5), { maxZoom: 18, animate: false });
    area.shape.openPopup(area.shape.getCenter());
  }

  /* ---- controls ---- */
  function options(select, keys, chosen, name) {
    select.replaceChildren(...keys.map((key) => node("option", { value: key, text: name(key) })));
    select.value = chosen;
  }
  function draw() {
    if (!choices().includes(state.by)) state.by = choices()[0];
    options(byId("gm-by"), choices(), state.by, (key) => word(key === "change" ? "lineage" : key));
    options(byId("gm-level"), DATA.levels, state.level, word);
    clearMarks();
    sides.forEach(shade);
    legend();
    if (DATA.events) changesList();
    if (normed(state.level).length) offList();
    else byId("gm-off").hidden = true;
  }
  byId("gm-by").addEventListener("change", (event) => {
    state.by = event.target.value;
    draw();
  });
  byId("gm-level").addEventListener("change", (event) => {
    state.level = event.target.value;
    draw();
    bordersOfLevel();
  });

  function corner(map, position, made) {
    const control = L.control({ position });
    control.onAdd = () => made;
    control.addTo(map);
  }
  for (const { map, key } of sides) {
    map.attributionControl.setPrefix(false);
    if (sides.length > 1) corner(map, "topleft", node("div", { class: "gm-caption", text: DATA.captions[key] }));
    L.control.zoom({ zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") }).addTo(map);
    const north = node("div", { class: "gm-north", role: "img", "aria-label": word("north") },
      node("b", { text: "↑" }), word("north"));
    corner(map, "topright", north);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    // Leaflet takes the text as HTML
    map.attributionControl.addAttribution(node("i", { text: DATA.attributions[key] }).innerHTML);
  }
  // after the lists, which take their room beside or below the maps
  function whole() {
    const [west, south, east, north] = DATA.bounds;
    for (const { map } of sides) {
      map.following = true;
      map.invalidateSize({ animate: false });
      map.fitBounds([[south, west], [north, east]], { padding: [14, 14], animate: false });
      map.following = false;
    }
  }
  whole();
  switches();
  draw();
  bordersOfLevel();
  if (DATA.findings) findingsList();
  const open = ["gm-findings", "gm-changes", "gm-off"].map(byId).find((box) => !box.hidden);
  if (open) open.open = true;
  whole();
  document.body.dataset.ready = "true";
}
