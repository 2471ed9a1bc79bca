// Makes and opens seals (chalicelib/crypto/sealing.py): HPKE (RFC 9180) in base mode with
// MLKEM768-X25519, HKDF-SHA256 and AES-256-GCM.

const SEAL_SUITE = 1;
const KEY_ID_BYTES = 4;
const HEAD_BYTES = 1 + KEY_ID_BYTES + ENCAPSULATED_BYTES;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const HPKE_SUITE = concatenate(utf8('HPKE'), [0x64, 0x7a, 0x00, 0x01, 0x00, 0x02]);
const HPKE_VERSION = utf8('HPKE-v1');
const BASE_MODE = [0];

// The private key of a seed of 32 bytes, with its public key and the id by which seals name it.
async function privateKey(seed) {
  const own = await (await kem()).privateKey(seed);
  return {...own, seed, id: await keyId(own.publicKey)};
}

// The context of a seal: the kind of its content, and the names of its place.
function sealContext(kind, ...names) {
  return ['zaklik', SEAL_SUITE, kind, ...names].join('/');
}

// The JSON value of a seal that was made for `context`. Throws an Error for another suite or key,
// or if the seal is damaged or was made for another place.
async function unseal(own, sealed, context) {
  if (sealed[0] !== SEAL_SUITE) throw new Error('sealed by an unknown suite');
  if (!equalBytes(own.id, namedKey(sealed))) throw new Error('sealed to another key');
  const encapsulated = sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES);
  if (sealed.length < HEAD_BYTES + TAG_BYTES) throw new Error('the seal is cut off');
  const secret = await (await kem()).decapsulate(own, encapsulated);
  const [aes, cipher] = await aesGcm(secret, context, 'decrypt');
  const padded = await crypto.subtle.decrypt(cipher, aes, sealed.subarray(HEAD_BYTES));
  return JSON.parse(fromUtf8(padded));
}

// Seals a JSON value, padded with spaces to `size` bytes. Throws a RangeError if it is longer.
async function seal(value, size, publicKey, context) {
  const plain = utf8(JSON.stringify(value));
  if (plain.length > size) throw new RangeError(`at most ${size} bytes can be sealed`);
  const padded = new Uint8Array(size).fill(0x20);
  padded.set(plain);
  const {secret, encapsulated} = await (await kem()).encapsulate(publicKey);
  const [aes, cipher] = await aesGcm(secret, context, 'encrypt');
  const sealed = new Uint8Array(await crypto.subtle.encrypt(cipher, aes, padded));
  return concatenate([SEAL_SUITE], await keyId(publicKey), encapsulated, sealed);
}

async function keyId(publicKey) {
  return (await sha256(publicKey)).subarray(0, KEY_ID_BYTES);
}

// The id of the key that a seal names.
function namedKey(sealed) {
  return sealed.subarray(1, 1 + KEY_ID_BYTES);
}

// The fingerprint of a public key for people: 32 hexadecimal digits of its SHA-256.
async function fingerprintOf(publicKey) {
  return toHex((await sha256(publicKey)).subarray(0, 16));
}

// A fingerprint in groups of four digits, to be read aloud and compared.
function grouped(fingerprint) {
  return fingerprint.match(/.{1,4}/g).join(' ');
}

// Whether something can be sealed to these bytes.
async function isPublicKey(raw) {
  if (raw.length !== PUBLIC_KEY_BYTES) return false;
  try {
    await (await kem()).encapsulate(raw);
    return true;
  } catch {
    return false;
  }
}

async function aesGcm(secret, context, usage) {
  const {key, nonce} = await keySchedule(secret, utf8(context));
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, [usage]);
  return [aes, {name: 'AES-GCM', iv: nonce}];
}

// KeySchedule of RFC 9180, section 5.1, in base mode: the key and the nonce of the first message.
async function keySchedule(secret, info, suite = HPKE_SUITE) {
  const context = concatenate(
    BASE_MODE,
    await labeledExtract(suite, 'psk_id_hash', []),
    await labeledExtract(suite, 'info_hash', info),
  );
  // LabeledExtract(shared_secret, "secret", "") and each LabeledExpand of it are one HKDF.
  const material = concatenate(HPKE_VERSION, suite, utf8('secret'));
  const hkdf = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits']);
  const expand = async (label, length) => {
    const labeled = concatenate([0, length], HPKE_VERSION, suite, utf8(label), context);
    const parameters = {name: 'HKDF', hash: 'SHA-256', salt: secret, info: labeled};
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, hkdf, 8 * length));
  };
  return {key: await expand('key', KEY_BYTES), nonce: await expand('base_nonce', NONCE_BYTES)};
}

// LabeledExtract of RFC 9180, section 4, without salt. HMAC pads its key with zeros, so 32 of them
// are an empty salt; WebCrypto takes no empty key.
async function labeledExtract(suite, label, input) {
  const hmac = {name: 'HMAC', hash: 'SHA-256'};
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32), hmac, false, ['sign']);
  const labeled = concatenate(HPKE_VERSION, suite, utf8(label), input);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, labeled));
}
