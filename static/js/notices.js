// Notices in this browser. The browser asks for leave only when the button is pressed; without this file the page says
// that it cannot be done, and e-mail goes on as before.

const form = document.querySelector("form[data-push]");
const usable = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function say(what) {
  for (const each of document.querySelectorAll("[data-push-says]")) each.hidden = each.dataset.pushSays !== what;
}

function bytes(base64url) {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, letter => letter.charCodeAt(0));
}

function base64url(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function fingerprint(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("");
}

// A browser that was switched on with an older key of ours is let go: its push service would refuse us.
async function fresh(registration) {
  const kept = await registration.pushManager.getSubscription();
  if (!kept || base64url(kept.options.applicationServerKey) === form.dataset.push) return kept;
  await kept.unsubscribe();
  return null;
}

async function switchOn() {
  if (await Notification.requestPermission() !== "granted") return say("denied");
  await navigator.serviceWorker.register(form.dataset.worker);
  const registration = await active();
  const subscription = await fresh(registration) || await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(form.dataset.push),
  });
  form.elements.endpoint.value = subscription.endpoint;
  form.elements.p256dh.value = base64url(subscription.getKey("p256dh"));
  form.elements.auth.value = base64url(subscription.getKey("auth"));
  form.requestSubmit();
}

// `serviceWorker.ready` waits for a worker over this page; ours lies over the folder of scripts alone.
async function active() {
  const registration = await navigator.serviceWorker.getRegistration(form.dataset.worker);
  const coming = registration.installing || registration.waiting;
  if (coming && !registration.active)
    await new Promise(done => coming.addEventListener("statechange", () => coming.state === "activated" && done()));
  return registration;
}

async function markThisBrowser() {
  const registration = await navigator.serviceWorker.getRegistration(form.dataset.worker);
  const kept = await registration?.pushManager.getSubscription();
  if (!kept || base64url(kept.options.applicationServerKey) !== form.dataset.push) return false;
  const row = document.querySelector(`[data-browser="${await fingerprint(kept.endpoint)}"]`);
  if (row) row.querySelector("[data-this-browser]").hidden = false;
  return Boolean(row);
}

async function start() {
  if (Notification.permission === "denied") return say("denied");
  const on = await markThisBrowser();
  form.hidden = on;
  say(on ? "on" : "");
}

if (form && usable) {
  form.querySelector("button").addEventListener("click", () => switchOn().catch(() => say("failed")));
  start().catch(() => say("failed"));
}
