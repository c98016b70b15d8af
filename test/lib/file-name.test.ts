import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cleanFileName,
  contentDisposition,
  fileExtension,
  uniqueFileName,
} from '../../server/lib/file-name.ts';

describe('the name of an uploaded file', () => {
  test.each([
    ['Fractions worksheet.pdf', 'Fractions worksheet.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\Ana\\Desktop\\quiz.docx', 'quiz.docx'],
    ['a/b/', 'b'],
    ['CON', '_CON'],
    ['con.pdf', '_con.pdf'],
    ['Com1.tar.gz', '_Com1.tar.gz'],
    ['concert.pdf', 'concert.pdf'],
    ['.htaccess', 'file.htaccess'],
    ['.pdf', 'file.pdf'],
    ['', 'file'],
    ['...', 'file'],
    ['answers\u202efdp.exe', 'answersfdp.exe'],
    ['line\r\nbreak\u0000.pdf', 'line break.pdf'],
    ['What? "Why" <now>.pdf', 'What- -Why- -now-.pdf'],
    ['trailing. . .', 'trailing'],
    ['🦋 life cycle 👩‍🏫.pptx', '🦋 life cycle 👩‍🏫.pptx'],
    ['matema\u0301ticas.pdf', 'matemáticas.pdf'],
  ])('%j becomes %j', (raw, clean) => {
    expect(cleanFileName(raw)).toBe(clean);
  });

  test('a name of 300 characters is cut to 200 and keeps its extension', () => {
    const name = cleanFileName(`${'x'.repeat(300)}.pdf`);
    expect(name).toHaveLength(200);
    expect(name.endsWith('x.pdf')).toBe(true);
  });

  test('an emoji is never cut in half', () => {
    const name = cleanFileName(`${'👩‍🏫'.repeat(80)}.pdf`);
    expect(name.replaceAll('👩‍🏫', '')).toBe('.pdf');
  });

  const anyName = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc
      .array(fc.constantFrom('..', '/', '\\', '.', ' ', 'CON', 'a', 'é', '\u202e', '\ud800', '\0', '🦋'))
      .map((parts) => parts.join('')),
  );

  test('is always safe, whatever was sent', () => {
    fc.assert(
      fc.property(anyName, (raw) => {
        const name = cleanFileName(raw);
        expect(name.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(200);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
        expect(name).not.toMatch(/[/\\<>:"|?*\u202a-\u202e\u2066-\u2069\p{Cc}]/u);
        expect(name).not.toMatch(/^[.\s]|[.\s]$/u);
        expect(name).not.toMatch(/\p{Surrogate}/u);
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)/i);
      }),
      { numRuns: 2000 },
    );
  });

  test('is not changed by cleaning it again', () => {
    fc.assert(
      fc.property(anyName, (raw) => {
        const once = cleanFileName(raw);
        expect(cleanFileName(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps its extension', () => {
    const extension = fc.constantFrom('pdf', 'DOCX', 'mp3');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), extension, (stem, ending) => {
        expect(fileExtension(cleanFileName(`${stem}.${ending}`))).toBe(ending.toLowerCase());
      }),
    );
  });
});

describe('two files of the same name', () => {
  test('get numbers, whatever the case', () => {
    const taken = new Set<string>();
    expect(['quiz.pdf', 'Quiz.PDF', 'quiz.pdf', 'notes'].map((name) => uniqueFileName(name, taken))).toEqual([
      'quiz.pdf',
      'Quiz (2).PDF',
      'quiz (3).pdf',
      'notes',
    ]);
  });
});

describe('the Content-Disposition header', () => {
  test('is plain for a plain name', () => {
    expect(contentDisposition('quiz 1.pdf', 'attachment')).toBe('attachment; filename="quiz 1.pdf"');
  });

  test('carries other scripts in UTF-8 beside an ASCII fallback', () => {
    expect(contentDisposition('matemáticas 🦋.pdf', 'inline')).toBe(
      'inline; filename="matematicas _.pdf"; filename*=UTF-8\'\'matem%C3%A1ticas%20%F0%9F%A6%8B.pdf',
    );
  });

  test('is one line of ASCII that gives the name back, for every name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (raw) => {
        const name = cleanFileName(raw);
        const header = contentDisposition(name, 'attachment');
        expect(header).toMatch(
          /^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"(; filename\*=UTF-8''[\w.!#$&+^`|~%-]+)?$/,
        );
        const encoded = /filename\*=UTF-8''(.*)$/.exec(header)?.[1];
        const read =
          encoded === undefined ? /filename="(.*)"$/.exec(header)?.[1] : decodeURIComponent(encoded);
        expect(read).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });
});
