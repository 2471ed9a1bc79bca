// What a worker does: it gets a verifier's parts, then sections of lines, and answers each section
// with what its lines are.

function startWorker() {
  let verifier = null;
  self.onmessage = async ({data}) => {
    if (data.verifier) {
      verifier = verifierOf(data.verifier);
      return;
    }
    try {
      const opened = await verifier;
      const lines = splitLines(data.lines);
      self.postMessage({checked: await Promise.all(lines.map((line) => checkLine(opened, line)))});
    } catch (error) {
      self.postMessage({fault: String(error)});
    }
  };
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
