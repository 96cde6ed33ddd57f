import { expect, it } from 'vitest'
import { z } from 'zod'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { openRuns } from '../../workflow/open-runs.ts'

it.each([
  ['at-most-once', false, { error_code: 'unknown', error_type: 'UnknownError' }],
  ['at-most-once', true, { error: null, error_type: null }],
  ['idempotent', false, { error: null, error_type: null }],
] as const)(
  'the document of a cancelled run says what is known of its call: %s, asks %s',
  async (effect, asks, error) => {
    const door = gate()
    const pay = defineTool({
      ...{ name: 'pay', description: 'pays', input: z.object({}), effect },
      ...(asks && { approve: true as const }),
      execute: () => door.pass().then(() => 'late'),
    })
    const { runtime, runs } = await openRuns({ tools: [pay] })
    const text = 'name: x\nsteps: [{ id: slow, tool: pay }]'
    const { id } = await runs.start({ source: { name: 'p.yaml', text, files: {} } })
    await (asks ? until(async () => (await runtime.inbox.list({ run: id }))[0]) : door.started)
    await runs.cancel(id, 'enough')
    await until(async () => (await runs.get(id)).completed_at)
    expect((await runs.get(id)).steps.slow).toMatchObject({ status: 'cancelled', ...error })
    door.release()
  },
)
