// Comforts of the packet form: proposed ends, and at once in words what an instant means. The form works without them.
(() => {
  "use strict";

  for (const chip of document.querySelectorAll("button[data-fills]")) {
    const field = document.getElementById(chip.dataset.fills);
    chip.hidden = !field;
    chip.addEventListener("click", () => {
      field.value = chip.dataset.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }

  // 2027-02-26 is 00:00 UTC of that day; a time without an offset is UTC, as the server reads it.
  const SHAPE = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?(?: ?UTC|Z)?$/;
  const instant = (typed) => {
    const parts = SHAPE.exec(typed.trim());
    if (!parts) return null;
    const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part || 0));
    const read = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
    const same = read.getUTCMonth() === month - 1 && read.getUTCDate() === day && read.getUTCHours() === hour;
    return same ? read : null;
  };
  const told = (moment) => {
    const day = moment.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
    const time = moment.toISOString().slice(11, 16);
    const days = Math.round((moment - Date.now()) / 86400000);
    const away = days === 0 ? "today" : days > 0 ? `in ${days} day${days === 1 ? "" : "s"}` : `${-days} day${days === -1 ? "" : "s"} ago`;
    return `Means ${day.replace(",", "")} ${time} UTC, ${away}.`;
  };
  for (const meaning of document.querySelectorAll("[data-meaning]")) {
    const field = document.getElementById(meaning.dataset.meaning);
    field.addEventListener("input", () => {
      const moment = instant(field.value);
      meaning.textContent = moment ? told(moment) : "";
    });
  }
})();
