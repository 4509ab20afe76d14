/* What candidates come to: the ledger, by which one is chosen, and how far the lines of parties lie apart. */
gridmap.swatch = (colour) => gridmap.node("i", { class: "gm-swatch", style: { background: colour } });

/* a number with its sign as people write it; SIGN asks for a plus, too */
gridmap.signed = ({ number }, value, digits, sign = false) => {
  const text = number(Math.abs(value), digits);
  return value < 0 ? `−${text}` : sign && value > 0 ? `+${text}` : text;
};

/* a candidate is chosen by its name, and again to let it go: CHOOSE gets its id, or null */
gridmap.ledger = ({ candidates }, texts, colourOf, choose) => {
  const { word, number } = texts;
  const { node, byId, signed } = gridmap;
  const box = byId("gm-ledger");
  const buttons = [];

  const area = ([squares, mu], sign = false, error = null) => node("td", {},
    node("span", { text: signed(texts, squares, 2, sign) }), node("small", { text: signed(texts, mu, 3, sign) }),
    error && node("small", { text: `±${number(error, 1)}` }));
  const booked = ({ party, gain, loss, net, error_m2: error }) => node("tr", {},
    node("td", {}, gridmap.swatch(colourOf(party)), party), area(gain), area(loss), area(net, true, error));

  function chapter(one) {
    const button = node("button", { type: "button", "aria-pressed": "false", "data-candidate": one.id },
      node("strong", { text: one.id }), node("span", { text: one.source ?? "" }));
    button.addEventListener("click", () => choose(button.getAttribute("aria-pressed") === "true" ? null : one.id));
    buttons.push(button);
    const head = node("tr", {}, node("th", { colspan: 4, scope: "rowgroup" }, button, one.undecided_m2 > 0.005
      && node("small", { class: "gm-off", text: word("undecided", { m2: number(one.undecided_m2, 2) }) })));
    return node("tbody", {}, head, ...one.ledger.map(booked));
  }

  const heads = ["party", "gain", "loss", "net"].map((key) => node("th", { text: word(key), scope: "col" }));
  const table = () => [node("table", {}, node("thead", {}, node("tr", {}, ...heads)), ...candidates.map(chapter)),
    node("p", { text: word("ledger_unit") })];
  box.replaceChildren(node("h2", { text: word("ledger") }),
    ...(candidates.length ? table() : [node("p", { text: word("no_candidates") })]));

  return (id) => {
    for (const button of buttons) {
      const on = button.dataset.candidate === id;
      button.setAttribute("aria-pressed", String(on));
      button.closest("tbody").classList.toggle("gm-chosen", on);
    }
  };
};

gridmap.verdicts = ({ verdicts }, texts, colourOf) => {
  const { word } = texts;
  const { node, byId, swatch, signed } = gridmap;
  const measure = ([name, value]) => node("tr", {}, node("td", { text: word(name) }),
    node("td", { text: value === null ? word("unknown") : word("m", { n: signed(texts, value, 2) }) }));
  const told = (pair) => node("div", { class: `gm-verdict gm-${pair.verdict}` },
    node("p", {}, swatch(colourOf(pair.a)), swatch(colourOf(pair.b)), node("b", { text: word("between", pair) })),
    node("p", { class: "gm-said", text: pair.said }), pair.assumed && node("p", { text: word("assumed") }),
    node("table", {}, ...pair.measured.map(measure)));
  byId("gm-verdicts").replaceChildren(node("h2", { text: word("verdicts") }),
    ...(verdicts.length ? verdicts.map(told) : [node("p", { text: word("no_lines") })]));
};
