import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openGoals } from '../../agent/goal/folder.ts'

const PLUGINS = `plugins: ['${join(import.meta.dirname, '../../agent/goal/plugin.ts')}']\n`

/** A run whose calls of `doubtful` wait until somebody settles them. */
async function inDoubt(steps: string) {
  const { runtime } = await openGoals([], PLUGINS)
  await runtime.runs.start({ source: { text: `name: x\nsteps: ${steps}` }, id: 'r' })
  await runtime.idle()
  return runtime
}

test('an id that was used for one answer is refused for another', async () => {
  const { runs } = await inDoubt('[{ id: pay, tool: doubtful }, { id: more, tool: doubtful }]')
  const taken = { status: 'taken' }
  const done = { outcome: 'done', result: { a: 1, b: 2 } } as const
  expect(await runs.settle('r', 'pay', done, { id: 's1' })).toEqual(taken)
  expect(await runs.settle('r', 'pay', { ...done, result: { b: 2, a: 1 } }, { id: 's1' })).toEqual(taken)
  const isTaken = expect.objectContaining({ code: 'id_taken' })
  await expect(runs.settle('r', 'pay', { outcome: 'fail' }, { id: 's1' })).rejects.toEqual(isTaken)
  await expect(runs.settle('r', 'more', done, { id: 's1' })).rejects.toEqual(isTaken)
  expect((await runs.get('r')).steps.more).toMatchObject({ status: 'waiting' })
  // somebody else was first
  expect(await runs.settle('r', 'pay', { outcome: 'fail' }, { id: 's2' })).toEqual({ status: 'late' })
  expect(await runs.signal('r', 'colour', 'red', { id: 's3' })).toEqual({ status: 'kept' })
  expect(await runs.signal('r', 'colour', 'red', { id: 's3' })).toEqual({ status: 'kept' })
  await expect(runs.signal('r', 'colour', 'blue', { id: 's3' })).rejects.toEqual(isTaken)
})

test('a step that waits for no settlement says what it is, and a wrong name gets the near ones', async () => {
  const steps =
    '[{ id: all, for_each: [1, 2], max_parallel: 2, steps: [{ id: pay, tool: doubtful }] }, { id: first, tool: debug, parameters: { message: hi } }]'
  const { runs } = await inDoubt(steps)
  const settle = (step: string, run = 'r') => runs.settle(run, step, { outcome: 'done' }, { id: 'mine' })
  await expect(settle('pay')).rejects.toMatchObject({
    code: 'not_found',
    message: 'The run r has no step pay.',
    hint: expect.stringContaining('Did you mean all_0_pay or all_1_pay?'),
  })
  await expect(settle('frist')).rejects.toMatchObject({ hint: expect.stringContaining('Did you mean first?') })
  await expect(settle('first')).rejects.toMatchObject({
    code: 'not_waiting',
    message: 'first of r has no unknown outcome: it is completed.',
    hint: expect.stringContaining('Steps whose outcome is unknown: all_0_pay, all_1_pay.'),
  })
  await expect(settle('pay', 'none')).rejects.toMatchObject({ code: 'not_found', message: 'There is no run none.' })
  // a refusal does not use up the id
  expect(await settle('all_0_pay')).toEqual({ status: 'taken' })
})
