/**
 * Suggestions below a text field, as an ARIA 1.2 combobox with a list: arrows move, Enter takes, Escape closes, and
 * nothing is chosen until someone chooses it. Without this script the field's form works as it stands.
 *
 * `data-suggest` says what is offered: `search` (words, standards, topics), `standards` (opens the standard) or
 * `pick` (adds the standard to the share form).
 */
const sources = {
  search: { url: '/api/v1/suggest?q=', read: (answer) => (answer.suggestions ?? []).map(fromSuggestion) },
  standards: { url: '/api/v1/standards?limit=8&q=', read: (answer) => answer.standards.map(fromStandard) },
  pick: { url: '/api/v1/standards?limit=8&q=', read: (answer) => answer.standards.map(fromStandard) },
};

/** The API gives whole addresses; whoever came by another name of this host stays there. */
const here = (url) => {
  const { pathname, search } = new URL(url, location);
  return pathname + search;
};

const fromSuggestion = ({ text, note, url }) => ({ text, note: note ?? '', url: here(url) });

const fromStandard = ({ guid, code, statement, short_statement: short, framework, url }) => ({
  guid,
  code,
  text: short ?? statement,
  note: framework.title,
  url: here(url),
});

/** Between a list and the edge of the window, and the least height of a list, in pixels. */
const EDGE = 8;
const LEAST = 96;

let lists = 0;

function enhance(input) {
  const kind = input.dataset.suggest;
  const source = sources[kind];
  lists += 1;
  const listId = `suggestions-${lists}`;
  const list = document.createElement('ul');
  list.id = listId;
  list.className = 'suggestions';
  list.role = 'listbox';
  list.hidden = true;
  list.setAttribute('aria-label', input.labels[0]?.textContent.trim() ?? '');
  input.parentElement.classList.add('suggests');
  input.parentElement.append(list);
  input.role = 'combobox';
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', listId);
  input.setAttribute('aria-expanded', 'false');

  let items = [];
  let current = -1;
  let timer;
  let asked;

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    current = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const move = (to) => {
    const options = [...list.children];
    current = (to + options.length + 1) % (options.length + 1);
    // One place after the last option is the field itself.
    if (current === options.length) current = -1;
    for (const [index, option] of options.entries()) option.ariaSelected = String(index === current);
    if (current < 0) input.removeAttribute('aria-activedescendant');
    else {
      input.setAttribute('aria-activedescendant', options[current].id);
      options[current].scrollIntoView({ block: 'nearest' });
    }
  };

  /** Below the field, or above it where that has more room and below isn't enough; never higher than the room there. */
  const place = () => {
    list.style.maxBlockSize = '';
    list.classList.remove('above');
    const field = input.parentElement.getBoundingClientRect();
    const below = innerHeight - field.bottom;
    const above = list.offsetHeight + EDGE > below && field.top > below;
    list.classList.toggle('above', above);
    const room = (above ? field.top : below) - EDGE;
    if (list.offsetHeight > room) list.style.maxBlockSize = `${Math.max(room, LEAST)}px`;
  };

  const show = (found) => {
    items = found;
    current = -1;
    input.removeAttribute('aria-activedescendant');
    list.replaceChildren(...found.map((item, index) => optionOf(item, `${listId}-${index}`)));
    list.hidden = found.length === 0;
    input.setAttribute('aria-expanded', String(found.length > 0));
    place();
  };

  const ask = async () => {
    const typed = input.value.trim();
    if (typed.length < 2) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(source.url + encodeURIComponent(typed), {
        headers: { accept: 'application/json' },
        signal: asked.signal,
      });
      if (answer.ok && document.activeElement === input) show(source.read(await answer.json()));
    } catch {
      // No suggestions: the field goes on as a plain field.
    }
  };

  const take = (item) => {
    close();
    if (kind === 'pick') return pick(input, item);
    if (item.url) return location.assign(item.url);
    input.value = item.text;
    input.form.requestSubmit();
  };

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) void ask();
      else move(event.key === 'ArrowDown' ? current + 1 : current < 0 ? items.length - 1 : current - 1);
    } else if (event.key === 'Enter' && current >= 0) {
      event.preventDefault();
      take(items[current]);
    } else if (event.key === 'Enter' && kind === 'pick') {
      // In the share form Enter looks for what was typed; it must not press the form's first button.
      event.preventDefault();
      close();
      press(input.form, 'find');
    }
  });
  // The field keeps the focus while an option is pressed.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (option) take(items[[...list.children].indexOf(option)]);
  });
}

function optionOf(item, id) {
  const option = document.createElement('li');
  option.id = id;
  option.role = 'option';
  option.ariaSelected = 'false';
  const words = document.createElement('span');
  if (item.code) {
    const code = document.createElement('b');
    code.textContent = `${item.code} `;
    words.append(code);
  }
  words.append(item.text);
  const note = document.createElement('small');
  note.textContent = item.note;
  option.append(words, note);
  return option;
}

function pick(input, item) {
  input.value = '';
  press(input.form, `add:${item.guid}`);
}

/** Presses a button of the share form that isn't there: the form can't tell the difference. */
function press(form, value) {
  const button = document.createElement('button');
  button.name = 'do';
  button.value = value;
  button.hidden = true;
  form.append(button);
  form.requestSubmit(button);
  button.remove();
}

for (const input of document.querySelectorAll('input[data-suggest]')) enhance(input);
