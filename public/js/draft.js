/**
 * The share form saves itself. What was typed is sent two seconds after the last key; until the server has it, it is
 * also kept in this browser, so a lost connection, an ended session or a crash loses nothing. Another tab's change is
 * met by the server's own page that shows both texts. Buttons that change files or standards redraw only their part,
 * so that an upload under way goes on.
 */
import { say } from './words.js';

const form = document.querySelector('form[data-draft]');
const status = document.querySelector('[data-save-status] span');
const key = `commonshelf-draft-${form.dataset.draft}`;
const redrawn = new Set(['find', 'add', 'drop', 'remove', 'audience', 'first', 'upload']);

let timer;
/** What is being sent; the next thing waits for it, since each answer brings a new revision. */
let sending = Promise.resolve();
let pending = 0;
/** Grows with each thing typed or chosen, to notice what was typed while an answer was on its way. */
let edits = 0;
let saved = snapshot();

/** All that was typed and chosen, without files and without what says nothing about the draft. */
function fields() {
  const data = new FormData(form);
  for (const name of ['files', 'find', 'do']) data.delete(name);
  return data;
}

function snapshot() {
  return JSON.stringify([...fields()].filter(([name]) => name !== 'revision'));
}

function announce(text, link) {
  status.replaceChildren(text);
  if (link) status.append(' ', link);
}

function linkTo(url, text) {
  const link = document.createElement('a');
  link.href = url;
  link.textContent = text;
  return link;
}

/** Storage may be full or forbidden; the draft then simply isn't kept in this browser. */
function keepHere(submitted = false) {
  try {
    const kept = { revision: form.elements.revision.value, submitted, entries: JSON.parse(snapshot()) };
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {}
}

function forget() {
  try {
    localStorage.removeItem(key);
  } catch {}
}

function queue(work) {
  pending += 1;
  const run = () => work();
  sending = sending.then(run, run).finally(() => {
    pending -= 1;
  });
  return sending;
}

async function save({ keepalive = false } = {}) {
  clearTimeout(timer);
  const now = snapshot();
  if (now === saved) return;
  announce(say('saving'));
  // The page may be gone before the answer: whether it arrived shows in the revision of the next one.
  if (keepalive) keepHere(true);
  let answer;
  try {
    answer = await fetch(form.action, {
      method: 'POST',
      body: fields(),
      headers: { accept: 'application/json' },
      keepalive,
    });
  } catch {
    announce(say('offline'));
    timer = setTimeout(() => queue(save), 10_000);
    return;
  }
  await settle(answer, now);
}

async function settle(answer, sent) {
  if (answer.status === 401) return signInFirst();
  if (answer.status === 409) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'as-link';
    button.textContent = say('compare');
    // The form as it stands, sent whole: the server answers with both texts side by side.
    button.addEventListener('click', () => form.submit());
    return announce(say('conflict'), button);
  }
  if (!answer.ok) {
    timer = setTimeout(() => queue(save), 30_000);
    return announce(say('offline'));
  }
  const { revision, savedAt, errors } = await answer.json();
  form.elements.revision.value = revision;
  saved = sent;
  if (snapshot() === sent) forget();
  else later();
  if (errors.length > 0)
    return announce(`${say('refused')} ${errors.map((error) => error.message).join(' ')}`);
  announce(
    say('saved', {
      time: new Date(savedAt).toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short' }),
    }),
  );
}

function signInFirst() {
  keepHere();
  announce(
    say('signIn'),
    linkTo(`/sign-in?why=ended&next=${encodeURIComponent(location.pathname)}`, say('signInLink')),
  );
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => queue(save), 2000);
}

/** Spaces that the server tidies make no difference. */
const plain = (text) => text.replace(/\s|\\n/g, '');

/** Brings back what was typed before the last page of this draft was lost. */
function restore() {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {}
  if (!kept || plain(JSON.stringify(kept.entries)) === plain(saved)) return forget();
  // It was sent whole and the revision moved on: the server has it.
  if (kept.submitted && kept.revision !== form.elements.revision.value) return forget();
  const values = new Map();
  for (const [name, value] of kept.entries) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (
      !control.name ||
      ['files', 'find', 'do', 'revision', 'standard', 'level', 'relation'].includes(control.name)
    )
      continue;
    const given = values.get(control.name) ?? [];
    if (control.type === 'checkbox' || control.type === 'radio')
      control.checked = given.includes(control.value);
    else if (given[0] !== undefined) control.value = given[0];
  }
  // With the old revision, so that another tab's change since then is noticed and not written over.
  form.elements.revision.value = kept.revision;
  announce(say('restored'));
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

/**
 * What is kept belongs to the tab that typed it. While that tab is open it saves its text itself; only when it is gone
 * may another one bring the text back, else both would save it and meet each other as a conflict.
 */
async function restoreWhenAlone() {
  // On a plain-http address in the network a browser has no locks.
  if (!navigator.locks) return restore();
  const untilClosed = () => new Promise(() => {});
  await navigator.locks.request(key, { ifAvailable: true }, (lock) => {
    if (!lock) return;
    restore();
    return untilClosed();
  });
  await navigator.locks.request(key, untilClosed);
}

/** Sends the form with a button and takes over the parts of the answer that the button changes. */
async function redraw(submitter) {
  clearTimeout(timer);
  const [verb] = submitter.value.split(':');
  const sent = edits;
  const data = fields();
  data.set('do', submitter.value);
  data.set('find', verb === 'find' ? form.elements.find.value : '');
  const answer = await fetch(form.action, { method: 'POST', body: data, headers: { accept: 'text/html' } });
  if (answer.status === 401 || new URL(answer.url).pathname === '/sign-in') return signInFirst();
  // Anything that isn't the form again (both texts, an error) is shown by the browser itself.
  if (!answer.ok && answer.status !== 422) return form.submit();
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('form[data-draft]');
  if (!fresh) return location.assign(answer.url);
  form.elements.revision.value = fresh.elements.revision.value;
  for (const part of fresh.querySelectorAll('[data-part]')) take(part);
  form.elements.find.value = verb === 'add' ? '' : form.elements.find.value;
  if (edits === sent) {
    saved = snapshot();
    forget();
  } else later();
  announce(page.querySelector('[data-save-status] span').textContent);
  focusAfter(verb, submitter.value);
  form.dispatchEvent(new CustomEvent('redrawn'));
}

/** Rows of uploads that are still on their way stay where they are. */
function take(part) {
  const old = form.querySelector(`[data-part="${part.dataset.part}"]`);
  const underway = old.querySelectorAll('[data-underway]');
  old.replaceChildren(...part.childNodes, ...underway);
}

function focusAfter(verb, value) {
  const target =
    verb === 'add'
      ? [...form.querySelectorAll('[data-part="picked"] [data-level]')].at(-1)
      : verb === 'find'
        ? form.querySelector('[data-part="found"] button')
        : form.querySelector(`button[value="${CSS.escape(value)}"]`);
  (target ?? (['find', 'add', 'drop'].includes(verb) ? form.elements.find : form.elements.files)).focus();
}

form.addEventListener('input', (event) => {
  if (['find', 'files'].includes(event.target.name)) return;
  edits += 1;
  keepHere();
  later();
});

form.addEventListener('submit', (event) => {
  const verb = event.submitter?.value.split(':')[0] ?? 'save';
  if (redrawn.has(verb) && form.elements.files.files.length === 0) {
    event.preventDefault();
    const { submitter } = event;
    queue(() => redraw(submitter)).catch(() => announce(say('offline')));
    return;
  }
  clearTimeout(timer);
  if (pending > 0) {
    // The answer on its way brings the revision that this must be sent with.
    event.preventDefault();
    const { submitter } = event;
    void sending.finally(() => form.requestSubmit(submitter));
    return;
  }
  if (verb === 'discard') forget();
  else keepHere(true);
});

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden' && pending === 0) void queue(() => save({ keepalive: true }));
});
addEventListener('online', () => queue(save));

void restoreWhenAlone();
