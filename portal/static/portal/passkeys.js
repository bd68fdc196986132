// Passkeys: <form data-passkey="create|get" data-options="JSON" or data-options-from="address">, a hidden field
// "credential", and an element [data-says] for what went wrong. The form is sent when the browser has its answer.
(() => {
  "use strict";

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const listed = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

  const create = async ({ publicKey }) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: listed(publicKey.excludeCredentials),
    } });
    return described(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    });
  };

  const get = async ({ publicKey }) => {
    const found = await navigator.credentials.get({ publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: listed(publicKey.allowCredentials),
    } });
    const handle = found.response.userHandle;
    return described(found, {
      authenticatorData: text(found.response.authenticatorData),
      signature: text(found.response.signature),
      userHandle: handle ? text(handle) : null,
    });
  };

  const described = (credential, response) => ({
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
    clientExtensionResults: credential.getClientExtensionResults(),
  });

  const asked = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.optionsFrom, { headers: { Accept: "application/json" } });
    if (answer.status === 429) throw new Error("There were too many attempts. Wait a minute, then try again.");
    if (!answer.ok) throw new Error("The portal did not answer. Try again.");
    return (await answer.json()).request_options;
  };

  const words = (error) => ({
    NotAllowedError: "Nothing was used: it was cancelled, took too long, or there is no passkey for this portal here.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "The browser does not allow passkeys at this address.",
  })[error.name] ?? error.message;

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const says = form.querySelector("[data-says]");
      says.hidden = true;
      try {
        const credential = await (form.dataset.passkey === "create" ? create : get)(await asked(form));
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        says.textContent = words(error);
        says.hidden = false;
      }
    });
  }
})();
