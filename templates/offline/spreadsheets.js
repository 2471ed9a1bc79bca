// Writes rows as a CSV file, one Blob of many parts: the browser keeps it outside its memory.

const FORMULA_STARTERS = '=+-@\u2212';
const LINE_STARTERS = '\t\r\n';
const BYTE_ORDER_MARK = '\ufeff';

// Puts an apostrophe before a cell that a spreadsheet could take for a formula. Spreadsheets
// convert full-width and small forms of = + - @, and trim spaces and invisible characters before
// them. See OWASP, "CSV Injection".
function neutralise(cell) {
  const visible = /[^\p{Z}\p{C}]/u.exec(cell)?.[0] ?? '';
  const first = [...visible.normalize('NFKC')][0] ?? '';
  const risky = (first && FORMULA_STARTERS.includes(first))
    || (cell && LINE_STARTERS.includes(cell[0]));
  return risky ? `'${cell}` : cell;
}

// Half of a character can stand in a sealed name, and in no file.
function wellFormed(text) {
  return text.replace(/\p{Cs}/gu, '?');
}

// A writer of CSV. All cells are quoted: Excel may take a semicolon in a name for the end of a cell.
// Excel takes a file for UTF-8 only if it begins with a byte order mark.
class CsvWriter {
  constructor(columns) {
    this.parts = [BYTE_ORDER_MARK];
    this.lines = [];
    this.add(columns);
  }

  add(cells) {
    const quoted = cells.map((cell) => `"${wellFormed(neutralise(String(cell))).replaceAll('"', '""')}"`);
    this.lines.push(`${quoted.join(',')}\r\n`);
    if (this.lines.length >= SECTION_LINES) this.flush();
  }

  flush() {
    this.parts.push(new Blob(this.lines));
    this.lines = [];
  }

  async end() {
    this.flush();
    return new Blob(this.parts, {type: 'text/csv'});
  }
}
