// One text for all spellings of a mailbox, as chalicelib/domain/mailboxes/mail_providers.py makes
// it. MAIL_PROVIDERS has the rules from there.

function canonicalAddress(address) {
  const small = address.toLowerCase();
  const at = small.lastIndexOf('@');
  return canonicalMailbox(small.slice(0, at), small.slice(at + 1));
}

function canonicalMailbox(typedLocal, typedDomain) {
  let local = typedLocal;
  let domain = typedDomain;
  const dot = domain.indexOf('.');
  const parent = dot < 0 ? '' : domain.slice(dot + 1);
  if (own(MAIL_PROVIDERS, parent)?.subdomains) {
    local = dot < 0 ? domain : domain.slice(0, dot);
    domain = parent;
  }
  const rule = own(MAIL_PROVIDERS, domain) ?? {domain, ignored: '', alike: '', tags: true};
  if (rule.tags) local = local.split('+', 1)[0] || local;
  local = replaced(local, rule.ignored, '') || local;
  local = replaced(local, rule.alike, rule.alike.slice(0, 1)) || local;
  return `${local}@${rule.domain}`;
}

function replaced(text, characters, replacement) {
  return [...text].map((each) => (characters.includes(each) ? replacement : each)).join('');
}
