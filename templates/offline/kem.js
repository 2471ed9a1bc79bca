// The hybrid KEM MLKEM768-X25519 (draft-connolly-cfrg-xwing-kem): by the browser itself where it
// has it, else by the vendored library. Both give the same bytes.

const KEM = 'MLKEM768-X25519';
const SEED_BYTES = 32;
const MLKEM_SEED_BYTES = 64;
const MLKEM_PUBLIC_BYTES = 1184;
const MLKEM_CIPHERTEXT_BYTES = 1088;
const PUBLIC_KEY_BYTES = MLKEM_PUBLIC_BYTES + 32;
const ENCAPSULATED_BYTES = MLKEM_CIPHERTEXT_BYTES + 32;
const COMBINER_LABEL = utf8('\\.//^\\');

const browserKem = {
  // The private key of a seed of 32 bytes, with its public key. Throws for another length.
  async privateKey(seed) {
    const key = await crypto.subtle.importKey('raw-seed', seed, KEM, false, ['decapsulateBits']);
    const half = await crypto.subtle.getPublicKey(key, ['encapsulateBits']);
    return {key, publicKey: new Uint8Array(await crypto.subtle.exportKey('raw-public', half))};
  },
  async decapsulate({key}, encapsulated) {
    return new Uint8Array(await crypto.subtle.decapsulateBits(KEM, key, encapsulated));
  },
  async encapsulate(publicKey) {
    const usages = ['encapsulateBits'];
    const key = await crypto.subtle.importKey('raw-public', publicKey, KEM, false, usages);
    const {sharedKey, ciphertext} = await crypto.subtle.encapsulateBits(KEM, key);
    return {secret: new Uint8Array(sharedKey), encapsulated: new Uint8Array(ciphertext)};
  },
};

const libraryKem = {
  async privateKey(seed) {
    if (seed.length !== SEED_BYTES) throw new TypeError(`a seed has ${SEED_BYTES} bytes`);
    const expanded = vendored.shake256(seed, {dkLen: MLKEM_SEED_BYTES + 32});
    const mlkem = vendored.ml_kem768.keygen(expanded.subarray(0, MLKEM_SEED_BYTES));
    const x25519 = await x25519Private(expanded.subarray(MLKEM_SEED_BYTES));
    return {
      key: {mlkem: mlkem.secretKey, x25519},
      publicKey: concatenate(mlkem.publicKey, x25519.publicKey),
    };
  },
  async decapsulate({key}, encapsulated) {
    const ciphertext = encapsulated.subarray(MLKEM_CIPHERTEXT_BYTES);
    const first = vendored.ml_kem768.decapsulate(
      encapsulated.subarray(0, MLKEM_CIPHERTEXT_BYTES), key.mlkem);
    const second = await key.x25519.agree(ciphertext);
    return combined(first, second, ciphertext, key.x25519.publicKey);
  },
  async encapsulate(publicKey) {
    const theirs = publicKey.subarray(MLKEM_PUBLIC_BYTES);
    const {cipherText, sharedSecret} = vendored.ml_kem768.encapsulate(
      publicKey.subarray(0, MLKEM_PUBLIC_BYTES));
    const own = await x25519Private(randomBytes(32));
    const secret = combined(sharedSecret, await own.agree(theirs), own.publicKey, theirs);
    return {secret, encapsulated: concatenate(cipherText, own.publicKey)};
  },
};

function combined(mlkem, x25519, ciphertext, publicKey) {
  return vendored.sha3_256(concatenate(mlkem, x25519, ciphertext, publicKey, COMBINER_LABEL));
}

// An X25519 key of 32 secret bytes: the browser's is ten times as fast as the library's.
async function x25519Private(secret) {
  const publicKey = vendored.x25519.getPublicKey(secret);
  try {
    // PKCS #8 of RFC 8410: the only form in which WebCrypto takes a private key of raw bytes.
    const pkcs8 = concatenate(fromHex('302e020100300506032b656e04220420'), secret);
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
    return {publicKey, agree: (theirs) => browserX25519(key, theirs)};
  } catch {
    return {publicKey, agree: async (theirs) => vendored.x25519.getSharedSecret(secret, theirs)};
  }
}

async function browserX25519(key, theirs) {
  const other = await crypto.subtle.importKey('raw', theirs, 'X25519', false, []);
  const agreed = {name: 'X25519', public: other};
  return new Uint8Array(await crypto.subtle.deriveBits(agreed, key, 256));
}

// Whether this browser has the hybrid KEM.
async function hasBrowserKem() {
  try {
    await browserKem.privateKey(new Uint8Array(SEED_BYTES));
    return true;
  } catch {
    return false;
  }
}

let chosenKem = null;

// The KEM that is used here.
function kem() {
  chosenKem ??= hasBrowserKem().then((has) => (has ? browserKem : libraryKem));
  return chosenKem;
}
