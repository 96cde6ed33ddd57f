/** What a load came to: operations per second, and the time of one in ms. */
export type Driven = {
  readonly perSecond: number
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** How long a load is put on again before it is measured, as a multiple of that time: until what lay idle is at work again. */
export const AGAIN = 0.25

/** So many clients, each of which starts its next operation when its last has ended, for so many ms. */
export async function drive(
  clients: number,
  milliseconds: number,
  operate: (client: number) => Promise<void>,
): Promise<Driven> {
  const times: number[] = []
  const start = performance.now()
  const work = async (client: number) => {
    for (let from = start; from < start + milliseconds; ) {
      await operate(client)
      const until = performance.now()
      times.push(until - from)
      from = until
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)))
  const elapsed = performance.now() - start
  times.sort((a, b) => a - b)
  return {
    perSecond: (times.length / elapsed) * 1000,
    count: times.length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  }
}

/** The value below which that share of the sorted numbers lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
