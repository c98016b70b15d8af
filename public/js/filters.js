/** Niceties of the search page: filters open beside the results where there is room, and addresses without empty parts. */
const panel = document.querySelector('.filters > details');
const roomy = matchMedia('(width >= 62rem)');

// Newer browsers do this by style alone.
if (panel && !CSS.supports('selector(::details-content)')) {
  const follow = () => {
    panel.open = roomy.matches;
  };
  roomy.addEventListener('change', follow);
  follow();
}

for (const form of document.querySelectorAll('form[method="get"][action="/search"]'))
  form.addEventListener('formdata', ({ formData }) => {
    const empty = [...formData].filter(([, value]) => value === '');
    for (const [name] of empty) formData.delete(name);
  });

/** Lists with more values than this get a field that narrows them down. */
const LONG = 12;
let finders = 0;

for (const facet of document.querySelectorAll('.facet[data-find]')) {
  const choices = [...facet.querySelectorAll('.choice')];
  if (choices.length > LONG) addFinder(facet, choices);
}

/** A field above a long list: what doesn't hold the typed letters is hidden, what is folded away is shown. */
function addFinder(facet, choices) {
  finders += 1;
  const input = document.createElement('input');
  input.type = 'search';
  input.id = `facet-find-${finders}`;
  input.className = 'facet-find';
  input.placeholder = facet.dataset.find;
  const label = document.createElement('label');
  label.className = 'sr';
  label.htmlFor = input.id;
  label.textContent = `${facet.dataset.find}: ${facet.querySelector('legend').textContent}`;
  const found = document.createElement('p');
  found.className = 'sr';
  found.role = 'status';
  facet.querySelector('legend').after(label, input, found);
  const branches = [...facet.querySelectorAll('details')].map((details) => ({ details, open: details.open }));
  const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  // A branch's own words stand in its summary; who looks for them wants what is in it.
  const wordsOf = (choice) =>
    plain(
      [choice, ...ancestors(choice, 'details', facet).map((details) => details.querySelector('summary'))]
        .map((part) => part.textContent)
        .join(' '),
    );
  const words = new Map(choices.map((choice) => [choice, wordsOf(choice)]));
  input.addEventListener('input', () => {
    const typed = plain(input.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const choice of choices) {
      const shown = typed.every((word) => words.get(choice).includes(word));
      choice.hidden = !shown;
      count += shown ? 1 : 0;
    }
    for (const { details, open } of branches) {
      const holds = details.querySelector('.choice:not([hidden])') !== null;
      details.hidden = !holds;
      details.open = typed.length > 0 ? holds : open;
    }
    found.textContent = typed.length > 0 ? String(count) : '';
  });
  // Enter would send the whole form; here it means nothing.
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault();
  });
}

function ancestors(node, selector, top) {
  const list = [];
  for (let at = node.parentElement; at && at !== top; at = at.parentElement)
    if (at.matches(selector)) list.push(at);
  return list;
}
