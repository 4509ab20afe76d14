/* What stands beside the map: choices, layers that can be put on and off, rows of a legend, lists that lead to a place. */

gridmap.tick = (text, on, act, data = {}) => {
  const box = gridmap.node("input", { type: "checkbox", ...data });
  box.checked = on;
  box.addEventListener("change", () => act(box.checked));
  return gridmap.node("label", {}, box, gridmap.node("span", { text }));
};

/* layers that are put on and off on all maps at once */
gridmap.layers = (sides) => {
  const boxes = new Map();
  function put(keys, on) {
    boxes.get(keys[0]).checked = on;
    for (const one of sides) {
      for (const layer of keys.map((key) => one.layers[key]).filter(Boolean)) on ? layer.addTo(one.map) : layer.remove();
    }
  }
  /* a switch of its own ... */
  function custom(text, on, act, key) {
    const label = gridmap.tick(text, on, act, { "data-layer": key });
    gridmap.byId("gm-layers").append(gridmap.node("div", {}, label));
    return label.firstChild;
  }
  /* ... or one for layers of those names, where any map has one */
  function add(text, keys, on) {
    if (!sides.some((one) => keys.some((key) => one.layers[key]))) return;
    boxes.set(keys[0], custom(text, on, (checked) => put(keys, checked), keys[0]));
    if (on) put(keys, on);
  }
  return { put, add, custom };
};

/* STYLES by the name of a backdrop; one that is not `drawn` in a way of its own becomes one shape of many parts, which a
   browser draws at once */
gridmap.backdrops = (sides, shapes, styles) => {
  for (const [name, { drawn, ...style }] of Object.entries(styles)) {
    const given = shapes[name];
    if (!given?.length) continue;
    const decoded = drawn && given.map((polygons) => gridmap.decoded(polygons.flat()));
    const whole = { interactive: false, smoothFactor: 0.5, ...style };
    for (const one of sides) {
      one.layers[name] = drawn ? drawn({ shapes: decoded, ...style })
        : style.fill === false ? L.polyline(given.flat().map(gridmap.path), whole)
          : L.polygon(gridmap.polygon(given.flat()), whole);
    }
  }
};

/* switches of backdrops and borders, those of all pages: OFF holds what has to be asked for */
gridmap.usualLayers = (layers, { word }, levels, off = []) => {
  const parts = { streets: ["streets", "main"], barriers: ["rivers", "railways"] };
  for (const key of ["buildings", "streets", "barriers"]) {
    layers.add(word(`${key}_layer`), parts[key] ?? [key], !off.includes(key));
  }
  return () => {
    for (const level of levels) layers.add(word("borders_layer", { level: word(level) }), [`borders-${level}`], false);
  };
};

/* a choice of one of KEYS; what the address asks for comes first */
gridmap.choice = (id, keys, chosen, name, least = 2) => {
  const select = gridmap.byId(id);
  select.replaceChildren(...keys.map((key) => gridmap.node("option", { value: key, text: name(key) })));
  select.value = chosen;
  select.parentElement.hidden = keys.length < least;
};
gridmap.asked = (name, keys, otherwise) => {
  const asked = new URLSearchParams(window.location.search).get(name);
  return keys.includes(asked) ? asked : otherwise;
};
gridmap.chosen = (id, act) => gridmap.byId(id).addEventListener("change", (event) => act(event.target.value));

gridmap.legendRow = (look, text, more) => gridmap.node("li", {}, gridmap.node("i", look),
  gridmap.node("span", { text }), more !== undefined && gridmap.node("small", { text: more }));

/* lists whose entries lead to a place; one entry of all lists is pressed */
gridmap.lists = ({ word, number }) => {
  const SHOWN = 200; // a reader who needs more asks for the table
  let pressed = null;
  function entry(colour, text, more, go) {
    const button = gridmap.node("button", { type: "button", "aria-pressed": "false" },
      colour && gridmap.node("i", { style: { background: colour } }),
      gridmap.node("span", { text }, more && (more instanceof Node ? more : gridmap.node("small", { text: more }))));
    button.addEventListener("click", () => {
      pressed?.setAttribute("aria-pressed", "false");
      pressed = button;
      button.setAttribute("aria-pressed", "true");
      go();
    });
    return gridmap.node("li", {}, button);
  }
  /* ENTRIES are functions: those that nobody sees are never made; ALL counts also what the page does not hold */
  function list(id, title, summary, entries, all = entries.length) {
    const box = gridmap.byId(id);
    box.hidden = false;
    const rest = all - Math.min(entries.length, SHOWN);
    box.replaceChildren(...[gridmap.node("summary", { text: `${title} (${number(all)})` }),
      summary && gridmap.node("p", { text: summary }),
      gridmap.node("ul", {}, ...entries.slice(0, SHOWN).map((made) => made())),
      rest > 0 && gridmap.node("p", { text: word("more", { count: number(rest) }) })].filter(Boolean));
  }
  /* the first list that there is stands open */
  function openFirst(ids) {
    const open = ids.map(gridmap.byId).find((box) => !box.hidden);
    if (open) open.open = true;
  }
  return { entry, list, openFirst };
};
