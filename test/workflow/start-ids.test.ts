import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const child = (name: string) => defineWorkflow({ name, input: z.object({ cents: z.number() }), run: async () => name })
const [refund, ship] = [child('refund'), child('ship')]

test('`ctx.start` with an id of other content throws where it is called; a replay goes on', async () => {
  const parent = defineWorkflow({
    name: 'parent',
    input: z.object({}),
    async run(ctx) {
      const ids = [
        (await ctx.start(refund, { cents: 5 }, { id: 'order-7' })).id,
        (await ctx.start(refund, { cents: 5 }, { id: 'order-7' })).id,
        await ctx.start(refund, { cents: 6 }, { id: 'order-7' }).catch((error) => error.code),
        await ctx.start(ship, { cents: 5 }, { id: 'order-7' }).catch((error) => error.code),
        (await ctx.start(ship, { cents: 5 })).id,
      ]
      await ctx.signal('go')
      return ids
    },
  })
  const workflows = [parent, refund, ship]
  const folder = makeFolder()
  const before = await openRuns({ workflows }, folder)
  await before.start('parent')
  await before.runtime.idle()
  await before.stop()
  const after = await openRuns({ workflows }, folder)
  await after.start('parent')
  await after.runs.signal('r', 'go', null)
  const { outputs } = await after.ended()
  expect(outputs.result).toEqual(['order-7', 'order-7', 'id_taken', 'id_taken', expect.stringMatching(/^r-/)])
})
