/**
 * Several files at once, each in a request of its own: progress, cancel, try again, drag and drop. Each file is kept
 * as soon as it arrives. On the page that begins a draft, the draft is made first and opened when all have arrived.
 * Without this script the same field sends the files with the form.
 */
import { dropZone } from './drop-zone.js';
import { say } from './words.js';

const form = document.querySelector('form[data-upload], form[data-start]');
const input = form.elements.files;
const list = form.querySelector('[data-uploads]');
const status = form.querySelector('[data-upload-status]');
const drop = form.querySelector('[data-drop]');
const max = Number(form.dataset.max);

const waiting = [];
let running = 0;
let target = form.dataset.upload ?? null;
/** The draft's page, once it was begun from the start page. */
let opens = null;
let failed = 0;
let sent = false;

for (const button of form.querySelectorAll('[data-no-script]')) button.hidden = true;

function add(files) {
  for (const file of files) {
    const row = rowOf(file);
    list.append(row.element);
    if (file.size > max) row.fail(say('tooLarge', { name: file.name }), false);
    else waiting.push(row);
  }
  void next();
}

/**
 * One after the other, so that they stand in the order in which they were chosen, and title and pages come from the
 * first: of two on their way at once the smaller one would.
 */
async function next() {
  if (waiting.length === 0 || running >= 1) return;
  if (target === null) {
    // Where there is a choice of schools, the draft is begun when that has been made.
    if (form.elements.organization && !sent) return;
    await begin();
    if (target === null) return;
  }
  if (running < 1) waiting.shift()?.send();
}

let beginning = null;

/** Makes the draft that the files go into: the start form without its files. */
function begin() {
  beginning ??= (async () => {
    const data = new FormData(form);
    data.delete('files');
    try {
      const answer = await fetch(form.action, { method: 'POST', body: data });
      const [, id] = new URL(answer.url).pathname.match(/^\/resources\/([^/]+)\/edit$/) ?? [];
      if (!id) throw new Error('not begun');
      opens = answer.url;
      // The address belongs to the draft now; its own page has the field for it.
      form.elements.url.closest('.field').hidden = true;
      target = `/resources/${id}/draft/files`;
    } catch {
      for (const row of waiting.splice(0)) row.fail(say('failed', { name: row.name }), true);
      beginning = null;
    }
  })();
  return beginning;
}

function rowOf(file) {
  const element = document.createElement('li');
  element.dataset.underway = '';
  const words = document.createElement('div');
  const name = document.createElement('b');
  name.textContent = file.name;
  name.id = `upload-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
  const note = document.createElement('span');
  note.className = 'soft';
  words.append(name, ' ', note);
  const buttons = document.createElement('div');
  buttons.className = 'row small';
  const cancel = buttonOf(say('cancel'), file.name, () => {
    request?.abort();
    const at = waiting.indexOf(row);
    if (at >= 0) waiting.splice(at, 1);
    element.remove();
    input.focus();
  });
  buttons.append(cancel);
  const progress = document.createElement('progress');
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute('aria-labelledby', name.id);
  element.append(words, buttons, progress);

  let request;
  const row = {
    element,
    name: file.name,
    send() {
      running += 1;
      request = new XMLHttpRequest();
      request.open('POST', target);
      request.setRequestHeader('accept', 'application/json');
      request.responseType = 'json';
      let told = 0;
      request.upload.addEventListener('progress', ({ loaded, total }) => {
        progress.value = loaded / total;
        const percent = Math.floor((loaded / total) * 100);
        note.textContent = `${percent}%`;
        if (percent - told >= 25) {
          told = percent;
          status.textContent = say('uploading', { name: file.name, percent });
        }
      });
      request.addEventListener('load', () => arrived(request));
      request.addEventListener('error', () => row.fail(say('failed', { name: file.name }), true));
      request.addEventListener('loadend', done);
      const data = new FormData();
      data.append('files', file);
      request.send(data);
    },
    fail(message, again) {
      failed += 1;
      progress.remove();
      note.textContent = '';
      const reason = document.createElement('p');
      reason.className = 'err';
      reason.textContent = message;
      element.append(reason);
      cancel.firstChild.textContent = say('remove');
      if (again)
        buttons.prepend(
          buttonOf(say('again'), file.name, () => {
            failed -= 1;
            element.remove();
            add([file]);
          }),
        );
      status.textContent = message;
    },
  };

  function arrived({ status: code, response }) {
    if (code === 401) return row.fail(say('signIn'), true);
    if (code !== 201 || !response?.html)
      return row.fail(
        response?.message ?? response?.title ?? say('failed', { name: file.name }),
        code >= 500,
      );
    status.textContent = say('uploaded', { name: file.name });
    element.insertAdjacentHTML('beforebegin', response.html);
    element.remove();
    const { title } = form.elements;
    if (response.title && title && title.value === '') {
      title.value = response.title;
      title.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }

  return row;
}

function buttonOf(words, name, press) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn quiet small';
  const about = document.createElement('span');
  about.className = 'sr';
  about.textContent = ` ${name}`;
  button.append(words, about);
  button.addEventListener('click', press);
  return button;
}

function done() {
  running -= 1;
  void next();
  if (opens && running === 0 && waiting.length === 0 && failed === 0) location.assign(opens);
}

input.addEventListener('change', () => {
  add([...input.files]);
  input.value = '';
});

dropZone(drop, add);

if (form.dataset.start !== undefined)
  form.addEventListener('submit', (event) => {
    if (!opens && waiting.length === 0) return;
    // The draft exists already and has the files: open it instead of making another.
    event.preventDefault();
    sent = true;
    if (opens && running === 0) location.assign(opens);
    else void next();
  });

addEventListener('beforeunload', (event) => {
  if (running > 0 || waiting.length > 0) event.preventDefault();
});
