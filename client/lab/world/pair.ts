/** Two names in alphabetical order, with a space between. */
export const pair = (one: string, other: string): string => [one, other].sort().join(' ')
