// Opens an export: verifies it, has its lines checked, and writes rows, findings and totals, as
// ops/keys/unsealing/spreadsheet.py does.

const MAX_SHOWN = 20;
const REPORT_COLUMNS = ['reason', 'line', 'row', 'index'];

// `organiserKeys` are opened key files. `progress` gets {phase, read, count}. `signal` stops it.
// Nothing is opened before the manifest is verified, unless it `keepsGoing`: then all lines are
// opened that can be read, and `fault` is why the manifest does not vouch for them.
// Throws BadExport, another Refused, or an AbortError.
async function openExport(file, organiserKeys, options) {
  const {library, writer, progress, signal, workers, keepsGoing} = options;
  const header = await readHeader(file);
  const {seeds, trusted} = await unlock(header, organiserKeys);
  const report = (phase) => (read) => {
    signal?.throwIfAborted();
    progress?.({phase, read, count: opened.count});
  };
  const opened = {header, count: 0, lines: 1, fault: '', findings: {}, first: [], totals: new Totals()};
  const sections = await verifiedSections(
    file, opened, await verificationKeys(trusted.export), report, keepsGoing);
  const verifier = {slug: header.slug, seeds, attestationKeys: trusted.attestation};
  const pool = new WorkerPool(library, verifier, workers);
  const rows = new Rows(opened, writer);
  signal?.addEventListener('abort', () => pool.end());
  try {
    await openSections(sections, pool, rows);
  } finally {
    pool.end();
  }
  signal?.throwIfAborted();
  opened.missing = missingOf(opened);
  if (opened.missing) rows.report.add([opened.missing, '', '', '']);
  return {...opened, spreadsheet: await writer.end(), report: await rows.report.end()};
}

// The sections of an export, once it is verified; what can be read of it if it `keepsGoing`.
async function verifiedSections(file, opened, keys, report, keepsGoing) {
  try {
    const {digest, manifest} = await verifyExport(file, opened.header, keys, report('Verifying'));
    opened.held = manifest.held;
    return unchangedSections(file, digest, report('Opening'));
  } catch (error) {
    if (!keepsGoing || !(error instanceof BadExport)) throw error;
    opened.fault = error.message;
    return readableSections(file, report('Opening'), error, async (line) => {
      const manifest = await manifestOf({bytes: line}, keys).catch(() => null);
      if (manifest?.petition === opened.header.slug) opened.exported = manifest.count;
    });
  }
}

// The sections of a verified export. Throws Refused at the end if it has changed since.
async function* unchangedSections(file, verified, read) {
  let digest = new Uint8Array();
  for await (const section of sectionsOf(file, read)) {
    digest = await chained(digest, section);
    yield section;
  }
  if (!equalBytes(digest, verified)) {
    throw new Refused('The export has changed while it was read. Copy it, and try again.');
  }
}

// How many signatures are missing, in words; empty if the export as a whole is verified.
function missingOf({fault, exported, count}) {
  if (!fault) return '';
  if (exported === undefined) return UNKNOWN_MISSING;
  return MISSING.replace('{missing}', Math.max(exported - count, 0)).replace('{exported}', exported);
}

// The petition's keys that these organisers open, and the keys that they trust. Throws Refused.
async function unlock(header, organiserKeys) {
  const seeds = [];
  const trusted = {attestation: [], export: []};
  for (const key of organiserKeys) {
    seeds.push(...(await unwrapAll(header, key)));
    const pinned = own(key.trusted, header.slug);
    for (const kind of Object.keys(trusted)) trusted[kind].push(...(pinned?.[kind] ?? []));
  }
  if (!seeds.length) {
    throw new Refused(
      `Your key does not open this list of “${header.slug}”. An organiser whose key does lets yours `
      + 'open it, too: “Let one more organiser open it”, at the desk under Settings, Keys. When '
      + 'key.json is stored there, make a new list: this one stays closed to your key.');
  }
  if (!trusted.attestation.length || !trusted.export.length) {
    throw new Refused(
      `Your key file does not know yet by which keys signatures of “${header.slug}” are verified. `
      + 'It learns them when you prove the petition’s key, once the petition is open: “Prove that '
      + 'your key opens it”, at the desk under Settings, Keys, or here under “A petition’s key”. '
      + 'Save your key file there, and open the list with that one.');
  }
  return {seeds, trusted};
}

async function openSections(sections, pool, rows) {
  const underWay = [];
  for await (const section of sections) {
    underWay.push({first: section.first, checked: pool.check(section.lines)});
    if (underWay.length >= pool.capacity) await rows.take(underWay.shift());
  }
  for (const section of underWay) await rows.take(section);
}

// The rows and findings of checked lines, which must come in their order.
class Rows {
  constructor(opened, writer) {
    this.opened = opened;
    this.writer = writer;
    this.report = new CsvWriter(REPORT_COLUMNS);
    this.mailboxes = new Set();
    this.lastPlace = '';
  }

  async take({first, checked}) {
    (await checked).forEach((line, place) => {
      // The first line of all is the header.
      if (first + place > 1) this.add(line, first + place);
    });
  }

  add(line, number) {
    this.opened.lines = number;
    const repeated = line.place && line.place <= this.lastPlace;
    const reason = repeated ? 'REPEATED' : line.reason;
    if (reason) {
      this.find({reason, line: number, row: 0, index: line.index});
      return;
    }
    // A line that was refused must not keep out the signature whose index it names.
    this.lastPlace = line.place;
    this.opened.count += 1;
    this.writer.add(line.cells);
    this.opened.totals.add(line.cells);
    if (this.mailboxes.has(line.mailbox)) {
      this.find({reason: 'DOUBLE', line: number, row: this.opened.count + 1, index: line.index});
    }
    this.mailboxes.add(line.mailbox);
  }

  find(finding) {
    const {findings, first} = this.opened;
    findings[finding.reason] = (findings[finding.reason] ?? 0) + 1;
    if (first.length < MAX_SHOWN) first.push(finding);
    this.report.add([REASONS[finding.reason], finding.line, finding.row || '', finding.index]);
  }
}

// The number of signatures by country and by language.
class Totals {
  constructor() {
    this.countries = new Map();
    this.languages = new Map();
  }

  add(cells) {
    count(this.countries, cells[COLUMNS.indexOf('country')]);
    count(this.languages, cells[COLUMNS.indexOf('language')]);
  }
}

function count(counts, name) {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
