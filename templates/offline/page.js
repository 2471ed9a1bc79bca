// The page that is opened from disk: its three parts, and the petition's key in a file.

const PARTS = ['list', 'keys', 'petition'];

function startPage() {
  byId('unscripted').hidden = true;
  startListPage();
  startKeyPage();
  startPetitionPage({load: loadPetitionKeys, save: savePetitionKeys});
  addEventListener('hashchange', showPart);
  showPart();
}

// Shows the part that the address names, the first one otherwise.
function showPart() {
  const wanted = location.hash.slice(1);
  const shown = PARTS.includes(wanted) ? wanted : PARTS[0];
  for (const part of PARTS) {
    byId(`part-${part}`).hidden = part !== shown;
    const link = byId(`to-${part}`);
    if (part === shown) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

async function loadPetitionKeys() {
  return readPetitionKeys(await chosenFile('petition-file', 'the petition’s key.json').text());
}

async function savePetitionKeys(keys, done) {
  show(
    'petition-result',
    element('p', {}, element('b', {}, done)),
    element('p', {class: 'row'}, saveLink('key.json', fileText(keys))),
    organisersTable(keys),
    element('p', {}, 'Compare each fingerprint with its owner, by phone or face to face. key.json is '
      + 'public: hand it to the person who publishes the petition, or save it at the desk.'));
  byId('petition-result').focus();
}

startPage();
