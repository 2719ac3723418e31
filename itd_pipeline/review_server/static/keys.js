// Keys, drafts while typing, and looking up seeds. Every page works without this file.
"use strict";
const form = document.querySelector("form.answer");
const typing = (at) => at.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
const later = (work, wait) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(work, wait); }; };
const body = () => new URLSearchParams(new FormData(form));

// --- keys ---------------------------------------------------------------------------------------------------------
const box = document.getElementById("single-keys");
if (box) {
  box.checked = localStorage.getItem("single-keys") !== "off";
  box.addEventListener("change", () => localStorage.setItem("single-keys", box.checked ? "on" : "off"));
}
function press(field, value) {
  const input = field && field.querySelector(`input[value="${value}"]`);
  if (!input) return false;
  input.checked = true;
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  const next = [...form.querySelectorAll("fieldset[data-keys]")].find((f) => !f.querySelector("input:checked"));
  (next || field).scrollIntoView({ block: "nearest" });
  return true;
}
function fieldFor(key, at) {
  const here = at.closest && at.closest("fieldset[data-keys]");
  const open = [...form.querySelectorAll("fieldset[data-keys]")].filter((f) => f.dataset.keys.includes(key));
  if (here && here.dataset.keys.includes(key) && !here.querySelector("input:checked")) return here;
  return open.find((f) => !f.querySelector("input:checked")) || (here && here.dataset.keys.includes(key) ? here : null);
}
document.addEventListener("keydown", (event) => {
  if (form && (event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); form.requestSubmit(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || localStorage.getItem("single-keys") === "off") return;
  const go = (id) => { const at = document.getElementById(id); if (at) { event.preventDefault(); at.focus(); at.scrollIntoView({ block: "center" }); } };
  const key = event.key.toLowerCase();
  if (key === "u") { const undo = document.getElementById("undo-form"); if (undo) undo.requestSubmit(); return; }
  if (key === "?") { location.href = "/help"; return; }
  if (!form) return;
  if (key === "e") return go("evidence-card");
  if (key === "m") return go("comment");
  const words = { y: "yes", n: "no", t: "tie" };
  let field = fieldFor(key, event.target), value = words[key] || key;
  if (!field && "acr".includes(key)) { field = form.querySelector(".decision fieldset"); value = { a: "accept", c: "correct", r: "reject" }[key]; }
  if (press(field, value)) event.preventDefault();
});

// --- answers ------------------------------------------------------------------------------------------------------
if (form) {
  const correction = document.getElementById("correction"), part = document.getElementById("correction-part");
  const output = document.getElementById(form.dataset.output || "");
  const plain = output ? [...output.childNodes].map((n) => n.nodeName === "MARK" ? n.lastChild.textContent : n.textContent).join("") : "";
  const follow = () => {
    const corrects = form.elements.decision && form.elements.decision.value === "correct";
    if (!part) return;
    part.hidden = !corrects && !correction.value;
    if (corrects && !correction.value) correction.value = plain;
  };
  follow();
  form.addEventListener("change", follow);
  let sent = "", leaving = false;
  const keep = () => {
    const now = body().toString();
    if (leaving || !form.dataset.draft || now === sent) return;
    sent = now;
    const state = document.getElementById("draft-state");
    fetch(form.dataset.draft, { method: "POST", body: body(), keepalive: now.length < 60000 })
      .then((r) => { if (state) state.textContent = r.ok ? "Draft kept" : ""; }).catch(() => { sent = ""; if (state) state.textContent = "No connection: this draft is only here"; });
  };
  form.addEventListener("input", later(keep, 500));
  addEventListener("pagehide", keep);
  form.addEventListener("submit", () => { leaving = true; const b = form.querySelector("button.primary"); setTimeout(() => { b.disabled = true; }, 0); });
  addEventListener("pageshow", () => { leaving = false; form.querySelector("button.primary").disabled = false; });
}
const problems = document.getElementById("problems");
if (problems) { const first = document.querySelector(".problem"); (first || problems).scrollIntoView({ block: "center" }); const input = first && first.closest("fieldset, div").querySelector("input, textarea"); (input || problems).focus(); }

// --- seeds: near-duplicates and coverage while typing ---------------------------------------------------------------
const looking = document.getElementById("look");
if (form && looking) {
  const make = (name, text, kind) => { const at = document.createElement(name); at.textContent = text; if (kind) at.className = kind; return at; };
  const grid = (found) => {
    const table = make("table", "", "grid"), head = table.createTHead().insertRow(), row = table.createTBody().insertRow();
    table.prepend(make("caption", "Seeds of this kind by difficulty"));
    for (const [level, have] of found.levels) {
      const cell = make("th", level, level === found.at ? "at" : "");
      cell.scope = "col";
      head.append(cell);
      row.append(make("td", have || "missing", have ? "enough" : "none"));
    }
    return table;
  };
  const look = () => fetch("/seeds/look", { method: "POST", body: body() }).then((r) => r.json()).then((found) => {
    looking.replaceChildren(...found.lines.map((line) => make("p", line.text, line.kind)), ...(found.levels ? [grid(found)] : []));
  }).catch(() => {});
  form.addEventListener("input", later(look, 600));
  look();
}
