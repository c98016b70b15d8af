/**
 * Single keys for the queue and for a check. They can be switched off (WCAG 2.1.4), do nothing while somebody types, and
 * only press what the page offers anyway.
 */
const list = document.querySelector('[data-keys]');
const STORE = 'commonshelf:curate-keys';

/** Storage may be forbidden: then the switch lasts as long as the page. */
function kept() {
  try {
    return localStorage.getItem(STORE) !== 'off';
  } catch {
    return true;
  }
}
let on = kept();

const label = document.createElement('label');
label.className = 'choice';
const box = document.createElement('input');
box.type = 'checkbox';
box.checked = on;
const words = document.createElement('span');
words.textContent = list.dataset.label;
label.append(box, words);
list.querySelector('summary').after(label);
box.addEventListener('change', () => {
  on = box.checked;
  try {
    localStorage.setItem(STORE, on ? 'on' : 'off');
  } catch {
    // lasts as long as the page
  }
});

const typing = (target) =>
  target.closest('textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])') !== null;

/** The row, claim or question that has the focus, among its like. */
const current = (all) => all.findIndex((one) => one.contains(document.activeElement));
const focus = (element) => {
  element?.focus();
  element?.scrollIntoView({ block: 'nearest' });
};

function move(all, by, inside) {
  if (all.length === 0) return;
  const at = current(all);
  const next = at === -1 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  focus(all[next].querySelector(inside));
}

const rows = () => [...document.querySelectorAll('[data-queue] tbody tr')];
const claims = () =>
  [...document.querySelectorAll('[data-claim]')].filter((one) => one.querySelector('[type=radio]'));
const questions = () => [...document.querySelectorAll('[data-rubric]')];
const press = (selector, within = document) => {
  const button = within.querySelector(selector);
  button?.click();
  return button !== null;
};

function choose(claim, fit) {
  const radio = claim.querySelector(`[type=radio][value="${fit}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Says how the claim fits that has the focus (or the first without an answer), and goes where more is needed. */
function judge(fit) {
  const all = claims();
  const at = current(all);
  const claim = at === -1 ? (all.find((one) => !one.querySelector(':checked')) ?? all[0]) : all[at];
  if (!claim) return;
  choose(claim, fit);
  if (fit === 'full') focus((all[all.indexOf(claim) + 1] ?? claim).querySelector('[type=radio]'));
  else focus(claim.querySelector(fit === 'other_level' ? 'select' : '.why input'));
}

function rate(value) {
  const all = questions();
  const at = current(all);
  if (at === -1) return false;
  const radio = all[at].querySelector(`[value="${value}"]`);
  if (!radio) return false;
  radio.checked = true;
  focus((all[at + 1] ?? all[at]).querySelector('[type=radio]'));
  return true;
}

/** Sending back needs a reason: says so at the note, until something is written there. */
function askForNote() {
  const note = document.querySelector('#note');
  if (!document.querySelector('#note-error')) {
    const words = document.createElement('p');
    words.className = 'err';
    words.id = 'note-error';
    words.setAttribute('role', 'alert');
    words.textContent = form.dataset.noteFirst;
    const before = note.getAttribute('aria-describedby');
    note.before(words);
    note.setAttribute('aria-invalid', 'true');
    note.setAttribute('aria-describedby', [before, words.id].filter(Boolean).join(' '));
    note.addEventListener(
      'input',
      () => {
        words.remove();
        note.removeAttribute('aria-invalid');
        if (before === null) note.removeAttribute('aria-describedby');
        else note.setAttribute('aria-describedby', before);
      },
      { once: true },
    );
  }
  focus(note);
}

const fits = { f: 'full', p: 'part', l: 'other_level', x: 'none' };

function onCheck(key) {
  if (key in fits) judge(fits[key]);
  else if (key === 'j') move(claims(), 1, '[type=radio]');
  else if (key === 'k') move(claims(), -1, '[type=radio]');
  else if (key === 'F') {
    for (const claim of claims()) choose(claim, 'full');
    focus(claims().at(-1)?.querySelector(':checked'));
  } else if (key === 'r') focus(questions()[0]?.querySelector('[type=radio]'));
  else if (/^\d$/.test(key)) return rate(key);
  else if (key === 'm') focus(document.querySelector('#note'));
  else if (key === 'b' && document.querySelector('#note').value.trim() === '') askForNote();
  else return press(`[data-key="${CSS.escape(key)}"]`);
  return true;
}

function onQueue(key) {
  const all = rows();
  const row = all[current(all)];
  if (key === 'j') move(all, 1, '[data-open]');
  else if (key === 'k') move(all, -1, '[data-open]');
  else if (key === 't') return row ? press('[data-take]', row) : false;
  else if (key === 'h') return row ? press('[data-back]', row) : false;
  else return press(`[data-key="${CSS.escape(key)}"]`);
  return true;
}

const form = document.querySelector('[data-check]');
document.addEventListener('keydown', (event) => {
  if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === 'Escape') {
      event.target.blur();
      focus(event.target.closest('[data-claim]')?.querySelector(':checked'));
    }
    return;
  }
  if (event.key.length !== 1) return;
  if (form ? onCheck(event.key) : onQueue(event.key)) event.preventDefault();
});
