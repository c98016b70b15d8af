/** Moves the items of a collection in place: by their buttons, and by dragging. Without this every move is a page. */
const board = document.querySelector('[data-arrange]');
const said = document.querySelector('[data-said]');
const lists = () => [...board.querySelectorAll('.arranged[data-section]')];
const items = () => [...board.querySelectorAll('li[data-id]')];

/** Sends a form's fields and what is to be done; gives back whether it was done. */
async function send(form, more) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      body,
      headers: { Accept: 'application/json' },
    });
    if (answer.status !== 204) return false;
  } catch {
    return false;
  }
  const note = form.querySelector('textarea');
  const revision = form.querySelector('[name=revision]');
  if (note.value.trim() !== note.defaultValue.trim()) revision.value = Number(revision.value) + 1;
  note.defaultValue = note.value;
  return true;
}

/** Sends the form as a page would, so that the portal can say what is in the way. */
function asPage(form, more) {
  for (const [name, value] of Object.entries(more)) {
    const field = form.querySelector(`[name="${name}"]:not(button)`) ?? document.createElement('input');
    if (!field.name) Object.assign(field, { type: 'hidden', name });
    field.value = value;
    form.append(field);
  }
  form.submit();
}

function put(item, what) {
  const list = item.parentElement;
  const all = lists();
  const at = all.indexOf(list);
  if (what === 'first') list.prepend(item);
  if (what === 'last') list.append(item);
  if (what === 'up') {
    if (item.previousElementSibling) item.previousElementSibling.before(item);
    else all[at - 1]?.append(item);
  }
  if (what === 'down') {
    if (item.nextElementSibling) item.nextElementSibling.after(item);
    else all[at + 1]?.prepend(item);
  }
}

/** What the place of an item decides about its row, and a word to who can't see it. */
function settle(item) {
  const all = items();
  for (const [index, one] of all.entries()) {
    one.querySelector('[value=up]').disabled = index === 0 && one.parentElement === lists()[0];
    one.querySelector('[value=down]').disabled =
      index === all.length - 1 && one.parentElement === lists().at(-1);
    const section = one.querySelector('select[name=section]');
    if (section) section.value = one.parentElement.dataset.section;
  }
  for (const list of lists()) {
    const empty = list.parentElement.querySelector('.part-empty');
    if (empty) empty.hidden = list.children.length > 0;
  }
  const count = item.parentElement.children.length;
  const place = [...item.parentElement.children].indexOf(item) + 1;
  said.textContent = board.dataset.moved
    .replace('{title}', item.dataset.title)
    .replace('{place}', place)
    .replace('{count}', count);
}

board?.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event;
  const item = form.closest('li[data-id]');
  if (!item || !['up', 'down', 'first', 'last'].includes(submitter?.value)) return;
  event.preventDefault();
  const what = submitter.value;
  if (!(await send(form, { do: what }))) return asPage(form, { do: what });
  put(item, what);
  settle(item);
  (submitter.disabled ? form.querySelector('.moves button:not(:disabled)') : submitter).focus();
  item.scrollIntoView({ block: 'nearest' });
});

/** Dragging begins at the handle alone, so that words in the row can still be selected. */
let dragged = null;
let start = null;
if (board) {
  document.querySelector('[data-drag-hint]').hidden = false;
  for (const item of items()) {
    const handle = document.createElement('span');
    handle.className = 'handle';
    handle.title = board.dataset.handle;
    handle.ariaHidden = 'true';
    handle.textContent = '⠿';
    handle.addEventListener('pointerdown', () => (item.draggable = true));
    handle.addEventListener('pointerup', () => (item.draggable = false));
    item.querySelector('.thumb').append(handle);
    item.addEventListener('dragstart', (event) => {
      dragged = item;
      start = { list: item.parentElement, next: item.nextElementSibling };
      event.dataTransfer.effectAllowed = 'move';
      item.classList.add('dragged');
    });
    item.addEventListener('dragend', () => drop(item));
  }
  board.addEventListener('dragover', (event) => {
    if (!dragged) return;
    event.preventDefault();
    const part = event.target.closest('.part');
    const list = part?.querySelector('.arranged');
    if (!list) return;
    const next = [...list.children].find((one) => {
      const { top, height } = one.getBoundingClientRect();
      return one !== dragged && event.clientY < top + height / 2;
    });
    list.insertBefore(dragged, next ?? null);
  });
  board.addEventListener('drop', (event) => event.preventDefault());
}

async function drop(item) {
  item.draggable = false;
  item.classList.remove('dragged');
  dragged = null;
  const { list, next } = start;
  if (item.parentElement === list && item.nextElementSibling === next) return;
  const place = {
    do: 'place',
    section: item.parentElement.dataset.section,
    before: item.nextElementSibling?.dataset.id ?? '',
  };
  const form = item.querySelector('form');
  if (await send(form, place)) return settle(item);
  list.insertBefore(item, next);
  asPage(form, place);
}

export {};
