import { rawZip, type RawEntry } from './raw-zip.ts';

/** Writes a course package: a manifest, and the files that it names. */
export const cartridge = (
  manifest: string,
  files: Record<string, string | Buffer> = {},
  more: RawEntry[] = [],
): Buffer =>
  rawZip([
    { name: 'imsmanifest.xml', content: manifest },
    ...Object.entries(files).map(([name, content]) => ({ name, content })),
    ...more,
  ]);

/** The manifest of a course: what stands in its organization, and its resources. */
export const manifest = ({
  title = 'Grade 4 science',
  version = '1.3.0',
  thin = false,
  rights = '',
  lom = '',
  items = '',
  resources,
}: {
  title?: string;
  version?: string;
  thin?: boolean;
  rights?: string;
  lom?: string;
  items?: string;
  resources: string;
}): string => `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M1" xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1" xmlns:lom="http://ltsc.ieee.org/xsd/imsccv1p3/LOM/resource"
  xmlns:lomimscc="http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest" xmlns:csm="http://www.imsglobal.org/xsd/imsccv1p3/imscsmd_v1p0"
  xmlns:cpx="http://www.imsglobal.org/xsd/imsccv1p3/imscp_extensionv1p2">
  <metadata><schema>IMS ${thin ? 'Thin ' : ''}Common Cartridge</schema><schemaversion>${version}</schemaversion>
    <lomimscc:lom><lomimscc:general><lomimscc:title><lomimscc:string>${title}</lomimscc:string></lomimscc:title>${lom}</lomimscc:general>
      <lomimscc:rights><lomimscc:description><lomimscc:string>${rights}</lomimscc:string></lomimscc:description></lomimscc:rights></lomimscc:lom></metadata>
  <organizations><organization identifier="O1" structure="rooted-hierarchy"><item identifier="root">${items}</item></organization></organizations>
  <resources>${resources}</resources>
</manifest>`;
