/** Resources of one transaction. */
export const RESOURCES_AT_ONCE = 500;
/** More than this and what people change meanwhile goes first to the index. */
export const MANY_RESOURCES = 500;
/** So many things can be ticked one by one for a hand-over. */
export const MOST_TICKED = 500;
