// Puts a phrase into the reply where the cursor stands: <div data-phrases="ID of the textarea"> around the phrases, each
// with <button data-phrase="words" hidden>. Without JavaScript the phrases are a list to copy from.

for (const list of document.querySelectorAll("[data-phrases]")) {
  const field = document.getElementById(list.dataset.phrases);
  if (!field) continue;
  for (const button of list.querySelectorAll("[data-phrase]")) {
    button.hidden = false;
    button.addEventListener("click", () => insert(field, button.dataset.phrase));
  }
}

function insert(field, phrase) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = value.slice(0, start), after = value.slice(end);
  const lead = before && !/\s$/.test(before) ? "\n\n" : "", tail = after && !/^\s/.test(after) ? "\n\n" : "";
  field.setRangeText(lead + phrase + tail, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true })); // so that the autosave hears of it
  field.focus();
  const gap = phrase.search(/\[[^\]]+\]/); // the first thing to fill in is selected, ready to be written over
  if (gap < 0) return;
  const from = start + lead.length + gap;
  field.setSelectionRange(from, from + phrase.slice(gap).indexOf("]") + 1);
}
