/** A button that copies the link, beside the field that shows it. */
for (const field of document.querySelectorAll('[data-copy]')) {
  const input = field.querySelector('input');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn quiet';
  button.textContent = field.dataset.copy;
  const said = document.createElement('span');
  said.className = 'soft small';
  said.role = 'status';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(input.value);
      said.textContent = field.dataset.copied;
    } catch {
      input.select(); // ready for the keyboard
    }
  });
  field.append(button, said);
}
