import { describe, expect, it } from 'vitest';
import { asUuid, uuid5OfUrl } from '../../server/lib/uuid5.ts';

describe('UUIDs made from addresses', () => {
  it('are those that RFC 9562 and CASE services give', () => {
    expect(uuid5OfUrl('http://www.example.com/')).toBe('fcde3c85-2270-590f-9e7c-ee003d65e0e2');
    // OpenSALT published this GUID for the Common Core statement 6.RP.A.1.
    expect(uuid5OfUrl('http://purl.org/ASN/resources/S11434CE')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['5B6C487E-04F1-5BA9-9722-D099849B9167', '5b6c487e-04f1-5ba9-9722-d099849b9167'],
    ['{5b6c487e-04f1-5ba9-9722-d099849b9167}', '5b6c487e-04f1-5ba9-9722-d099849b9167'],
    ['urn:uuid:5b6c487e-04f1-5ba9-9722-d099849b9167', '5b6c487e-04f1-5ba9-9722-d099849b9167'],
    ['urn:guid:0B6BD52C0EA74590992EF4972FC805FA', '0b6bd52c-0ea7-4590-992e-f4972fc805fa'],
    ['5b6c487e-04f1-5ba9-9722-d099849b916', undefined],
    ['http://purl.org/ASN/resources/S11434CE', undefined],
  ])('reads %s as %s', (text, uuid) => {
    expect(asUuid(text)).toBe(uuid);
  });
});
