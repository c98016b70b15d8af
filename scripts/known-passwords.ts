import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { filterOf, knownPasswordsFile } from '../server/accounts/known-passwords.ts';
import { passwordLength } from '../server/accounts/password.ts';

// `npm run known-passwords < list.txt`: makes the filter of breached passwords anew from a list, one a line. Only for
// whoever keeps the project up to date: the file is part of it.
const passwords = new Set<string>();
for await (const line of createInterface({ input: process.stdin }))
  if (line.length >= passwordLength.min && line.length <= passwordLength.max)
    passwords.add(line.toLowerCase());
if (passwords.size < 1000) {
  console.error('Hand in a list of passwords on standard input, one a line. Nothing was changed.');
  process.exitCode = 1;
} else {
  writeFileSync(knownPasswordsFile, filterOf(passwords));
  console.log(`${passwords.size} passwords are in ${knownPasswordsFile}.`);
}
