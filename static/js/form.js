// Any form: the error summary takes focus, a double click sends once, Ctrl+Enter sends where the form says so.

const summary = document.querySelector("[data-error-summary]");
if (summary) {
  document.title = `${summary.dataset.errorSummary} ${document.title}`;
  summary.focus();
}

const AGAIN = 8000; // a submit that got no answer may be repeated: the server knows a repeated key

function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-disabled]").forEach(button => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", event => {
  const form = event.target;
  if (form.method !== "post" || form.target || event.defaultPrevented) return;
  if (form.dataset.sending) return event.preventDefault();
  form.dataset.sending = "1";
  event.submitter?.setAttribute("aria-disabled", "true"); // not disabled: a disabled button's value is not sent
  setTimeout(release, AGAIN, form);
}, true);

addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

document.addEventListener("keydown", event => {
  const form = event.target.closest?.("form[data-ctrl-enter]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
