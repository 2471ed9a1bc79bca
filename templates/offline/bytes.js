// Bytes (always Uint8Arrays) as text in UTF-8, base64 and hexadecimal digits.

function utf8(text) {
  return new TextEncoder().encode(text);
}

// Throws a TypeError for bytes that are no UTF-8.
function fromUtf8(bytes) {
  return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
}

function concatenate(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

function equalBytes(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

function toBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

// The bytes of a text, `length` of them if that is given. Throws a TypeError for anything else:
// atob alone would forgive spaces and missing padding, which Python does not.
function fromBase64(text, length) {
  if (typeof text !== 'string' || text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new TypeError('not base64');
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let place = 0; place < binary.length; place += 1) bytes[place] = binary.charCodeAt(place);
  if (length !== undefined && bytes.length !== length) throw new TypeError(`not ${length} bytes`);
  return bytes;
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Throws a TypeError for anything but pairs of small hexadecimal digits.
function fromHex(text) {
  if (typeof text !== 'string' || !/^([0-9a-f]{2})*$/.test(text)) throw new TypeError('not hex');
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function randomBytes(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}
