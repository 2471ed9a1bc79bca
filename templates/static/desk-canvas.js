/* Whether scripts can read what they have drawn: Tor Browser gives them noise in its place. */
"use strict";
function canReadDrawings() {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = "#369";
  canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data.join() === "51,102,153,255";
}
