/* Shapes on one canvas, drawn anew after each move: tens of thousands in tens of milliseconds. */
(() => {
  const PADDING = 0.15; // of the view on each side, so that a short drag shows no edge
  const SMALL = 1.5; // pixels: what is smaller is a dot

  /* longitude and latitude in degrees to the unit square of web Mercator */
  gridmap.mercatorX = (lon) => (lon + 180) / 360;
  gridmap.mercatorY = (lat) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };

  /* paths (see gridmap.path) of one shape, decoded once for all maps, and the box around them */
  gridmap.decoded = (paths) => {
    const rings = paths.map((steps) => {
      const ring = new Float64Array(steps.length);
      let x = 0;
      let y = 0;
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        ring[i] = gridmap.mercatorX(x / 1e6);
        ring[i + 1] = gridmap.mercatorY(y / 1e6);
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
  };

  /* a layer on a canvas of its own; what is on it is drawn by `_drawOn(context)` */
  gridmap.Canvas = L.Layer.extend({
    initialize(options) {
      L.setOptions(this, options);
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-layer", map.getPane(this.options.pane));
      this.canvas.style.pointerEvents = "none";
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
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]).subtract(margin));
      const corner = map.getPixelBounds().min.subtract(margin);
      this.view = { scale: map.options.crs.scale(map.getZoom()), corner, ratio, width, height };
      const on = this.canvas.getContext("2d");
      on.scale(ratio, ratio);
      this._drawOn(on);
    },

    _inView([west, north, east, south]) {
      const { scale, corner, width, height } = this.view;
      return east * scale > corner.x && west * scale < corner.x + width && south * scale > corner.y
        && north * scale < corner.y + height;
    },

    _fill(on, { rings, box }) {
      if (!this._inView(box)) return;
      const { scale, corner } = this.view;
      if ((box[2] - box[0]) * scale < SMALL) {
        on.fillRect(box[0] * scale - corner.x, box[1] * scale - corner.y, 1, 1);
        return;
      }
      on.beginPath();
      this._trace(on, rings, true);
      on.fill("evenodd");
    },

    _trace(on, rings, closed) {
      const { scale, corner } = this.view;
      for (const ring of rings) {
        on.moveTo(ring[0] * scale - corner.x, ring[1] * scale - corner.y);
        for (let i = 2; i < ring.length; i += 2) on.lineTo(ring[i] * scale - corner.x, ring[i + 1] * scale - corner.y);
        if (closed) on.closePath();
      }
    },
  });

  /* shapes of one colour; where they overlap they are no darker */
  const Filled = gridmap.Canvas.extend({
    _drawOn(on) {
      const { shapes, fillColor, fillOpacity } = this.options;
      this.canvas.style.opacity = fillOpacity;
      on.fillStyle = fillColor;
      for (const shape of shapes) this._fill(on, shape);
    },
  });
  gridmap.filled = (options) => new Filled(options);
})();
