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
for (const button of document.querySelectorAll("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }
function press(field, value) {
  const input = field && field.querySelector(`input[value="${value}"]`);
  if (!input) return false;
  input.checked = true;
  input.focus();
  for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
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
  if (key === "o") return look("record-card") || go("record-card");
  if (key === "e") return look("evidence-card") || go("evidence-card");
  if (key === "m") return go("comment");
  if (key === "h" || key === "g") { const first = document.querySelector(key === "h" ? "#harm input" : "#tags input"); if (first) { first.focus(); first.closest("section").scrollIntoView({ block: "nearest" }); } return; }
  if (event.key === "Escape") return shut();
  const digits = event.target.closest && event.target.closest("fieldset[data-digits]");
  if (digits && /^[1-9]$/.test(key)) { const input = digits.querySelectorAll("input")[key - 1]; if (input) press(digits, input.value); return; }
  const words = { y: "yes", n: "no", t: "tie" };
  let field = fieldFor(key, event.target), value = words[key] || key;
  if (!field && "acr".includes(key)) { field = form.querySelector(".decision fieldset"); value = { a: "accept", c: "correct", r: "reject" }[key]; }
  if (!press(field, value)) return;
  event.preventDefault();
  if (value === "correct") go("correction");
});

// --- the record as a sheet above the questions, where there is no room beside them -----------------------------------
const narrow = (sheet) => getComputedStyle(sheet).position !== "sticky";
function look(id) {
  const at = document.getElementById(id), sheet = at && at.closest("[data-sheet]");
  if (!sheet || !(narrow(sheet) || sheet.classList.contains("peek"))) return false;
  stay(() => sheet.classList.add("peek"), sheet);
  sheet.scrollTop = at === sheet ? 0 : at.offsetTop - sheet.offsetTop;
  at.focus({ preventScroll: true });
  return true;
}
function shut() {
  for (const sheet of document.querySelectorAll(".peek")) stay(() => sheet.classList.remove("peek"), sheet);
}
// The question at hand stays in view: what stood at the top of the window stands below the sheet, and back.
function stay(change, sheet) {
  const before = form.getBoundingClientRect().top, covered = () => sheet.classList.contains("peek") ? sheet.offsetHeight : 0;
  const was = covered();
  change();
  scrollBy({ top: form.getBoundingClientRect().top - before - covered() + was, behavior: "instant" });
}
for (const link of document.querySelectorAll("a[data-peek]")) link.addEventListener("click", (event) => {
  if (look(link.hash.slice(1))) event.preventDefault();
});
for (const button of document.querySelectorAll(".close")) button.addEventListener("click", () => {
  shut();
  const back = document.querySelector("a[data-peek]");
  if (back) back.focus({ preventScroll: true });
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
  let sent = body().toString(), leaving = false;
  const told = { added: "ins", removed: "del" };
  const show = (pieces) => {
    const place = document.getElementById("changes");
    if (!place) return;
    place.replaceChildren(...pieces.map(([text, kind]) => {
      if (!kind) return document.createTextNode(text);
      const mark = document.createElement(told[kind]), word = document.createElement("span");
      word.className = "sr";
      word.textContent = `${kind}: `;
      mark.append(word, text);
      return mark;
    }));
  };
  for (const button of form.querySelectorAll(".take")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      press(form.querySelector(".decision fieldset"), "correct");
      correction.value = button.dataset.text;
      part.hidden = false;
      correction.dispatchEvent(new Event("input", { bubbles: true }));
      correction.focus();
    });
  }
  const keep = () => {
    const now = body().toString();
    if (leaving || !form.dataset.draft || now === sent) return;
    sent = now;
    const state = document.getElementById("draft-state");
    fetch(form.dataset.draft, { method: "POST", body: body(), keepalive: now.length < 60000 })
      .then((r) => { if (state) state.textContent = r.ok ? "Draft kept" : r.status === 409 ? "Not kept: saved meanwhile in another tab" : "Not kept: open your link again"; if (!r.ok) sent = ""; return r.status === 200 ? r.json() : {}; })
      .then((found) => show(found.changes || []))
      .catch(() => { sent = ""; if (state) state.textContent = "No connection: this draft is only here"; });
  };
  form.addEventListener("input", later(keep, 500));
  addEventListener("pagehide", keep);
  // Only where the draft could not be kept: otherwise nothing is lost by leaving.
  addEventListener("beforeunload", (event) => { if (!leaving && sent === "" && body().toString()) event.preventDefault(); });
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
