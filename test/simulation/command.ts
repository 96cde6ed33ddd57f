import type { ClientCommand } from '../../trials/simulation/plan/plan.ts'
import type { SeededRandom } from '../../trials/simulation/plan/random.ts'

/** What a client of the simulation's own actors may do. */
export function command(random: SeededRandom): ClientCommand {
  const key = `${random.below(3)}`
  const counter = { kind: 'counter', key }
  switch (random.below(15)) {
    case 0:
    case 1:
      return { type: 'tell', to: counter, body: { ...add(random), ...pass(random) }, ...delay(random) }
    case 2:
      return { type: 'ask', to: counter, body: { ...add(random), ...end(random) } }
    case 3:
      return { type: 'leave', to: counter, body: add(random) }
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
      return {
        type: 'tell',
        to: { kind: 'watcher', key },
        body: { of: `${random.below(3)}`, stop: random.chance(0.2) },
      }
    case 12:
      return { type: random.pick(['stop', 'resume']), to: counter }
    case 13:
      return { type: 'stop', to: { kind: random.pick(['run', 'sleeper', 'watcher']), key } }
    default:
      return { type: random.pick(['retry', 'drop']) }
  }
}

const delay = (random: SeededRandom) => (random.chance(0.2) ? { delay: 1 + random.below(1_000) } : {})

const add = (random: SeededRandom) => ({ add: 1, work: random.chance(0.5) })

const pass = (random: SeededRandom) => ({
  pass: random.below(5),
  ...(random.chance(0.5) && { friend: `${random.below(3)}` }),
})

const end = (random: SeededRandom) => (random.chance(0.4) ? { end: random.pick(['stop', 'fail', 'escalate']) } : {})

const start = (random: SeededRandom) => ({
  type: 'start',
  steps: 1 + random.below(3),
  effect: random.pick(['pure', 'idempotent', 'at-most-once']),
})

const sleep = (random: SeededRandom) => ({
  name: random.pick(['a', 'b']),
  set: random.chance(0.8) ? random.below(2_000) : null,
})
