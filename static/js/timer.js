// A clock beside a form: counts down, can be stopped at any time, makes no sound, and writes the time into the form.
// The page's own words stay when there is no script; without motion the circle stands still and words say in and out.

const clock = document.querySelector("[data-timer]");
if (clock) begin(clock);

function begin(box) {
  const part = name => box.querySelector(`[data-timer-${name}]`);
  const [face, said, start, stop] = ["left", "said", "start", "stop"].map(part);
  const total = Number(box.dataset.timer);
  let began = 0, tick = 0, lock = null, halfSaid = false;

  part("text").hidden = true;
  part("clock").hidden = false;
  show(total);

  start.addEventListener("click", async () => {
    began = Date.now();
    halfSaid = false;
    said.textContent = "";
    start.hidden = true;
    stop.hidden = false;
    stop.focus();
    box.classList.add("running");
    tick = setInterval(step, 250);
    keepAwake();
  });
  stop.addEventListener("click", () => finish(false));
  document.addEventListener("visibilitychange", () => tick && !document.hidden && keepAwake());

  function passed() { return (Date.now() - began) / 1000; } // the wall clock: a sleeping telephone does not count ticks

  function step() {
    const gone = passed();
    show(Math.max(total - gone, 0));
    breathe(gone);
    if (!halfSaid && gone >= total / 2 && total >= 60) {
      halfSaid = true;
      said.textContent = box.dataset.saidHalf;
    }
    if (gone >= total) finish(true);
  }

  function show(seconds) {
    const whole = Math.ceil(seconds);
    face.textContent = `${Math.floor(whole / 60)}.${String(whole % 60).padStart(2, "0")}`;
  }

  function breathe(gone) {
    if (!part("words")) return;
    const words = gone % Number(box.dataset.breath) < 4 ? box.dataset.saidIn : box.dataset.saidOut;
    if (part("words").textContent !== words) part("words").textContent = words;
  }

  function finish(done) {
    clearInterval(tick);
    tick = 0;
    const field = document.querySelector(`form [name="${box.dataset.fills}"]`);
    const unit = Number(box.dataset.unit);
    if (field && began) {
      field.value = Math.max(1, Math.round(Math.min(passed(), total) / unit));
      field.closest("details")?.setAttribute("open", "");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    said.textContent = done ? box.dataset.saidDone : "";
    if (done) face.textContent = box.dataset.saidDone;
    if (part("words")) part("words").textContent = "";
    box.classList.remove("running");
    const hadFocus = document.activeElement === stop;
    stop.hidden = true;
    start.hidden = false;
    if (hadFocus) (field ?? start).focus();
    lock?.release().catch(() => {});
    lock = null;
  }

  async function keepAwake() {
    try {
      lock = await navigator.wakeLock?.request("screen");
    } catch { /* the screen may go dark: the clock goes on by the wall */ }
  }
}
