// The packet page's comforts. Everything here works without this file too.
(() => {
  "use strict";

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  // The button of a narrower approval says what is cut: "Sign: approve narrower, 2 lines cut, ends 12 Jan".
  const form = document.querySelector("form[data-decision]");
  const narrower = form?.querySelector("[data-says]:has(input[value=approve_narrower])");
  const sayCuts = () => {
    const cut = form.querySelectorAll("input[name=cut]:checked").length;
    const [year, month, day] = (form.querySelector("input[name=ends]")?.value || "").split("T")[0].split("-").map(Number);
    const parts = [];
    if (cut) parts.push(`${cut} ${cut === 1 ? "line" : "lines"} cut`);
    const far = Date.UTC(year, month - 1, day) - Date.now() > 300 * 86400000;
    if (day) parts.push(`ends ${day} ${MONTHS[month - 1]}${far ? ` ${year}` : ""}`);
    narrower.dataset.says = ["Sign: approve narrower", ...(parts.length ? parts : ["nothing cut yet"])].join(", ");
  };
  if (narrower) {
    form.addEventListener("change", sayCuts, true); // before the button reads it
    form.addEventListener("input", () => form.dispatchEvent(new Event("change")));
    form.dispatchEvent(new Event("change"));
  }
})();
