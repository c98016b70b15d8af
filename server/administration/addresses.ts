/** The lists. */
export const organizationsUrl = '/admin/organizations';
export const peopleUrl = '/admin/people';

/** An organization's page. */
export const organizationUrl = (id: string): string => `${organizationsUrl}/${id}`;

/** A person's page. */
export const personUrl = (id: string): string => `${peopleUrl}/${id}`;

/** The people of an organization, with those of its schools. */
export const peopleAtUrl = (organizationId: string): string => `${peopleUrl}?organization=${organizationId}`;

/** What the log has about an organization. */
export const logOfUrl = (id: string): string => `/admin/audit?object=${id}`;

/** A merge, a move or a hand-over. */
export const transferUrl = (id: string): string => `/admin/transfers/${id}`;
