/* Seen ground and cameras on one canvas: ROWS say which shape is of which camera, band and certainty. */
gridmap.ground = (() => {
  const NEAR = 9; // pixels within which a click means a camera
  const RADIUS = 5;
  const SMALL = 2.4; // radius of a mark where there are many ...
  const MANY = 400;
  const TINY = 1.3; // ... and where they would hide the ground
  const TOO_MANY = 3000;

  const Ground = gridmap.Canvas.extend({
    _drawOn(on) {
      this.behind ??= document.createElement("canvas");
      Object.assign(this.behind, { width: this.canvas.width, height: this.canvas.height });
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

    _drawCameras(on) {
      const { cameras, isOn, chosen } = this.options;
      const picked = cameras.find((camera) => camera.id === chosen());
      if (picked) {
        on.lineWidth = 2;
        on.strokeStyle = "#111827";
        on.beginPath();
        for (const shape of picked.shapes) this._trace(on, shape.rings, true);
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
      const [x, y] = [gridmap.mercatorX(latlng.lng), gridmap.mercatorY(latlng.lat)];
      let best = null;
      let least = NEAR / scale;
      for (const camera of this.options.cameras) {
        const away = Math.hypot(camera.x - x, camera.y - y);
        if (away <= least) [best, least] = [camera, away];
      }
      return best;
    },
  });

  return (options) => new Ground(options);
})();
