/**
 * Follows a run: asks for its page again while it is open, and takes over how far it is. When it is over, the page is
 * shown anew with its report. Without this script the page has a link, and fetches itself again.
 */
const section = document.querySelector('[data-follow]');
const PAUSE = 1500;
const LONGEST = 15_000;

async function look(pause) {
  // Nobody looks: nobody is asked.
  if (document.hidden) {
    addEventListener('visibilitychange', () => look(PAUSE), { once: true });
    return;
  }
  let next = pause;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (answer.ok) {
      const fresh = new DOMParser()
        .parseFromString(await answer.text(), 'text/html')
        .querySelector('[data-follow]');
      if (!fresh) {
        location.reload();
        return;
      }
      take(fresh);
      next = PAUSE;
    } else if (answer.status < 500) return;
    else next = Math.min(LONGEST, pause * 2);
  } catch {
    next = Math.min(LONGEST, pause * 2);
  }
  setTimeout(look, next, next);
}

function take(fresh) {
  const bar = section.querySelector('[data-live="value"]');
  bar.value = fresh.querySelector('[data-live="value"]').value;
  const [text, now] = [section, fresh].map((part) => part.querySelector('[data-live="text"]'));
  if (text.textContent !== now.textContent) text.textContent = now.textContent;
}

if (section) setTimeout(look, PAUSE, PAUSE);
