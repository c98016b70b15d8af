import { z } from 'zod';
import { text } from '../web/parse.ts';

const whole = (from: number, to: number) =>
  z.coerce
    .number('fault.unreadable')
    .int('fault.unreadable')
    .min(from, 'curate.settings.fault.between')
    .max(to, 'curate.settings.fault.between');

/** How the state checks. `rubric` is the slug of one, or empty for none; `criteria` the state's own, one a line. */
export const settingsForm = z.object({
  promise: whole(1, 200),
  lease: whole(5, 480),
  rubric: z.string().max(100).default(''),
  criteria: text(6000).transform((value, context) => {
    const lines = value
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' ').trim())
      .filter((line) => line !== '');
    const criteria = lines.map((line) => {
      const [name = '', ...rest] = line.split(' – ');
      return { name: name.slice(0, 200).trim(), hint: rest.join(' – ').slice(0, 300).trim() };
    });
    if (criteria.length === 0 || criteria.length > 12)
      context.addIssue({ code: 'custom', message: 'curate.settings.fault.criteria' });
    if (new Set(criteria.map(({ name }) => name.toLowerCase())).size < criteria.length)
      context.addIssue({ code: 'custom', message: 'curate.settings.fault.twice' });
    return criteria;
  }),
});
export type CheckSettingsInput = z.infer<typeof settingsForm>;
