// Reads an export (chalicelib/usecases/exports/exporting.py) and verifies its manifest, as
// ops/keys/unsealing/sealed_export.py does.

const EXPORT_FORMAT = 'zaklik-export/1';
const MAX_LINE_BYTES = 16384;
const MAX_HEADER_BYTES = 1048576;
const SECTION_LINES = 1000;
const LINE_END = 10;
const MANIFEST_START = utf8('{"manifest":');

// A no that the reader can understand: its message is shown.
class Refused extends Error {}

// The export as a whole is not verified. `faultAt` is where the piece of the file begins that cannot
// be decompressed, if there is one.
class BadExport extends Refused {
  constructor(message, faultAt = Infinity) {
    super(message);
    this.faultAt = faultAt;
  }
}

// Every line of the file, line end included, as {number, bytes}; numbers count from 1. `read` gets
// the bytes read of the compressed file. Throws BadExport for a file that is no whole gzip.
async function* linesOf(file, read, faultAt) {
  let number = 0;
  let rest = new Uint8Array();
  for await (const chunk of decompressed(file, read, faultAt)) {
    let bytes = rest.length ? concatenate(rest, chunk) : chunk;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END)) {
      number += 1;
      yield {number, bytes: limited(bytes.subarray(0, end + 1), number)};
      bytes = bytes.subarray(end + 1);
    }
    rest = limited(bytes, number + 1);
  }
  if (rest.length) yield {number: number + 1, bytes: rest};
}

function limited(line, number) {
  if (number === 1 && line.length > MAX_HEADER_BYTES) throw notAnExport();
  if (number > 1 && line.length > MAX_LINE_BYTES) throw altered('it cannot be read');
  return line;
}

// The sections of an export, as {first, lines, last}: the number of the first line, the bytes of
// up to 1,000 lines, and, after the last section, the line of the manifest.
async function* sectionsOf(file, read) {
  let lines = [];
  let first = 1;
  let last = null;
  for await (const line of linesOf(file, read)) {
    if (last) lines.push(last.bytes);
    last = line;
    if (lines.length === SECTION_LINES) {
      yield {first, lines: concatenate(...lines), count: lines.length};
      first += lines.length;
      lines = [];
    }
  }
  yield {first, lines: concatenate(...lines), count: lines.length, last};
}

// The sections of what can be read of an export that is not verified, up to its `fault`. What looks
// like a manifest is in none: `manifest` gets it.
async function* readableSections(file, read, fault, manifest) {
  let lines = [];
  let next = 1;
  const section = () => ({first: next - lines.length, lines: concatenate(...lines)});
  try {
    for await (const {number, bytes} of linesOf(file, read, fault.faultAt)) {
      const isManifest = number > 1
        && equalBytes(bytes.subarray(0, MANIFEST_START.length), MANIFEST_START);
      if (lines.length === SECTION_LINES || (isManifest && lines.length)) {
        yield section();
        lines = [];
      }
      if (isManifest) await manifest(bytes);
      else lines.push(bytes);
      next = number + 1;
    }
  } catch (error) {
    if (!(error instanceof BadExport)) throw error;
  }
  if (lines.length) yield section();
}

// The digest of one section more (chalicelib/crypto/section_digest.py).
async function chained(digest, section) {
  return section.count ? sha256(concatenate(digest, section.lines)) : digest;
}

// What the first line says: {slug, exportedAt, petitionKeys}. Throws Refused.
async function readHeader(file) {
  for await (const line of linesOf(file)) return headerOf(jsonOf(line.bytes));
  throw notAnExport();
}

function headerOf(values) {
  const {format, petition, exported_at: exportedAt, keys} = values ?? {};
  const moment = momentOf(exportedAt);
  if (format !== EXPORT_FORMAT || typeof petition !== 'string' || !SLUG.test(petition) || !moment) {
    throw notAnExport();
  }
  return {slug: petition, exportedAt: moment, petitionKeys: keys};
}

// Reads all lines and verifies them by the manifest; the digest of the lines, and the manifest.
// `exportKeys` are verification keys. Throws BadExport.
async function verifyExport(file, header, exportKeys, read) {
  let digest = new Uint8Array();
  let count = 0;
  let last = null;
  for await (const section of sectionsOf(file, read)) {
    digest = await chained(digest, section);
    count += section.count;
    last = section.last;
  }
  const manifest = await manifestOf(last, exportKeys);
  if (manifest.petition !== header.slug) throw altered('its manifest is that of another petition');
  if (manifest.count + manifest.damaged !== count - 1) {
    throw altered('its manifest names another number of lines');
  }
  if (manifest.sha256 !== toHex(digest)) {
    throw altered('its lines are not those that were exported');
  }
  return {digest, manifest};
}

// The manifest of a last line, once it is known to be attested. Throws BadExport.
async function manifestOf(last, keys) {
  let text = '';
  let attested = new Uint8Array();
  try {
    ({manifest: text, attestation: attested} = jsonOf(last.bytes));
    attested = fromBase64(attested);
    if (typeof text !== 'string') throw new TypeError('no manifest');
  } catch {
    throw truncated();
  }
  if (await isAttested(utf8(`zaklik/export/1/${text}`), attested, keys)) return JSON.parse(text);
  if (keys.some((key) => namesKey(attested, key))) {
    throw altered('its manifest is not the one that was exported');
  }
  throw new BadExport(
    'The export is not attested by a key that your key file trusts. If the service has a new key '
    + 'for exports, your key file learns it when you prove the petition’s key again.');
}

// The JSON value of a line; null if it has none.
function jsonOf(line) {
  try {
    return JSON.parse(fromUtf8(line));
  } catch {
    return null;
  }
}

function truncated() {
  return new BadExport(
    'The export is cut off, or something follows its end. Copy it again, whole and alone.');
}

function altered(how, faultAt) {
  return new BadExport(`The export has been altered or damaged: ${how}. Copy it again.`, faultAt);
}

function notAnExport() {
  return new Refused(
    'This is not an export, or its beginning is damaged. Choose the file that the desk or the '
    + 'command has exported, or copy it again.');
}
