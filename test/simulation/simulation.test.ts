import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineActor } from '../../src/kernel/turn.ts'
import type { ClientCommand, TrialPlan } from '../../src/testing/simulation/plan/plan.ts'
import { type SimulateOptions, simulate } from '../../src/testing/simulation/simulate.ts'
import { runTrial } from '../../src/testing/simulation/trial.ts'
import { actors } from './actors.ts'
import { command } from './command.ts'

const ENGINES = ['inline', 'libsql'] as const
const SEEDS = { inline: 1200, libsql: 800 }

test.each(ENGINES)('the %s engine keeps its promises, whatever goes wrong', { timeout: 120_000 }, async (engine) => {
  const { trials, lives } = await simulate({ actors, command, engine, seeds: SEEDS[engine] })
  expect(trials).toBe(SEEDS[engine])
  // each trial ends with one restart: the others are crashes, failures and restarts on the way
  expect(lives).toBeGreaterThan(2.2 * trials)
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

/** In so many orders of events the process dies at each step. */
// `npm run simulate` tries more orders
const ORDERS = { inline: 10, libsql: 1 }

test.each(ENGINES)(
  'the %s engine keeps its promises over a crash at each step',
  { timeout: 120_000 },
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
      for (let step = 1; step <= steps; step++) {
        const crash = { type: 'crash', step, hops: [0, 3, 9][step % 3]! } as const
        const trial = await runTrial({ ...plan, faults: [crash] }, setup)
        expect({ seed, crash, violations: trial.violations }).toEqual({ seed, crash, violations: [] })
      }
    }
  },
)

test.each(ENGINES)('the same seed is the same trial, step by step, on the %s engine', async (engine) => {
  const hashes = async () => {
    const seen: string[] = []
    await simulate({ actors, command, engine, seeds: 40, onTrial: (_seed, { hash }) => seen.push(hash) })
    return seen
  }
  const first = await hashes()
  expect(await hashes()).toEqual(first)
  expect(new Set(first).size).toBe(40)
})

/** Forgets what it has heard when it is told twice within one life: its memory is not in its state. */
function forgetful(): SimulateOptions {
  const to = { kind: 'forgetful', key: '1' }
  const actor = () => {
    let heard = 0
    return defineActor({
      kind: 'forgetful',
      message: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
      initial: () => 0,
      receive: () => ({ state: ++heard, reply: heard }),
    })
  }
  const check: SimulateOptions['check'] = async ({ peek, taken }) => {
    const told = await taken(to)
    if (told > 0 && (await peek(to)) !== told)
      throw new Error(`it was told ${told} times and has heard ${await peek(to)}`)
  }
  return { actors: () => [actor()], command: () => ({ type: 'tell', to, body: null }), check, seeds: 200 }
}

test('an actor that keeps something outside its state is caught, and the seed and path repeat it', async () => {
  const caught = await simulate(forgetful()).then(
    () => undefined,
    (error: Error) => error,
  )
  expect(caught?.message).toMatch(/it was told \d+ times and has heard \d+/)
  const [, engine, seed, path] = /--engine (\w+) --seed (\d+) --path (\S+)/.exec(caught!.message)!
  const again = { ...forgetful(), engine: engine as 'inline', seed: Number(seed), path: path!, seeds: 1 }
  await expect(simulate(again)).rejects.toThrow(caught!.message)
})

test('the example of the documentation runs', async () => {
  const example = readFileSync(new URL('./example.ts', import.meta.url), 'utf8')
  expect(readFileSync('docs/testing.md', 'utf8')).toContain(example)
  await import('./example.ts')
})
