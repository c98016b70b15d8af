import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  readCatalog,
  readFrameworks,
  readOrganizations,
  readPeople,
  readVocabularies,
  type CatalogEntry,
  type SeedOrganizations,
  type SeedPerson,
  type SeedVocabularies,
} from '../../prisma/seed/catalog.ts';
import { seedRoot } from '../../prisma/seed/build/seed-root.ts';

interface Item {
  identifier: string;
  humanCodingScheme: string;
  fullStatement: string;
  CFItemType: string;
  educationLevel: string[];
  statusEndDate?: string;
}
interface Package {
  CFItems: Item[];
  CFAssociations: {
    associationType: string;
    originNodeURI: { identifier: string };
    destinationNodeURI: { identifier: string };
  }[];
  CFRubrics: {
    CFRubricCriteria: {
      CFItemURI: { identifier: string };
      CFRubricCriterionLevels: { quality: string; description: string }[];
    }[];
  }[];
}

let catalog: CatalogEntry[];
let packages: { slug: string; json: Package }[];
let vocabularies: SeedVocabularies;
let organizations: SeedOrganizations;
let people: SeedPerson[];
let items: Item[];

beforeAll(async () => {
  [catalog, vocabularies, organizations, people] = await Promise.all([
    readCatalog(),
    readVocabularies(),
    readOrganizations(),
    readPeople(),
  ]);
  packages = (await readFrameworks()).map(({ slug, json }) => ({ slug, json: json as Package }));
  items = packages.flatMap(({ json }) => json.CFItems);
});

const nameOf = (entry: CatalogEntry) => `${entry.folder}/${entry.slug}`;
const schoolsByDistrict = () =>
  new Map(
    organizations.districts.flatMap((district) =>
      district.schools.map((school) => [school.slug, district.slug] as const),
    ),
  );

describe('the demo frameworks', () => {
  it('use every code once', () => {
    const codes = items.map((item) => item.humanCodingScheme);
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
    expect(new Set(items.map((item) => item.identifier)).size).toBe(items.length);
  });

  it('describe all four levels of every standard in use, each in words of its own', () => {
    for (const { slug, json } of packages) {
      const criteria = new Map(
        json.CFRubrics[0]?.CFRubricCriteria.map((row) => [
          row.CFItemURI.identifier,
          row.CFRubricCriterionLevels,
        ]),
      );
      for (const item of json.CFItems.filter((one) => one.CFItemType === 'Standard' && !one.statusEndDate)) {
        const levels = criteria.get(item.identifier) ?? [];
        expect(
          levels.map((level) => level.quality),
          `${slug} ${item.humanCodingScheme}`,
        ).toEqual(['Emerging', 'Developing', 'Proficient', 'Extending']);
        expect(new Set(levels.map((level) => level.description)).size, item.humanCodingScheme).toBe(4);
      }
    }
  });

  it('join every item to a parent, and associations only to items that are there', () => {
    for (const { slug, json } of packages) {
      const known = new Set(json.CFItems.map((item) => item.identifier));
      const children = new Set<string>();
      for (const association of json.CFAssociations) {
        expect(known.has(association.originNodeURI.identifier), `${slug} origin`).toBe(true);
        if (association.associationType === 'isChildOf') children.add(association.originNodeURI.identifier);
        else expect(known.has(association.destinationNodeURI.identifier), `${slug} destination`).toBe(true);
      }
      expect(children.size, slug).toBe(known.size);
    }
  });
});

describe('the demo people', () => {
  it('work at schools that exist and have roles at organizations that exist', () => {
    const schools = schoolsByDistrict();
    const known = new Set([
      organizations.state.slug,
      ...schools.keys(),
      ...organizations.districts.map((district) => district.slug),
    ]);
    for (const person of people) {
      for (const { organization } of person.roles)
        expect(known.has(organization), `${person.email} at ${organization}`).toBe(true);
      const district = /@(\w+)\./.exec(person.email)?.[1];
      if (person.school) expect(schools.get(person.school), person.email).toBe(district);
    }
    expect(new Set(people.map((person) => person.email)).size).toBe(people.length);
  });

  it('include the sign-ins that are documented', () => {
    expect(
      people
        .filter((person) => person.sign_in)
        .map((person) => person.email)
        .sort(),
    ).toEqual([
      'admin@north.example',
      'admin@state.example',
      'curator@north.example',
      'curator@state.example',
      'importer@north.example',
      'lead@state.example',
      'teacher@north.example',
      'teacher@south.example',
    ]);
  });
});

describe('the demo catalog', () => {
  it('uses only codes, topics, licences, people and schools that exist', () => {
    const codes = new Set(items.filter((item) => !item.statusEndDate).map((item) => item.humanCodingScheme));
    const topics = new Set(Object.values(vocabularies.topics).flat());
    const licenses = new Set(vocabularies.licenses.map((license) => license.code));
    const subjects = new Set(vocabularies.subjects.map((subject) => subject.code));
    const settings = new Set(vocabularies.settings.map((setting) => setting.code));
    const types = new Set(vocabularies.types.map((type) => type.code));
    const emails = new Set(people.map((person) => person.email));
    const schools = schoolsByDistrict();
    const faults: string[] = [];
    const check = (entry: CatalogEntry, what: string, ok: boolean) =>
      ok || faults.push(`${nameOf(entry)}: ${what}`);
    for (const entry of catalog) {
      for (const { code } of entry.alignments) check(entry, `code ${code}`, codes.has(code));
      for (const topic of entry.topics) check(entry, `topic ${topic}`, topics.has(topic));
      for (const subject of entry.subjects) check(entry, `subject ${subject}`, subjects.has(subject));
      if (entry.setting) check(entry, `setting ${entry.setting}`, settings.has(entry.setting));
      check(entry, `type ${entry.type}`, types.has(entry.type));
      check(entry, `licence ${entry.license}`, licenses.has(entry.license));
      check(entry, `owner ${entry.owner}`, emails.has(entry.owner));
      check(entry, `school ${entry.school}`, schools.has(entry.school));
      check(
        entry,
        'owner and school of one district',
        /@(\w+)\./.exec(entry.owner)?.[1] === schools.get(entry.school),
      );
    }
    expect(faults).toEqual([]);
  });

  it('has the bytes of every file of every version', async () => {
    const missing: string[] = [];
    for (const entry of catalog)
      for (const file of entry.versions.flatMap((version) => version.files))
        if (!((await stat(file.path).catch(() => undefined))?.size ?? 0)) missing.push(file.path);
    expect(missing).toEqual([]);
  });

  it('has one external id for each resource, and adapts only what may be adapted', () => {
    const byId = new Map(catalog.map((entry) => [entry.external_id, entry]));
    expect(byId.size).toBe(catalog.length);
    const licenses = new Map(vocabularies.licenses.map((license) => [license.code, license]));
    for (const entry of catalog.filter((one) => one.adapted_from)) {
      const source = byId.get(entry.adapted_from ?? '');
      expect(source, `${nameOf(entry)} adapts ${entry.adapted_from}`).toBeDefined();
      const license = licenses.get(source?.license ?? '');
      expect(license?.adaptable, nameOf(entry)).toBe(true);
      if (license?.share_alike) expect(entry.license, nameOf(entry)).toBe(source?.license);
      expect(
        (source?.published_days_ago ?? 0) > entry.published_days_ago,
        `${nameOf(entry)} is younger than its source`,
      ).toBe(true);
    }
  });

  it('has ladders with every rung filled, and ladders with an empty rung', () => {
    const rungs = new Map<string, Set<string>>();
    for (const entry of catalog)
      for (const { code, level } of entry.alignments)
        if (level) rungs.set(code, (rungs.get(code) ?? new Set()).add(level));
    const sizes = [...rungs.values()].map((levels) => levels.size);
    expect(sizes).toContain(4);
    expect(sizes.some((size) => size < 4)).toBe(true);
  });

  it('stays under 15 MB with sources and files', async () => {
    let bytes = 0;
    for (const item of await readdir(seedRoot, { recursive: true, withFileTypes: true }))
      if (item.isFile()) bytes += (await stat(join(item.parentPath, item.name))).size;
    expect(bytes).toBeLessThan(15 * 1024 * 1024);
  });
});
