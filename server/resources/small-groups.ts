/** No group of people smaller than this is shown in parts. */
export const smallestGroup = 5;
