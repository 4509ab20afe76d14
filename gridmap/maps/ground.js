/* Seen ground and cameras on one canvas: tens of thousands of shapes, drawn anew after each move in tens of milliseconds.
   SHAPES are decoded once for all maps; ROWS say which shape is of which camera, band and certainty. */
gridmap.ground = (() => {
  const PADDING = 0.15; // of the view on each side, so that a short drag shows no edge
  const NEAR = 9; // pixels within which a click means a camera
  const RADIUS = 5;
  const SMALL = 2.4; // radius of a mark where there are many ...
  const MANY = 400;
  const TINY = 1.3; // ... and where they would hide the ground
  const TOO_MANY = 3000;

  /* longitude and latitude in degrees to the unit square of web Mercator */
  const mercatorX = (lon) => (lon + 180) / 360;
  const mercatorY = (lat) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };

  function decoded(polygons) {
    const rings = polygons.flat().map((steps) => {
      const ring = new Float64Array(steps.length);
      let x = 0;
      let y = 0;
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        ring[i] = mercatorX(x / 1e6);
        ring[i + 1] = mercatorY(y / 1e6);
      }
      return ring;
    });
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        box[0] = Math.min(box[0], ring[i]);
        box[1] = Math.min(box[1], ring[i + 1]);
        box[2] = Math.max(box[2], ring[i]);
        box[3] = Math.max(box[3], ring[i + 1]);
      }
    }
    return { rings, box };
  }

  const Layer = L.Layer.extend({
    initialize(options) {
      L.setOptions(this, options);
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-layer", map.getPane(this.options.pane));
      this.canvas.style.pointerEvents = "none";
      this.behind = document.createElement("canvas");
      // a zoom ends with a move: drawn once
      map.on("moveend resize", this.draw, this);
      this.draw();
    },

    onRemove(map) {
      map.off("moveend resize", this.draw, this);
      this.canvas.remove();
    },

    draw() {
      const map = this._map;
      if (!map?._loaded) return;
      const size = map.getSize();
      const margin = size.multiplyBy(PADDING).round();
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [size.x + 2 * margin.x, size.y + 2 * margin.y];
      for (const canvas of [this.canvas, this.behind]) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
      }
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]).subtract(margin));
      const corner = map.getPixelBounds().min.subtract(margin);
      this.view = { scale: map.options.crs.scale(map.getZoom()), corner, ratio, width, height };
      const on = this.canvas.getContext("2d");
      on.scale(ratio, ratio);
      this._drawGround(on);
      this._drawCameras(on);
    },

    _drawGround(on) {
      const { certainties, bands, isOn, rows, opacities, colours } = this.options;
      const { ratio, width, height } = this.view;
      const behind = this.behind.getContext("2d");
      // the surest last; within it the best band last: where several cameras look, the best counts
      for (const certainty of [...certainties.keys()].reverse()) {
        if (!isOn("certainty", certainty)) continue;
        behind.setTransform(1, 0, 0, 1, 0, 0);
        behind.clearRect(0, 0, this.behind.width, this.behind.height);
        behind.setTransform(ratio, 0, 0, ratio, 0, 0);
        for (const band of [...bands.keys()].reverse()) {
          if (!isOn("band", band)) continue;
          behind.fillStyle = colours[bands[band]];
          for (const shape of rows[certainty][band]) this._fill(behind, shape);
        }
        on.globalAlpha = opacities[certainties[certainty]];
        on.drawImage(this.behind, 0, 0, width, height);
      }
      on.globalAlpha = 1;
    },

    _inView([west, north, east, south]) {
      const { scale, corner, width, height } = this.view;
      return east * scale > corner.x && west * scale < corner.x + width && south * scale > corner.y
        && north * scale < corner.y + height;
    },

    _fill(on, { rings, box }) {
      if (!this._inView(box)) return;
      const { scale, corner } = this.view;
      if ((box[2] - box[0]) * scale < 1.5) {
        on.fillRect(box[0] * scale - corner.x, box[1] * scale - corner.y, 1, 1);
        return;
      }
      on.beginPath();
      this._trace(on, rings);
      on.fill("evenodd");
    },

    _trace(on, rings) {
      const { scale, corner } = this.view;
      for (const ring of rings) {
        on.moveTo(ring[0] * scale - corner.x, ring[1] * scale - corner.y);
        for (let i = 2; i < ring.length; i += 2) on.lineTo(ring[i] * scale - corner.x, ring[i + 1] * scale - corner.y);
        on.closePath();
      }
    },

    _drawCameras(on) {
      const { cameras, isOn, chosen } = this.options;
      const picked = cameras.find((camera) => camera.id === chosen());
      if (picked) {
        on.lineWidth = 2;
        on.strokeStyle = "#111827";
        on.beginPath();
        for (const shape of picked.shapes) this._trace(on, shape.rings);
        on.stroke();
      }
      if (!isOn("layer", "cameras")) return;
      const inView = cameras.filter((camera) => this._inView([camera.x, camera.y, camera.x, camera.y]));
      const radius = inView.length > TOO_MANY ? TINY : inView.length > MANY ? SMALL : RADIUS;
      for (const camera of inView) this._mark(on, camera, radius);
      if (picked) this._mark(on, picked, RADIUS + 2);
    },

    _mark(on, camera, radius) {
      const { scale, corner } = this.view;
      const [x, y] = [camera.x * scale - corner.x, camera.y * scale - corner.y];
      on.lineWidth = radius > SMALL ? 1.6 : radius > TINY ? 0.8 : 0.3;
      if (camera.heading_deg !== null && radius > SMALL && !camera.possible) {
        const turn = ((camera.heading_deg - 90) * Math.PI) / 180;
        on.strokeStyle = "#111827";
        on.beginPath();
        on.moveTo(x, y);
        on.lineTo(x + 2.6 * radius * Math.cos(turn), y + 2.6 * radius * Math.sin(turn));
        on.stroke();
      }
      on.beginPath();
      on.arc(x, y, radius, 0, 2 * Math.PI);
      on.fillStyle = camera.status === "offline" ? "#b91c1c" : camera.possible ? "#fff" : "#111827";
      on.strokeStyle = camera.possible ? "#111827" : "#fff";
      on.fill();
      on.stroke();
    },

    /* the camera at a place of the screen, or null */
    cameraAt(latlng) {
      if (!this._map || !this.options.isOn("layer", "cameras")) return null;
      const { scale } = this.view;
      const [x, y] = [mercatorX(latlng.lng), mercatorY(latlng.lat)];
      let best = null;
      let least = NEAR / scale;
      for (const camera of this.options.cameras) {
        const away = Math.hypot(camera.x - x, camera.y - y);
        if (away <= least) [best, least] = [camera, away];
      }
      return best;
    },
  });

  return { decoded, mercatorX, mercatorY, layer: (options) => new Layer(options) };
})();
