/* The map of patrols: MAP is the map that folium made, DATA what gridmap.maps.patrol_contents wrote. */
function gridmapPatrols(MAP, DATA) {
  const UNKNOWN = "#f5e6c4"; // what is not known is not nought
  const OPACITY = 0.9;
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
    level: gridmap.asked("level", DATA.levels, DATA.start.level) };
  const slider = gridmap.slider(texts, LAST, ["to", "in"], () => moved());
  const single = () => slider.now.mode === "in";
  const isStreet = (street) => DATA.lengths[street] > 0;
  // stretches that count: a side path counts with its street
  const COUNTED = counted();
  function counted() {
    const some = new Set(DATA.partly.filter((_, n) => n % 3 === 0));
    return [...ROADS.keys()].filter((street) => isStreet(street) && !some.has(street))
      .flatMap((street) => [street, 0, gridmap.PARTS]).concat(DATA.partly);
  }
  const shiftOf = (one) => Math.min(slider.now.at, one.given.shifts.length - 1);
  const spanOf = (one) => [single() ? shiftOf(one) : 0, shiftOf(one)];

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
    if (given.checkpoints.rows.length) {
      const chosen = (shift) => shift >= spanOf(one)[0] && shift <= spanOf(one)[1] && shift >= 0;
      one.signins = gridmap.signins(given.checkpoints, texts, { statuses: DATA.statuses, counted: DATA.counted, chosen, single });
      one.layers.checkpoints = one.signins.layer;
    }
    if (given.posts.length) one.layers.posts = L.layerGroup(given.posts.map(post));
    map.on("click", (event) => streetClicked(one, event.latlng));
    return one;
  }
  const lines = (rows, look) => L.polyline(rows.flatMap((row) => row.lines.map(path)),
    { interactive: false, smoothFactor: 0.5, ...look });
  function post({ post: name, time, at: [lon, lat] }) {
    const mark = L.circleMarker([lat, lon], { radius: 6, color: "#fff", weight: 2, fillColor: ROUND, fillOpacity: 1,
      pane: "gm-posts", renderer: L.svg({ pane: "gm-posts" }) });
    return mark.bindTooltip(node("span", { text: [`${word("post")} ${name}`, time].filter(Boolean).join(" · ") }));
  }

  /* ---- streets at the slider's place ---- */
  function classesShown(one) {
    const [at, given, span] = [shiftOf(one), one.given, spanOf(one)];
    const known = given.figures.known.slice(span[0], span[1] + 1).some(Boolean);
    const base = { stretches: COUNTED, colour: known ? NEVER : DIM, width: 1.6, dash: known ? null : [5, 4] };
    if (state.by === "class") {
      const found = gridmap.stretches(one.visits, ROADS.length, span, (row) => one.visits.rank[row], CLASSES.length);
      // gaps between dashes would show the colour of what was not walked
      const gaps = { stretches: found.at(-1), colour: "#fff", width: CLASSES.at(-1)[2] };
      return [base, gaps, ...CLASSES.map(([, colour, width, dash], n) => ({ stretches: found[n], colour, width, dash })).reverse()];
    }
    const now = given.figures.ended_h[at];
    const ages = given.figures.ended_h.map((ended, shift) => (shift === at ? 0 : gridmap.ageClass(Math.max(now - ended, 1e-9))));
    const found = gridmap.stretches(one.visits, ROADS.length, span,
      (row) => (one.visits.rank[row] === 0 ? ages[one.visits.shift[row]] : -1), AGES.length, true);
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
    gridmap.stretches(one.visits, ROADS.length, spanOf(one), (row) =>
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
  const hasMode = (level) => Boolean(DATA.areas[level]?.classes[slider.now.mode]);
  /* per cent of the area walked at the slider's place, or in all where that is not known shift by shift */
  function percentOf(area, key = area.side) {
    if (!hasMode(area.level)) {
      const value = sharesOf(area, key).rows[area.row][ALL[0]][ALL[1]];
      return value === null ? null : 100 * value;
    }
    const shifts = DATA.sides[key].shifts.length;
    return sharesOf(area, key)[slider.now.mode][area.row][Math.min(slider.now.at, shifts - 1)] ?? null;
  }
  const classesOf = (level) => DATA.areas[level]?.classes[hasMode(level) ? slider.now.mode : "all"];
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
      hasMode(area.level) && node("p", { text: `${word(`now_${slider.now.mode}`)}: ${percent(percentOf(area))}`, class: "gm-now" }),
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
  /* figures of the slider's place */
  function figuresOf(one) {
    const [at, all, { known, ...metresOf }] = [shiftOf(one), one.given.length_m, one.given.figures];
    const caption = sides.length > 1 && node("small", { text: DATA.captions[one.key] });
    const [from] = spanOf(one);
    if (!known.slice(from, at + 1).some(Boolean)) return node("p", {}, caption, node("span", { text: word("no_record") }));
    const [walked, inferred, unknown] = metresOf[slider.now.mode][at];
    const facts = [word("more_said", { inferred: km(inferred) }), unknown === undefined ? "" : word("unknown_said", { unknown: km(unknown) }),
      single() && one.given.posts_on_duty ? word("posts_said", { count: number(one.given.posts_on_duty[at]) }) : ""];
    return node("p", {}, caption, node("b", { ...(one === right ? { id: "gm-walked" } : {}), "data-metres": walked,
      "data-share": share(walked, all) ?? "", text: word("walked_said", { metres: km(walked), share: percent(share(walked, all)) }) }),
    node("small", { text: facts.filter(Boolean).join(" · ") }), signinsSaid(one));
  }
  function signinsSaid(one) {
    const { due, done } = one.signins?.completion() ?? { due: 0 };
    return due ? node("small", { class: "gm-signins", text: word("signins_said", { due: number(due), done: number(done),
      share: percent(share(done, due)) }) }) : null;
  }
  /* "2024-05-06 night" in the words of the page; a window of one's own is called as it is */
  function shiftName(shift) {
    if (shift === undefined) return word("nothing_known");
    const [, before, window] = /^(.*? ?)(\S*)$/.exec(shift);
    return Object.hasOwn(DATA.words, `window_${window}`) ? before + word(`window_${window}`) : shift;
  }
  function moved() {
    const names = sides.map((one) => shiftName(one.given.shifts[shiftOf(one)]));
    slider.show([...new Set(names)].join(" | "), ...sides.map(figuresOf));
    for (const one of sides) {
      one.layers.walks?.show(classesShown(one));
      one.signins?.draw();
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
    const others = [["rounds", ROUND, "dashed"], ["blind", DOUBLE, "dotted"]].filter(([key]) => right.layers[key])
      .map(([key, colour, style]) => gridmap.legendRow({ class: "gm-line", style: { borderTop: `3px ${style} ${colour}` } }, word(`${key}_layer`)));
    const posts = right.layers.posts ? [gridmap.legendRow({ class: "gm-mark", style: { background: ROUND } }, word("posts_layer"))] : [];
    byId("gm-streets").replaceChildren(node("h2", { text: word(`legend_${state.by}`) }),
      node("ul", {}, ...rows, line(NEVER, word("never")), ...(right.signins?.legend() ?? []), ...others, ...posts));
  }
  const sharesLegend = () => gridmap.sharesLegend(texts, word("legend_areas"), classesOf(state.level), areasShown().map(classOf),
    UNKNOWN);

  /* ---- lists that lead to the place ---- */
  const lists = gridmap.lists(texts);
  const { entry, list } = lists;
  const areasList = () => gridmap.areasList(texts, lists, { areas: areasShown(), two: sides.length > 1, summary: "", percentOf,
    colourOf, nameOf, go: showArea });
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
  byId("gm-notes").replaceChildren(...DATA.notes.map((text) => node("p", { text })));
  draw();
  gridmap.bordersDownTo(sides, DATA.levels, state.level, layers);
  if (DATA.exact) {
    overdueList();
    lineLists();
  }
  lists.openFirst(["gm-areas", "gm-overdue", "gm-blind"]);
  gridmap.whole(sides, DATA.bounds);
  document.body.dataset.ready = "true";
}
