// Leaving: a warning before the session ends, nothing left in this tab after sign-out, and the fast way out.

const SOON = 5 * 60000; // how long before the end the warning comes

function forget(reason) {
  document.dispatchEvent(new Event(reason));
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft:")) sessionStorage.removeItem(key);
}

const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel("sign-out") : null;
otherTabs?.addEventListener("message", () => forget("signed-out"));

document.querySelectorAll("form[data-logout]").forEach(form => form.addEventListener("submit", () => {
  forget("signed-out");
  otherTabs?.postMessage("signed out");
}));

document.querySelectorAll("a[data-leave-fast]").forEach(link => link.addEventListener("click", event => {
  event.preventDefault();
  forget("leave-fast"); // autosave.js sends the last words and holds nothing back
  location.replace(link.href); // not in the history: "back" does not return here
}));

// A copy that its form has sent is dropped once the page after it is shown (autosave.js sees to its own page).
const arrival = performance.getEntriesByType("navigation")[0];
if (arrival?.redirectCount > 0)
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith("draft:") || document.querySelector(`form[data-autosave="${CSS.escape(key.slice(6))}"]`)) continue;
    try {
      const copy = JSON.parse(sessionStorage.getItem(key));
      if (copy.sent && copy.page === document.referrer.split("#")[0]) sessionStorage.removeItem(key);
    } catch { sessionStorage.removeItem(key); }
  }

const session = document.querySelector("[data-session-minutes]");
if (session) {
  const soon = session.querySelector("[data-session-soon]"), over = session.querySelector("[data-session-over]");
  let ends;
  const alive = () => {
    ends = Date.now() + session.dataset.sessionMinutes * 60000;
    soon.hidden = over.hidden = true;
  };
  const look = () => { // by the clock and not by one long timer: a sleeping telephone stops its timers
    over.hidden = Date.now() < ends;
    soon.hidden = Date.now() < ends - SOON || !over.hidden;
  };
  session.querySelector("[data-session-stay]").addEventListener("click", async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && !answer.redirected) alive();
    else if (answer) ends = Date.now();
    look();
  });
  document.addEventListener("session-alive", alive);
  alive();
  setInterval(look, 15000);
  document.addEventListener("visibilitychange", look);
}
