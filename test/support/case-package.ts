/** A GUID for tests, told apart by its number. */
export const caseGuid = (number: number): string =>
  `c0de0000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

type Item = Record<string, unknown>;

export interface TestPackage {
  CFDocument: Item;
  CFItems: Item[];
  CFAssociations: Item[];
  CFDefinitions: Item;
  CFRubrics: Item[];
}

const changed = '2026-06-15T00:00:00+00:00';
const node = (number: number) => ({
  title: String(number),
  identifier: caseGuid(number),
  uri: `https://x.example/${caseGuid(number)}`,
});

/** A CASE item; grade 3 unless told. */
export function caseItem(number: number, code: string | null, statement: string, more: Item = {}): Item {
  return {
    identifier: caseGuid(number),
    uri: `https://x.example/${caseGuid(number)}`,
    ...(code === null ? {} : { humanCodingScheme: code }),
    fullStatement: statement,
    educationLevel: ['03'],
    CFItemType: 'Standard',
    lastChangeDateTime: changed,
    ...more,
  };
}

/** A CASE association between two numbered items (0 is the document); its own number is from 1000 up. */
export function caseLink(
  number: number,
  type: string,
  origin: number,
  destination: number,
  sequence?: number,
): Item {
  return {
    identifier: caseGuid(1000 + number),
    uri: `https://x.example/${caseGuid(1000 + number)}`,
    associationType: type,
    ...(sequence === undefined ? {} : { sequenceNumber: sequence }),
    originNodeURI: node(origin),
    destinationNodeURI: node(destination),
    lastChangeDateTime: changed,
  };
}

/** One rubric row: the descriptors of an item, level by level. */
export function caseCriterion(item: number, levels: Record<string, string>): Item {
  return {
    identifier: caseGuid(2000 + item),
    CFItemURI: node(item),
    CFRubricCriterionLevels: Object.entries(levels).map(([quality, description], index) => ({
      identifier: caseGuid(3000 + item * 10 + index),
      quality,
      description,
      position: index + 1,
    })),
  };
}

/** A small CASE 1.1 package: a grade, a domain, three standards, one `precedes`, descriptors of one standard. */
export function casePackage(): TestPackage {
  return {
    CFDocument: {
      identifier: caseGuid(0),
      uri: `https://x.example/${caseGuid(0)}`,
      creator: 'Test State',
      title: 'Test Mathematics',
      subject: ['Mathematics'],
      language: 'en',
      version: '2026',
      caseVersion: '1.1',
      adoptionStatus: 'Implemented',
      licenseURI: { title: 'CC BY', identifier: caseGuid(500), uri: 'https://x.example/license' },
      lastChangeDateTime: changed,
    },
    CFItems: [
      caseItem(1, 'T.3', 'Grade 3', { CFItemType: 'Level' }),
      caseItem(2, 'T.3.NF', 'Fractions', { CFItemType: 'Domain' }),
      caseItem(3, 'T.3.NF.1', 'Understand a unit fraction as one of the equal parts of a whole.'),
      caseItem(4, 'T.3.NF.2', 'Place fractions on a number line.'),
      caseItem(5, 'T.3.NF.10', 'Compare fractions of the same size of parts.'),
    ],
    CFAssociations: [
      caseLink(1, 'isChildOf', 1, 0, 1),
      caseLink(2, 'isChildOf', 2, 1, 1),
      caseLink(3, 'isChildOf', 3, 2, 1),
      caseLink(4, 'isChildOf', 4, 2, 2),
      caseLink(5, 'isChildOf', 5, 2, 3),
      caseLink(6, 'precedes', 3, 4),
    ],
    CFDefinitions: {
      CFLicenses: [
        {
          identifier: caseGuid(500),
          title: 'CC BY',
          licenseText: 'https://creativecommons.org/licenses/by/4.0/',
        },
      ],
    },
    CFRubrics: [
      {
        identifier: caseGuid(600),
        CFRubricCriteria: [caseCriterion(3, { Emerging: 'With help.', Proficient: 'Alone.' })],
      },
    ],
  };
}
