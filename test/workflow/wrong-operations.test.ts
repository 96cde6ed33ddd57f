import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from './open-runs.ts'
import { expectedOf, randomFlow, WRONG } from './random-plan.ts'

/** How many random workflows are tried. */
const SEEDS = 150 * Number(process.env.ANTIPHON_FUZZ ?? 1)

it(`no wrong operation takes back a step, in ${SEEDS} random workflows`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-wrong-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'log')
  const { start, ended } = await openRuns({ workflows: [randomFlow(log)] })
  for (let from = 1; from <= SEEDS; from += 25) {
    const seeds = Array.from({ length: 25 }, (_, n) => from + n)
    await Promise.all(seeds.map((seed) => start('random', { seed }, `r${seed}`)))
    const runs = await Promise.all(seeds.map((seed) => ended(`r${seed}`)))
    const lines = readFileSync(log, 'utf8').split('\n')
    for (const [n, run] of runs.entries()) {
      const seed = seeds[n]!
      const { made, fails } = expectedOf(seed)
      const about = `seed ${seed}: ${run.error}`
      const found = (what: string) =>
        lines.filter((line) => line.startsWith(`${seed} ${what} `)).map((line) => line.split(' ').slice(2).join(' '))
      expect(run.status, about).toBe(fails ? 'failed' : 'completed')
      expect(found('missed'), about).toEqual([])
      expect(found('made').sort(), about).toEqual([...made].sort())
      expect(found('undone').sort(), about).toEqual(fails ? [...made].sort() : [])
      for (const one of made) expect(run.steps[`s${one}`], about).toMatchObject({ status: 'completed' })
    }
  }
}, 600_000)

// dear: for one too many, a run first has all the pauses open that it may have
it.each(Object.keys(WRONG))('%s: fails a run whose first operation it is, and can be caught', async (what) => {
  const first = defineWorkflow({
    name: 'first',
    input: z.object({}),
    run: async (ctx) => void (await WRONG[what]!(ctx)),
  })
  const caught = defineWorkflow({
    name: 'caught',
    input: z.object({}),
    async run(ctx) {
      await ctx.step('pay', () => 1)
      const error = await (async () => WRONG[what]!(ctx))().then(
        () => 'no error',
        ({ name }: Error) => name,
      )
      await ctx.step('next', () => 1)
      return error
    },
  })
  const { start, ended } = await openRuns({ workflows: [first, caught] })
  await start('first')
  expect(await ended()).toMatchObject({ status: 'failed' })
  await start('caught', {}, 'c')
  expect(await ended('c')).toMatchObject({
    status: 'completed',
    outputs: { result: expect.stringMatching(/Error$/) },
    steps: { pay: { status: 'completed' }, next: { status: 'completed' } },
  })
})

it.each([
  ['a result over 64 MiB', async () => 'x'.repeat(70 * 1024 * 1024), /^The result of the workflow: /],
  ['a result that JSON cannot hold', async () => new Map(), /^The result of the workflow: /],
  ['an error with a long message', async () => Promise.reject(new Error('x'.repeat(1e6))), /^x+/],
] as const)('%s fails the run, and its steps are undone', async (_, end, error) => {
  const acts: string[] = []
  const flow = defineWorkflow({
    name: 'flow',
    input: z.object({}),
    onFailure: 'undo',
    async run(ctx) {
      await ctx.step('pay', () => void acts.push('paid'), { undo: () => void acts.push('undone') })
      return (await end()) as never
    },
  })
  const { start, ended } = await openRuns({ workflows: [flow] })
  await start('flow')
  expect(await ended()).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(error),
    steps: { pay: { status: 'completed' } },
  })
  expect(acts).toEqual(['paid', 'undone'])
})
