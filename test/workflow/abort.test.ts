import { expect, it } from 'vitest'
import { z } from 'zod'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>, name = 'flow') =>
  defineWorkflow({ name, input: z.object({}), run })

const reasonOf = (wait: Promise<unknown>) => wait.then(String, (error: Error) => error.message)

it('waits that a signal aborts reject with its reason, their work is dropped, and others go on', async () => {
  const child = flow((ctx) => ctx.signal('never'), 'child')
  const make = () =>
    flow(async (ctx) => {
      const controller = new AbortController()
      const { signal } = controller
      const waits = Promise.all(
        [
          ctx.sleep('3d', { signal }),
          ctx.signal('go', { signal }),
          ctx.approve('ship', { signal }),
          ctx.call(child, {}, { signal }),
        ].map(reasonOf),
      )
      const other = ctx.signal('go')
      await ctx.signal('stop')
      controller.abort(new Error('no longer needed'))
      const reasons = await waits
      const late = await reasonOf(ctx.sleep('3d', { signal }))
      return [...reasons, late, await other]
    })
  const folder = makeFolder()
  const first = await openRuns({ workflows: [make(), child] }, folder)
  await first.start('flow')
  for await (const { body } of first.runs.events('r')) if (body.type === 'signal-wait' && body.run !== undefined) break
  await first.runs.signal('r', 'stop', 1)
  for await (const { body } of first.runs.events('r')) if (body.type === 'step-end' && body.step === 'child') break
  await first.stop()
  // another process replays it, and its second wait for `go` is the only one
  const second = await openRuns({ workflows: [make(), child] }, folder)
  await second.runs.resume('r')
  expect(await second.runs.signal('r', 'go', 'now')).toMatchObject({ status: 'taken' })
  const no = 'no longer needed'
  expect(await second.ended()).toMatchObject({
    status: 'completed',
    outputs: { result: [no, no, no, no, no, 'now'] },
    steps: { ship: { status: 'skipped' }, child: { status: 'skipped' } },
  })
  expect(await second.ended('r.child')).toMatchObject({ status: 'cancelled' })
})

it('a signal that a timer aborts stops the run, as any other timer does', async () => {
  const { start, runs } = await openRuns({
    workflows: [flow((ctx) => ctx.sleep('3d', { signal: AbortSignal.timeout(5) }))],
  })
  await start('flow')
  const types: string[] = []
  for await (const { body } of runs.events('r')) {
    types.push(body.type)
    if (body.type === 'workflow-stop') break
  }
  expect(types.at(-1)).toBe('workflow-stop')
})
