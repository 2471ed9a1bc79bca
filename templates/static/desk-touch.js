// Asks for a touch of the passkey, puts its answer into the form and sends it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-touch]");
  const problem = document.querySelector("[data-problem]");
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const ask = async () => {
    const options = JSON.parse(form.dataset.touch);
    options.challenge = bytes(options.challenge);
    options.allowCredentials = options.allowCredentials.map((each) => ({ ...each, id: bytes(each.id) }));
    const passkey = await navigator.credentials.get({ publicKey: options });
    const { authenticatorData, clientDataJSON, signature, userHandle } = passkey.response;
    return {
      id: passkey.id,
      rawId: text(passkey.rawId),
      type: passkey.type,
      clientExtensionResults: {},
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        userHandle: userHandle && text(userHandle),
      },
    };
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      form.elements.touch_answer.value = JSON.stringify(await ask());
    } catch {
      problem.hidden = false;
      return;
    }
    HTMLFormElement.prototype.submit.call(form);
  });
  form.querySelector("button").disabled = false;
})();
