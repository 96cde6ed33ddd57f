import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../src/index.ts'
import { until } from '../../src/testing/until.ts'
import { makeFolder, openRuns } from './open-runs.ts'

let visits = 0
const tour = defineWorkflow({
  name: 'tour',
  input: z.object({}),
  async run(ctx) {
    const seen: string[] = []
    ctx.handle('progress', z.object({ from: z.number() }), ({ from }) => seen.slice(from))
    ctx.handle('acts', z.null(), () => ctx.step('never', () => void visits++))
    ctx.handle('waits', z.null(), () => new Promise((resolve) => setTimeout(resolve, 1000)))
    ctx.handle('throws', z.null(), () => {
      throw new RangeError('too far')
    })
    for (const town of ['Rome', 'Oslo']) {
      seen.push(await ctx.step('visit', () => town))
      await ctx.signal('go-on')
    }
  },
})

it('a run answers from what it knows: while it waits, in another process, and after its end', async () => {
  const folder = makeFolder()
  const first = await openRuns({ workflows: [tour] }, folder)
  await first.start('tour')
  const ask = (name: string, value?: unknown) => first.runtime.workflows.ask('r', name, value as never)
  await until(async () => (await first.runs.get('r')).status === 'waiting')
  expect(await ask('progress', { from: 0 })).toEqual({ answer: ['Rome'] })
  await expect(ask('progress', { from: 'x' })).rejects.toMatchObject({ code: 'bad_value' })
  await expect(ask('weather')).rejects.toMatchObject({
    code: 'unknown_question',
    hint: expect.stringContaining('progress'),
  })
  await expect(ask('acts')).rejects.toMatchObject({ message: expect.stringContaining('it begins an operation') })
  await expect(ask('waits')).rejects.toMatchObject({ message: expect.stringContaining('it waits for something') })
  await expect(ask('throws')).rejects.toMatchObject({
    code: 'question_failed',
    message: expect.stringContaining('too far'),
  })
  await expect(first.runtime.workflows.ask('nothing', 'progress')).rejects.toMatchObject({ code: 'not_found' })
  await first.stop()

  const second = await openRuns({ workflows: [tour] }, folder)
  const later = (from: number) => second.runtime.workflows.ask('r', 'progress', { from })
  expect(await later(0)).toEqual({ answer: ['Rome'] })
  for (const count of [1, 2]) {
    await second.runs.signal('r', 'go-on', count)
    if (count === 1) await until(async () => ((await later(0)).answer as unknown[]).length === 2)
  }
  expect((await second.ended()).status).toBe('completed')
  expect(await later(1)).toEqual({ answer: ['Oslo'] })
  expect(visits).toBe(0)
  await second.stop()

  const without = await openRuns({ workflows: [] }, folder)
  await expect(without.runtime.workflows.ask('r', 'progress', { from: 0 })).rejects.toMatchObject({
    code: 'unknown_workflow',
  })
})
