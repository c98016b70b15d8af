/**
 * A part of the page that files can be dropped on; it shows when some are held over it.
 * @param {HTMLElement} zone
 * @param {(files: File[]) => void} take called with at least one file
 */
export function dropZone(zone, take) {
  for (const kind of ['dragenter', 'dragover'])
    zone.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      zone.classList.add('over');
    });
  for (const kind of ['dragleave', 'drop']) zone.addEventListener(kind, () => zone.classList.remove('over'));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length > 0) take(files);
  });
}
