// Recovery codes (ops/keys/recovery/codes.py): the seed of an organiser's key as five lines of
// sixteen characters, each with a checksum of itself and of its number.

const LINE_BYTES = 8;
const CHECKSUM_BYTES = 2;
const RECOVERY_LINES = SEED_BYTES / LINE_BYTES + 1;
const LINE_CHARACTERS = ((LINE_BYTES + CHECKSUM_BYTES) * 8) / 5;

// The lines of a private key, in groups of four characters.
async function recoveryLines({seed, publicKey}) {
  const text = concatenate(seed, (await sha256(publicKey)).subarray(0, LINE_BYTES));
  return Promise.all(Array.from({length: RECOVERY_LINES}, (_, place) =>
    recoveryLine(place + 1, text.subarray(place * LINE_BYTES, (place + 1) * LINE_BYTES))));
}

async function recoveryLine(number, raw) {
  const bytes = concatenate(raw, await lineChecksum(number, raw));
  let value = BigInt(`0x${toHex(bytes)}`);
  let line = '';
  for (let place = 0; place < LINE_CHARACTERS; place += 1) {
    line = CODE_ALPHABET[Number(value % 32n)] + line;
    value /= 32n;
  }
  return grouped(line);
}

// The bytes of a typed line, counted from 1. Throws Refused.
async function readRecoveryLine(number, typed) {
  const characters = [...typed.toUpperCase().replace(/[\s\-–—.]+/g, '')]
    .map((each) => ({I: '1', L: '1', O: '0'})[each] ?? each);
  const foreign = characters.find((each) => !CODE_ALPHABET.includes(each));
  if (foreign) throw new Refused(`Line ${number} cannot have “${foreign}” in it. Compare it with the sheet.`);
  if (characters.length !== LINE_CHARACTERS) {
    throw new Refused(
      `Line ${number} has ${characters.length} characters, not ${LINE_CHARACTERS}: four groups of `
      + 'four. Compare it with the sheet.');
  }
  const digits = characters.map((each) => BigInt(CODE_ALPHABET.indexOf(each)));
  const value = digits.reduce((sum, digit) => sum * 32n + digit, 0n);
  const bytes = fromHex(value.toString(16).padStart(2 * (LINE_BYTES + CHECKSUM_BYTES), '0'));
  const raw = bytes.subarray(0, LINE_BYTES);
  const checksum = bytes.subarray(LINE_BYTES);
  if (equalBytes(checksum, await lineChecksum(number, raw))) return raw;
  for (let other = 1; other <= RECOVERY_LINES; other += 1) {
    if (equalBytes(checksum, await lineChecksum(other, raw))) {
      throw new Refused(`This is line ${other} of the sheet. Type line ${number}.`);
    }
  }
  throw new Refused(`Line ${number} has a typing error. Compare it with the sheet.`);
}

// The private key of all lines, in their order. Throws Refused.
async function keyOfLines(lines) {
  const parts = [];
  for (const [place, line] of lines.entries()) parts.push(await readRecoveryLine(place + 1, line));
  const end = parts.pop();
  const own = await privateKey(concatenate(...parts));
  if (!equalBytes((await sha256(own.publicKey)).subarray(0, LINE_BYTES), end)) {
    throw new Refused(
      'Each line is right, but they are not of one sheet. Take all five from the same sheet.');
  }
  return own;
}

async function lineChecksum(number, raw) {
  const digest = await sha256(concatenate(utf8(`zaklik/recovery/1/${number}/`), raw));
  return digest.subarray(0, CHECKSUM_BYTES);
}

// The QR code of lines, as an SVG element.
function qrCode(lines) {
  const text = vendored.encodeQR(lines.join(' '), 'svg', {ecc: 'medium', border: 3});
  const code = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  code.setAttribute('role', 'img');
  code.setAttribute('aria-label', 'QR code of the five lines');
  return code;
}
