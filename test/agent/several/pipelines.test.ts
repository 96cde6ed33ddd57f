import { expect, test } from 'vitest'
import { toRef } from '../../../src/lib/media/file-ref.ts'
import { PIXEL } from '../goal/artist.ts'
import { answer } from '../goal/folder.ts'
import { openTeam } from './team.ts'

const ASK = `name: ask
steps:
  - { id: review, action: agent, parameters: { agent: reviewer, goal: "Review {{ inputs.file }}" } }
outputs: { said: "{{ review.answer }}", lacks: "{{ review.needs }}", how: "{{ review.result.status }}" }
`
const source = (text: string) => ({ source: { text } })

test('a step asks an agent', async () => {
  const { runtime, model } = await openTeam([answer('Good.\nNeeds: a title')])
  const { id } = await runtime.runs.start({ ...source(ASK), inputs: { file: 'a.txt' } })
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({
    ...{ status: 'completed', outputs: { said: 'Good.\nNeeds: a title', lacks: ['a title'], how: 'completed' } },
  })
  expect(await runtime.goals.get(`${id}.review`)).toMatchObject({ agent: 'reviewer', goal: 'Review a.txt' })
  expect(model.calls[0]!.prompt).toContain('You are the reviewer.')
})

test('a step gives the agent the files of its run', async () => {
  const { runtime, model } = await openTeam([answer('A lamp.')])
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'lamp.png' }))
  const text = `name: ask
inputs: { photo: { type: object } }
steps:
  - { id: look, action: agent, parameters: { agent: reviewer, goal: Look., files: ["{{ inputs.photo }}"] } }
outputs: { said: "{{ look.answer }}" }
`
  const { id } = await runtime.runs.start({ ...source(text), inputs: { photo } })
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', outputs: { said: 'A lamp.' } })
  expect(await runtime.goals.get(`${id}.look`)).toMatchObject({ files: [photo] })
  expect(JSON.stringify(model.calls[0]!.options.prompt)).toContain('"type":"file"')
})

test('a step names the agent as the operation of the tool, or by a template', async () => {
  const { runtime } = await openTeam([answer('Good.')])
  const text = `name: ask
steps:
  - { id: one, tool: agent, action: reviewer, parameters: { goal: Go. } }
  - { id: other, action: agent, parameters: { agent: "{{ 'wri' ~ 'ter' }}", goal: Go. } }
`
  const { id } = await runtime.runs.start(source(text))
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed' })
  const asked = await runtime.goals.list()
  expect(asked.map(({ agent }) => agent).toSorted()).toEqual(['reviewer', 'writer'])
})

test('an agent that fails fails its step, and the reply stays readable', async () => {
  const { runtime } = await openTeam([{ error: { statusCode: 400, message: 'content_policy' } }])
  const text = `name: ask
steps:
  - { id: review, action: agent, parameters: { agent: reviewer, goal: Go. }, on_failure: continue }
outputs: { how: "{{ review.result.status }}", why: "{{ review.error }}" }
`
  const { id } = await runtime.runs.start(source(text))
  await runtime.idle()
  const { outputs, steps } = await runtime.runs.get(id)
  expect(outputs).toMatchObject({ how: 'failed', why: expect.stringContaining('the agent reviewer failed') })
  expect(steps.review).toMatchObject({ status: 'failed', error_code: 'agent_failed' })
})

test('a cancelled run cancels the goal that its step asked for', async () => {
  const { runtime } = await openTeam([{ calls: [{ name: 'filesystem_append', input: { path: 'a', content: 'b' } }] }])
  const text = 'name: ask\nsteps:\n  - { id: write, action: agent, parameters: { agent: writer, goal: Go. } }\n'
  const { id } = await runtime.runs.start(source(text))
  await runtime.idle()
  expect(await runtime.inbox.list()).toHaveLength(1)
  await runtime.runs.cancel(id, 'not needed')
  await runtime.idle()
  expect(await runtime.goals.get(`${id}.write`)).toMatchObject({ status: 'cancelled' })
  expect(await runtime.inbox.list()).toEqual([])
})

test.each([
  ['action: agent', 'agent: reviewr, goal: Go.', 'there is no agent `reviewr`', 'Did you mean `reviewer`?'],
  ['tool: agent, action: writr', 'goal: Go.', 'there is no agent `writr`', 'Did you mean `writer`?'],
])('a name that no agent has is a warning: %s', async (call, parameters, message, hint) => {
  const { runtime } = await openTeam([])
  const text = `name: ask\nsteps:\n  - { id: a, ${call}, parameters: { ${parameters} } }\n`
  const { findings } = await runtime.pipelines.validate(source(text))
  expect(findings).toMatchObject([{ code: 'would_fail', message: expect.stringContaining(message), hint }])
})

test('a template may name any agent', async () => {
  const { runtime } = await openTeam([])
  const text = 'name: ask\nsteps:\n  - { id: a, action: agent, parameters: { agent: "{{ inputs.who }}", goal: Go. } }\n'
  expect((await runtime.pipelines.validate(source(text), { inputs: { who: 'x' } })).findings).toEqual([])
})
