import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { linesOf } from '../chaos/asks/acts.ts'
import { isKilled } from '../chaos/killed.ts'
import { openRuns } from './open-runs.ts'
import { expectedOf, randomFlow, randomOf } from './random-plan.ts'

/** How many random workflows are tried, so many at once; ANTIPHON_KILLS asks for more. */
const SEEDS = process.env.ANTIPHON_KILLS === undefined ? 60 : 10_000
const AT_ONCE = 20

const CHILD = join(import.meta.dirname, 'random-child.ts')

it(`a kill at any flush makes no step again that the function has seen, in ${SEEDS} random workflows`, async () => {
  let killed = 0
  for (let from = 1_000_001; from <= 1_000_000 + SEEDS; from += AT_ONCE) {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-random-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    const to = from + AT_ONCE - 1
    const random = randomOf(from)
    for (let life = 0; life < 3; life++) {
      const kill = { side: random() < 0.5 ? 'before' : 'after', flush: 1 + Math.floor(random() * 15) }
      if (await isKilled(CHILD, { folder, from, to, kill }, 60_000)) killed++
    }
    await isKilled(CHILD, { folder, from, to }, 60_000)
    await judge(folder, from, to)
  }
  expect(killed).toBeGreaterThan(0)
}, 7_200_000)

/** Steps may be made again when a kill cut them off, and never once the function has seen their outcome. */
async function judge(folder: string, from: number, to: number): Promise<void> {
  const lines = linesOf(join(folder, 'log'))
  const { runs, stop } = await openRuns({ workflows: [randomFlow(join(folder, 'log'))] }, folder)
  for (let seed = from; seed <= to; seed++) {
    const { made, fails } = expectedOf(seed)
    const run = await runs.get(`r${seed}`)
    const own = lines.filter((line) => line.startsWith(`${seed} `)).map((line) => line.slice(`${seed} `.length))
    const about = `seed ${seed}: ${run.error}\n${own.join('\n')}`
    expect(run.status, about).toBe(fails ? 'failed' : 'completed')
    expect(
      own.filter((line) => line.startsWith('missed')),
      about,
    ).toEqual([])
    for (const step of made) {
      expect(run.steps[`s${step}`], about).toMatchObject({ status: 'completed' })
      expect(own.includes(`undone ${step}`), about).toBe(fails)
      const seen = own.indexOf(`seen ${step}`)
      expect(own.slice(seen).includes(`made ${step}`), about).toBe(false)
      expect(own.slice(0, seen).includes(`made ${step}`), about).toBe(true)
    }
    const others = own.filter((line) => line.startsWith('made ') && !made.includes(line.slice('made '.length)))
    expect(others, about).toEqual([])
  }
  await stop()
}

it('hundreds of steps with long names are undone', async () => {
  let undone = 0
  const flow = defineWorkflow({
    name: 'flow',
    input: z.object({}),
    onFailure: 'undo',
    async run(ctx) {
      const name = `pay-${'x'.repeat(90)}`
      await ctx.map(Array.from({ length: 600 }), () => ctx.step(name, () => 1, { undo: () => void undone++ }), {
        concurrency: 64,
      })
      throw new Error('sold out')
    },
  })
  const { start, ended } = await openRuns({ workflows: [flow] })
  await start('flow')
  // a document of so many steps is dear to read again and again
  await expect.poll(() => undone, { timeout: 100_000 }).toBe(600)
  expect(await ended()).toMatchObject({ status: 'failed', error: 'sold out' })
}, 120_000)
