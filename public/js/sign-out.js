/** Whoever signs out leaves nothing they typed behind in this browser: the next person may sit at the same machine. */
document.querySelector('form[action="/sign-out"]')?.addEventListener('submit', () => {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith('commonshelf-draft-')) localStorage.removeItem(key);
  } catch {}
});
