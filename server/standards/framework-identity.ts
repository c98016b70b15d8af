import { asUuid, uuid5OfUrl } from '../lib/uuid5.ts';

/** Any address under which the Achievement Standards Network has ever published a document or statement. */
const ASN =
  /^https?:\/\/(?:www\.)?(?:purl\.org\/ASN|asn\.(?:jesandco|desire2learn)\.(?:org|com))\/resources\/([DS][0-9A-F]+)(?:\.\w+)?$/i;

/** The persistent form of an ASN address, whichever of its hosts it names; undefined for other texts. */
export function asnUri(text: string): string | undefined {
  const id = ASN.exec(text.trim())?.[1];
  return id === undefined ? undefined : `http://purl.org/ASN/resources/${id.toUpperCase()}`;
}

/**
 * The GUID of something that a file of standards names: the GUID itself, in lower case; for an ASN address the
 * UUIDv5 of its persistent form, which is also what CASE services give to statements that came from ASN; for any
 * other address the UUIDv5 of the address. Undefined for an empty text.
 */
export function guidOf(identifier: string): string | undefined {
  const text = identifier.trim();
  if (text === '') return undefined;
  return asUuid(text) ?? uuid5OfUrl(asnUri(text) ?? text);
}

/** The GUID that a text is, ends in, or stands for as an ASN address; undefined for an address that has none. */
export function guidIn(text: string): string | undefined {
  const whole = asUuid(text);
  if (whole) return whole;
  const asn = asnUri(text);
  if (asn) return uuid5OfUrl(asn);
  const tail =
    text
      .trim()
      .split(/[/:#?=]/)
      .at(-1) ?? '';
  return asUuid(tail);
}
