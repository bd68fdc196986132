// While typing: the page says what signers will see, and keeps what was typed. The form works without either.
(() => {
  "use strict";

  const form = document.querySelector("form[data-looks]");
  if (!form) return;
  const LOOK_AFTER = 400;
  const KEEP_AFTER = 1500;
  const SAY_AFTER = 2000;

  // The parts of an answer take the place of those of the page; what has not changed is not touched.
  const put = (page) => {
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const name = fresh.dataset.live;
      if (name !== "said") for (const there of document.querySelectorAll(`[data-live="${name}"]`)) swap(there, fresh);
    }
    for (const area of form.querySelectorAll("textarea[aria-invalid]")) {
      const errors = document.getElementById(`${area.id}_error`);
      if (errors && page.querySelector(`[data-live="${area.name}"]`)) retire(area, errors);
    }
    say(page.querySelector("[data-live=said]"));
  };
  const swap = (there, fresh) => {
    if (there.innerHTML === fresh.innerHTML) return;
    const open = new Set([...there.querySelectorAll("details[open]")].map((one) => one.dataset.keeps));
    const focused = there.contains(document.activeElement) ? document.activeElement : null;
    const mark = focused && (focused.getAttribute("href") || focused.tagName);
    there.replaceChildren(...[...fresh.cloneNode(true).childNodes].map((node) => document.adoptNode(node)));
    for (const details of there.querySelectorAll("details")) details.open = open.has(details.dataset.keeps);
    if (!focused) return;
    const again = [...there.querySelectorAll("a, summary")].find((one) => [one.getAttribute("href"), one.tagName].includes(mark));
    again?.focus({ preventScroll: true });
  };
  // The errors of the last save were about a text that is another one now; the lines beneath say what is wrong with it.
  const retire = (area, errors) => {
    errors.hidden = true;
    area.removeAttribute("aria-invalid");
    area.closest(".f").classList.remove("wrong");
  };
  // Read aloud only when it says something else, and not before the typing has paused.
  let saying = 0;
  const say = (fresh) => {
    const there = document.querySelector("[data-live=said]");
    clearTimeout(saying);
    if (!fresh || !there || there.textContent === fresh.textContent) return;
    saying = setTimeout(() => { there.textContent = fresh.textContent; }, SAY_AFTER);
  };

  // One question at a time: a newer one aborts the older, whose answer would be about a text that is gone.
  const asker = () => {
    let current = null;
    const ask = async (address, more) => {
      current?.abort();
      const mine = current = new AbortController();
      const answer = await fetch(address, { method: "POST", body: new FormData(form), signal: mine.signal, ...more });
      const text = await answer.text();
      if (mine !== current) return null;
      return { answer, page: new DOMParser().parseFromString(text, "text/html") };
    };
    ask.stop = () => { current?.abort(); current = null; };
    return ask;
  };
  const looks = asker();
  const keeps = asker();

  let looking = 0;
  let keeping = 0;
  let unkept = false;
  let leaving = false;
  const look = async () => {
    try {
      const found = await looks(form.dataset.looks);
      if (found?.answer.ok) put(found.page);
    } catch { /* aborted, or nobody answers: the page stays as it is, and saving says what is wrong */ }
  };
  const keep = async (more) => {
    clearTimeout(keeping);
    if (!unkept || leaving) return;
    unkept = false;
    try {
      const found = await keeps(form.dataset.keeps, more);
      if (found?.page.querySelector("[data-live=kept]")) told(found);
      else if (found) failed();
    } catch (error) {
      if (error.name !== "AbortError") failed();
    }
  };
  const head = document.querySelector("[data-live=kept]");
  let kept = 0;
  const told = ({ page }) => {
    swap(head, page.querySelector("[data-live=kept]"));
    kept = Date.now();
    age();
  };
  const failed = () => {
    unkept = true;
    head.textContent = "Not kept: the portal does not answer. What you typed is still in this page.";
  };
  const age = () => {
    const place = head.querySelector("[data-since]");
    if (!place) return;
    const seconds = Math.round((Date.now() - kept) / 1000);
    const words = seconds < 2 ? "just now" : seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`;
    place.textContent = `Saved ${words}`;
  };
  setInterval(age, 2000);

  form.addEventListener("input", () => {
    unkept = true;
    clearTimeout(looking);
    clearTimeout(keeping);
    looking = setTimeout(look, LOOK_AFTER);
    keeping = setTimeout(keep, KEEP_AFTER);
  });
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(keeping);
    keeps.stop();
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep({ keepalive: true }); });
  window.addEventListener("pagehide", () => keep({ keepalive: true }));
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });

  // The drop zone: a file that is chosen or dropped is read at once, and what was typed goes along.
  const start = document.querySelector("form[data-start]");
  const zone = start.closest("[data-drop]");
  const file = start.querySelector("input[type=file]");
  start.querySelector("[data-read]").hidden = true;
  const send = async () => {
    const agent = start.querySelector("input[name=agent]");
    if (agent) agent.value = form.elements.agent.value;
    await keep();
    start.submit();
  };
  start.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  file.addEventListener("change", () => { if (file.files.length) send(); });
  const over = (is) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.toggle("over", is);
  };
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    zone.classList.remove("over");
    file.files = event.dataTransfer.files;
    send();
  });
})();
