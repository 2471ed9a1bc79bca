// Organisers' key files, in the format of ops/keys/organiser_keys.py: PBKDF2 for the passphrase,
// AES-GCM around the 32-byte seed. Every other value of the file is authenticated with it, as JSON
// with sorted names and without spaces.

const KEY_FORMAT = 'zaklik-key/1';
const PUBLIC_FORMAT = 'zaklik-public-key/1';
const KDF = 'PBKDF2-HMAC-SHA256';
const CIPHER = 'AES-256-GCM';
const ITERATIONS = 1000000;
const MAX_ITERATIONS = 20000000;
const MAX_NAME_CHARACTERS = 60;
const SALT_BYTES = 16;
const VERIFICATION_KEY_BYTES = 32;

// The text of a new key file for a seed (32 bytes), locked with a passphrase. `trusted` has the
// pinned verification keys {attestation, export} by the slugs of petitions.
async function lockKey({seed, name, trusted}, passphrase) {
  if (!isName(name)) {
    throw new Refused(`A name has at most ${MAX_NAME_CHARACTERS} letters, on one line.`);
  }
  const {publicKey} = await privateKey(seed);
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const values = {
    format: KEY_FORMAT,
    name,
    fingerprint: await fingerprintOf(publicKey),
    public_key: toBase64(publicKey),
    trusted: Object.fromEntries(
      Object.entries(trusted).map(([slug, keys]) => [slug, verificationText(keys)])),
    kdf: {name: KDF, iterations: ITERATIONS, salt: toBase64(salt)},
    cipher: {name: CIPHER, nonce: toBase64(nonce)},
  };
  const key = await passphraseKey(passphrase, salt, ITERATIONS, 'encrypt');
  const cipher = {name: 'AES-GCM', iv: nonce, additionalData: authenticated(values)};
  const sealed = new Uint8Array(await crypto.subtle.encrypt(cipher, key, seed));
  return fileText({...values, private_key: toBase64(sealed)});
}

// A key file, opened: {seed, publicKey, id, name, fingerprint, trusted}. Throws Refused.
async function openKey(text, passphrase) {
  const values = keyValues(text, KEY_FORMAT);
  const publicHalf = await publicHalfOf(values);
  let parts = null;
  try {
    parts = lockedParts(values);
  } catch {
    throw damagedKey();
  }
  const key = await passphraseKey(passphrase, parts.salt, parts.iterations, 'decrypt');
  const cipher = {name: 'AES-GCM', iv: parts.nonce, additionalData: authenticated(values)};
  try {
    const seed = new Uint8Array(await crypto.subtle.decrypt(cipher, key, parts.sealed));
    return {...(await privateKey(seed)), ...publicHalf, trusted: parts.trusted};
  } catch {
    throw new Refused(
      'The passphrase does not open this key. Check capitals and the keyboard’s language.');
  }
}

function lockedParts({kdf, cipher, private_key: locked, trusted}) {
  const {iterations} = kdf;
  const inRange = Number.isInteger(iterations) && iterations >= 1 && iterations <= MAX_ITERATIONS;
  if (kdf.name !== KDF || cipher.name !== CIPHER || !inRange) throw new TypeError(KDF);
  return {
    iterations,
    salt: fromBase64(kdf.salt, SALT_BYTES),
    nonce: fromBase64(cipher.nonce, NONCE_BYTES),
    sealed: fromBase64(locked),
    trusted: Object.fromEntries(
      Object.entries(trusted).map(([slug, keys]) => [slug, verificationBytes(keys)])),
  };
}

// The public half {publicKey, name, fingerprint} in the text of its file. Throws Refused.
async function publicHalf(text) {
  const values = keyValues(text, KEY_FORMAT, PUBLIC_FORMAT);
  if (values.format === KEY_FORMAT) {
    throw new Refused('This is a secret key. Its owner keeps it; choose the .pub file.');
  }
  return publicHalfOf(values);
}

async function publicHalfOf(values) {
  try {
    const publicKey = fromBase64(values.public_key, PUBLIC_KEY_BYTES);
    const fingerprint = await fingerprintOf(publicKey);
    const intact = values.fingerprint === fingerprint && isName(values.name);
    if (intact && (await isPublicKey(publicKey))) return {publicKey, name: values.name, fingerprint};
  } catch {
    // It is refused below, like all that is not intact.
  }
  throw damagedKey();
}

// The text of a file with the public half alone, to be sent to others.
function publicText({publicKey, name, fingerprint}) {
  const values = {format: PUBLIC_FORMAT, name, fingerprint, public_key: toBase64(publicKey)};
  return fileText(values);
}

// The text of a key file that trusts more verification keys of a petition, beside those before;
// null if it trusts them already.
async function trust(key, passphrase, slug, wanted) {
  const pinned = own(key.trusted, slug) ?? {attestation: [], export: []};
  const merged = {};
  let more = false;
  for (const kind of ['attestation', 'export']) {
    const fresh = wanted[kind].filter((one) => !pinned[kind].some((other) => equalBytes(one, other)));
    merged[kind] = [...pinned[kind], ...fresh];
    more ||= fresh.length > 0;
  }
  return more ? lockKey({...key, trusted: {...key.trusted, [slug]: merged}}, passphrase) : null;
}

// Whether a name can be printed on one line, and does nothing else to a terminal.
function isName(name) {
  return typeof name === 'string' && [...name].length <= MAX_NAME_CHARACTERS
    && !/[\p{C}\p{Z}]/u.test(name.replaceAll(' ', ''));
}

function verificationBytes(values) {
  return {
    attestation: values.attestation.map((key) => fromBase64(key, VERIFICATION_KEY_BYTES)),
    export: values.export.map((key) => fromBase64(key, VERIFICATION_KEY_BYTES)),
  };
}

function verificationText(keys) {
  return {attestation: keys.attestation.map(toBase64), export: keys.export.map(toBase64)};
}

async function passphraseKey(passphrase, salt, iterations, usage) {
  const typed = await crypto.subtle.importKey('raw', utf8(passphrase), 'PBKDF2', false, ['deriveKey']);
  const kdf = {name: 'PBKDF2', hash: 'SHA-256', salt, iterations};
  return crypto.subtle.deriveKey(kdf, typed, {name: 'AES-GCM', length: 256}, false, [usage]);
}

function authenticated(values) {
  const {private_key: _, ...others} = values;
  return utf8(JSON.stringify(sorted(others)));
}

// The same JSON value, its names sorted.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

function keyValues(text, ...formats) {
  let values = null;
  try {
    values = JSON.parse(text);
  } catch {
    // It is refused below.
  }
  if (!formats.includes(own(values, 'format'))) {
    throw new Refused('This is not a key file of Zaklik.');
  }
  return values;
}

// The text of a JSON file, as Python writes it.
function fileText(values) {
  return `${JSON.stringify(values, null, 2)}\n`;
}

function damagedKey() {
  return new Refused('This key file is damaged. Take another copy of it.');
}
