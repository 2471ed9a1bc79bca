// What the pages share: elements, files that are read and offered, tasks that a button starts.

function byId(id) {
  return document.getElementById(id);
}

// A new element with attributes and children (texts or elements).
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The one file of an input. Throws Refused if none is chosen.
function chosenFile(id, what) {
  const [file] = byId(id).files;
  if (!file) throw new Refused(`Choose ${what} first.`);
  return file;
}

// The public halves in the files of an input.
async function chosenPublicHalves(id) {
  const files = [...byId(id).files];
  if (!files.length) throw new Refused('Choose the public half of at least one organiser.');
  return Promise.all(files.map(async (file) => named(file, async () => publicHalf(await file.text()))));
}

// The public halves of two organisers or more; of one, if the box of another input is ticked.
async function severalPublicHalves(id, aloneId) {
  const halves = await chosenPublicHalves(id);
  if (halves.length < 2 && !byId(aloneId).checked) {
    throw new Refused('Two organisers are the least: if one loses the key file and the sheet, the '
      + 'other still opens the list. Choose both public halves, or tick that you know the risk.');
  }
  return halves;
}

// The opened key file of an input, with the passphrase of another input.
async function chosenKey(id, passphraseId) {
  const file = chosenFile(id, 'your key file');
  const passphrase = byId(passphraseId).value;
  return {file, passphrase, key: await openKey(await file.text(), passphrase)};
}

// What a task gives; a refusal names the file.
async function named(file, task) {
  try {
    return await task();
  } catch (error) {
    throw error instanceof Refused ? new Refused(`${file.name}: ${error.message}`) : error;
  }
}

// A link by which the browser saves a file.
function saveLink(name, content, type = 'application/json') {
  const blob = content instanceof Blob ? content : new Blob([content], {type});
  return element('a', {class: 'button', href: URL.createObjectURL(blob), download: name}, `Save ${name}`);
}

// Replaces what a place shows.
function show(id, ...children) {
  byId(id).replaceChildren(...children);
}

// Has a button, or the Enter key in a field beside it, start a task. A refusal is shown above the
// button, the only one on the page.
function onTask(block, task) {
  const button = byId(block).querySelector('[data-start]');
  const place = byId(block).querySelector('.fault');
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    document.querySelectorAll('.fault').forEach((each) => each.replaceChildren());
    try {
      await task();
    } catch (error) {
      if (error.name !== 'AbortError') place.append(element('p', {role: 'alert'}, wordsOf(error)));
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
  byId(block).addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.target.matches('input:not([type=file])')) return;
    // The task can move the focus: the key must not press what is focused then.
    event.preventDefault();
    button.click();
  });
}

function wordsOf(error) {
  if (error instanceof Refused) return error.message;
  return `This browser could not do it (${error.message}). Try a recent Chromium, Firefox or Safari.`;
}

// Shows the strength of a passphrase while it is typed.
function showStrength(passphraseId, placeId) {
  byId(passphraseId).addEventListener('input', () => show(placeId, strengthOf(byId(passphraseId).value)));
}

function fingerprintElement(fingerprint) {
  return element('code', {class: 'fingerprint'}, grouped(fingerprint));
}

// “1 signature”, “12,345 signatures”.
function counted(number, noun) {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
