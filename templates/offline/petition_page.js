// “A petition's key”: it is made, proven, shared and changed. `load` gives the values of key.json,
// `save` takes new ones and what was done. Blocks that are not on the page are left out.

function startPetitionPage({load, save}) {
  const tasks = {
    async make() {
      const slug = byId('make-slug').value.trim();
      const made = await newPetitionKeys(slug, await severalPublicHalves('make-for', 'make-alone'));
      await save(made, 'The petition’s key is made. It counts once key.json is stored.');
    },
    async prove() {
      const {file, key, passphrase} = await chosenKey('prove-key', 'prove-passphrase');
      const proven = await provePetitionKeys(await load(), key);
      await save(proven, 'Your key and passphrase open what is sealed to the petition’s key. The proof counts once key.json is stored.');
      await offerTrust(file, key, passphrase, proven);
    },
    async share() {
      const {key} = await chosenKey('share-key', 'share-passphrase');
      const [added] = await chosenPublicHalves('share-with');
      const shared = await sharePetitionKeys(await load(), key, added);
      await save(shared, `Not finished yet: store key.json. Lists that are made afterwards open with the key of ${added.name || 'the other organiser'}, too.`);
    },
    async change() {
      const changed = await changePetitionKeys(await load(), await severalPublicHalves('change-for', 'change-alone'));
      await save(changed, 'The petition has a new key, which counts once it is published.');
    },
  };
  for (const [block, task] of Object.entries(tasks)) {
    if (byId(block)) onTask(block, task);
  }
}

// Offers the key file anew if it has verification keys of the service to learn.
async function offerTrust(file, key, passphrase, keys) {
  const wanted = verificationBytes(keys.verification);
  if (!wanted.attestation.length) {
    show('prove-result', element('p', {},
      'The petition was not published yet. Prove its key once more when it is: your key file then '
      + 'learns by which keys the service vouches for signatures.'));
    return;
  }
  const trusting = await trust(key, passphrase, keys.petition, wanted);
  const listed = keys.verification.attestation.map((each) => element('li', {}, element('code', {}, each)));
  show('prove-result', ...(trusting
    ? [element('p', {}, 'Your key file has learned the keys with which the service vouches for '
        + 'signatures. Compare them with the petition’s page, under “Who runs this petition”. Then '
        + 'save the key file in the place of the old one.'),
      element('ul', {}, ...listed),
      element('p', {class: 'row'}, saveLink(file.name, trusting))]
    : [element('p', {}, 'Your key file knows the keys with which the service vouches for signatures.')]));
  // What only this person can save comes into view.
  if (trusting) byId('prove-result').focus();
}

// Who can open the current key, and who has proven it.
function organisersTable(keys) {
  const proofs = new Map(keys.canary.proofs.map((proof) => [proof.organiser, proof.opened_on]));
  return element('table', {},
    element('caption', {}, `Who opens “${keys.petition}”`),
    element('thead', {}, element('tr', {},
      ...['Organiser', 'Fingerprint', 'Proven on'].map((title) => element('th', {scope: 'col'}, title)))),
    element('tbody', {}, ...keys.current.wraps.map((wrapped) => element('tr', {},
      element('th', {scope: 'row'}, wrapped.name || 'a key without a name'),
      element('td', {}, fingerprintElement(wrapped.organiser)),
      element('td', {}, proofs.get(wrapped.organiser) ?? 'not yet')))));
}
