/** A count at a moment (ms). */
export type Sample = { readonly at: number; readonly value: number }

const WINDOW = 5_000

/** The samples of the last five seconds, with one more. */
export function addSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => at >= next.at - WINDOW), next]
}

/** How fast the count grew over the samples, per second; undefined while that cannot be told. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at - first.at < 500) return undefined
  return ((last.value - first.value) / (last.at - first.at)) * 1000
}
