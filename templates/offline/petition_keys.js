// A petition's key file, key.json (chalicelib/crypto/petition_key_files.py): its keys are made,
// shared, proven and changed (ops/keys/key_lifecycle.py). Values are those of the JSON file.

const PETITION_KEY_FORMAT = 'zaklik-petition-key/1';
const SEED_KIND = 'petition-key';
const CANARY_KIND = 'canary';
const WRAPPED_BYTES = 64;
const CANARY_BYTES = 32;

// The values in the text of a key file. Throws Refused. Whoever stores them checks every part.
async function readPetitionKeys(text) {
  try {
    const values = JSON.parse(text);
    if (values.format !== PETITION_KEY_FORMAT || !SLUG.test(values.petition)) throw new TypeError();
    for (const key of [values.current, ...values.former]) {
      const publicKey = fromBase64(key.public_key, PUBLIC_KEY_BYTES);
      if (key.fingerprint !== (await fingerprintOf(publicKey)) || !key.wraps.length) throw new TypeError();
    }
    verificationBytes(values.verification);
    return values;
  } catch {
    throw new Refused(
      'This is not the key file of a petition, or it is damaged. Take another copy of it.');
  }
}

// The first key of a petition, wrapped for each organiser (public halves). Its seed is kept
// nowhere else.
async function newPetitionKeys(slug, organisers) {
  if (!SLUG.test(slug)) {
    throw new Refused('A petition’s name has small Latin letters, digits and hyphens.');
  }
  refuseTwice(organisers);
  const own = await privateKey(randomBytes(SEED_BYTES));
  return {
    format: PETITION_KEY_FORMAT,
    petition: slug,
    current: {
      fingerprint: await fingerprintOf(own.publicKey),
      made_on: today(),
      public_key: toBase64(own.publicKey),
      wraps: await Promise.all(organisers.map((organiser) => wrap(own, organiser, slug))),
    },
    canary: await newCanary(slug, own.publicKey),
    verification: {attestation: [], export: []},
    former: [],
  };
}

// A new key from now on, wrapped for these organisers. Former keys keep their wraps.
async function changePetitionKeys(keys, organisers) {
  const changed = await newPetitionKeys(keys.petition, organisers);
  const {fingerprint, made_on: madeOn, ...rest} = keys.current;
  const former = {fingerprint, made_on: madeOn, until: today(), ...rest};
  return {...changed, verification: keys.verification, former: [...keys.former, former]};
}

// Wraps for `added` every key of the petition that the organiser opens. Throws Refused.
async function sharePetitionKeys(keys, organiser, added) {
  await openCurrent(keys, organiser);
  if ([keys.current, ...keys.former].every((key) => wrapFor(key, added))) {
    throw new Refused('This key opens the petition already. Nothing is changed.');
  }
  const shared = (key) => shareKey(keys.petition, key, organiser, added);
  return {
    ...keys,
    current: await shared(keys.current),
    former: await Promise.all(keys.former.map(shared)),
  };
}

async function shareKey(slug, key, organiser, added) {
  const own = await openPetitionKey(slug, key, organiser);
  if (!own || wrapFor(key, added)) return key;
  return {...key, wraps: [...key.wraps, await wrap(own, added, slug)]};
}

// Opens the canary, and notes it as this organiser's proof of today. Throws Refused.
async function provePetitionKeys(keys, organiser) {
  const own = await openCurrent(keys, organiser);
  const value = await openCanary(keys, own);
  const proof = {organiser: organiser.fingerprint, opened_on: today(), value: toBase64(value)};
  const others = keys.canary.proofs.filter((each) => each.organiser !== organiser.fingerprint);
  return {...keys, canary: {...keys.canary, proofs: [...others, proof]}};
}

async function openCurrent(keys, organiser) {
  const own = await openPetitionKey(keys.petition, keys.current, organiser);
  if (own) return own;
  const names = keys.current.wraps.map((each) => each.name || grouped(each.organiser)).join(', ');
  throw new Refused(
    `This key does not open the petition “${keys.petition}”. It is opened by ${names}. One of them `
    + 'can share it with you.');
}

// The private half of a petition key; null if it is not wrapped for this organiser.
async function openPetitionKey(slug, key, organiser) {
  const wrapped = wrapFor(key, organiser);
  return wrapped ? unwrap(wrapped, organiser, slug, fromBase64(key.public_key)) : null;
}

// The seeds of the petition's keys in an export's header that this organiser's key opens.
async function unwrapAll({slug, petitionKeys}, organiser) {
  let pairs = [];
  try {
    pairs = petitionKeys.flatMap((key) => key.wraps
      .filter((each) => each.organiser === organiser.fingerprint)
      .map((each) => [each, fromBase64(key.public_key, PUBLIC_KEY_BYTES)]));
  } catch {
    throw new Refused(
      'The beginning of the export, with the petition’s keys, has been altered or damaged. Copy '
      + 'the export again.');
  }
  const opened = await Promise.all(
    pairs.map(([wrapped, publicKey]) => unwrap(wrapped, organiser, slug, publicKey)));
  return opened.map(({seed}) => seed);
}

async function unwrap(wrapped, organiser, slug, publicKey) {
  try {
    const context = await keyContext(SEED_KIND, slug, publicKey);
    const seed = fromBase64(await unseal(organiser, fromBase64(wrapped.sealed), context));
    const own = await privateKey(seed);
    if (equalBytes(own.publicKey, publicKey)) return own;
  } catch {
    // It is refused below.
  }
  throw badWrap();
}

async function wrap(own, organiser, slug) {
  const context = await keyContext(SEED_KIND, slug, own.publicKey);
  const sealed = await seal(toBase64(own.seed), WRAPPED_BYTES, organiser.publicKey, context);
  return {organiser: organiser.fingerprint, name: organiser.name, sealed: toBase64(sealed)};
}

async function newCanary(slug, publicKey) {
  const value = randomBytes(CANARY_BYTES);
  const context = await keyContext(CANARY_KIND, slug, publicKey);
  const sealed = await seal(toBase64(value), WRAPPED_BYTES, publicKey, context);
  return {sealed: toBase64(sealed), sha256: toHex(await sha256(value)), proofs: []};
}

async function openCanary(keys, own) {
  try {
    const context = await keyContext(CANARY_KIND, keys.petition, own.publicKey);
    const value = fromBase64(await unseal(own, fromBase64(keys.canary.sealed), context));
    if (toHex(await sha256(value)) === keys.canary.sha256) return value;
  } catch {
    // It is refused below.
  }
  throw badWrap();
}

function wrapFor(key, organiser) {
  return key.wraps.find((each) => each.organiser === organiser.fingerprint);
}

async function keyContext(kind, slug, publicKey) {
  return sealContext(kind, slug, await fingerprintOf(publicKey));
}

function refuseTwice(organisers) {
  if (!organisers.length) throw new Refused('Choose the public half of at least one organiser.');
  const fingerprints = new Set(organisers.map(({fingerprint}) => fingerprint));
  if (fingerprints.size < organisers.length) {
    throw new Refused('Two of these files are the same key. Choose each organiser once.');
  }
}

function badWrap() {
  return new Refused(
    'The petition’s key file is damaged, or belongs to another petition: what is sealed to this '
    + 'organiser’s key does not open. Take another copy of it.');
}
