// What the threads of the bench do. In JavaScript, so that each of those that are compared loads it as it is.

export const nothing = () => 0

/** A tenth of a millisecond or so of arithmetic. */
export function compute() {
  let sum = 0
  for (let n = 1; n < 40_000; n++) sum = (sum * 31 + n) | 0
  return sum
}
