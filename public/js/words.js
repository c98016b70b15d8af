/** The words that the share scripts say: `template[data-words]` carries them in the page's language. */
const { dataset } = document.querySelector('template[data-words]');

/** A message with its `{places}` filled in. */
export const say = (key, places = {}) =>
  (dataset[key] ?? '').replace(/\{(\w+)\}/g, (_, name) => String(places[name] ?? ''));
