/** A number with its noun: `1 comment`, `3 comments`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
