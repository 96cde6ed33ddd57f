import { expect, test } from 'vitest'
import { z } from 'zod'
import { until } from '../../src/testing/until.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from './open-runs.ts'

test('a step that waits for a person shows what it asks about', async () => {
  const flow = defineWorkflow({
    name: 'flow',
    input: z.any(),
    run: (ctx) => Promise.all([ctx.approve('sail', { title: 'Sail?', content: { guests: 30 } }), ctx.signal('tide')]),
  })
  const { start, runs } = await openRuns({ workflows: [flow] })
  const id = await start('flow')
  const areHeld = async () => {
    const { steps } = await runs.get(id)
    return ['sail', 'wait-tide'].every((step) => steps[step]?.status === 'waiting')
  }
  await until(areHeld)
  expect((await runs.step(id, 'sail')).parameters).toEqual({ guests: 30 })
  expect((await runs.step(id, 'wait-tide')).parameters).toBeUndefined()
})
