import { expect, test } from 'vitest'
import type { ScriptedModel } from '../../../src/testing/scripted-model.ts'
import { answer, CLERK, call, openGoals } from '../goal/folder.ts'

/** The calls of each request to the model, each with whether its result stands in the next message. */
function callsIn({ calls }: ScriptedModel): boolean[] {
  return calls.flatMap(({ options: { prompt } }) =>
    prompt.flatMap(({ role, content }, at) => {
      if (role !== 'assistant') return []
      const results = JSON.stringify(prompt[at + 1]?.content ?? [])
      return content.flatMap((part) => (part.type === 'tool-call' ? [results.includes(part.toolCallId)] : []))
    }),
  )
}

test('each call has a result in each request after a rejection and a restart', async () => {
  const append = call('filesystem_append', { path: 'log.txt', content: 'x' }, 2)
  const { runtime, open, model } = await openGoals([append, answer('done')])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
  await runtime.idle()
  await runtime.runs.signal(`${id}.1`, 'approve_call_1', { action: 'reject' })
  await runtime.idle()
  await runtime.stop()
  const next = await open()
  await next.runs.signal(`${id}.2`, 'approve_call_1', 'approve')
  await next.idle()
  const { status, rounds } = (await next.goals.get(id))!
  expect(status).toBe('completed')
  expect(rounds.flatMap(({ calls }) => calls.map(({ outcome }) => outcome))).toEqual(['rejected', 'succeeded'])
  expect(callsIn(model)).toEqual([true, true, true])
})
