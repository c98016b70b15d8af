/** Who sees what the shelf has and lacks, and calls for lessons. */
export const CURATORS = ['curator', 'lead', 'admin'] as const;
