/**
 * The file of an import: dropped or chosen, with its size looked at before it is sent, and a progress bar while it
 * travels. What the portal says of a file it can't read stands beside the field, and everything typed stays. Without
 * this script the same form sends the same file.
 */
import { dropZone } from './drop-zone.js';
import { say } from './words.js';

const form = document.querySelector('form[data-import]');
const input = form.elements.files;
const drop = form.querySelector('[data-drop]');
const note = form.querySelector('[data-chosen]');
const progress = form.querySelector('[data-progress]');
const button = form.querySelector('button.btn');
const max = Number(form.dataset.max);
let request = null;

function tell(text, wrong = false) {
  note.hidden = text === '';
  note.textContent = text;
  note.classList.toggle('err', wrong);
  if (wrong) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

/** Says what was chosen. @returns whether it may be sent */
function look() {
  const [file] = input.files;
  for (const old of form.querySelectorAll('.err[id]')) old.remove();
  if (!file) {
    tell('');
    return false;
  }
  const large = file.size > max;
  tell(say(large ? 'tooLarge' : 'chosen', { name: file.name }), large);
  return !large;
}

function end(text) {
  request = null;
  progress.hidden = true;
  button.disabled = false;
  tell(text, true);
}

function send() {
  const [{ name }] = input.files;
  request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('accept', 'application/json');
  request.responseType = 'json';
  progress.hidden = false;
  progress.value = 0;
  button.disabled = true;
  let told = 0;
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    progress.value = loaded / total;
    const percent = Math.floor((loaded / total) * 100);
    if (percent < told + 25 && percent < 100) return;
    told = percent;
    tell(percent < 100 ? say('uploading', { name, percent }) : say('reading'));
  });
  request.addEventListener('error', () => end(say('failed', { name })));
  request.addEventListener('load', () => {
    const { status, response } = request;
    if (status === 201 && response?.location) {
      request = null;
      location.assign(response.location);
    } else if (status === 401) end(say('signIn'));
    else
      end(
        response?.errors?.map(({ message }) => message).join(' ') ??
          response?.title ??
          say('failed', { name }),
      );
  });
  request.send(new FormData(form));
}

form.addEventListener('submit', (event) => {
  if (request) {
    event.preventDefault();
    return;
  }
  // Without a file the portal itself says what is missing.
  if (input.files.length === 0) return;
  event.preventDefault();
  if (look()) send();
});
input.addEventListener('change', look);

dropZone(drop, ([file]) => {
  const one = new DataTransfer();
  one.items.add(file);
  input.files = one.files;
  look();
});

addEventListener('beforeunload', (event) => {
  if (request) event.preventDefault();
});
