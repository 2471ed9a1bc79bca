// “Open a list”: an export and key files in, a spreadsheet, a report and totals out.

const REMEDIES = {
  UNREADABLE: 'The operator of the service can restore it.',
  OTHER_ATTESTER: 'If the service has a new key, your key file learns it when you prove the petition’s key again.',
  OTHER_KEY: 'If the petition had another key before, add the key file of an organiser who opens it.',
};
let stopOpening = null;

function startListPage() {
  byId('list-keys').addEventListener('change', showPassphrases);
  byId('list-cancel').addEventListener('click', () => stopOpening?.abort());
  onTask('list', openWhole);
  onTask('list-rest', openRest);
}

// A list that is not verified as a whole can be opened as far as it goes.
async function openWhole() {
  byId('list-rest').hidden = true;
  try {
    await openList();
  } catch (error) {
    byId('list-rest').hidden = !(error instanceof BadExport);
    throw error;
  }
}

async function openRest() {
  await openList({keepsGoing: true});
  byId('list-rest').hidden = true;
}

// A field for the passphrase of each chosen key file.
function showPassphrases() {
  show('list-passphrases', ...[...byId('list-keys').files].map((file, place) => element(
    'p', {},
    element('label', {for: `list-passphrase-${place}`}, `Passphrase of ${file.name}`),
    element('input', {id: `list-passphrase-${place}`, type: 'password', autocomplete: 'off'}))));
}

async function openList({keepsGoing = false} = {}) {
  const file = chosenFile('list-file', 'the list');
  const keyFiles = [...byId('list-keys').files];
  if (!keyFiles.length) throw new Refused('Choose your key file first.');
  const opener = document.activeElement;
  show('list-result');
  stopOpening = new AbortController();
  byId('list-running').hidden = false;
  byId('list-cancel').focus();
  try {
    const keys = await openKeyFiles(keyFiles);
    const started = performance.now();
    const opened = await openExport(file, keys, {
      library: byId('library').textContent,
      writer: byId('list-csv').checked ? new CsvWriter(COLUMNS) : new XlsxWriter(COLUMNS),
      progress: progressShown(file.size),
      signal: stopOpening.signal,
      keepsGoing,
    });
    showOpened(opened, file.name.replace(/\.[^.]*$/, ''), (performance.now() - started) / 1000);
  } catch (error) {
    if (error.name === 'AbortError') say('Stopped. Nothing was saved.');
    else say('');
    opener.focus();
    throw error;
  } finally {
    byId('list-running').hidden = true;
  }
}

async function openKeyFiles(files) {
  const keys = [];
  for (const [place, file] of files.entries()) {
    say(`Opening ${file.name} …`);
    const passphrase = byId(`list-passphrase-${place}`).value;
    keys.push(await named(file, async () => openKey(await file.text(), passphrase)));
  }
  return keys;
}

function say(text) {
  show('list-status', text);
}

// Shows progress: the bar at each call, and words no more often than a screen reader can say them.
function progressShown(size) {
  let said = -Infinity;
  return ({phase, read, count}) => {
    byId('list-progress').value = read / size;
    if (performance.now() - said < 2000) return;
    said = performance.now();
    say(`${phase}: ${Math.floor((100 * read) / size)} % of the file, ${counted(count, 'signature')} opened.`);
  };
}

function showOpened(opened, name, seconds) {
  const {header, count, held, missing, findings, first, totals} = opened;
  const ending = byId('list-csv').checked ? 'csv' : 'xlsx';
  const links = [saveLink(`${name}.${ending}`, opened.spreadsheet)];
  if (first.length || missing) links.push(saveLink(`${name}.${ending}.report.csv`, opened.report));
  say(`Done in ${seconds.toFixed(1)} s: ${counted(count, 'signature')} of “${header.slug}”.`);
  show(
    'list-result',
    element('h3', {id: 'list-heading', tabindex: '-1'}, `${counted(count, 'signature')} of “${header.slug}”`),
    element('p', {class: 'row'}, ...links),
    element('p', {}, 'Each was stored by the service in this petition, on the day that it names, and is '
      + `unaltered since.${missing ? '' : ` The list is the one that was exported on ${minuteOf(header.exportedAt)} UTC.`}`),
    ...faultElements(opened),
    element('p', {}, 'This cannot show: signatures that somebody deleted or held back before the export, '
      + 'or put back after they were withdrawn; whether a person is who they say.'
      + (held ? ` ${counted(held, 'signature')} held back, so not in it.` : '')),
    ...findingElements(findings, first),
    totalsTable('By country', totals.countries, COUNTRIES, 'not given'),
    totalsTable('By language', totals.languages, LANGUAGES, 'not given'),
    element('p', {}, 'The spreadsheet names everybody who signed. Delete it when you are done with it.'),
  );
  byId('list-heading').focus();
}

function minuteOf(moment) {
  return moment.toISOString().slice(0, 16).replace('T', ' at ');
}

// What is not known of a list that is not verified as a whole.
function faultElements({fault, lines, missing}) {
  if (!fault) return [];
  return [element('p', {class: 'note'}, `${fault} ${counted(lines - 1, 'line')} could be read, and `
    + `${missing}. Nobody can say which ones, and nobody vouches for the day of the list.`)];
}

function findingElements(findings, first) {
  if (!first.length) return [];
  const reasons = Object.keys(REASONS).filter((reason) => findings[reason]);
  return [
    element('ul', {class: 'findings'}, ...reasons.map((reason) => element('li', {}, reason === 'DOUBLE'
      ? `${counted(findings[reason], 'signature')} ${REASONS[reason]}.`
      : `${counted(findings[reason], 'line')} left out: ${REASONS[reason]}. ${REMEDIES[reason] ?? ''}`))),
    element('details', {}, element('summary', {}, 'The first of them'),
      element('ul', {}, ...first.map(({reason, line, row, index}) => element(
        'li', {}, `${row ? `row ${row}` : `line ${line}`}, `, element('code', {}, index), `: ${REASONS[reason]}`)))),
    element('p', {}, 'The report has all of them. It names no person.'),
  ];
}

// A table of counts, the largest first, with a bar beside each.
function totalsTable(title, counts, names, without) {
  const rows = [...counts].sort(([, one], [, other]) => other - one);
  const largest = rows[0]?.[1] ?? 1;
  return element('table', {},
    element('caption', {}, title),
    element('tbody', {}, ...rows.map(([code, number]) => element('tr', {},
      element('th', {scope: 'row'}, own(names, code) ?? (code || without)),
      element('td', {class: 'number'}, number.toLocaleString('en')),
      element('td', {class: 'bar', 'aria-hidden': 'true'}, bar(number / largest))))));
}

function bar(share) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const filled = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  filled.setAttribute('width', `${100 * share}%`);
  filled.setAttribute('height', '100%');
  svg.append(filled);
  return svg;
}
