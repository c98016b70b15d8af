import { nodesAt, textAt, textsAt, type XmlNode } from './xml-tree.ts';

/** What IEEE LOM says of a course or a part of it; '' and [] where it says nothing. */
export type Lom = {
  title: string;
  description: string;
  keywords: string[];
  language: string;
  authors: string;
  publisher: string;
  license: string;
  type: string;
  ages: string[];
  /** ISO 8601. */
  duration: string;
  /** Meant for those who teach, and not for those who learn. */
  educatorsOnly: boolean;
};

/** Reads a `lom` element; both spellings of older and newer bindings (`string`, `langstring`) are known. */
export function readLom(lom: XmlNode | undefined): Lom {
  const words = (...path: string[]) =>
    textAt(lom, ...path, 'string') || textAt(lom, ...path, 'langstring') || textAt(lom, ...path);
  const many = (...path: string[]) => nodesAt(lom, ...path).flatMap((node) => stringsOf(node));
  const roles = textsAt(lom, 'educational', 'intendedEndUserRole', 'value').map((role) => role.toLowerCase());
  return {
    title: words('general', 'title'),
    description: words('general', 'description'),
    keywords: many('general', 'keyword').flatMap((text) => text.split(/[,;]/).map((word) => word.trim())),
    language: textAt(lom, 'general', 'language'),
    authors: contributors(lom, 'author').join(', '),
    publisher: contributors(lom, 'publisher').join(', '),
    license: licenseIn(words('rights', 'description')),
    type: textAt(lom, 'educational', 'learningResourceType', 'value'),
    ages: many('educational', 'typicalAgeRange'),
    duration: textAt(lom, 'educational', 'typicalLearningTime', 'duration'),
    educatorsOnly: roles.length > 0 && !roles.some((role) => /learner|student/.test(role)),
  };
}

function stringsOf(node: XmlNode): string[] {
  const found = [...textsAt(node, 'string'), ...textsAt(node, 'langstring')];
  return found.length > 0 ? found : [node.text.trim()].filter((text) => text !== '');
}

/** Names of people and organizations in a role; they stand there as vCards. */
const contributors = (lom: XmlNode | undefined, role: string): string[] =>
  nodesAt(lom, 'lifeCycle', 'contribute')
    .filter((one) => textAt(one, 'role', 'value').toLowerCase() === role)
    .flatMap((one) => nodesAt(one, 'entity'))
    .map(({ text }) =>
      (/^FN[^:\n]*:(.+)$/im.exec(text)?.[1] ?? (/^BEGIN:/i.test(text.trim()) ? '' : text)).trim(),
    )
    .filter((name) => name !== '');

/**
 * The license that a sentence about rights names. What a system says of every course that nobody has said anything
 * about (“Private (Copyrighted)”) is none.
 */
const licenseIn = (text: string): string =>
  /https?:\/\/creativecommons\.org\/[^\s"'<>]+/i.exec(text)?.[0] ??
  (/public domain/i.test(text) ? 'Public domain' : /^(?:CC|Creative Commons)\b/i.test(text) ? text : '');
