import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { openBench } from './commands.ts'
import { realWith } from './programs.ts'

test('a round says how often a model was asked again, and why', async () => {
  const message = 'Failed to call a function.'
  const responseBody = JSON.stringify({ error: { message, code: 'tool_use_failed', failed_generation: '<function=x' } })
  const broken = { error: { statusCode: 400, message, responseBody }, times: 2 }
  const usage = { input: 10, output: 1 }
  const model = scriptedModel([broken, { reply: 'Well.', usage }], 'lab/one')
  const { path, write, run } = openBench(realWith({ 'lab/one': model }))
  mkdirSync(path('agents'))
  write('agents/clerk.md', '---', 'description: Notes things down', 'tools: []', '---', 'You keep notes.')
  write('antiphon.yaml', 'model: lab/one', 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]')
  expect(await run('agent', 'run', 'clerk', 'Go.', '--id', 'g')).toMatchObject({ code: 0, out: 'Well.\n' })
  const { out } = await run('agent', 'show', 'g')
  expect(out.match(/^ {2}a model was asked again: .*Failed to call a function.*$/gm)).toHaveLength(2)
})
