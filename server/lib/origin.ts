/** Where a change came from, for its audit row; handed down from the request, or made by a command. */
export type Origin = { requestId: string | null; ip: string | null };

/** Changes made by a command or a job, not by a request. */
export const noOrigin: Origin = { requestId: null, ip: null };
