import { expect, test } from 'vitest'
import { openFolder } from '../runtime/inspect/folder.ts'

test('a fork keeps the results of calls, makes the named one again, and asks anew', async () => {
  const folder = openFolder()
  const runtime = await folder.open()
  const path = folder.path('note.txt')
  const calls = [
    { id: 'look', tool: 'debug', parameters: { message: 'seen' } },
    { id: 'note', tool: 'filesystem:append', parameters: { path, content: 'x' } },
  ]
  const { id } = await runtime.tools.call(calls, { approve: ['filesystem'] })
  await runtime.idle()
  await runtime.runs.signal(id, 'approve_note', 'approve')
  await runtime.idle()
  const same = await runtime.runs.fork(id)
  await runtime.idle()
  expect(await runtime.runs.get(same.id)).toMatchObject({
    status: 'completed',
    steps: { look: { reused: true }, note: { reused: true } },
    outputs: { note: { size: 1 } },
  })
  const again = await runtime.runs.fork(id, { set: { note: { path, content: 'yy' } } })
  await runtime.idle()
  expect(await runtime.inbox.list({ run: again.id })).toMatchObject([{ step: 'note', signal: 'approve_note' }])
  await runtime.runs.signal(again.id, 'approve_note', 'approve')
  await runtime.idle()
  expect(await runtime.runs.get(again.id)).toMatchObject({
    status: 'completed',
    steps: { look: { reused: true } },
    outputs: { note: { size: 3 } },
  })
  await expect(runtime.runs.fork(id, { at: 'other' })).rejects.toMatchObject({ code: 'unknown_step' })
  await expect(runtime.runs.fork(id, { source: { text: 'name: x' } })).rejects.toThrow(
    `A fork of ${id} takes no pipeline: the run is none of a pipeline.`,
  )
  expect(await runtime.pipelines.changes(id)).toEqual({ steps: [] })
})
