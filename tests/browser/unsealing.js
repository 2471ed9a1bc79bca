// Opens and makes seals (chalicelib/crypto/sealing.py) with WebCrypto alone: HPKE (RFC 9180) in
// base mode with MLKEM768-X25519, HKDF-SHA256 and AES-256-GCM. A plain script, so that a page can
// load it from disk. All bytes are Uint8Arrays.
'use strict';

const KEM = 'MLKEM768-X25519';
const SEAL_SUITE = 1;
const KEY_ID_BYTES = 4;
const ENCAPSULATED_BYTES = 1120;
const HEAD_BYTES = 1 + KEY_ID_BYTES + ENCAPSULATED_BYTES;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const HPKE_SUITE = concatenate(utf8('HPKE'), [0x64, 0x7a, 0x00, 0x01, 0x00, 0x02]);
const HPKE_VERSION = utf8('HPKE-v1');
const BASE_MODE = [0];

// The private key of a seed of 32 bytes, with its public key and the id by which seals name it.
async function privateKey(seed) {
  const key = await crypto.subtle.importKey('raw-seed', seed, KEM, false, ['decapsulateBits']);
  const half = await crypto.subtle.getPublicKey(key, ['encapsulateBits']);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw-public', half));
  return {key, publicKey, id: await keyId(publicKey)};
}

// The JSON value of a seal that was made for `info`. Throws an Error for another suite or key, a
// DOMException if the seal is damaged or was made for another place.
async function unseal(own, sealed, info) {
  if (sealed[0] !== SEAL_SUITE) throw new Error('sealed by an unknown suite');
  const named = sealed.subarray(1, 1 + KEY_ID_BYTES);
  if (!own.id.every((byte, place) => byte === named[place])) {
    throw new Error('sealed to another key');
  }
  const secret = await decapsulate(own, sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES));
  const [aes, cipher] = await aesGcm(secret, info, 'decrypt');
  const padded = await crypto.subtle.decrypt(cipher, aes, sealed.subarray(HEAD_BYTES));
  return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(padded));
}

// Seals a JSON value, padded with spaces to `size` bytes. Throws a RangeError if it is longer.
async function seal(value, size, publicKey, info) {
  const plain = utf8(JSON.stringify(value));
  if (plain.length > size) throw new RangeError(`at most ${size} bytes can be sealed`);
  const padded = new Uint8Array(size).fill(0x20);
  padded.set(plain);
  const usages = ['encapsulateBits'];
  const key = await crypto.subtle.importKey('raw-public', publicKey, KEM, false, usages);
  const {sharedKey, ciphertext} = await crypto.subtle.encapsulateBits(KEM, key);
  const [aes, cipher] = await aesGcm(new Uint8Array(sharedKey), info, 'encrypt');
  const sealed = await crypto.subtle.encrypt(cipher, aes, padded);
  return concatenate([SEAL_SUITE], await keyId(publicKey), ciphertext, sealed);
}

async function keyId(publicKey) {
  const digest = await crypto.subtle.digest('SHA-256', publicKey);
  return new Uint8Array(digest, 0, KEY_ID_BYTES);
}

async function decapsulate(own, encapsulated) {
  return new Uint8Array(await crypto.subtle.decapsulateBits(KEM, own.key, encapsulated));
}

async function aesGcm(secret, info, usage) {
  const {key, nonce} = await keySchedule(secret, utf8(info));
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

function utf8(text) {
  return new TextEncoder().encode(text);
}

function concatenate(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...new Uint8Array(part)]));
}
