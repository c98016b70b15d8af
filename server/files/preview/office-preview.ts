import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { kindFacts } from '../file-kinds.ts';
import { renderPdf } from './pdf-preview.ts';
import type { PreviewInput, SendPreview } from './preview-messages.ts';

const TIMEOUT_MS = 120_000;

/** Sheets print on pages without end: only what is shown is made. */
const SHEET_FILTER = 'pdf:calc_pdf_Export:{"PageRange":{"type":"string","value":"1-40"}}';

/**
 * Settings of the throw-away profile: macros and active content never run, nothing is loaded from elsewhere, and
 * what still tries to reach the network finds a proxy that isn't there.
 */
const SETTINGS: [path: string, name: string, value: string][] = [
  ['/org.openoffice.Office.Common/Security/Scripting', 'DisableMacrosExecution', 'true'],
  ['/org.openoffice.Office.Common/Security/Scripting', 'DisableActiveContent', 'true'],
  ['/org.openoffice.Office.Common/Security/Scripting', 'BlockUntrustedRefererLinks', 'true'],
  ['/org.openoffice.Office.Common/Security/Scripting', 'MacroSecurityLevel', '3'],
  ['/org.openoffice.Office.Writer/Content/Update', 'Link', '2'],
  ['/org.openoffice.Office.Calc/Content/Update', 'Link', '2'],
  ['/org.openoffice.Inet/Settings', 'ooInetProxyType', '2'],
  ['/org.openoffice.Inet/Settings', 'ooInetHTTPProxyName', '127.0.0.1'],
  ['/org.openoffice.Inet/Settings', 'ooInetHTTPProxyPort', '9'],
  ['/org.openoffice.Inet/Settings', 'ooInetHTTPSProxyName', '127.0.0.1'],
  ['/org.openoffice.Inet/Settings', 'ooInetHTTPSProxyPort', '9'],
];

/** Pages of an Office document as pictures, by LibreOffice where it is installed; else says `none`. */
export async function renderOffice(input: PreviewInput, send: SendPreview): Promise<void> {
  const pdf = await convertToPdf(input);
  if (pdf === undefined) {
    send({ type: 'none' });
    return;
  }
  await renderPdf({ ...input, path: pdf, kind: 'pdf' }, send);
  await rm(pdf, { force: true });
}

async function convertToPdf({ path, kind, outDir }: PreviewInput): Promise<string | undefined> {
  const profile = join(outDir, 'profile');
  await mkdir(join(profile, 'user'), { recursive: true });
  await writeFile(join(profile, 'user', 'registrymodifications.xcu'), settingsXml());
  // Stored content has no extension, by which LibreOffice chooses its filter.
  const named = join(outDir, `document.${kindFacts(kind).extensions[0]}`);
  await symlink(path, named);
  const target = kind === 'xlsx' || kind === 'ods' ? SHEET_FILTER : 'pdf';
  const args = [
    `-env:UserInstallation=${pathToFileURL(profile).href}`,
    '--headless',
    '--norestore',
    '--nolockcheck',
    '--nodefault',
    '--convert-to',
    target,
    '--outdir',
    outDir,
    named,
  ];
  try {
    await promisify(execFile)('soffice', args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    return join(outDir, 'document.pdf');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await rm(profile, { recursive: true, force: true });
    await rm(named, { force: true });
  }
}

function settingsXml(): string {
  const items = SETTINGS.map(
    ([path, name, value]) =>
      `<item oor:path="${path}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">${items.join('')}</oor:items>`;
}
