// “Your key”: an organiser's key file is made, made again from its sheet, and its public half and
// recovery sheet are written.

function startKeyPage() {
  showStrength('new-passphrase', 'new-strength');
  showStrength('restore-passphrase', 'restore-strength');
  onTask('new-key', makeKey);
  onTask('restore-key', restoreKey);
  onTask('own-key', showOwnKey);
  byId('sheet-print').addEventListener('click', () => print());
  byId('sheet-close').addEventListener('click', closeSheet);
}

async function makeKey() {
  const name = byId('new-name').value.trim();
  checkPassphrase(byId('new-passphrase').value, byId('new-again').value);
  const own = await privateKey(randomBytes(SEED_BYTES));
  await offerKey('new-result', own, name, byId('new-passphrase').value);
}

async function restoreKey() {
  const name = byId('restore-name').value.trim();
  const lines = Array.from({length: RECOVERY_LINES}, (_, place) => byId(`restore-${place + 1}`).value);
  const own = await keyOfLines(lines);
  checkPassphrase(byId('restore-passphrase').value, byId('restore-again').value);
  await offerKey('restore-result', own, name, byId('restore-passphrase').value);
}

// Offers a key's new file, its public half and its sheet.
async function offerKey(place, own, name, passphrase) {
  const text = await lockKey({seed: own.seed, name, trusted: {}}, passphrase);
  const half = {publicKey: own.publicKey, name, fingerprint: await fingerprintOf(own.publicKey)};
  const file = `${fileNameOf(name)}.key`;
  show(
    place,
    element('p', {}, 'Fingerprint ', fingerprintElement(half.fingerprint)),
    element('ol', {},
      element('li', {}, 'Show the recovery sheet and print it. ', sheetButton(own, half, file)),
      element('li', {}, 'Save your key, on a memory stick, too. ', saveLink(file, text)),
      element('li', {}, 'Send the public half to the person who makes the petition’s key. ',
        saveLink(`${fileNameOf(name)}.pub`, publicText(half))),
      element('li', {}, 'Once the petition’s key is made, prove that yours opens it: at the desk, under Settings, Keys, or here, under “A petition’s key”.')));
  byId(place).focus();
}

async function showOwnKey() {
  const {file, key} = await chosenKey('own-file', 'own-passphrase');
  show(
    'own-result',
    element('p', {}, `${key.name || 'A key without a name'}, fingerprint `, fingerprintElement(key.fingerprint)),
    element('p', {class: 'row'},
      saveLink(file.name.replace(/(\.[^.]*)?$/, '.pub'), publicText(key)),
      sheetButton(key, key, file.name)));
  byId('own-result').focus();
}

function sheetButton(own, half, file) {
  const button = element('button', {type: 'button'}, 'Show the recovery sheet');
  button.addEventListener('click', () => showSheet(own, half, file, button));
  return button;
}

async function showSheet(own, {name, fingerprint}, file, opener) {
  const lines = await recoveryLines(own);
  show('sheet-for', name ? `Key of ${name}` : 'A key', `, printed on ${today()}, file ${file}`);
  show('sheet-fingerprint', grouped(fingerprint));
  show('sheet-lines', ...lines.map((line, place) => element('tr', {},
    element('th', {scope: 'row'}, `Line ${place + 1}`),
    ...line.split(' ').map((group) => element('td', {}, group)))));
  show('sheet-qr', qrCode(lines));
  byId('sheet').showModal();
  byId('sheet').addEventListener('close', () => opener.focus(), {once: true});
}

// Takes the lines off the page, too.
function closeSheet() {
  show('sheet-lines');
  show('sheet-qr');
  byId('sheet').close();
}

// A file name of letters that every system takes.
function fileNameOf(name) {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'organiser';
}
