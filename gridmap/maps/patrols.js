/* The map of patrols: MAP is the map that folium made, DATA what gridmap.maps.patrol_contents wrote. */
function gridmapPatrols(MAP, DATA) {
  const UNKNOWN = "#f5e6c4"; // what is not known is not nought
  const OPACITY = 0.9;
  const STEP_MS = 700; // of a shift while it plays
  const PANES = { shaded: 410, buildings: 412, barriers: 413, borders: 414, walks: 416, blind: 417, rounds: 418,
    checkpoints: 425, posts: 430, marks: 440 };
  const STYLES = {
    buildings: { pane: "gm-buildings", drawn: gridmap.filled, fillColor: "#57534e", fillOpacity: 0.45 },
    streets: { pane: "gm-barriers", color: "#fff", weight: 1.2, fill: false },
    main: { pane: "gm-barriers", color: "#fff", weight: 2.6, fill: false },
    rivers: { pane: "gm-barriers", color: "#93b4e8", weight: 3, fill: false },
    railways: { pane: "gm-barriers", color: "#4b5563", weight: 1.6, dashArray: "7 5", fill: false },
  };
  const NEVER = "#d55e00";
  const DIM = "#e69f00"; // not known
  const CLASSES = [["observed", "#0072b2", 3.2], ["inferred", "#56b4e9", 3.2], ["unknown_class", DIM, 2.6, [5, 4]]];
  const AGES = ["#08306b", "#2171b5", "#6baed6", "#fdae61", "#f46d43", "#a50026"];
  const OVERDUE = "#b91c1c";
  const DOUBLE = "#111827";
  const ROUND = "#7b3294";
  const DONE = "#009e73";
  const SCANS = { on_time: DONE, out_of_order: DONE, early: "#e69f00", late: "#e69f00", missed: NEVER, not_due: "#fff" };
  const OTHER_SCAN = "#cc79a7";

  const { node, byId, path } = gridmap;
  const texts = gridmap.texts(DATA);
  const { word, number, metres, percent, said } = texts;
  const SHAPES = DATA.area_shapes.map(gridmap.polygon);
  const ROADS = (DATA.streets.lines ?? []).map(gridmap.road);
  const LAST = Math.max(...Object.values(DATA.sides).map((one) => one.shifts.length)) - 1;
  const share = (part, whole) => (whole > 0 ? (100 * part) / whole : null);
  const km = (length) => word("km", { n: number(length / 1000, 1) });

  /* ---- what is shown ---- */
  const state = { by: gridmap.asked("by", ["class", "age"], DATA.start.by),
    level: gridmap.asked("level", DATA.levels, DATA.start.level), mode: "to", at: LAST, playing: null };
  const isStreet = (street) => DATA.lengths[street] > 0;
  // stretches that count: a side path counts with its street
  const COUNTED = counted();
  function counted() {
    const some = new Set(DATA.partly.filter((_, n) => n % 3 === 0));
    return [...ROADS.keys()].filter((street) => isStreet(street) && !some.has(street))
      .flatMap((street) => [street, 0, gridmap.PARTS]).concat(DATA.partly);
  }
  const shiftOf = (one) => Math.min(state.at, one.given.shifts.length - 1);

  /* ---- one map ---- */
  function side(map, key) {
    const levels = Object.fromEntries(DATA.levels.map((level) => [level, DATA.areas[level]]));
    const one = gridmap.side({ map, key, panes: PANES, levels, looks: DATA.looks, shapes: SHAPES });
    const given = DATA.sides[key];
    Object.assign(one, { given });
    if (!DATA.exact) return one;
    one.visits = gridmap.visits(given.visits, ROADS.length);
    one.layers.walks = gridmap.walks({ pane: "gm-walks", roads: ROADS, isStreet });
    if (given.blind.rows.length) one.layers.blind = lines(given.blind.rows, { pane: "gm-blind", color: DOUBLE, weight: 3.5,
      dashArray: "1 6", lineCap: "round" });
    if (given.rounds.rows.length) one.layers.rounds = lines(given.rounds.rows, { pane: "gm-rounds", color: ROUND, weight: 2.5,
      dashArray: "8 5" });
    if (given.checkpoints.rows.length) one.layers.checkpoints = checkpoints(one, given.checkpoints);
    if (given.posts.length) one.layers.posts = L.layerGroup(given.posts.map(post));
    map.on("click", (event) => streetClicked(one, event.latlng));
    return one;
  }
  const lines = (rows, look) => L.polyline(rows.flatMap((row) => row.lines.map(path)),
    { interactive: false, smoothFactor: 0.5, ...look });
  const svg = (pane) => L.svg({ pane });

  /* ---- checkpoints and their sign-ins ---- */
  function checkpoints(one, { rows, signins }) {
    one.scans = rows.map(() => []);
    for (const [checkpoint, shift, status, ...rest] of signins) one.scans[checkpoint].push([shift, status, ...rest]);
    one.points = rows.map((row, n) => {
      const mark = L.circleMarker([row.at[1], row.at[0]], { radius: 6, color: "#111827", weight: 1.5, fillOpacity: 1,
        pane: "gm-checkpoints", renderer: (one.pointsRenderer ??= svg("gm-checkpoints")) });
      return mark.bindTooltip(() => node("span", { text: `${row.name ?? row.id}: ${word(statusOf(one, n))}` }))
        .bindPopup(() => checkpointCard(one, row, n), { maxWidth: 360 });
    });
    return L.layerGroup(one.points);
  }
  const scansOf = (one, n) => one.scans[n].filter(([shift]) =>
    (state.mode === "in" ? shift === shiftOf(one) : shift >= 0 && shift <= shiftOf(one)));
  /* of one shift its best sign-in, of several how many of the shifts have one that counts */
  function statusOf(one, n) {
    const scans = scansOf(one, n);
    if (!scans.length) return "not_due";
    if (state.mode === "in") {
      const counted = scans.find(([, status]) => DATA.counted.includes(status));
      return DATA.statuses[(counted ?? scans[0])[1]];
    }
    const { due, done } = completion([scans]);
    return done === due ? "all_done" : done ? "some_done" : "none_done";
  }
  function completion(scans) {
    const [due, done] = [new Set(), new Set()];
    scans.forEach((each, n) => each.forEach(([shift, status]) => {
      due.add(`${n}/${shift}`);
      if (DATA.counted.includes(status)) done.add(`${n}/${shift}`);
    }));
    return { due: due.size, done: done.size };
  }
  const scanColour = (status) => ({ ...SCANS, all_done: DONE, some_done: "#e69f00", none_done: NEVER })[status] ?? OTHER_SCAN;
  function markPoints(one) {
    one.points?.forEach((mark, n) => mark.setStyle({ fillColor: scanColour(statusOf(one, n)) }));
  }
  function checkpointCard(one, row, n) {
    const scans = scansOf(one, n);
    const counts = DATA.statuses.map((status, at) => [status, scans.filter((scan) => scan[1] === at).length]);
    const told = state.mode === "in" ? scans.map(([, status, who, time]) =>
      node("tr", {}, node("td", { text: word(DATA.statuses[status]) }), node("td", { text: [who, time].filter(Boolean).join(" · ") })))
      : counts.filter(([, count]) => count).map(([status, count]) =>
        node("tr", {}, node("td", { text: word(status) }), node("td", { text: number(count) })));
    return node("div", { class: "gm-popup" }, node("strong", { text: row.name ?? row.id }), row.name && node("small", { text: row.id }),
      told.length ? node("table", {}, node("tbody", {}, ...told)) : node("p", { text: word("not_due") }));
  }
  function post({ post: name, time, at: [lon, lat] }) {
    const mark = L.circleMarker([lat, lon], { radius: 6, color: "#fff", weight: 2, fillColor: ROUND, fillOpacity: 1,
      pane: "gm-posts", renderer: svg("gm-posts") });
    return mark.bindTooltip(node("span", { text: [`${word("post")} ${name}`, time].filter(Boolean).join(" · ") }));
  }

  /* ---- streets at the slider's place ---- */
  function classesShown(one) {
    const [at, given] = [shiftOf(one), one.given];
    const span = state.mode === "in" ? [at, at] : [0, at];
    const known = given.figures.known.slice(span[0], span[1] + 1).some(Boolean);
    const base = { stretches: COUNTED, colour: known ? NEVER : DIM, width: 1.6, dash: known ? null : [5, 4] };
    if (state.by === "class") {
      const found = gridmap.stretches(one.visits, ROADS.length, span, (row) => one.visits.rank[row], CLASSES.length);
      return [base, ...CLASSES.map(([, colour, width, dash], n) => ({ stretches: found[n], colour, width, dash })).reverse()];
    }
    const now = given.figures.ended_h[at];
    const ages = given.figures.ended_h.map((ended, shift) => (shift === at ? 0 : gridmap.ageClass(Math.max(now - ended, 1e-9))));
    const found = gridmap.stretches(one.visits, ROADS.length, span,
      (row) => (one.visits.rank[row] === 0 ? ages[one.visits.shift[row]] : -1), AGES.length);
    return [base, ...AGES.map((colour, n) => ({ stretches: found[n], colour, width: 3.2 })).reverse()];
  }
  function streetClicked(one, latlng) {
    const street = one.map.hasLayer(one.layers.walks) ? one.layers.walks.streetAt(latlng) : -1;
    if (street >= 0) gridmap.card(one, latlng, streetCard(one, street), { maxWidth: 340 });
    return street >= 0;
  }
  const roadName = (street) => DATA.streets.name[street] ?? word("unnamed");
  function streetCard(one, street) {
    const owed = (name) => one.given.streets[name]?.[street] ?? null;
    const parts = [0, 0, 0];
    const span = state.mode === "in" ? [shiftOf(one), shiftOf(one)] : [0, shiftOf(one)];
    gridmap.stretches(one.visits, ROADS.length, span, (row) =>
      (one.visits.street[row] === street ? one.visits.rank[row] : -1), 3)
      .forEach((flat, rank) => {
        for (let i = 0; i < flat.length; i += 3) parts[rank] += (flat[i + 2] - flat[i + 1]) / gridmap.PARTS;
      });
    const rows = [["length", metres(DATA.lengths[street])],
      ...CLASSES.map(([name], rank) => [name, percent(100 * parts[rank])]),
      ["passes", owed("passes") === null ? null : word("times", { n: number(owed("passes")) })],
      ["last_passed", owed("last_passed")],
      ["overdue", owed("overdue") ? idleText(one, street) : null]].filter(([, text]) => text);
    return node("div", { class: "gm-popup", "data-street": DATA.streets.id[street] }, node("strong", { text: roadName(street) }),
      node("small", { text: [DATA.streets.id[street], DATA.streets.class[street]].filter(Boolean).join(" · ") }),
      node("table", {}, node("tbody", {}, ...rows.map(([name, text]) =>
        node("tr", {}, node("td", { text: word(name) }), node("td", { text, class: name === "overdue" ? "gm-off" : "" }))))));
  }
  function idleText(one, street) {
    const [idle, target] = ["idle_h", "target_h"].map((name) => one.given.streets[name]?.[street] ?? null);
    const seldom = one.given.streets.passes?.[street] ? "partly_visited" : "never_visited";
    return [idle === null ? word(seldom) : word("idle", { hours: number(idle) }),
      target === null ? null : word("target", { hours: number(target) })].filter(Boolean).join(" · ");
  }

  /* ---- areas ---- */
  const nameOf = (area) => area.of.names[area.row];
  const sharesOf = (area, key = area.side) => area.of.shares[key];
  const ALL = [DATA.periods.indexOf("all"), DATA.shares.indexOf("share")];
  const hasMode = (level) => Boolean(DATA.areas[level]?.classes[state.mode]);
  /* per cent of the area walked at the slider's place, or in all where that is not known shift by shift */
  function percentOf(area, key = area.side) {
    if (!hasMode(area.level)) {
      const value = sharesOf(area, key).rows[area.row][ALL[0]][ALL[1]];
      return value === null ? null : 100 * value;
    }
    const shifts = DATA.sides[key].shifts.length;
    return sharesOf(area, key)[state.mode][area.row][Math.min(state.at, shifts - 1)] ?? null;
  }
  const classesOf = (level) => DATA.areas[level]?.classes[hasMode(level) ? state.mode : "all"];
  function classOf(area) {
    const [value, classes] = [percentOf(area), classesOf(area.level)];
    return value === null || !classes ? null : classes.limits.filter((limit) => limit <= Math.round(100 * value) / 100).length;
  }
  const colourOf = (area) => (classOf(area) === null ? UNKNOWN : classesOf(area.level).colours[classOf(area)]);
  function areaTip(area) {
    return node("div", {}, node("strong", { text: nameOf(area) }),
      node("div", { text: `${word("share")}: ${percent(percentOf(area))}` }));
  }
  const openArea = (one, area, at) => gridmap.card(one, at, areaCard(area), { minWidth: 260 });
  function areaClicked(one, area, at) {
    if (!(DATA.exact && streetClicked(one, at))) openArea(one, area, at);
  }
  function areaCard(area) {
    const at = (name) => DATA.shares.indexOf(name);
    const titles = ["share", "share_inferred", "share_unknown", "share_never"];
    const rows = DATA.periods.map((period, n) => [period, sharesOf(area).rows[area.row][n]])
      .filter(([, row]) => row[at("length_m")] !== null);
    const cell = (name, row) => {
      const value = row[at(name)];
      const [low, high] = [row[at("share_low")], row[at("share_high")]];
      const range = name === "share" && low !== null && high !== null ? ` (${number(100 * low, 1)}–${number(100 * high, 1)})` : "";
      return node("td", { text: (value === null ? word("unknown") : percent(100 * value)) + range, [`data-${name.replace("_", "-")}`]: value ?? "" });
    };
    return node("div", { class: "gm-popup" }, node("strong", { text: nameOf(area) }),
      node("small", { text: `${word("code")} ${area.of.codes[area.row]}` }),
      hasMode(area.level) && node("p", { text: `${word(`now_${state.mode}`)}: ${percent(percentOf(area))}`, class: "gm-now" }),
      rows.length ? node("table", {}, node("thead", {}, node("tr", {}, ...["when", ...titles].map((title) => node("td", { text: word(title) })))),
        node("tbody", {}, ...rows.map(([period, row]) => node("tr", { "data-period": period }, node("td", { text: word(period) }),
          ...titles.map((title) => cell(title, row))))))
        : node("p", { text: word("nothing_known") }),
      rows.length && node("small", { text: `${word("length")}: ${metres(rows[0][1][at("length_m")])}` }));
  }

  /* ---- the maps ---- */
  const sides = gridmap.sides(MAP, DATA.sides.old, side);
  const right = sides.at(-1);
  const areasShown = () => right.areas[state.level] ?? [];
  gridmap.backdrops(sides, DATA.backdrops, STYLES);
  const layers = gridmap.layers(sides);
  function switches() {
    for (const key of ["walks", "checkpoints", "rounds", "posts", "blind"]) layers.add(word(`${key}_layer`), [key], true);
    gridmap.usualLayers(layers, texts, DATA.levels)();
  }

  /* ---- the slider ---- */
  const slider = node("input", { type: "range", id: "gm-shift", min: 0, max: Math.max(LAST, 0), step: 1, value: state.at,
    "aria-label": word("slider") });
  const play = node("button", { type: "button", id: "gm-play", text: word("play"), "aria-pressed": "false" });
  const label = node("output", { for: "gm-shift" });
  const figures = node("div");
  function time() {
    const modes = ["to", "in"].map((mode) => {
      const radio = node("input", { type: "radio", name: "gm-mode", value: mode });
      radio.checked = state.mode === mode;
      radio.addEventListener("change", () => {
        state.mode = mode;
        moved();
      });
      return node("label", {}, radio, node("span", { text: word(`mode_${mode}`) }));
    });
    byId("gm-time").replaceChildren(node("h2", { text: word("shift") }), label, node("div", { class: "gm-run" }, play, slider),
      node("fieldset", {}, ...modes), figures);
    slider.addEventListener("input", () => {
      stop();
      state.at = Number(slider.value);
      moved();
    });
    play.addEventListener("click", () => (state.playing ? stop() : start()));
  }
  function start() {
    if (state.at >= LAST) state.at = -1;
    state.playing = setInterval(next, STEP_MS);
    play.textContent = word("pause");
    play.setAttribute("aria-pressed", "true");
    next();
  }
  function stop() {
    clearInterval(state.playing);
    state.playing = null;
    play.textContent = word("play");
    play.setAttribute("aria-pressed", "false");
  }
  function next() {
    state.at += 1;
    moved();
    if (state.at >= LAST) stop();
  }

  /* figures of the slider's place */
  function said_(one) {
    const [at, all] = [shiftOf(one), one.given.length_m];
    const caption = sides.length > 1 && node("small", { text: DATA.captions[one.key] });
    if (at < 0) return node("p", { text: word("nothing_known") });
    const known = state.mode === "in" ? one.given.figures.known[at] : one.given.figures.known.slice(0, at + 1).some(Boolean);
    if (!known) return node("p", { "data-side": one.key }, caption, node("span", { text: word("no_record") }));
    const [walked, inferred, unknown] = [...one.given.figures[state.mode][at], null];
    const more = unknown === null ? [] : [word("more_said", { inferred: km(inferred), unknown: km(unknown) })];
    if (state.mode === "to") more.push(`${word("inferred")} ${km(inferred)}`);
    const duty = state.mode === "in" && one.given.posts_on_duty && word("posts_said", { count: number(one.given.posts_on_duty[at]) });
    return node("p", { "data-side": one.key }, caption,
      node("b", { class: "gm-walked", "data-metres": walked, "data-share": share(walked, all) ?? "",
        text: word("walked_said", { metres: km(walked), share: percent(share(walked, all)) }) }),
      node("small", { text: `${[...more, duty].filter(Boolean).join(" · ")}` }), signinsSaid(one));
  }
  function signinsSaid(one) {
    if (!one.points) return null;
    const { due, done } = completion(one.points.map((_, n) => scansOf(one, n)));
    return due ? node("small", { class: "gm-signins",
      text: `${word("signins")}: ${word("signins_said", { due: number(due), done: number(done), share: percent(share(done, due)) })}` }) : null;
  }
  /* "2024-05-06 night" in the words of the page; a window of one's own is called as it is */
  function shiftName(shift) {
    if (shift === undefined) return word("undated");
    const [, before, window] = /^(.*? ?)(\S*)$/.exec(shift);
    return Object.hasOwn(DATA.words, `window_${window}`) ? before + word(`window_${window}`) : shift;
  }
  function moved() {
    slider.value = state.at;
    const names = sides.map((one) => shiftName(one.given.shifts[shiftOf(one)]));
    label.textContent = [...new Set(names)].join(" | ");
    slider.setAttribute("aria-valuetext", label.textContent);
    figures.replaceChildren(...sides.map(said_));
    const first = figures.querySelector(`[data-side="new"] .gm-walked`);
    if (first) first.id = "gm-walked";
    for (const one of sides) {
      one.layers.walks?.show(classesShown(one));
      markPoints(one);
      one.map.closePopup();
    }
    drawAreas();
    streetsLegend();
  }

  /* ---- legends ---- */
  function streetsLegend() {
    if (!DATA.exact) return;
    const line = (colour, text, dash) => gridmap.legendRow({ class: "gm-line",
      style: { borderTop: `3px ${dash ? "dashed" : "solid"} ${colour}` } }, text);
    const rows = state.by === "class" ? CLASSES.map(([name, colour, , dash]) => line(colour, word(name), dash))
      : AGES.map((colour, n) => line(colour, word(`age_${n}`)));
    const marks = right.points ? [...new Set(right.points.map((_, n) => statusOf(right, n)))].map((status) => gridmap.legendRow(
      { class: "gm-mark", style: { background: scanColour(status) } }, `${word("checkpoints_layer")}: ${word(status)}`,
      number(right.points.filter((_, n) => statusOf(right, n) === status).length))) : [];
    const others = [["rounds", ROUND, "dashed"], ["blind", DOUBLE, "dotted"]].filter(([key]) => right.layers[key])
      .map(([key, colour, style]) => gridmap.legendRow({ class: "gm-line", style: { borderTop: `3px ${style} ${colour}` } }, word(`${key}_layer`)));
    const posts = right.layers.posts ? [gridmap.legendRow({ class: "gm-mark", style: { background: ROUND } }, word("posts_layer"))] : [];
    byId("gm-streets").replaceChildren(node("h2", { text: word(`legend_${state.by}`) }),
      node("ul", {}, ...rows, line(NEVER, word("never")), ...marks, ...others, ...posts));
  }
  function sharesLegend() {
    const [box, classes] = [byId("gm-legend"), classesOf(state.level)];
    if (!classes) {
      box.replaceChildren();
      return;
    }
    const at = areasShown().map(classOf);
    const row = (background, text, count) => gridmap.legendRow({ style: { background } }, text, word("areas_count", { count }));
    const unknown = at.filter((one) => one === null).length;
    box.replaceChildren(node("h2", { text: word("legend_areas") }), node("ul", {}, ...classes.colours.map((colour, n) =>
      row(colour, classes.labels[n], at.filter((one) => one === n).length)), unknown ? row(UNKNOWN, word("unknown"), unknown) : ""));
  }

  /* ---- lists that lead to the place ---- */
  const { entry, list, openFirst } = gridmap.lists(texts);
  function areasList() {
    const areas = areasShown().filter((area) => percentOf(area) !== null);
    byId("gm-areas").hidden = !areas.length;
    if (!areas.length) return;
    const two = sides.length > 1;
    const change = (area) => percentOf(area) - (percentOf(area, "old") ?? 0);
    const sorted = [...areas].sort((one, other) => (two ? Math.abs(change(other)) - Math.abs(change(one))
      : percentOf(one) - percentOf(other)));
    list("gm-areas", word(two ? "areas_change" : "areas_list"), "", sorted.map((area) => () =>
      entry(colourOf(area), nameOf(area), two ? changeText(area, change(area)) : percent(percentOf(area)), () => showArea(area))));
  }
  function changeText(area, change) {
    const ends = word("from_to", { old: percent(percentOf(area, "old")), new: percent(percentOf(area)) });
    const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
    const points = word("points", { n: `${sign}${number(Math.abs(change), 1)}` });
    return node("small", { text: `${ends} (${points})`, class: change > 0 ? "gm-up" : change < 0 ? "gm-down" : "" });
  }
  function overdueList() {
    const overdue = right.given.streets.overdue ?? [];
    const idle = (street) => right.given.streets.idle_h[street] ?? Infinity;
    const rows = [...overdue.keys()].filter((street) => overdue[street])
      .sort((one, other) => (idle(other) === idle(one) ? DATA.lengths[other] - DATA.lengths[one] : idle(other) - idle(one)));
    if (!rows.length) return;
    list("gm-overdue", word("overdue"), word("overdue_said", { count: number(rows.length) }), rows.map((street) => () =>
      entry(OVERDUE, roadName(street), [idleText(right, street), metres(DATA.lengths[street]), DATA.streets.id[street]].join(" · "),
        () => show(DATA.streets.lines[street].map(path)))));
  }
  function lineList(id, given, summary, called, facts, colour) {
    if (!given.rows.length) return;
    list(id, word(called), summary, given.rows.map((row) => () => entry(colour, row.name ?? row.id ?? word("unnamed"),
      facts(row).filter(Boolean).join(" · "), () => show(row.lines.map(path)))), given.rows.length + given.more);
  }
  function lineLists() {
    const { rounds, blind } = right.given;
    const length = (row) => (row.length_m === null ? null : metres(row.length_m));
    lineList("gm-rounds", rounds, "", "rounds", (row) => [length(row), row.minutes === null ? null : word("minutes", { n: said(row.minutes) })], ROUND);
    const all = blind.length_m === null ? "" : word("blind_said", { count: number(blind.rows.length + blind.more), metres: metres(blind.length_m) });
    lineList("gm-blind", blind, all, "blind", (row) => [length(row), row.class, row.id], DOUBLE);
  }

  /* ---- going to a place ---- */
  function show(shapes) {
    gridmap.clearMarks(sides);
    for (const one of sides) gridmap.mark(one, "polyline", shapes, { weight: 8, opacity: 0.55 });
    gridmap.goTo(MAP, L.latLngBounds(shapes.flat()), 0.6);
  }
  function showArea(area) {
    gridmap.clearMarks(sides);
    gridmap.goTo(MAP, area.shape.getBounds(), 0.2);
    openArea(right, area, area.shape.getCenter());
  }

  /* ---- choices ---- */
  function drawAreas() {
    for (const one of sides) {
      gridmap.shade(one, state.level, { shapes: SHAPES, opacity: OPACITY, colourOf, tip: areaTip, click: areaClicked });
    }
    sharesLegend();
    areasList();
  }
  function draw() {
    gridmap.choice("gm-by", DATA.exact ? ["class", "age"] : [], state.by, (key) => word(`by_${key}`));
    gridmap.choice("gm-level", DATA.levels, state.level, word);
    gridmap.clearMarks(sides);
    moved();
  }
  gridmap.chosen("gm-by", (by) => {
    state.by = by;
    moved();
  });
  gridmap.chosen("gm-level", (level) => {
    state.level = level;
    draw();
    gridmap.bordersDownTo(sides, DATA.levels, level, layers);
  });

  gridmap.outfit(sides, texts, DATA.captions);
  gridmap.whole(sides, DATA.bounds);
  switches();
  time();
  byId("gm-notes").replaceChildren(...DATA.notes.map((text) => node("p", { text })));
  draw();
  gridmap.bordersDownTo(sides, DATA.levels, state.level, layers);
  if (DATA.exact) {
    overdueList();
    lineLists();
  }
  openFirst(["gm-areas", "gm-overdue", "gm-blind"]);
  gridmap.whole(sides, DATA.bounds);
  document.body.dataset.ready = "true";
}
