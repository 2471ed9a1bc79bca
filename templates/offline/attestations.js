// Verifies attestations (chalicelib/crypto/attestation.py): four bytes that name the key, then an
// Ed25519 signature of 64 bytes (RFC 8032).

const ATTESTATION_BYTES = KEY_ID_BYTES + 64;

// The public keys of a list, ready to verify with.
function verificationKeys(publicKeys) {
  return Promise.all(publicKeys.map(verificationKey));
}

async function verificationKey(raw) {
  const id = await keyId(raw);
  try {
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    return {id, verify: (signed, text) => crypto.subtle.verify('Ed25519', key, signed, text)};
  } catch {
    return {id, verify: async (signed, text) => libraryVerify(raw, signed, text)};
  }
}

function libraryVerify(raw, signed, text) {
  try {
    return vendored.ed25519.verify(signed, text, raw, {zip215: false});
  } catch {
    return false;
  }
}

// Whether the holder of one of these keys has attested the statement.
async function isAttested(statement, attestation, keys) {
  const signed = attestation.subarray(KEY_ID_BYTES);
  for (const key of keys) {
    if (namesKey(attestation, key) && (await key.verify(signed, statement))) return true;
  }
  return false;
}

function namesKey(attestation, key) {
  return equalBytes(attestation.subarray(0, KEY_ID_BYTES), key.id);
}
