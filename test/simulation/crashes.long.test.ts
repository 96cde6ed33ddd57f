import { expect, test } from 'vitest'
import type { ClientCommand, TrialPlan } from '../../trials/simulation/plan/plan.ts'
import { simulate } from '../../trials/simulation/simulate.ts'
import { runTrial } from '../../trials/simulation/trial.ts'
import { TIMES } from '../property.ts'
import { actors } from './actors.ts'
import { command } from './command.ts'

const ENGINES = ['inline', 'libsql'] as const
/** simulation.test.ts has the seeds before the first. */
const SEEDS = { seed: 151, seeds: 150 * TIMES }

test('the libsql engine keeps its promises over many seeds', { timeout: 120_000 * TIMES }, async () => {
  const { trials } = await simulate({ actors, command, engine: 'libsql', ...SEEDS })
  expect(trials).toBe(SEEDS.seeds)
})

const counter = (key: string) => ({ kind: 'counter', key })
const watch = (of: string, stop = false): ClientCommand => ({
  type: 'tell',
  to: { kind: 'watcher', key: '1' },
  body: { of, stop },
})

/** Mail piles up, is overtaken and called off; actors fail, go on and are stopped. */
const BUSY: readonly (readonly ClientCommand[])[] = [
  [
    { type: 'tell', to: counter('0'), body: { add: 1, work: true, pass: 4, friend: '1' } },
    watch('1'),
    { type: 'ask', to: { kind: 'run', key: '0' }, body: { type: 'start', steps: 2, effect: 'idempotent' } },
    { type: 'tell', to: counter('1'), body: { add: 1, end: 'escalate' } },
    { type: 'resume', to: counter('1') },
    { type: 'tell', to: counter('1'), body: { add: 1, pass: 2 } },
  ],
  [
    { type: 'tell', to: counter('1'), body: { add: 1, work: true } },
    { type: 'cancel' },
    { type: 'leave', to: counter('0'), body: { add: 1, work: true } },
    { type: 'stop', to: counter('0') },
    watch('1', true),
    { type: 'retry' },
  ],
]

/** In so many orders of events the process dies at every so many steps. */
// `npm run simulate` tries more orders
const ORDERS = { inline: 10, libsql: 1 }
const STRIDE = { inline: 1, libsql: TIMES > 1 ? 1 : 3 }

test.each(ENGINES)(
  'the %s engine keeps its promises over crashes at its steps',
  { timeout: 120_000 * TIMES },
  async (engine) => {
    const commands = BUSY.flat()
    const setup = { engine, actors, commandOf: (number: number) => commands[number]! }
    const clients = BUSY.map((list) => list.map((one) => commands.indexOf(one)))
    for (let seed = 1; seed <= ORDERS[engine]; seed++) {
      const plan: TrialPlan = {
        seed,
        clients,
        faults: [],
        checkpoint: { bytes: 1, chunk: 1, trim: 1 },
        batch: seed,
        over: seed,
      }
      const { steps, violations } = await runTrial(plan, setup)
      expect(violations).toEqual([])
      expect(steps).toBeGreaterThan(30)
      for (let step = 1; step <= steps; step += STRIDE[engine]) {
        const hops = [0, 3, 9][Math.floor(step / STRIDE[engine]) % 3]!
        const crash = { type: 'crash', step, hops } as const
        const trial = await runTrial({ ...plan, faults: [crash] }, setup)
        expect({ seed, crash, violations: trial.violations }).toEqual({ seed, crash, violations: [] })
      }
    }
  },
)
