import type { Role } from '../lib/viewer.ts';

/** The sign-ins of the demo, as its sign-in page and its first start show them. */
export const demoSignIns: {
  password: string;
  people: { email: string; role: Role; organization: string }[];
} = {
  password: 'commonshelf-demo',
  people: [
    { email: 'teacher@north.example', role: 'teacher', organization: 'North Lakes School District' },
    { email: 'teacher@south.example', role: 'teacher', organization: 'South Valley Unified' },
    { email: 'importer@north.example', role: 'importer', organization: 'North Lakes School District' },
    { email: 'curator@north.example', role: 'curator', organization: 'North Lakes School District' },
    { email: 'admin@north.example', role: 'admin', organization: 'North Lakes School District' },
    { email: 'curator@state.example', role: 'curator', organization: 'Demo State' },
    { email: 'lead@state.example', role: 'lead', organization: 'Demo State' },
    { email: 'admin@state.example', role: 'admin', organization: 'Demo State' },
  ],
};
