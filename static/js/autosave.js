// Saves what is being written, so that no character is lost: <form data-autosave="URL" data-version="n" data-status="ID">.
// The words and the box for two versions stand in templates/ui/autosave.html.
// Saved 1.5 s after the last change, on leaving a field and when the page is hidden; tried again every 10 s after a failure.
// Until the server has it, a copy lies in this tab's sessionStorage (cleared at sign-out by session.js).
// Answers: 200 {version, saved_at, help}, 204, 401 {login}, 409 {version, data, saved_at}.
// The form's key goes along, so that a save that arrives after the form was sent is refused: 409 {sent}.

const PAUSE = 1500, RETRY = 10000, HOLD = 2000, NEVER_SENT = ["csrfmiddlewaretoken", "idempotency_key", "seen_at", "version", "unanswered"];

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.version = form.dataset.version || "0";
    this.status = document.getElementById(form.dataset.status);
    this.copyKey = "draft:" + this.url;
    this.dirty = this.saving = this.deciding = this.stale = this.sent = false;
    this.tried = new Set(); // texts posted whose answer never came: the server may hold one of them
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("focusout", event => { if (event.relatedTarget?.type !== "submit") this.save(); });
    form.addEventListener("submit", event => { if (!event.defaultPrevented && !this.holds(event)) this.submitted(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save(); });
    addEventListener("online", () => this.save()); addEventListener("pageshow", () => { this.sent = false; });
    addEventListener("beforeunload", event => { if ((this.dirty || this.breakable) && !this.sent) event.preventDefault(); });
    document.addEventListener("signed-out", () => { clearTimeout(this.timer); this.dirty = false; });
    document.addEventListener("leave-fast", () => { this.save(); this.sent = true; });
    this.restore();
  }

  fields() {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(this.form))
      if (!NEVER_SENT.includes(name) && typeof value === "string") data.append(name, value);
    return data;
  }

  say(name, { time = "", failed = false, link = "" } = {}) {
    if (!this.status) return;
    const text = (this.status.dataset[name] || "").replace("{time}", time);
    if (this.said === text + link) return; // a screen reader hears a repeated failure once
    this.said = text + link;
    this.status.classList.toggle("failed", failed);
    this.status.textContent = text + " ";
    if (link) {
      const anchor = Object.assign(document.createElement("a"), { href: link, target: "_blank", rel: "noopener" });
      anchor.textContent = this.status.dataset.loginLink;
      this.status.append(anchor);
    }
  }

  changed() {
    this.dirty = true;
    this.keepCopy();
    this.after(PAUSE);
  }

  after(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  keepCopy(sent = this.sent) { // an answer that comes after the form was sent does not make the copy unsent
    const copy = { user: document.body.dataset.user, page: location.href.split("#")[0], version: this.version, sent,
      text: this.fields().toString() };
    try { sessionStorage.setItem(this.copyKey, JSON.stringify(copy)); } catch { /* full or forbidden: the server still gets it */ }
  }

  holds(event) { // a draft on its way must not arrive after what is sent, and stand there anew: wait for its answer
    if (!this.saving || this.held) return false;
    event.preventDefault(); this.held = true;
    const goOn = () => setTimeout(() => { // in a turn of its own: a form ignores a submit asked for while it fires one
      delete this.form.dataset.sending; this.form.requestSubmit(event.submitter); this.held = false;
    });
    Promise.race([this.flight, new Promise(done => setTimeout(done, HOLD))]).then(goOn, goOn);
    return true;
  }

  submitted() {
    this.sent = true;
    clearTimeout(this.timer);
    this.keepCopy(true);
    const { version, unanswered } = this.form.elements; // this page's own saves are not another tab's
    if (version) version.value = this.version;
    if (unanswered) unanswered.value = this.posted || ""; // the server may hold it
    setTimeout(() => { this.sent = false; if (this.dirty) this.save(); }, RETRY); // still here: the submit got no answer
  }

  async save() {
    if (!this.dirty || this.saving || this.deciding || this.sent) return;
    clearTimeout(this.timer);
    this.dirty = false;
    this.saving = true;
    let wait = PAUSE;
    try {
      if (this.stale) await this.freshToken();
      await this.read(await this.post());
    } catch {
      wait = RETRY;
      this.dirty = true;
      this.say(this.refused ? "refused" : "failed", { failed: true });
    }
    this.saving = this.breakable = false;
    if (this.dirty && !this.deciding) this.after(this.stale ? RETRY : wait); // failed, or written meanwhile
    else if (!this.dirty && !this.sent) sessionStorage.removeItem(this.copyKey);
  }

  post() {
    const data = this.fields();
    this.tried.add(plain(data));
    this.posted = data.toString();
    data.append("version", this.version);
    const key = this.form.querySelector("[name=idempotency_key]")?.value;
    if (key && key !== this.sentKey) data.append("idempotency_key", key);
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
    // keepalive outlives the page; the browser refuses it above 64 kB, and a longer text holds the page open instead.
    this.breakable = data.toString().length > 60000;
    return this.flight = fetch(this.url, { method: "POST", body: data, credentials: "same-origin", keepalive: !this.breakable,
      headers: { "X-CSRFToken": token, Accept: "application/json" }, signal: AbortSignal.timeout?.(30000) });
  }

  async read(response) {
    this.refused = [400, 404, 410, 413].includes(response.status);
    if (response.status === 401 || response.redirected) return this.signedOut(response);
    if (response.status === 403) this.stale = true; // signed in anew in another tab: the form's token is an old one
    if (response.status === 409) return this.compare(await response.json());
    if (!response.ok) throw new Error(response.status);
    this.stale = false;
    this.tried.clear();
    document.dispatchEvent(new Event("session-alive"));
    if (response.status === 204) return this.say("saved", { time: this.savedAt || clock() });
    const answer = await response.json();
    this.posted = "";
    this.version = String(answer.version);
    this.savedAt = answer.saved_at;
    if (this.dirty) this.keepCopy();
    else this.say("saved", { time: answer.saved_at });
    if (answer.help) document.querySelector("[data-help-box]")?.removeAttribute("hidden");
  }

  async signedOut(response) {
    const answer = response.redirected ? { login: new URL(response.url).pathname } : await response.json();
    this.dirty = this.stale = true;
    this.keepCopy();
    this.say("login", { failed: true, link: answer.login });
  }

  async freshToken() {
    const response = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (response.ok && token && !response.redirected)
      document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach(input => { input.value = token; });
  }

  // Puts back what a crash, a closed tab or an expired session left behind. The copy carries the version it grew from,
  // so that a newer draft on the server is answered with 409 and shown beside it.
  restore() {
    let copy = null;
    try { copy = JSON.parse(sessionStorage.getItem(this.copyKey)); } catch { /* unreadable: nothing to put back */ }
    if (!copy) return;
    const delivered = copy.sent && (Number(copy.version) > Number(this.version) || arrivedFrom(copy.page));
    if (delivered || copy.user !== document.body.dataset.user) return sessionStorage.removeItem(this.copyKey);
    if (copy.text !== this.fields().toString()) {
      this.fill(new URLSearchParams(copy.text));
      this.version = copy.version;
      this.say("restored");
    }
    this.changed();
  }

  fill(data) {
    for (const input of this.form.elements) {
      if (!input.name || NEVER_SENT.includes(input.name) || ["submit", "button", "file", "hidden"].includes(input.type)) continue;
      const values = data.getAll(input.name);
      if (["radio", "checkbox"].includes(input.type)) input.checked = values.includes(input.value);
      else if (input.multiple) for (const option of input.options) option.selected = values.includes(option.value);
      else input.value = values[0] ?? "";
    }
  }

  compare(answer) {
    if (answer.sent) { // with this very key, from here or another tab; what is written now is new
      this.sentKey = this.form.querySelector("[name=idempotency_key]").value;
      this.version = "0";
      return void (this.dirty = true);
    }
    const theirs = asParams(answer.data), same = [...this.tried, plain(this.fields())].includes(plain(theirs));
    if (!same) return this.decide(answer, theirs);
    this.version = String(answer.version); // our own text, whose answer never reached us
    this.dirty = true;
  }

  // Two tabs or devices: both versions are shown and the writer chooses. Nothing is saved meanwhile but the tab's copy.
  decide(answer, theirs) {
    const template = document.getElementById(this.form.dataset.status + "-conflict");
    if (!template) throw new Error("no box for two versions");
    this.deciding = this.dirty = true;
    this.keepCopy();
    const mine = this.fields();
    const box = template.content.firstElementChild.cloneNode(true);
    box.querySelector("[data-mine]").textContent = this.shown(mine, theirs);
    box.querySelector("[data-theirs]").textContent = this.shown(theirs, mine);
    box.querySelector("[data-when]").textContent = answer.saved_at || "";
    box.addEventListener("click", event => {
      const keep = event.target.dataset.keep;
      if (!keep) return;
      if (keep === "theirs") this.fill(theirs);
      if (keep === "both") this.join(theirs);
      this.version = String(answer.version);
      this.deciding = false;
      box.remove();
      this.changed();
      this.save();
    });
    const writingIn = document.activeElement?.closest?.(".field"); // beside the writing, without taking its focus
    if (writingIn && this.form.contains(writingIn)) writingIn.after(box);
    else this.form.before(box);
    this.say("conflict", { failed: true });
  }

  shown(version, other) {
    const lines = [];
    for (const name of new Set([...version.keys(), ...other.keys()])) {
      if (version.getAll(name).join() === other.getAll(name).join()) continue;
      lines.push(version.getAll(name).map(value => this.wordFor(name, value)).join(", ") || "–");
    }
    return lines.join("\n\n");
  }

  wordFor(name, value) {
    const input = [...this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].find(
      candidate => ["radio", "checkbox"].includes(candidate.type) && candidate.value === value);
    return input?.labels?.[0]?.textContent.trim() || value;
  }

  join(theirs) {
    for (const input of this.form.querySelectorAll("textarea[name], input[type=text][name]")) {
      const other = theirs.get(input.name);
      if (other && !input.value.includes(other)) input.value = input.value ? `${other}${input.type === "text" ? " " : "\n\n"}${input.value}` : other;
    }
  }
}

// True when this page was reached by a redirect straight from that page: the form on it was accepted.
function arrivedFrom(page) {
  return performance.getEntriesByType("navigation")[0]?.redirectCount > 0 && document.referrer.split("#")[0] === page;
}

function asParams(data) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(data || {})) for (const one of [].concat(value)) params.append(name, one);
  return params;
}

// A version in one comparable text: order and empty fields do not count.
function plain(params) {
  return JSON.stringify([...params].filter(([name, value]) => name !== "version" && value !== "").sort());
}

function clock() {
  const now = new Date(), two = number => String(number).padStart(2, "0");
  return `${two(now.getHours())}.${two(now.getMinutes())}`;
}

// A form that led here by a redirect was accepted: its copy is dropped also where the page shows another form.
function dropAccepted() {
  try {
    for (const key of Object.keys(sessionStorage).filter(key => key.startsWith("draft:"))) {
      const copy = JSON.parse(sessionStorage.getItem(key));
      if (copy.sent && arrivedFrom(copy.page)) sessionStorage.removeItem(key);
    }
  } catch { /* forbidden or unreadable: restore() looks at each form's own copy */ }
}

dropAccepted();
for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
