// Decompresses a gzip file piece by piece, and gives all that a piece holds before the next one:
// a browser's stream forgets at a fault what nobody has read of it yet.

const PIECE_BYTES = 65536;

// The bytes of a file, decompressed. `read` gets the bytes read of the file. Throws BadExport.
// A piece that fails gives nothing for certain, not even what stands before its fault: from the
// piece at `faultAt` on, each byte is decompressed by itself.
async function* decompressed(file, read = () => {}, faultAt = Infinity) {
  const gunzip = new Gunzip();
  let empty = true;
  let start = 0;
  try {
    for (; start < file.size; start += PIECE_BYTES) {
      const piece = await bytesAt(file, start);
      read(start + piece.length);
      for await (const chunk of gunzip.take(piece, start < faultAt ? PIECE_BYTES : 1)) {
        empty = false;
        yield chunk;
      }
    }
    yield* gunzip.end();
  } catch (error) {
    if (!(error instanceof BadGzip)) throw error;
    if (empty) throw notAnExport();
    throw start < file.size ? altered('it cannot be read', start) : truncated();
  } finally {
    gunzip.cancel();
  }
}

// The browser refuses to read a file that was changed or taken away since it was chosen.
async function bytesAt(file, start) {
  try {
    return new Uint8Array(await file.slice(start, start + PIECE_BYTES).arrayBuffer());
  } catch {
    throw new Refused('The file cannot be read any more. Choose it again.');
  }
}

// The bytes are no gzip, or their end is missing.
class BadGzip extends Error {}

class Gunzip {
  constructor() {
    const {readable, writable} = new DecompressionStream('gzip');
    this.reader = readable.getReader();
    this.writer = writable.getWriter();
    this.reading = null;
  }

  // What a piece gives, of which the stream gets `size` bytes at once. Throws BadGzip.
  async* take(piece, size) {
    for (let at = 0; at < piece.length; at += size) {
      yield* this.until(this.writer.write(piece.subarray(at, at + size)));
    }
  }

  end() {
    return this.until(this.writer.close());
  }

  // What the stream gives until it has taken what was written, and all of that was read.
  async* until(written) {
    const taken = written.then(() => ({}));
    for (;;) {
      this.reading ??= this.reader.read();
      // Of two that are there already, the first one counts.
      const {value} = await Promise.race([this.reading, taken]).catch(badGzip);
      if (!value) return;
      this.reading = null;
      yield value;
    }
  }

  cancel() {
    this.reader.cancel().catch(() => {});
  }
}

function badGzip(error) {
  throw new BadGzip(error.message);
}
