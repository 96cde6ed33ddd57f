import { expect, it } from 'vitest'
import { createApp } from '../../../src/http/server/app.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

it.each([
  ['delay', '5m'],
  ['startAt', 0],
  ['queue', { key: 'k' }],
])('a goal refuses %s, and says what begins later', async (name, value) => {
  const runtime = await openFolder().open()
  const body = { goal: 'Sort the mails', [name]: value }
  const refusal = `\`${name}\` is for runs, and a goal begins at once; to begin it later or in turn, start a run whose step or workflow calls the agent`
  await expect(runtime.goals.start({ agent: 'clerk', ...body } as never)).rejects.toMatchObject({
    code: 'invalid_input',
    message: `start: ${refusal}.`,
  })
  const answer = await createApp(runtime).request('/v1/agents/clerk/goals', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'invalid_input', detail: expect.stringContaining(refusal) }),
  ])
})
