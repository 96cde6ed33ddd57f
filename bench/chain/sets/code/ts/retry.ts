export type RetryPolicy = {
  /** milliseconds before the second attempt */
  readonly first: number
  readonly factor: number
  readonly most: number
}

export const GENTLE: RetryPolicy = { first: 200, factor: 2, most: 30_000 }

/** Milliseconds to wait before the next attempt. */
export function delayFor(policy: RetryPolicy, attempts: number): number {
  if (attempts < 1) throw new RangeError('attempts start at 1')
  return clamp(policy.first * policy.factor ** (attempts - 1), policy.most)
}

function clamp(value: number, most: number): number {
  return value > most ? most : value
}

export function parsePolicy(text: string): RetryPolicy {
  const [first, factor, most] = text.split('/').map(Number)
  if (!first || !factor || !most) throw new SyntaxError(`expected FIRST/FACTOR/MOST, got ${text}`)
  return { first, factor, most }
}

export default delayFor
