import type { PoolClient } from 'pg';

const terms = `## What you may do here

Look at everything that is open to you, take it to your classroom, and change it where its license allows.

## What you may not share

- Names, pictures or marks of students
- Work of others that you have no right to pass on

Whoever finds something that should not be here can report it on its page.`;

const accessibility = `Renata Quiroga answers for accessibility at the Demo State. Write to her at the address on the page of help; she
answers within five school days, and sends any document in another form on request.`;

/** What the demo's state says of itself: whom to ask, and its terms of use. */
export async function seedSite(client: PoolClient): Promise<void> {
  await client.query(
    `UPDATE site SET contact = 'shelf@state.example', terms = $1, accessibility = $2 WHERE terms = '' AND accessibility = ''`,
    [terms, accessibility],
  );
}
