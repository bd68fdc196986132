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

  // A question is asked right at its line: the form opens under it, and what is typed elsewhere stays.
  const template = document.querySelector("template[data-ask-template]");
  const openAt = (link) => {
    document.getElementById("ask-here")?.remove();
    const asking = template.content.cloneNode(true).querySelector("form");
    asking.querySelector("[name=line]").value = link.dataset.ask;
    asking.querySelector("label .mono").textContent = link.dataset.ask;
    link.closest("li").append(asking);
    asking.querySelector("textarea").focus();
    asking.querySelector("[data-ask-close]").addEventListener("click", (event) => {
      event.preventDefault();
      asking.remove();
      link.focus();
    });
  };
  if (template) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-ask]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      openAt(link);
    });
  }

  // "Looking at it now": said every thirty seconds while the page is seen. It locks nothing, and may fail in silence.
  const looking = document.querySelector("[data-looking]");
  const token = form?.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const look = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(looking.dataset.looking, { method: "POST", headers: { "X-CSRFToken": token } });
      if (answer.ok) looking.textContent = (await answer.json()).words;
    } catch { /* a courtesy: nothing depends on it */ }
  };
  if (looking && token) {
    look();
    setInterval(look, 30000);
    document.addEventListener("visibilitychange", look);
  }
})();
