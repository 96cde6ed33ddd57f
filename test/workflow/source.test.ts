import { expect, test } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from './open-runs.ts'

test('the source of a run names the place of each operation, its sleeps, and what led to it', async () => {
  const flow = defineWorkflow({
    name: 'flow',
    input: z.any(),
    async run(ctx) {
      const [a] = await Promise.all([ctx.step('a', () => 1), ctx.step('b', () => 2)])
      await ctx.sleep(1)
      await ctx.step('c', () => a)
      await ctx.sleep('3d')
    },
  })
  const { start, runs } = await openRuns({ workflows: [flow] })
  const id = await start('flow')
  const source = await until(async () => {
    const found = await runs.source(id)
    return found.language === 'workflow' && found.operations.length === 5 ? found : undefined
  })
  expect(source.operations.map((one) => [one.id, one.type, one.after.length > 0])).toEqual([
    ['a', 'step', false],
    ['b', 'step', false],
    ['sleep', 'sleep', true],
    ['c', 'step', true],
    ['sleep#2', 'sleep', true],
  ])
  const [a, , rest, c, long] = source.operations
  expect(a!.at).toMatch(/source\.test\.ts:\d+/)
  expect(c!.after).toEqual(['sleep'])
  // both steps led to the sleep, whichever ended last
  expect([...rest!.after].sort()).toEqual(['a', 'b'])
  expect(rest!.ended).toBeGreaterThanOrEqual(rest!.began)
  expect(long!.until! - long!.began).toBe(3 * 86_400_000)
  expect(long).not.toHaveProperty('ended')
})

test('the source of a run has its input, and a step that asks a model shows its prompt', async () => {
  const flow = defineWorkflow({
    name: 'letter',
    input: z.object({ town: z.string() }),
    run: (ctx, { town }) =>
      ctx.generate('weather', {
        prompt: `Weather in ${town}?`,
        system: 'Be short.',
        model: 'lab/one',
        documents: [{ name: 'map.txt', text: 'Kiel lies in the north.' }],
      }),
  })
  const { start, runs, ended } = await openRuns({
    workflows: [flow],
    models: { 'lab/one': scriptedModel([{ reply: 'rain' }]) },
  })
  const id = await start('letter', { town: 'Kiel' })
  expect(await ended(id)).toMatchObject({ status: 'completed' })
  expect(await runs.source(id)).toMatchObject({ inputs: { town: 'Kiel' } })
  const { messages } = await runs.step(id, 'weather')
  expect(messages!.map(({ role }) => role)).toEqual(['system', 'user'])
  expect(messages![0]!.text).toContain('Be short.')
  for (const part of ['Weather in Kiel?', 'map.txt', 'Kiel lies in the north.'])
    expect(messages![1]!.text).toContain(part)
})
