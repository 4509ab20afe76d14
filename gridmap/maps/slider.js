/* A slider over shifts that can also run by itself; arrow keys, Home and End move it, as any slider. */
gridmap.slider = ({ word }, last, modes, moved) => {
  const STEP_MS = 700; // of a shift while it plays
  const now = { at: last, mode: modes[0] };
  let playing = null;
  const range = gridmap.node("input", { type: "range", id: "gm-shift", min: 0, max: Math.max(last, 0), step: 1,
    value: Math.max(last, 0), "aria-label": word("slider") });
  const play = gridmap.node("button", { type: "button", id: "gm-play" });
  const label = gridmap.node("output", { for: "gm-shift" });
  const figures = gridmap.node("div");

  function go(at) {
    now.at = at;
    range.value = at;
    moved();
  }
  function run(on) {
    clearInterval(playing);
    playing = on ? setInterval(next, STEP_MS) : null;
    play.textContent = word(on ? "pause" : "play");
    play.setAttribute("aria-pressed", String(on));
  }
  function next() {
    go(now.at + 1);
    if (now.at >= last) run(false);
  }
  range.addEventListener("input", () => {
    run(false);
    go(Number(range.value));
  });
  play.addEventListener("click", () => {
    if (playing) {
      run(false);
      return;
    }
    run(true);
    // from the end it begins anew
    if (now.at >= last) go(0);
    else next();
  });
  const radios = modes.map((mode) => {
    const radio = gridmap.node("input", { type: "radio", name: "gm-mode", value: mode });
    radio.checked = mode === now.mode;
    radio.addEventListener("change", () => {
      now.mode = mode;
      moved();
    });
    return gridmap.node("label", {}, radio, gridmap.node("span", { text: word(`mode_${mode}`) }));
  });
  run(false);
  gridmap.byId("gm-time").replaceChildren(gridmap.node("h2", { text: word("shift") }), label,
    gridmap.node("div", { class: "gm-run" }, play, range), gridmap.node("fieldset", {}, ...radios), figures);

  function show(text, ...lines) {
    label.textContent = text;
    range.setAttribute("aria-valuetext", text);
    figures.replaceChildren(...lines);
  }
  return { now, show };
};
