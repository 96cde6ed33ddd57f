/** Milliseconds of CPU that `work` takes on a quiet core. */
const QUIET_MS = 20
const TRIES = 5

const ROWS = Array.from({ length: 2000 }, (_, i) => ({
  id: `row-${i}`,
  at: i * 7919,
  words: [`a${i % 97}`, `b${i % 89}`],
}))

function work(): number {
  let length = 0
  for (let round = 0; round < 4; round++) {
    const rows = new Map((JSON.parse(JSON.stringify(ROWS)) as typeof ROWS).map((row) => [row.id, row]))
    for (const row of [...rows.values()].sort((a, b) => (b.at % 101) - (a.at % 101)))
      length += row.words.join('-').length
  }
  return length
}

/**
 * How many times slower this core is now than a quiet one, at least 1. A core that others share needs more seconds of CPU for
 * the same work, so seconds alone say as much about the machine as about a test.
 */
export function slownessNow(): number {
  const tries = Array.from({ length: TRIES }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return slownessOf(tries)
}

const FRESH_MS = 20_000
let known: { readonly slowness: number; readonly at: number } | undefined

/** The same, measured in this process within the last 20 seconds. */
export function recentSlowness(): number {
  if (!known || performance.now() - known.at > FRESH_MS) known = { slowness: slownessNow(), at: performance.now() }
  return known.slowness
}

/** By the middle one of some tries, in ms of CPU. */
export const slownessOf = (tries: readonly number[]): number =>
  Math.max(1, tries.toSorted((a, b) => a - b)[Math.floor(tries.length / 2)]! / QUIET_MS)
