import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../../src/testing/until.ts'
import { makeFolder } from '../../../workflow/open-runs.ts'
import { openShaky } from './program.ts'

/** A run with one step of that tool, when it waits for a person. */
async function untilItAsks(tool: string) {
  const folder = makeFolder()
  const runtime = await openShaky({ folder })
  const { runs } = runtime
  const retry = tool === 'asks' ? 'retry: 2, retry_config: { initial_delay: 0.001 }, ' : ''
  const step = `{ id: a, tool: ${tool}, ${retry}parameters: { file: ${join(folder, 'lines')} } }`
  await runs.start({ source: { text: `name: x\nsteps: [${step}]` }, id: 'r' })
  const item = await until(async () => (await runtime.inbox.list({ run: 'r' }))[0])
  const attempts = async () => {
    await until(async () => (await runs.get('r')).completed_at !== null)
    return (await runs.steps('r'))[0]!.attempts
  }
  return { runtime, item, attempts }
}

test('an attempt that failed before its step asked a person is among the attempts', async () => {
  const { runtime, item, attempts } = await untilItAsks('asks')
  try {
    await runtime.runs.signal('r', item.signal!, { ok: true })
    expect(await attempts()).toMatchObject([
      { attempt: 1, code: expect.any(String), message: 'the server said 500', started_at: expect.any(String) },
      { attempt: 1, code: null },
    ])
  } finally {
    await runtime.stop({ grace: 0 })
  }
})

test('a call that a person settles as not done is among the attempts', async () => {
  const { runtime, attempts } = await untilItAsks('doubtful')
  try {
    await runtime.runs.settle('r', 'a', { outcome: 'not-done' })
    expect(await attempts()).toMatchObject([
      { attempt: 1, code: 'unknown', message: expect.stringContaining('the connection broke') },
      { attempt: 2, code: null },
    ])
  } finally {
    await runtime.stop({ grace: 0 })
  }
})

test('an attempt that failed before its run was cancelled is among the attempts', async () => {
  const { runtime, attempts } = await untilItAsks('asks')
  try {
    await runtime.runs.cancel('r', 'no longer needed')
    expect(await attempts()).toMatchObject([{ attempt: 1, message: 'the server said 500' }])
  } finally {
    await runtime.stop({ grace: 0 })
  }
})
