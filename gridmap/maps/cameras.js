"use strict";

/* The map of cameras: MAP is the map that folium made, DATA what gridmap.maps.camera_contents wrote.
   Nothing of the data ever becomes HTML: all text goes through textContent. */
function gridmapCameras(MAP, DATA) {
  const UNKNOWN = "#eef2f6";
  const SHOWN = 200; // entries of a list
  const MANY_BLIND = 500; // stretches above which a broad line would hide the map
  const HIGHLIGHT = { color: "#111827", weight: 3, stroke: true };
  const PANES = { shaded: 410, buildings: 412, barriers: 413, streets: 414, blind: 416, ground: 418, borders: 422,
    marks: 440 };

  /* ---- words and nodes ---- */
  const word = (key, values = {}) =>
    (DATA.words[key] ?? key).replace(/\{(\w+)\}/g, (open, name) => values[name] ?? open);
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
  const number = (value, digits = 0) =>
    value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits })
      .replaceAll(",", DATA.lang === "en" ? "," : "\u2009");
  const squares = (value) => (value === null ? word("unknown") : word("m2", { n: number(value) }));
  const metres = (value) => (value === null ? word("unknown") : word("m", { n: number(value) }));
  const percent = (share) => (share === null ? word("unknown") : word("per_cent", { n: number(share, 1) }));

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
  const GROUND = DATA.shapes.map(gridmapGround.decoded);
  const AREAS = (DATA.areas.shapes ?? []).map(polygon);

  /* ---- what is shown ---- */
  const state = {
    by: DATA.start.by,
    level: DATA.start.level,
    pressed: null,
    chosen: null,
    band: new Set(DATA.bands.keys()),
    certainty: new Set(DATA.certainties.keys()),
    layer: new Set(),
  };
  const asked = new URLSearchParams(window.location.search);
  if (DATA.levels.includes(asked.get("level"))) state.level = asked.get("level");
  const choices = () => ["none", ...DATA.bands.filter((band) => DATA.areas[state.level]?.classes[band])];
  if (choices().includes(asked.get("by"))) state.by = asked.get("by");
  const isOn = (what, key) => state[what].has(key);

  /* ---- one map ---- */
  function side(map, key) {
    for (const [name, height] of Object.entries(PANES)) {
      const pane = map.createPane(`gm-${name}`);
      pane.style.zIndex = height;
      // a canvas in front of another would take the pointer from it
      if (name !== "shaded") pane.style.pointerEvents = "none";
    }
    const given = DATA.sides[key];
    const rows = DATA.certainties.map(() => DATA.bands.map(() => []));
    const { cameras, found } = camerasOf(given, rows);
    const ground = gridmapGround.layer({ pane: "gm-ground", cameras, rows, isOn, bands: DATA.bands,
      certainties: DATA.certainties, colours: DATA.colours, opacities: DATA.opacities, chosen: () => state.chosen });
    const one = { key, map, given, cameras, found, ground, areas: {}, layers: { shaded: L.layerGroup().addTo(map),
      marks: L.layerGroup().addTo(map) } };
    for (const level of DATA.levels) {
      const of = DATA.areas[level];
      one.areas[level] = of.codes.map((_, row) => ({ of, row, level, side: key }));
      one.layers[`borders-${level}`] = borders(level, of);
    }
    one.layers.blind = blindLines(given.blind.rows);
    ground.addTo(map);
    map.on("click", (event) => cameraClicked(one, event.latlng));
    map.on("mousemove", (event) => {
      map.getContainer().style.cursor = ground.cameraAt(event.latlng) ? "pointer" : "";
    });
    return one;
  }

  /* cameras with what they see: square metres by certainty and band, and the shapes of it */
  function camerasOf(given, rows) {
    const found = new Map();
    const cameras = given.cameras.map((camera) => {
      const one = { ...camera, x: gridmapGround.mercatorX(camera.at[0]), y: gridmapGround.mercatorY(camera.at[1]),
        m2: {}, shapes: [], possible: false };
      found.set(camera.id, one);
      return one;
    });
    const { camera: ids, band, certainty, m2, shape } = given.ground;
    ids.forEach((id, row) => {
      rows[certainty[row]][band[row]].push(GROUND[shape[row]]);
      const one = found.get(id);
      if (!one) return;
      (one.m2[certainty[row]] ??= DATA.bands.map(() => 0))[band[row]] += m2[row];
      one.shapes.push(GROUND[shape[row]]);
    });
    const possible = DATA.certainties.indexOf("possible");
    for (const one of cameras) {
      const known = Object.keys(one.m2).map(Number);
      one.possible = known.length ? known.every((at) => at === possible) : one.kind !== "fisheye" && one.heading_deg === null;
    }
    return { cameras, found };
  }

  function borders(level, of) {
    const look = DATA.looks[level];
    return L.polygon(of.shapes.flatMap((shape) => AREAS[shape]), { color: look.colour, weight: look.width,
      dashArray: look.dash, fill: false, interactive: false, pane: "gm-borders", smoothFactor: 0.5 });
  }

  function blindLines(rows) {
    const lines = rows.flatMap((row) => row.lines.map(path));
    return L.polyline(lines, { color: "#dc2626", weight: rows.length > MANY_BLIND ? 1.5 : 2.5, interactive: false, pane: "gm-blind", smoothFactor: 0.5 });
  }

  /* ---- areas and their shares ---- */
  const nameOf = (area) => area.of.names[area.row];
  const sharesOf = (area, key = area.side) => area.of.shares[key];
  const percentOf = (area, band, key = area.side) =>
    sharesOf(area, key).percent[area.row][DATA.bands.indexOf(band)];
  const listed = () => (state.by === "none" ? "seen" : state.by);

  function colourOf(area) {
    if (state.by === "none") return UNKNOWN;
    const at = sharesOf(area).classes[state.by]?.[area.row];
    return at === null || at === undefined ? UNKNOWN : area.of.classes[state.by].colours[at];
  }

  function shade(one) {
    one.layers.shaded.clearLayers();
    for (const area of one.areas[state.level] ?? []) {
      if (!area.shape) {
        area.shape = L.polygon(AREAS[area.of.shapes[area.row]], { stroke: false, fillOpacity: 0.9, pane: "gm-shaded",
          smoothFactor: 0.5 });
        area.shape.bindTooltip(() => areaTip(area), { sticky: true, className: "gm-tip" });
        area.shape.on("mouseover", () => area.shape.setStyle(HIGHLIGHT).bringToFront());
        area.shape.on("mouseout", () => area.shape.setStyle({ stroke: false }));
        area.shape.on("click", (event) => {
          L.DomEvent.stopPropagation(event);
          if (!cameraClicked(one, event.latlng)) openArea(one, area, event.latlng);
        });
      }
      area.shape.setStyle({ fillColor: colourOf(area) });
      area.shape.addTo(one.layers.shaded);
    }
  }

  function areaTip(area) {
    return node("div", {}, node("strong", { text: nameOf(area) }),
      node("div", { text: `${word(`share_${listed()}`)}: ${percent(percentOf(area, listed()))}` }));
  }

  function openArea(one, area, at) {
    L.popup({ maxWidth: 380, minWidth: 260 }).setLatLng(at).setContent(areaCard(area)).openOn(one.map);
  }

  function areaCard(area) {
    const rows = sharesOf(area).rows[area.row];
    const titles = ["band", "ground", "share", "share_guaranteed", "share_possible"];
    const known = titles.filter((_, at) => at < 2 || rows.some((row) => row[at - 1] !== null));
    const line = (name, values, options) => node("tr", options, node("td", { text: name }),
      ...known.slice(1).map((title) => cell(title, values[titles.indexOf(title) - 1], options["data-band"])));
    const sum = titles.slice(1).map((_, at) => (rows.every((row) => row[at] === null) ? null
      : rows.reduce((total, row) => total + (row[at] ?? 0), 0)));
    return node("div", { class: "gm-popup" }, node("strong", { text: nameOf(area) }),
      node("small", { text: `${word("code")} ${area.of.codes[area.row]}` }),
      rows.every((row) => row[0] === null && row[1] === null) ? node("p", { text: word("nothing_known") })
        : node("table", {}, node("thead", {}, node("tr", {}, ...known.map((title) => node("td", { text: word(title) })))),
          node("tbody", {}, ...DATA.bands.map((band, at) => line(word(band), rows[at], { "data-band": band })),
            line(word("all_bands"), sum, { class: "gm-sum", "data-band": "all" }))));
  }
  function cell(title, value, band) {
    if (title === "ground") return node("td", { text: squares(value), "data-m2": value ?? "" });
    const text = value === null ? "–" : percent(100 * value);
    return node("td", { text, "data-band": band, [`data-${title.replace("_", "-")}`]: value ?? "" });
  }

  /* ---- cameras ---- */
  function cameraClicked(one, latlng) {
    const camera = one.ground.cameraAt(latlng);
    if (!camera && state.chosen === null) return false;
    choose(camera?.id ?? null);
    if (camera) openCamera(one, camera);
    return Boolean(camera);
  }
  function choose(id) {
    state.chosen = id;
    for (const one of sides) one.ground.draw();
  }
  function openCamera(one, camera) {
    L.popup({ maxWidth: 340, minWidth: 230, offset: [0, -4] }).setLatLng([camera.at[1], camera.at[0]])
      .setContent(cameraCard(camera)).openOn(one.map).on("remove", () => choose(null));
  }
  function headingText(camera) {
    if (camera.possible) return word("possible_only");
    if (camera.heading_deg !== null) return word("degrees", { n: camera.heading_deg });
    return camera.octant ? word("octant", { octant: camera.octant }) : word("all_round");
  }
  function cameraCard(camera) {
    const facts = [["kind", camera.kind && word(camera.kind)], ["status", camera.status && word(camera.status)],
      ["heading", headingText(camera)], ["height", camera.height_m === null ? null : word("m", { n: camera.height_m })]];
    const known = [...DATA.certainties.keys()].filter((at) => camera.m2[at]);
    const head = node("tr", {}, node("td", { text: word("band") }),
      ...known.map((at) => node("td", { text: word(DATA.certainties[at]) })));
    const line = (name, value, options = {}) => node("tr", options, node("td", { text: name }),
      ...known.map((at) => node("td", { text: squares(value(camera.m2[at])) })));
    return node("div", { class: "gm-popup", "data-camera": camera.id }, node("strong", { text: camera.id }),
      camera.code && node("small", { text: camera.code }),
      node("table", {}, node("tbody", {}, ...facts.filter(([, text]) => text).map(([name, text]) =>
        node("tr", {}, node("td", { text: word(name) }), node("td", { text }))))),
      camera.status === "offline" && !known.length && node("p", { class: "gm-warn", text: word("not_counted") }),
      known.length ? node("table", {}, node("thead", {}, head), node("tbody", {},
        ...DATA.bands.map((band, at) => line(word(band), (m2) => m2[at])),
        line(word("all_bands"), (m2) => m2.reduce((sum, one) => sum + one, 0), { class: "gm-sum" })))
        : node("p", { text: word("sees_nothing") }));
  }

  /* ---- two maps that move together ---- */
  const right = side(MAP, "new");
  const sides = [right];
  if (DATA.sides.old) {
    document.body.classList.add("gm-two");
    byId("gm-old").hidden = false;
    const options = { zoomControl: false, zoomSnap: 0.25, maxZoom: 21, preferCanvas: true, zoomAnimation: false,
      fadeAnimation: false };
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

  /* ---- backdrops ---- */
  function backdrop(name, shapes, style) {
    if (!shapes?.length) return;
    const still = { interactive: false, smoothFactor: 0.5, ...style };
    // one shape of many parts: a browser draws it at once
    for (const one of sides) {
      one.layers[name] = style.fill === false ? L.polyline(shapes.flat().map(path), still)
        : L.polygon(polygon(shapes.flat()), still);
    }
  }
  backdrop("buildings", DATA.backdrops.buildings,
    { pane: "gm-buildings", color: "#57534e", weight: 0.4, fillColor: "#8d8680", fillOpacity: 0.75 });
  backdrop("streets", DATA.backdrops.streets, { pane: "gm-streets", color: "#fff", weight: 1.2, fill: false });
  backdrop("main", DATA.backdrops.main, { pane: "gm-streets", color: "#fff", weight: 2.6, fill: false });
  backdrop("rivers", DATA.backdrops.rivers, { pane: "gm-barriers", color: "#93b4e8", weight: 3, fill: false });
  backdrop("railways", DATA.backdrops.railways,
    { pane: "gm-barriers", color: "#4b5563", weight: 1.6, dashArray: "7 5", fill: false });

  /* ---- layers that can be put on and off, on both maps at once ---- */
  const shownLayers = new Map();
  function check(text, on, act, data = {}) {
    const box = node("input", { type: "checkbox", ...data });
    box.checked = on;
    box.addEventListener("change", () => act(box.checked));
    return node("label", {}, box, node("span", { text }));
  }
  function switches() {
    const parts = { streets: ["streets", "main"], barriers: ["rivers", "railways"] };
    const there = (key) => sides.some((one) => one.layers[key] && (key !== "blind" || one.given.blind.rows.length));
    if (sides.some((one) => one.cameras.length)) {
      state.layer.add("cameras");
      byId("gm-layers").append(node("div", {}, check(word("cameras_layer"), true, (on) => toggled("layer", "cameras", on),
        { "data-layer": "cameras" })));
    }
    const names = ["blind", "buildings", "streets", "barriers"].map((key) => [word(`${key}_layer`), parts[key] ?? [key]]);
    const levels = DATA.levels.map((level) => [word("borders_layer", { level: word(level) }), [`borders-${level}`]]);
    for (const [name, keys] of [...names.filter(([, each]) => each.some(there)), ...levels]) {
      const label = check(name, true, (on) => put(keys, on), { "data-layer": keys[0] });
      shownLayers.set(keys[0], { box: label.firstChild, keys });
      byId("gm-layers").append(node("div", {}, label));
      if (!keys[0].startsWith("borders-")) put(keys, true);
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
    for (const level of [...DATA.levels].reverse()) {
      for (const one of sides) {
        if (one.map.hasLayer(one.layers[`borders-${level}`])) one.layers[`borders-${level}`].bringToFront();
      }
    }
  }
  function toggled(what, key, on) {
    on ? state[what].add(key) : state[what].delete(key);
    for (const one of sides) one.ground.draw();
  }

  /* ---- legends ---- */
  function bandsLegend() {
    const used = [...DATA.certainties.keys()].filter((certainty) =>
      sides.some((one) => one.given.ground.certainty.includes(certainty)));
    if (!used.length) return;
    const head = used.map((at) => node("th", {}, check(word(DATA.certainties[at]), true,
      (on) => toggled("certainty", at, on), { "data-certainty": DATA.certainties[at] })));
    const rows = DATA.bands.map((band, at) => node("tr", {}, node("th", {}, check(word(band), true,
      (on) => toggled("band", at, on), { "data-band": band })), ...used.map((certainty) => node("td", {},
      node("i", { style: { background: DATA.colours[band], opacity: DATA.opacities[DATA.certainties[certainty]] } })))));
    byId("gm-bands").replaceChildren(node("h2", { text: word("legend") }),
      node("table", { class: "gm-bands" }, node("thead", {}, node("tr", {}, node("th"), ...head)),
        node("tbody", {}, ...rows)),
      node("p", { text: word("certainty_said") }), marks());
  }
  function marks() {
    const cameras = right.cameras;
    const kinds = [["mark_known", "#111827", (one) => one.status !== "offline" && !one.possible],
      ["mark_possible", "#fff", (one) => one.status !== "offline" && one.possible],
      ["mark_offline", "#b91c1c", (one) => one.status === "offline"]];
    return node("ul", {}, ...kinds.map(([key, colour, test]) => [key, colour, cameras.filter(test).length])
      .filter(([, , count]) => count).map(([key, colour, count]) => node("li", {},
        node("i", { class: "gm-mark", style: { background: colour } }),
        node("span", { text: `${word("cameras_layer")}: ${word(key)}` }),
        node("small", { text: word("cameras_count", { count: number(count) }) }))),
    right.given.blind.rows.length ? node("li", {}, node("i", { class: "gm-line",
      style: { borderTop: "3px solid #dc2626" } }), node("span", { text: word("blind_layer") })) : "");
  }
  function sharesLegend() {
    const box = byId("gm-legend");
    const classes = DATA.areas[state.level]?.classes[state.by];
    if (!classes) {
      box.replaceChildren();
      return;
    }
    const at = (right.areas[state.level] ?? []).map((area) => sharesOf(area).classes[state.by][area.row]);
    const row = (colour, text, count) => node("li", {}, node("i", { style: { background: colour } }),
      node("span", { text }), node("small", { text: word("areas_count", { count }) }));
    const unknown = at.filter((one) => one === null).length;
    box.replaceChildren(node("h2", { text: word("legend_shares", { figure: word(`share_${state.by}`) }) }),
      node("ul", {}, ...classes.colours.map((colour, n) => row(colour, classes.labels[n],
        at.filter((one) => one === n).length)), unknown ? row(UNKNOWN, word("unknown"), unknown) : ""));
  }

  /* ---- lists that lead to the place ---- */
  function entry(colour, text, more, go) {
    const button = node("button", { type: "button", "aria-pressed": "false" },
      colour && node("i", { style: { background: colour } }),
      node("span", { text }, more && (more instanceof Node ? more : node("small", { text: more }))));
    button.addEventListener("click", () => {
      state.pressed?.setAttribute("aria-pressed", "false");
      state.pressed = button;
      button.setAttribute("aria-pressed", "true");
      go();
    });
    return node("li", {}, button);
  }
  function list(id, title, summary, entries, all = entries.length) {
    const box = byId(id);
    box.hidden = false;
    const rest = all - Math.min(entries.length, SHOWN);
    box.replaceChildren(node("summary", { text: `${title} (${number(all)})` }), summary && node("p", { text: summary }),
      node("ul", {}, ...entries.slice(0, SHOWN)), rest > 0 ? node("p", { text: word("more", { count: number(rest) }) }) : "");
  }
  function blindList() {
    const { rows, more, length_m: all } = right.given.blind;
    if (!rows.length) return;
    const summary = all === null ? "" : word("blind_said", { count: number(rows.length + more), metres: number(all) });
    list("gm-blind", word("blind"), summary, rows.map((row) => entry("#dc2626", row.name ?? word("unnamed"),
      [row.length_m === null ? null : metres(row.length_m), row.class, row.id].filter(Boolean).join(" · "),
      () => show(row.lines.map(path)))), rows.length + more);
  }
  function areasList() {
    const areas = (right.areas[state.level] ?? []).filter((area) => percentOf(area, listed()) !== null);
    if (!areas.length) {
      byId("gm-areas").hidden = true;
      return;
    }
    const two = sides.length > 1;
    const change = (area) => percentOf(area, listed()) - (percentOf(area, listed(), "old") ?? 0);
    const sorted = [...areas].sort((one, other) => (two ? Math.abs(change(other)) - Math.abs(change(one))
      : percentOf(one, listed()) - percentOf(other, listed())));
    list("gm-areas", word(two ? "areas_change" : "areas_list"), word(`share_${listed()}`), sorted.map((area) =>
      entry(colourOf(area), nameOf(area), two ? changeText(area, change(area)) : percent(percentOf(area, listed())),
        () => showArea(area))));
  }
  function changeText(area, change) {
    const ends = word("from_to", { old: percent(percentOf(area, listed(), "old")), new: percent(percentOf(area, listed())) });
    const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
    const points = word("points", { n: `${sign}${number(Math.abs(change), 1)}` });
    return node("small", { text: `${ends} (${points})`, class: change > 0 ? "gm-up" : change < 0 ? "gm-down" : "" });
  }
  function camerasChanged() {
    if (sides.length < 2) return;
    const before = sides[0].found;
    const rows = [];
    for (const camera of right.cameras) {
      const was = before.get(camera.id);
      const said = was ? difference(was, camera) : word("camera_came");
      if (said) rows.push([camera, said, right]);
    }
    for (const camera of sides[0].cameras) {
      if (!right.found.has(camera.id)) rows.push([camera, word("camera_gone"), sides[0]]);
    }
    if (!right.cameras.length && !sides[0].cameras.length) return;
    list("gm-changed", word("cameras_change"), rows.length ? "" : word("changes_none"), rows.map(([camera, said, one]) =>
      entry(null, camera.id, said, () => showCamera(one, camera))));
  }
  function difference(was, now) {
    return [
      was.status !== now.status && word("camera_status", { old: word(was.status ?? "unknown"), new: word(now.status ?? "unknown") }),
      (was.at[0] !== now.at[0] || was.at[1] !== now.at[1]) && word("camera_moved"),
      was.heading_deg !== now.heading_deg && word("camera_turned"),
    ].filter(Boolean).join(" · ");
  }

  /* ---- going to a place ---- */
  function clearMarks() {
    for (const one of sides) one.layers.marks.clearLayers();
  }
  function show(lines) {
    clearMarks();
    for (const one of sides) {
      const renderer = (one.map.marksRenderer ??= L.svg({ pane: "gm-marks" }));
      L.polyline(lines, { color: "#111827", weight: 7, opacity: 0.7, interactive: false, pane: "gm-marks", renderer })
        .addTo(one.layers.marks);
    }
    MAP.fitBounds(L.latLngBounds(lines.flat()).pad(0.6), { maxZoom: 18, animate: false });
  }
  function showArea(area) {
    clearMarks();
    MAP.fitBounds(area.shape.getBounds().pad(0.2), { maxZoom: 18, animate: false });
    openArea(right, area, area.shape.getCenter());
  }
  function showCamera(one, camera) {
    clearMarks();
    MAP.setView([camera.at[1], camera.at[0]], Math.max(MAP.getZoom(), 17), { animate: false });
    choose(camera.id);
    openCamera(one, camera);
  }

  /* ---- controls ---- */
  function options(select, keys, chosen, name) {
    select.replaceChildren(...keys.map((key) => node("option", { value: key, text: name(key) })));
    select.value = chosen;
    select.parentElement.hidden = keys.length < 2;
  }
  function draw() {
    if (!choices().includes(state.by)) state.by = choices().at(-1);
    options(byId("gm-by"), choices(), state.by, (key) => word(`share_${key}`));
    options(byId("gm-level"), DATA.levels, state.level, word);
    clearMarks();
    sides.forEach(shade);
    sharesLegend();
    areasList();
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
  for (const { map, given } of sides) {
    map.attributionControl.setPrefix(false);
    if (sides.length > 1) corner(map, "topleft", node("div", { class: "gm-caption", text: given.caption }));
    L.control.zoom({ zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") }).addTo(map);
    corner(map, "topright", node("div", { class: "gm-north", role: "img", "aria-label": word("north") },
      node("b", { text: "↑" }), word("north")));
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
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
  bandsLegend();
  byId("gm-notes").replaceChildren(...DATA.notes.map((text) => node("p", { text })));
  draw();
  bordersOfLevel();
  camerasChanged();
  blindList();
  const open = ["gm-changed", "gm-areas", "gm-blind"].map(byId).find((box) => !box.hidden);
  if (open) open.open = true;
  whole();
  for (const one of sides) one.ground.draw();
  document.body.dataset.ready = "true";
}
