// What a worker does: it gets a verifier's parts, then sections of lines, and answers each section
// with what its lines are. Sections are checked one after another, so that answers keep their order.

function startWorker() {
  let verifier = null;
  let earlier = Promise.resolve();
  self.onmessage = ({data}) => {
    if (data.verifier) verifier = verifierOf(data.verifier);
    else earlier = earlier.then(() => answer(verifier, data.lines));
  };
}

async function answer(verifier, bytes) {
  try {
    const opened = await verifier;
    const lines = splitLines(bytes);
    self.postMessage({checked: await Promise.all(lines.map((line) => checkLine(opened, line)))});
  } catch (error) {
    self.postMessage({fault: String(error)});
  }
}

function splitLines(bytes) {
  const lines = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_END, start) + 1 || bytes.length;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}
