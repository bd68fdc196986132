// Small comforts. Every page works without this file.
(() => {
  "use strict";

  const typing = (element) => element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);

  // "/" goes to the search.
  document.addEventListener("keydown", (event) => {
    const search = document.querySelector("[data-search]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !search || typing(event.target)) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // The menu in the top bar closes on Escape, on a click elsewhere, and when the focus goes on: it would cover it.
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // The button says what it will do: <form data-decision>, radios inside labels with data-says, one button with data-empty.
  for (const form of document.querySelectorAll("form[data-decision]")) {
    const button = form.querySelector("button[data-empty]");
    const parts = form.querySelectorAll("[data-only-for]");
    const chosen = () => form.querySelector("[data-says] input[type=radio]:checked");
    const say = () => {
      const radio = chosen();
      if (button) {
        button.textContent = radio ? radio.closest("[data-says]").dataset.says : button.dataset.empty;
        button.setAttribute("aria-disabled", radio ? "false" : "true");
      }
      for (const part of parts) part.hidden = !radio || radio.value !== part.dataset.onlyFor;
    };
    form.addEventListener("change", say);
    form.addEventListener("submit", (event) => {
      if (chosen() || !button) return;
      event.preventDefault();
      form.querySelector("[data-says] input[type=radio]")?.focus();
    });
    say();
  }

  // Date chips: <button type="button" data-days="30" data-for="id_ends">. Noon UTC, moved on from a weekend to Monday.
  const inDays = (days) => {
    const day = new Date(Date.now() + days * 86400000);
    while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() + 1);
    return day.toISOString().slice(0, 10);
  };
  for (const chip of document.querySelectorAll("button[data-days][data-for]")) {
    chip.hidden = false;
    chip.addEventListener("click", () => {
      const field = document.getElementById(chip.dataset.for);
      const date = chip.dataset.date || inDays(Number(chip.dataset.days));
      field.value = { date, "datetime-local": `${date}T12:00` }[field.type] ?? `${date} 12:00`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
  }

  // A file dropped on <form data-drop> is the one of its file field, and is sent at once.
  for (const form of document.querySelectorAll("form[data-drop]")) {
    const field = form.querySelector("input[type=file]");
    const over = (is) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("over", is);
    };
    for (const name of ["dragenter", "dragover"]) form.addEventListener(name, over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      over(false)(event);
      field.files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }

  // A summary of errors takes the focus, so that it is read first; a decision has none, there the field itself does.
  const wrong = document.querySelector("[data-error-summary], form[data-decision] [aria-invalid=true]");
  wrong?.focus();
  if (wrong?.closest("form[data-decision]")) wrong.scrollIntoView({ block: "center" });
})();
