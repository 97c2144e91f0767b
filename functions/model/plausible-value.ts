/** No number of a target can be larger: it is what 64 bits can count. Beyond it nothing honest can be meant. */
export const MOST_VALUE = 2 ** 63;

/** Whether a number of a counter or histogram can be what was counted. Any other would blind rules for ever. */
export const isPlausibleCount = (value: number): boolean => value >= 0 && value <= MOST_VALUE;
