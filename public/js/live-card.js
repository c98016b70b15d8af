/** The card "on the shelf it will read" follows the form while it is filled in. */
import { say } from './words.js';

const form = document.querySelector('form[data-draft]');
const card = document.querySelector('[data-live-card]');
const part = (name) => card.querySelector(`[data-live="${name}"]`);
const order = [...form.querySelectorAll('[name="grade"]')].map((box) => box.value);

/** Neighboring grades drawn together: 3–5. */
function grades() {
  const chosen = [...form.querySelectorAll('[name="grade"]:checked')].map((box) => box.value);
  if (chosen.length === 0) return '';
  if (chosen.length === 1) return form.querySelector('[name="grade"]:checked').dataset.label;
  const runs = [];
  for (const grade of chosen) {
    const run = runs.at(-1);
    if (run && order.indexOf(grade) === order.indexOf(run.last) + 1) run.last = grade;
    else runs.push({ first: grade, last: grade });
  }
  return say('grades', {
    grades: runs.map(({ first, last }) => (first === last ? first : `${first}–${last}`)).join(', '),
  });
}

function draw() {
  const { title, summary, type, minutes, language } = form.elements;
  card.lang = language.value;
  part('title').textContent = title.value.trim() || say('untitled');
  part('summary').textContent = summary.value.trim();
  part('what').textContent = [
    type.value && type.selectedOptions[0].textContent,
    grades(),
    /^\d+$/.test(minutes.value.trim()) && say('minutes', { minutes: minutes.value.trim() }),
  ]
    .filter(Boolean)
    .join(', ');
  part('levels').replaceChildren(...levels());
}

/** Each level once, as the drawing that the list of levels has. */
function levels() {
  const names = new Set(
    [...form.querySelectorAll('[data-level]')]
      .filter((select) => select.value)
      .map((select) => select.selectedOptions[0].textContent),
  );
  return [...form.querySelectorAll('[data-level-signs] .level')]
    .filter((sign) => names.has(sign.textContent.trim()))
    .map((sign) => sign.cloneNode(true));
}

form.addEventListener('input', draw);
form.addEventListener('redrawn', draw);
