// New passphrases: a floor, and how strong one is, in words.

// Throws Refused for a passphrase that is too short, or was typed differently the second time.
function checkPassphrase(passphrase, again) {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS) {
    throw new Refused(
      `The passphrase needs ${MIN_PASSPHRASE_CHARACTERS} characters or more. Take five or six words `
      + 'that have nothing to do with each other.');
  }
  if (passphrase !== again) throw new Refused('The two passphrases are not the same. Type both again.');
}

// How strong a passphrase is. Nobody can know that of words that somebody has chosen: it is the
// length that is judged, and what repeats.
function strengthOf(passphrase) {
  const length = [...passphrase].length;
  if (!length) return '';
  if (length < MIN_PASSPHRASE_CHARACTERS) {
    return `Too short: ${MIN_PASSPHRASE_CHARACTERS - length} characters more are needed.`;
  }
  const words = new Set(passphrase.toLowerCase().split(/[\s\-_.,]+/).filter((word) => word.length > 2));
  const different = new Set(passphrase.toLowerCase()).size;
  if (different < 8) return 'Weak: the same few characters again and again.';
  if (words.size >= 6) return 'Strong, if nobody would expect these words together.';
  if (words.size === 5 || (length >= 20 && different >= 12)) {
    return 'Good, if nobody would expect these words together. One word more makes it strong.';
  }
  return 'Weak: five or six words that have nothing to do with each other are better.';
}
