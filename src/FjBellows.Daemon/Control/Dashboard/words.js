// Numbers and elements for people.

export const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** 75 → "1 min 15 s", 4000 → "1 h 6 min". */
export function lasting(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 && s < 600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

export const clock = at => new Date(at).toLocaleTimeString();

export const many = (n, one, more = `${one}s`) => `${n} ${n === 1 ? one : more}`;

/** An element; `text` is text and nothing else, whatever a job is called. */
export function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

/** Writes only what changed: what has the focus or is being read is left alone. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Keeps one child for each item, by key, in order; make(item) once, show(child, item) each time. */
export function list(parent, items, key, make, show) {
  const there = new Map([...parent.children].map(child => [child.dataset.key, child]));
  let before = parent.firstElementChild;
  for (const item of items) {
    const k = String(key(item));
    let child = there.get(k);
    if (!child) {
      child = make(item);
      child.dataset.key = k;
    }
    there.delete(k);
    if (child === before) before = before.nextElementSibling;
    else parent.insertBefore(child, before);
    show(child, item);
  }
  for (const gone of there.values()) gone.remove();
}
