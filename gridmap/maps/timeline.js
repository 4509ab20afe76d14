/* Sources in the order of what they show, on one line of years; two years can be picked to compare. */
gridmap.timeline = ({ sources }, keys, texts, put) => {
  const { word, number } = texts;
  const { node, byId } = gridmap;
  const SIDES = ["left", "right"];
  const RANK = { certain: 0, possible: 1, near: 2, any: 2 };
  const ends = ([from, to]) => [from ?? -Infinity, to ?? Infinity]; // an end that nobody knows is open
  const DATES = ["capture", "release", "scan"];
  const years = sources.flatMap((one) => DATES.flatMap((name) => one[name]?.years ?? []))
    .filter((year) => year !== null);
  const first = Math.floor(Math.min(...years));
  const last = Math.floor(Math.max(...years)) + 1;
  const at = (year) => (100 * (Math.min(Math.max(year, first), last) - first)) / (last - first);
  const begins = ({ shown }) => (shown ? ends(shown.years).find(Number.isFinite) : undefined) ?? Number.MAX_VALUE;
  const order = sources.map((_, key) => key).sort((one, other) =>
    begins(sources[one]) - begins(sources[other]) || one - other);
  const buttons = [];
  const pickers = {};
  const picked = {};

  const joined = (...parts) => parts.filter(Boolean).join(" · ");
  const captured = ({ capture }) => (capture ? word("captured", { text: capture.text }) : word("capture_not_known"));
  const later = ({ release, scan }) => joined(release && word("released", release), scan && word("scanned", scan));
  const error = ({ error_m: metres }) => (metres === null ? "" : word("plus_minus", { n: number(metres, 2) }));
  /* what stands beside the divider: a title, and what must be known of it */
  const caption = (key) => {
    const source = sources[key];
    if (!source) return [word("none"), ""];
    return [source.title, joined(captured(source), !source.capture && later(source), error(source))];
  };

  /* what a source has to do with a year: it is of some day in it, or may be, or is of a day so many years away; one of
     which only the release is known may be of any year before it, and is the likelier the nearer that is */
  function told(shown, year) {
    const [from, to] = ends(shown.years);
    const [since, until] = shown.certain ? ends(shown.certain) : [Infinity, -Infinity];
    const width = to - from;
    const away = Math.max(from - (year + 1), year - to, 0);
    if (to < year || from >= year + 1) return { answer: "near", away, width };
    const within = from >= year && to < year + 1 && !shown.doubtful;
    if (within || (since < year + 1 && until >= year)) return { answer: "certain", away, width };
    if (Number.isFinite(width)) return { answer: "possible", away, width };
    return { answer: "any", away: Math.min(...[from, to].filter(Number.isFinite).map((end) => Math.abs(end - year))), width };
  }
  /* of those that are as sure and as near, the one that says most narrowly when it is of */
  const ofYear = (year) => keys.filter((key) => sources[key].shown)
    .map((key) => ({ key, ...told(sources[key].shown, year) }))
    .sort((one, other) => RANK[one.answer] - RANK[other.answer] || one.away - other.away
      || one.width - other.width || begins(sources[one.key]) - begins(sources[other.key]))[0];

  function picker(where) {
    const range = node("input", { type: "range", min: first, max: last - 1, step: 1, "data-pick": where,
      "aria-label": word(`pick_${where}`) });
    const output = node("output");
    range.addEventListener("input", () => {
      const found = ofYear(Number(range.value));
      picked[where] = word(`of_year_${found.answer}`, { year: range.value, title: sources[found.key].title });
      put(where, found.key);
    });
    pickers[where] = { range, output };
    return node("div", { class: "gm-pick" }, node("b", { text: word(`put_${where}`) }), output, range);
  }

  function track(source) {
    const mark = (name, dates, said) => {
      if (!dates) return null;
      const [west, east] = ends(dates).map(at);
      const open = `${dates[0] === null ? " gm-open-left" : ""}${dates[1] === null ? " gm-open-right" : ""}`;
      return node("i", { class: `gm-${name}${open}`, style: { left: `${west}%`, width: `${east - west}%` }, title: said });
    };
    const { capture, release, scan } = source;
    return node("div", { class: "gm-track" }, mark("capture", capture?.years, captured(source)),
      mark("certain", capture?.certain, captured(source)), release && mark("release", release.years, word("released", release)),
      scan && mark("scan", scan.years, word("scanned", scan)));
  }

  function row(key) {
    const source = sources[key];
    const onto = (where) => {
      const button = node("button", { type: "button", text: word(`put_${where}`),
        "aria-label": word(`put_${where}_said`, source), "data-put": `${where}-${key}` });
      button.addEventListener("click", () => put(where, String(key)));
      buttons.push({ button, where, key: String(key) });
      return button;
    };
    const said = joined(captured(source), later(source), error(source));
    return node("li", {}, node("div", { class: "gm-source" }, node("b", { text: source.title }),
      node("small", { text: word(`kind_${source.kind}`) }), ...(keys.includes(String(key)) ? SIDES.map(onto) : [])),
    years.length && track(source), node("small", { text: said }));
  }

  byId("gm-timeline").hidden = !sources.length;
  const pickable = keys.some((key) => sources[key].shown);
  byId("gm-timeline").replaceChildren(node("h2", { text: word("timeline") }), ...(pickable ? SIDES.map(picker) : []),
    years.length ? node("div", { class: "gm-years" }, node("span", { text: first }), node("span", { text: last })) : "",
    node("ol", {}, ...order.map(row)), years.length ? node("p", { text: word("timeline_marks") }) : "");

  /* NOW says what lies on each side */
  function show(now) {
    for (const { button, where, key } of buttons) button.setAttribute("aria-pressed", String(now[where] === key));
    for (const [where, { range, output }] of Object.entries(pickers)) {
      const source = sources[now[where]];
      if (!picked[where] && source?.shown) range.value = Math.floor(begins(source));
      output.textContent = picked[where] ?? caption(now[where])[0];
      range.setAttribute("aria-valuetext", output.textContent);
      delete picked[where];
    }
  }
  return { show, caption, order: order.map(String).filter((key) => keys.includes(key)) };
};
