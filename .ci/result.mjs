// Adds up the JSON reports of the test runs in a folder and prints "N passed, N failed" as its last line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedSteps);
let skipped = 0;
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const run = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += run.numPassedTests;
  failed += run.numFailedTests;
  skipped += run.numPendingTests;
  for (const file of run.testResults.filter((result) => result.status === 'failed')) {
    const tests = file.assertionResults.filter((test) => test.status === 'failed');
    // A file that could not be loaded has no failed test, and must still count.
    if (tests.length === 0) failed += 1;
    console.log(`FAILED ${file.name.split('/test/').pop()} ${tests.length === 0 ? file.message : ''}`);
    for (const test of tests) console.log(`  ${test.fullName}`);
  }
}
if (passed === 0) failed += 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
