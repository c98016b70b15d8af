/**
 * A session that is about to end says so and offers to go on; what was typed into a form isn't lost when it ends all the
 * same. The text stays in this tab (sessionStorage) and is put back, for the same person alone, into the same form after
 * they signed in again. The same goes for a form that was refused or lost on an error page. The share form keeps its draft
 * itself.
 */
const KEY = 'commonshelf-typed';
const WARN_MS = 5 * 60_000;
/** What was kept is forgotten after this: a computer may be somebody else's the next day. */
const KEPT_MS = 12 * 3600_000;
/** Nobody wants these back, or should find them. */
const NOT_KEPT = new Set(['password', 'file', 'hidden', 'submit', 'button', 'image', 'reset']);

const box = document.querySelector('[data-session]');
const dirty = new Set();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}

/** Storage may be full or forbidden; then nothing is kept. */
function write(kept) {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {}
}

const isOurs = (form) =>
  form.method === 'post' &&
  form.dataset.draft === undefined &&
  new URL(form.action).origin === location.origin;

const controlsOf = (form) =>
  [...form.elements].filter((control) => control.name && !NOT_KEPT.has(control.type) && !control.readOnly);

function entriesOf(form) {
  return controlsOf(form).flatMap((control) => {
    if (control.type === 'checkbox' || control.type === 'radio')
      return [[control.name, control.value, control.checked]];
    if (control.type === 'select-multiple') return [];
    return [[control.name, control.value]];
  });
}

function keep(forms, refused) {
  const list = forms
    .filter((form) => isOurs(form) && controlsOf(form).length > 0)
    .map((form) => ({ action: form.action, entries: entriesOf(form) }));
  if (list.length > 0) write({ who: box.dataset.session, at: Date.now(), refused, forms: list });
}

function putBack(form, entries) {
  for (const [name, value, checked] of entries)
    for (const control of controlsOf(form)) {
      if (control.name !== name) continue;
      if (checked === undefined) {
        if (control.type !== 'checkbox' && control.type !== 'radio') control.value = value;
      } else if (control.value === value) control.checked = checked;
    }
  for (let part = form.closest('details'); part; part = part.parentElement.closest('details'))
    part.open = true;
  for (const part of form.querySelectorAll('details')) part.open = true;
  const note = document.createElement('p');
  note.className = 'note';
  note.role = 'status';
  form.before(note);
  // Filled after it stands there, so that screen readers say it.
  setTimeout(() => (note.textContent = box.dataset.restored), 100);
  form.dispatchEvent(new Event('input', { bubbles: true }));
  note.scrollIntoView({ block: 'center' });
}

function restore() {
  const kept = read();
  if (!kept) return;
  const old = Date.now() - kept.at > KEPT_MS;
  if (!kept.refused || old || kept.who !== box.dataset.session) return write(null);
  const left = kept.forms.filter(({ action, entries }) => {
    const form = [...document.forms].find((one) => isOurs(one) && one.action === action);
    if (form) putBack(form, entries);
    return !form;
  });
  write(left.length > 0 ? { ...kept, forms: left } : null);
}

/** Until when the session goes on: without another request, and at most. In ms of this clock. */
let idleEnd;
let lastEnd;
let timer;
let hidden = false;

function reckon({ idle, last }) {
  idleEnd = Date.now() + idle * 1000;
  lastEnd = Date.now() + last * 1000;
  hidden = false;
  watch();
}

const clock = (time) =>
  new Date(time).toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short' });

function say(text, { stay = false, again = false } = {}) {
  const line = box.querySelector('[data-say]');
  if (line.textContent !== text) line.textContent = text;
  box.querySelector('[data-stay]').hidden = !stay;
  const link = box.querySelector('[data-again]');
  link.hidden = !again;
  link.href = `/sign-in?why=ended&next=${encodeURIComponent(location.pathname + location.search)}`;
  box.hidden = hidden;
}

function watch() {
  clearTimeout(timer);
  const end = Math.min(idleEnd, lastEnd);
  const left = end - Date.now();
  if (left <= 0) {
    hidden = false;
    keep([...dirty], true);
    return say(box.dataset.over, { again: true });
  }
  timer = setTimeout(watch, Math.max(1000, Math.min(left - (left > WARN_MS ? WARN_MS : 0), 2 ** 31 - 1)));
  if (left > WARN_MS) {
    box.hidden = true;
    return;
  }
  const atLast = lastEnd <= idleEnd;
  say(box.dataset[atLast ? 'lastSoon' : 'soon'].replace('{time}', clock(end)), { stay: !atLast });
}

async function stay() {
  try {
    const answer = await fetch('/account/session', {
      headers: { accept: 'application/json' },
      redirect: 'manual',
    });
    if (!answer.ok) throw new Error('ended');
    const session = await answer.json();
    reckon(session);
    tellOthers(session);
    box.querySelector('[data-say]').textContent = box.dataset.stayed.replace('{time}', clock(idleEnd));
    box.querySelector('[data-stay]').hidden = true;
    box.hidden = false;
  } catch {
    idleEnd = Date.now();
    watch();
  }
}

/** A tab that is used keeps the session going for all. */
const others = 'BroadcastChannel' in window ? new BroadcastChannel('commonshelf-session') : null;
const tellOthers = (session) => others?.postMessage({ who: box.dataset.session, ...session });

/** The page that says that a form wasn't taken: the session had ended, the database is away, the disk is full … */
function keepRefused(answer) {
  const kept = read();
  if (!kept) return;
  write({ ...kept, refused: true });
  for (const line of answer.querySelectorAll('[data-kept]')) line.hidden = false;
}

const refusal = document.querySelector('[data-keeps-typed]');
if (refusal) keepRefused(refusal);
if (box) {
  if (!refusal) restore();
  document.addEventListener('input', ({ target }) => {
    if (target.form && target.form.method === 'post') dirty.add(target.form);
  });
  // In the capture phase: a form that is sent by a script of its own is kept too.
  const submitted = ({ target }) =>
    target.action.endsWith('/sign-out') ? write(null) : keep([...new Set([target, ...dirty])], false);
  document.addEventListener('submit', submitted, true);
  box.querySelector('[data-stay]').addEventListener('click', stay);
  box.querySelector('[data-hide]').addEventListener('click', () => {
    hidden = true;
    box.hidden = true;
  });
  others?.addEventListener('message', ({ data }) => {
    if (data.who === box.dataset.session) reckon(data);
  });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && watch());
  const session = { idle: Number(box.dataset.idle), last: Number(box.dataset.last) };
  reckon(session);
  tellOthers(session);
}
