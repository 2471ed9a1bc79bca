/* Draws the image that networks show with the petition's link, one a language, as it is published. */
"use strict";
(function () {
  const form = document.querySelector("form[data-drawings]");
  if (!form || !canReadDrawings()) return;
  const drawing = JSON.parse(form.dataset.drawings);
  const [width, height] = drawing.size;
  const margin = 80;
  const most = 60000;

  function wrapped(canvas, words, room) {
    const lines = [""];
    for (const word of words.split(/\s+/)) {
      const longer = `${lines[lines.length - 1]} ${word}`.trim();
      if (canvas.measureText(longer).width <= room || !lines[lines.length - 1]) {
        lines[lines.length - 1] = longer;
      } else {
        lines.push(word);
      }
    }
    return lines;
  }
  function cut(lines, count) {
    return lines.length > count ? [...lines.slice(0, count - 1), `${lines[count - 1]} …`] : lines;
  }
  function font(canvas, size, bold) {
    canvas.font = `${bold ? "600 " : ""}${size}px Georgia, "Noto Serif", serif`;
  }
  function write(canvas, lines, size, y, colour, bold) {
    font(canvas, size, bold);
    canvas.fillStyle = colour;
    for (const line of lines) {
      canvas.fillText(line, margin, y + size);
      y += Math.round(size * 1.18);
    }
    return y;
  }
  function title(canvas, words, sizes, count, room) {
    for (const size of sizes) {
      font(canvas, size, true);
      const lines = wrapped(canvas, words, width - 2 * margin);
      if (lines.length <= count && lines.length * size * 1.18 <= room) return { lines, size };
    }
    const size = sizes[sizes.length - 1];
    font(canvas, size, true);
    return { lines: cut(wrapped(canvas, words, width - 2 * margin), count), size };
  }
  function drawn(text, picture) {
    const element = document.createElement("canvas");
    element.width = width;
    element.height = height;
    const canvas = element.getContext("2d");
    const colours = drawing.colours;
    canvas.fillStyle = colours.band;
    canvas.fillRect(0, 0, width, height);
    font(canvas, 30, false);
    const target = cut(wrapped(canvas, text.target, width - 2 * margin), 1);
    if (picture) {
      const written = title(canvas, text.title, [64, 56, 48, 40], 3, 170);
      const words = Math.round(written.lines.length * written.size * 1.18) + 117;
      const above = height - words;
      const scale = Math.max(width / picture.width, above / picture.height);
      const [wide, high] = [width / scale, above / scale];
      canvas.drawImage(
        picture,
        (picture.width - wide) / 2,
        (picture.height - high) / 2,
        wide,
        high,
        0,
        0,
        width,
        above,
      );
      canvas.fillStyle = colours.warm;
      canvas.fillRect(0, above, width, 12);
      const y = write(canvas, target, 30, above + 34, colours["band-soft"], false);
      write(canvas, written.lines, written.size, y + 6, colours["on-band"], true);
      return element;
    }
    canvas.fillStyle = colours.warm;
    canvas.fillRect(0, 0, width, 12);
    const written = title(canvas, text.title, [92, 80, 68, 56, 44], 4, 300);
    let y = write(canvas, target, 30, 72, colours["band-soft"], false);
    write(canvas, written.lines, written.size, y + 16, colours["on-band"], true);
    font(canvas, 30, false);
    const demands = cut(
      text.demands.flatMap((demand) => wrapped(canvas, demand, width - 2 * margin)),
      4,
    );
    y = height - 100 - demands.length * 35;
    y = write(canvas, [text.demanded], 30, y, colours.warm, true);
    write(canvas, demands, 30, y + 8, colours["on-band"], false);
    return element;
  }
  function asJpeg(element) {
    let made = "";
    for (let quality = 0.88; quality > 0.3; quality -= 0.06) {
      made = element.toDataURL("image/jpeg", quality).split(",")[1];
      if ((made.length * 3) / 4 <= most) break;
    }
    return made;
  }
  async function draw() {
    let picture = null;
    if (drawing.picture) {
      picture = new Image();
      picture.src = drawing.picture;
      await picture.decode();
    }
    for (const [language, text] of Object.entries(drawing.texts)) {
      const field = form.elements[`image.${language}`];
      if (field) field.value = asJpeg(drawn(text, picture));
    }
  }
  draw().catch(() => {
    /* Without the images, the link is shared as words. */
  });
})();
