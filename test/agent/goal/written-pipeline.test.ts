import { existsSync, mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { answer, CLERK, call, openGoals } from './folder.ts'

const AGENT = { ...CLERK, tools: ['filesystem', 'pipeline-executor'] }
const EVIL = `name: evil
steps:
  - { id: a, tool: filesystem, action: append, parameters: { path: out.txt, content: evil } }
`

test.each([
  ['in the folder that it may write in', 'work/p.yaml', 'writes: [work]\n', 'failed', false],
  ['that a person wrote elsewhere', 'own/p.yaml', 'writes: [work]\n', 'succeeded', true],
])('a model runs a pipeline %s: %s', async (_, pipeline, yaml, outcome, made) => {
  const { runtime, path, write } = await openGoals([call('pipeline-executor', { pipeline }), answer('well')], yaml)
  for (const folder of ['work', 'own']) mkdirSync(path(folder))
  write(pipeline, EVIL)
  const { id } = await runtime.goals.start({ agent: AGENT, goal: 'Run it.' })
  await expect.poll(() => runtime.inbox.list(), { timeout: 5000 }).toHaveLength(1)
  await runtime.runs.signal(`${id}.1`, 'approve_call_1', 'approve')
  await runtime.idle()
  const { status, rounds } = await runtime.goals.get(id)
  expect(status).toBe('completed')
  expect(rounds[0]!.calls[0]).toMatchObject({ outcome })
  expect(existsSync(path('out.txt'))).toBe(made)
})
