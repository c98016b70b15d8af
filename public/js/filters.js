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
