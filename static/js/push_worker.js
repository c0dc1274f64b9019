// Shows a notice that the push service brought, also when no page is open. It keeps nothing and asks for nothing.

self.addEventListener("push", event => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // An empty push is shown all the same: a browser that shows nothing loses the right to be woken.
  }
  event.waitUntil(self.registration.showNotification(told.title || "iKBT", {
    body: told.body || "",
    tag: told.tag, // a second copy takes the place of the first
    data: told.path,
    requireInteraction: true,
  }));
});

self.addEventListener("notificationclick", event => {
  event.notification.close();
  const path = String(event.notification.data || "/");
  const url = new URL(path, self.location.origin);
  event.waitUntil(self.clients.openWindow(url.origin === self.location.origin ? url.href : "/"));
});
