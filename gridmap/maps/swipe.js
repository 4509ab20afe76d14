/* A divider over a map: left of it one pane is seen, right of it another. The panes themselves are clipped, so that all
   that lies in them is: pictures, shapes, several layers at once. Moved by mouse, pen, finger and keys. */
gridmap.swipe = (map, [left, right], texts) => {
  const STEP = 1; // per cent of the width; with Page Up and Page Down ...
  const LEAP = 10;
  const CORNER = 84; // pixels
  const LEAST = 60;
  const KEYS = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -LEAP, PageUp: LEAP,
    Home: -100, End: 100 };
  const captions = { left: gridmap.node("span", { class: "gm-left" }),
    right: gridmap.node("span", { class: "gm-right" }) };
  const divider = gridmap.node("div", { class: "gm-divider", role: "slider", tabindex: 0,
    "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": texts.word("divider") },
  captions.left, captions.right, gridmap.node("b", { "aria-hidden": "true", text: "◂ ▸" }));
  const said = { left: "", right: "" };
  let share = 50;
  let grip = null; // pixels between the pointer and the line while it is held

  /* panes move with the map, so that the window is cut anew with every move */
  function clip() {
    const size = map.getSize();
    const [from, to] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
    const at = from.x + (size.x * share) / 100;
    const cut = (west, east) =>
      `polygon(${west}px ${from.y}px, ${east}px ${from.y}px, ${east}px ${to.y}px, ${west}px ${to.y}px)`;
    left.style.clipPath = cut(from.x, at);
    right.style.clipPath = cut(at, to.x);
    fit(captions.left, at - from.x);
    fit(captions.right, to.x - at);
  }
  /* a name keeps within its own side and clear of the buttons in the corner; a side too narrow for it says nothing */
  function fit(caption, room) {
    caption.style.maxWidth = `${Math.max(room - CORNER, 0)}px`;
    caption.style.visibility = room < CORNER + LEAST ? "hidden" : "visible";
  }
  function tell() {
    divider.setAttribute("aria-valuenow", Math.round(share));
    divider.setAttribute("aria-valuetext", texts.word("divider_said",
      { ...said, share: Math.round(share) }));
  }
  function go(to) {
    share = Math.min(Math.max(to, 0), 100);
    divider.style.left = `${share}%`;
    clip();
    tell();
  }
  const pointed = (event) => event.clientX - map.getContainer().getBoundingClientRect().left;
  const letGo = () => {
    grip = null;
  };
  divider.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || grip !== null) return;
    grip = pointed(event) - (map.getSize().x * share) / 100;
    divider.setPointerCapture(event.pointerId);
    divider.focus({ preventScroll: true });
  });
  divider.addEventListener("pointermove", (event) => {
    if (grip !== null) go(((pointed(event) - grip) / map.getSize().x) * 100);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) divider.addEventListener(end, letGo);
  divider.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(KEYS, event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(share + KEYS[event.key]);
  });
  // the map would be dragged along with it
  L.DomEvent.disableClickPropagation(divider);
  map.getContainer().append(divider);
  map.on("move zoom viewreset resize", clip);
  go(share);

  /* of each side a title and what else must be known of it */
  function name(sides) {
    for (const [side, [title, more]] of Object.entries(sides)) {
      captions[side].replaceChildren(gridmap.node("div", { text: title }), more && gridmap.node("small", { text: more }));
      said[side] = [title, more].filter(Boolean).join(" · ");
    }
    tell();
  }
  const hide = () => {
    divider.hidden = true;
  };
  return { go, name, hide };
};
