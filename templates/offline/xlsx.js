// Writes rows as an XLSX file (ECMA-376): every cell is text, so none is a formula.

const MAX_SHEET_ROWS = 1048576;
const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const OPEN_XML = 'http://schemas.openxmlformats.org';
const SHEET_NAMESPACE = `${OPEN_XML}/spreadsheetml/2006/main`;
const RELATIONS = `${OPEN_XML}/officeDocument/2006/relationships`;
const PACKAGE = `${OPEN_XML}/package/2006`;
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

class XlsxWriter {
  constructor(columns, maxRows = MAX_SHEET_ROWS) {
    this.columns = columns;
    this.maxRows = maxRows;
    this.zip = new ZipWriter();
    this.sheets = 0;
    this.rows = 0;
    this.entry = null;
    this.xml = [];
  }

  add(cells) {
    if (this.rows === this.maxRows) this.closeSheet();
    if (!this.entry) this.openSheet();
    this.row(cells);
  }

  async end() {
    if (!this.entry) this.openSheet();
    this.closeSheet();
    const numbers = Array.from({length: this.sheets}, (_, place) => place + 1);
    for (const [name, text] of workbookParts(numbers)) {
      const entry = this.zip.open(name);
      entry.write(XML + text);
      entry.close();
    }
    return this.zip.end(XLSX_TYPE);
  }

  openSheet() {
    this.sheets += 1;
    this.entry = this.zip.open(`xl/worksheets/sheet${this.sheets}.xml`);
    this.xml = [`${XML}<worksheet xmlns="${SHEET_NAMESPACE}"><sheetViews><sheetView workbookViewId="0">`
      + '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
      + '</sheetViews><cols><col min="1" max="5" width="28" customWidth="1"/></cols><sheetData>'];
    this.rows = 0;
    this.row(this.columns);
  }

  row(cells) {
    const written = cells.map((cell) => `<c t="inlineStr"><is><t xml:space="preserve">${xmlText(String(cell))}</t></is></c>`);
    this.xml.push(`<row>${written.join('')}</row>`);
    this.rows += 1;
    if (this.xml.length >= SECTION_LINES) this.flush();
  }

  flush() {
    this.entry.write(this.xml.join(''));
    this.xml = [];
  }

  closeSheet() {
    this.xml.push('</sheetData></worksheet>');
    this.flush();
    this.entry.close();
    this.entry = null;
  }
}

// The text of a cell: what XML cannot hold is written as Excel does it, _x0001_ (ECMA-376,
// part 1, 22.4.2.4).
function xmlText(text) {
  return wellFormed(text)
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\0-\x08\x0b-\x1f\ufffe\uffff]/g, (each) =>
      `_x${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function workbookParts(numbers) {
  const each = (write) => numbers.map(write).join('');
  return [
    ['[Content_Types].xml', `<Types xmlns="${PACKAGE}/content-types">`
      + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
      + `<Override PartName="/xl/workbook.xml" ContentType="${XLSX_TYPE}.main+xml"/>`
      + each((number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" `
        + 'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>')
      + '</Types>'],
    ['_rels/.rels', `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" `
      + `Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `<workbook xmlns="${SHEET_NAMESPACE}" xmlns:r="${RELATIONS}"><sheets>`
      + each((number) => `<sheet name="Signatures ${number}" sheetId="${number}" r:id="rId${number}"/>`)
      + '</sheets></workbook>'],
    ['xl/_rels/workbook.xml.rels', `<Relationships xmlns="${PACKAGE}/relationships">`
      + each((number) => `<Relationship Id="rId${number}" Type="${RELATIONS}/worksheet" `
        + `Target="worksheets/sheet${number}.xml"/>`)
      + '</Relationships>'],
  ];
}
