/**
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front on its way out and loses it on its way
 * in, so that nothing runs on the reader's machine and a file that was exported and sent back has not changed.
 * OWASP, CSV injection: `= + - @`, tab, carriage return, NUL. One that begins with an apostrophe and such a sign gets
 * another apostrophe, so that it comes back as it was.
 */
const RISKY = /^'*[=+\-@\t\r\0]/;
const GUARDED = /^'+[=+\-@\t\r\0]/;

/** A cell as it may be written into CSV or XLSX. */
export const neutralizeCell = (text: string): string => (RISKY.test(text) ? `'${text}` : text);

/** A cell as it was before `neutralizeCell`. */
export const restoreCell = (text: string): string => (GUARDED.test(text) ? text.slice(1) : text);
