/*
 * Lets a passkey answer a form: makes one or asks for one, puts the answer into the form as JSON,
 * and sends it. Binary values are base64url, as in WebAuthn's own JSON.
 */
(() => {
  'use strict';

  const form = document.querySelector('form[data-passkey]');
  const button = form.querySelector('button');
  const told = form.querySelector('[data-device]');
  const wanted = form.querySelector('[data-wanted]');
  const problem = document.querySelector('[data-problem]');
  const without = document.querySelector('[data-without]');

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const decoded = (list) => (list || []).map((known) => ({ ...known, id: toBytes(known.id) }));

  /* The buffers of an answer, as text. What its kind does not have is left out. */
  const encoded = (response) => Object.fromEntries(
    ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
      .filter((name) => response[name])
      .map((name) => [name, toText(response[name])]),
  );

  const ask = () => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = toBytes(options.challenge);
    options.allowCredentials = decoded(options.allowCredentials);
    options.excludeCredentials = decoded(options.excludeCredentials);
    if (form.dataset.passkey === 'get') {
      return navigator.credentials.get({ publicKey: options });
    }
    options.user.id = toBytes(options.user.id);
    return navigator.credentials.create({ publicKey: options });
  };

  /* Roughly: for the list of one's own sessions. */
  const device = () => {
    const agent = navigator.userAgent;
    const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(name));
    const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux']
      .find((name) => agent.includes(name));
    const known = { Edg: 'Edge', OPR: 'Opera' };
    return `${known[browser] || browser || 'A browser'} on ${system || 'another system'}`;
  };

  const send = async (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      const passkey = await ask();
      form.querySelector('[data-answer]').value = JSON.stringify({
        id: passkey.id,
        rawId: toText(passkey.rawId),
        type: passkey.type,
        clientExtensionResults: {},
        response: encoded(passkey.response),
      });
      if (wanted && location.hash) { wanted.value = location.hash.slice(1); }
      if (told) { told.value = device(); }
      HTMLFormElement.prototype.submit.call(form);
    } catch {
      problem.hidden = false;
      button.disabled = false;
    }
  };

  document.querySelector('[data-needed]').hidden = true;
  if (!window.PublicKeyCredential) {
    without.hidden = false;
    return;
  }
  form.addEventListener('submit', send);
  button.disabled = false;
})();
