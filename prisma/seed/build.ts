import { buildFiles } from './build-files.ts';
import { buildFrameworks } from './build-frameworks.ts';

/** `npm run seed:build -- [subject folder]`: frameworks from their outlines, then the files of the catalog. */
const frameworks = await buildFrameworks();
if (frameworks.length > 0) console.log(`Frameworks written: ${frameworks.join(', ')}`);
const report = await buildFiles(process.argv[2]);
for (const name of report.built) console.log(`built ${name}`);
for (const name of report.removed) console.log(`removed ${name}`);
for (const fault of report.faults) console.error(fault);
console.log(
  `${report.built.length} built, ${report.unchanged} unchanged, ${report.faults.length} with faults`,
);
process.exitCode = report.faults.length > 0 ? 1 : 0;
