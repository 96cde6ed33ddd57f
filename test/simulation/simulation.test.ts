import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineActor } from '../../src/kernel/turn.ts'
import { type SimulateOptions, simulate } from '../../trials/simulation/simulate.ts'
import { actors } from './actors.ts'
import { command } from './command.ts'

const ENGINES = ['inline', 'libsql'] as const
// crashes.long.test.ts tries more of them
const SEEDS = { inline: 500, libsql: 150 }

// dear: 650 trials find what a few do not
test.each(ENGINES)('the %s engine keeps its promises, whatever goes wrong', { timeout: 120_000 }, async (engine) => {
  const { trials, lives } = await simulate({ actors, command, engine, seeds: SEEDS[engine] })
  expect(trials).toBe(SEEDS[engine])
  // each trial ends with one restart: the others are crashes, failures and restarts on the way
  expect(lives).toBeGreaterThan(2.2 * trials)
})

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
