/** Who answers: the offline model with or without meaning, or a baseline. */
type Method = string

/** What one method came to, one number for each label: 1 for right, or a share. `missed` says where it was not. */
export type Sample = {
  readonly task: string
  readonly measure: string
  readonly method: Method
  readonly values: readonly number[]
  readonly missed?: readonly string[]
}

/** The mean of a sample with the bounds in which 95 of 100 means of samples drawn from it lie. */
export type Estimate = { readonly n: number; readonly mean: number; readonly low: number; readonly high: number }

const DRAWS = 1000
const OUTSIDE = 0.025

/** The mean and its bootstrap interval, the same for the same values. */
export function estimate(values: readonly number[]): Estimate {
  const random = generator()
  const means = Array.from({ length: DRAWS }, () =>
    meanOf(values.map(() => values[Math.floor(random() * values.length)]!)),
  )
  means.sort((a, b) => a - b)
  const at = (share: number) => means[Math.min(DRAWS - 1, Math.floor(share * DRAWS))]!
  return { n: values.length, mean: meanOf(values), low: at(OUTSIDE), high: at(1 - OUTSIDE) }
}

/** A sample of yes and no, with a word on each no. */
export function sampleOf<Item>(
  head: Pick<Sample, 'task' | 'measure' | 'method'>,
  items: readonly Item[],
  isRight: (item: Item) => boolean,
  describe: (item: Item) => string,
): Sample {
  return {
    ...head,
    values: items.map((item) => (isRight(item) ? 1 : 0)),
    missed: items.filter((item) => !isRight(item)).map(describe),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** A linear congruential generator: good enough to draw by, and always the same. */
function generator(): () => number {
  let seed = 1
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
}
