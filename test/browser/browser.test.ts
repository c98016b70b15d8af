import { describe } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { demoInBrowser } from '../support/demo-in-browser.ts';
import { describeAccessibility } from './accessibility.ts';
import { describeJourneys } from './journeys.ts';

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  const demo = demoInBrowser();
  describe('people', () => describeJourneys(demo));
  describe('every page', () => describeAccessibility(demo));
});
