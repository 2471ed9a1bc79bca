// Verifies the lines of an export, cheap checks first, and opens only what is attested, as
// ops/keys/unsealing/verification.py does. REASONS and COLUMNS come from there.

const INDEX = /^[0-9a-f]{34}$/;
const SIGNATURE_BYTES = 672;
const SEALED_SIGNATURE_BYTES = HEAD_BYTES + SIGNATURE_BYTES + TAG_BYTES;

// A line is no signature that can be verified and opened.
class LineRefused extends Error {
  constructor(reason) {
    super(REASONS[reason]);
    this.reason = reason;
  }
}

// What verifies the lines of a petition: `seeds` of its private keys, raw attestation keys.
async function verifierOf({slug, seeds, attestationKeys}) {
  return {
    slug,
    keys: await Promise.all(seeds.map(privateKey)),
    attestationKeys: await verificationKeys(attestationKeys),
  };
}

// What a line is: {reason, index, place, cells, mailbox}. Without a reason it is good. `place` is
// empty for a line whose place among the others cannot be known.
async function checkLine(verifier, bytes) {
  const values = jsonOf(bytes);
  const checked = {reason: '', index: indexOf(values), place: '', cells: null, mailbox: ''};
  try {
    const line = formOf(values);
    // An export is in the order of buckets and indexes, so that a copy needs no memory to see.
    checked.place = line.index.slice(2, 4) + line.index;
    await checkAttestation(verifier, line);
    checked.cells = cellsOf(await unsealLine(verifier, line), line.confirmedOn);
    checked.mailbox = canonicalAddress(checked.cells[COLUMNS.indexOf('email')]);
  } catch (error) {
    if (!(error instanceof LineRefused)) throw error;
    checked.reason = error.reason;
  }
  return checked;
}

// The blind index that a line names, or "". It may be any text.
function indexOf(values) {
  const named = own(values, 'index');
  const index = named === undefined ? own(values, 'damaged') : named;
  return typeof index === 'string' ? index : '';
}

// A value of a JSON object; undefined if there is none.
function own(values, name) {
  const isObject = values !== null && typeof values === 'object' && !Array.isArray(values);
  return isObject && Object.hasOwn(values, name) ? values[name] : undefined;
}

// A line whose fields have the right form. Throws LineRefused.
function formOf(values) {
  if (own(values, 'damaged') !== undefined) throw new LineRefused('UNREADABLE');
  try {
    const line = {
      index: own(values, 'index'),
      confirmedOn: own(values, 'confirmed_on'),
      sealed: fromBase64(own(values, 'sealed'), SEALED_SIGNATURE_BYTES),
      attestation: fromBase64(own(values, 'attestation'), ATTESTATION_BYTES),
    };
    // A regular expression takes a list of one text for that text.
    const isText = typeof line.index === 'string';
    if (!isText || !INDEX.test(line.index) || !isDay(line.confirmedOn)) throw new TypeError('index');
    return line;
  } catch {
    throw new LineRefused('DAMAGED');
  }
}

async function checkAttestation(verifier, line) {
  const digest = toHex(await sha256(line.sealed));
  const parts = ['zaklik', 'signature', 1, verifier.slug, line.index, digest, line.confirmedOn];
  const {attestation} = line;
  if (await isAttested(utf8(parts.join('/')), attestation, verifier.attestationKeys)) return;
  const known = verifier.attestationKeys.some((key) => namesKey(attestation, key));
  throw new LineRefused(known ? 'NOT_ATTESTED' : 'OTHER_ATTESTER');
}

async function unsealLine(verifier, line) {
  const named = namedKey(line.sealed);
  const key = verifier.keys.find(({id}) => equalBytes(id, named));
  if (!key) throw new LineRefused('OTHER_KEY');
  try {
    return await unseal(key, line.sealed, sealContext('signature', verifier.slug, line.index));
  } catch {
    throw new LineRefused('NOT_OPENED');
  }
}

// The cells of a record that is complete and of this day. Throws LineRefused.
function cellsOf(record, confirmedOn) {
  const cells = COLUMNS.map((column) => own(record, column));
  const day = dayOf(own(record, 'confirmed_at'));
  const complete = cells.every((cell) => typeof cell === 'string') && own(record, 'name')
    && own(record, 'email').includes('@');
  if (!complete || !day) throw new LineRefused('INCOMPLETE');
  if (day !== confirmedOn) throw new LineRefused('OTHER_DAY');
  return cells;
}
