/* Cuts the middle of a photograph to 5:2 and makes it small, before it is sent. Drawings stay. */
"use strict";
(function () {
  const form = document.querySelector("form[data-picture]");
  const input = form && form.elements.picture;
  if (!input || !window.createImageBitmap || !window.DataTransfer) return;
  const most = Number(form.dataset.picture);
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  input.after(status);

  const blobOf = (canvas, quality) =>
    new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));

  async function shrunk(file) {
    const pixels = await createImageBitmap(file);
    const width = Math.min(pixels.width, (pixels.height * 5) / 2);
    const height = (width * 2) / 5;
    for (const wide of [1200, 1000, 800, 640]) {
      if (wide > width && wide > 640) continue;
      const canvas = document.createElement("canvas");
      canvas.width = wide;
      canvas.height = (wide * 2) / 5;
      const drawing = canvas.getContext("2d");
      drawing.fillStyle = "#fff";
      drawing.fillRect(0, 0, canvas.width, canvas.height);
      drawing.imageSmoothingQuality = "high";
      drawing.drawImage(
        pixels,
        (pixels.width - width) / 2,
        (pixels.height - height) / 2,
        width,
        height,
        0,
        0,
        canvas.width,
        canvas.height,
      );
      const lowest = wide > 640 ? 0.5 : 0.3;
      for (let quality = 0.85; quality >= lowest; quality -= 0.05) {
        const blob = await blobOf(canvas, quality);
        if (blob && blob.size <= most) return new File([blob], "picture.jpg", { type: blob.type });
      }
    }
    return null;
  }

  input.addEventListener("change", async () => {
    const file = input.files[0];
    status.textContent = "";
    if (!file || file.type === "image/svg+xml" || /\.svg$/i.test(file.name)) return;
    if (!canReadDrawings()) {
      status.textContent = "Your browser lets no script read pictures, as Tor Browser does. "
        + "The file goes as it is: cut it and make it small enough before.";
      return;
    }
    try {
      const made = await shrunk(file);
      if (!made) {
        status.textContent = "This picture has too many details. Choose another.";
        return;
      }
      const chosen = new DataTransfer();
      chosen.items.add(made);
      input.files = chosen.files;
      status.textContent = `Cut and made small: ${made.size.toLocaleString("en")} bytes.`;
    } catch {
      status.textContent = "Your browser cannot read this file.";
    }
  });
})();
