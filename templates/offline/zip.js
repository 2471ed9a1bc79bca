// Writes a ZIP file (APPNOTE.TXT 6.3.10, without ZIP64: parts of less than 4 GiB).

const ZIP_VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
const ZIP_DATE = 0x21; // 1980-01-01: a file of today would tell when the list was opened.

class ZipWriter {
  constructor() {
    this.entries = [];
  }

  // An entry that texts are written to, one part after the other.
  open(name) {
    const entry = new ZipEntry(utf8(name));
    this.entries.push(entry);
    return entry;
  }

  async end(type) {
    const parts = [];
    const directory = [];
    let offset = 0;
    for (const entry of this.entries) {
      const packed = await entry.packed;
      const local = concatenate(fields([4, 0x04034b50]), entry.described(packed.size), entry.name);
      directory.push(concatenate(
        fields([4, 0x02014b50], [2, ZIP_VERSION]), entry.described(packed.size),
        fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), entry.name));
      parts.push(local, packed);
      offset += local.length + packed.size;
    }
    const length = directory.reduce((sum, each) => sum + each.length, 0);
    const count = directory.length;
    const end = fields(
      [4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, offset], [2, 0]);
    return new Blob([...parts, ...directory, end], {type});
  }
}

class ZipEntry {
  constructor(name) {
    this.name = name;
    this.checksum = 0xffffffff;
    this.size = 0;
    const deflate = new CompressionStream('deflate-raw');
    this.writer = deflate.writable.getWriter();
    this.packed = new Response(deflate.readable).blob();
  }

  write(text) {
    const bytes = utf8(text);
    this.size += bytes.length;
    for (const byte of bytes) {
      this.checksum = CRC_TABLE[(this.checksum ^ byte) & 0xff] ^ (this.checksum >>> 8);
    }
    this.writer.write(bytes);
  }

  close() {
    this.writer.close();
  }

  // The fields that the local header and the directory share.
  described(packedSize) {
    return fields(
      [2, ZIP_VERSION], [2, UTF8_NAMES], [2, DEFLATED], [2, 0], [2, ZIP_DATE],
      [4, ~this.checksum >>> 0], [4, packedSize], [4, this.size], [2, this.name.length], [2, 0]);
  }
}

// Numbers of so many bytes each, the lowest byte first.
function fields(...pairs) {
  return Uint8Array.from(pairs.flatMap(([length, value]) =>
    Array.from({length}, (_, place) => (value >>> (8 * place)) & 0xff)));
}

const CRC_TABLE = Uint32Array.from({length: 256}, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value >>> 0;
});
