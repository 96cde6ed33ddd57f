import type { Command } from '../../src/testing/simulation/plan.ts'
import type { Random } from '../../src/testing/simulation/random.ts'

/** What a client of the simulation's own actors may do. */
export function command(random: Random): Command {
  const key = `${random.below(3)}`
  switch (random.below(13)) {
    case 0:
    case 1:
      return { type: 'tell', to: { kind: 'counter', key }, body: { add: 1, pass: random.below(4) }, ...delay(random) }
    case 2:
      return { type: 'ask', to: { kind: 'counter', key }, body: { add: 1, ...end(random) } }
    case 3:
      return { type: 'leave', to: { kind: 'counter', key }, body: { add: 1 } }
    case 4:
    case 5:
      return { type: random.chance(0.7) ? 'ask' : 'tell', to: { kind: 'run', key }, body: start(random) }
    case 6:
      return { type: 'tell', to: { kind: 'sleeper', key }, body: sleep(random) }
    case 7:
      return { type: 'repeat' }
    case 8:
      return { type: 'cancel' }
    case 9:
      return { type: 'look', at: { kind: random.pick(['counter', 'run', 'sleeper']), key } }
    case 10:
      return { type: 'pause', ms: random.below(2_000) }
    case 11:
      return { type: 'tell', to: { kind: 'watcher', key }, body: { watch: `${random.below(3)}` } }
    default:
      return { type: random.pick(['retry', 'drop']) }
  }
}

const delay = (random: Random) => (random.chance(0.2) ? { delay: 1 + random.below(1_000) } : {})

const end = (random: Random) => (random.chance(0.4) ? { end: random.pick(['stop', 'fail']) } : {})

const start = (random: Random) => ({
  type: 'start',
  steps: 1 + random.below(3),
  effect: random.pick(['pure', 'idempotent', 'at-most-once']),
})

const sleep = (random: Random) => ({
  name: random.pick(['a', 'b']),
  set: random.chance(0.8) ? random.below(2_000) : null,
})
