import { expect, test } from 'vitest'
import { TerminalError } from '../../../src/errors.ts'
import { type CallFor, defineTool } from '../../../src/tool/tool.ts'
import { answer, call, openGoals } from '../../agent/goal/folder.ts'
import { tool } from '../../pipeline/workshop.ts'

/** A tool that can be undone, and notes for whom each part of it is called. */
function noting() {
  const seen: { [part: string]: CallFor } = {}
  const note = (name: string, context: CallFor) => {
    const { owner, run, conversation, message, goal, agent, context: given } = context
    seen[name] = JSON.parse(JSON.stringify({ owner, run, conversation, message, goal, agent, context: given }))
    return {}
  }
  const look = defineTool({
    ...tool('look', ({ as }, context) => note(String(as ?? 'look'), context)),
    prepare: (_, context) => note('prepare', context),
    undo: (_, context) => void note('undo', context),
  })
  return { look, seen }
}

const TEXT = `name: p
on_failure: undo
steps:
  - { id: alone, tool: look, parameters: { as: alone } }
  - { id: left, tool: look, parameters: { as: left }, dependencies: [alone] }
  - { id: right, tool: look, parameters: { as: right }, dependencies: [alone] }
  - { id: below, tool: pipeline-executor, dependencies: [left, right], parameters: { pipeline: child.yaml } }
  - { id: bad, tool: bad, dependencies: [below] }
`
const bad = tool('bad', () => {
  throw new TerminalError('it fails', { code: 'tool_failed' })
})
const CHILD = 'name: c\nsteps: [{ id: a, tool: look, parameters: { as: child } }]\n'

test('a tool of a run learns the owner and the run, in steps, batches, child runs and when it is undone', async () => {
  const { look, seen } = noting()
  const { runtime, write, path } = await openGoals([], '', { tools: [look, bad] })
  write('child.yaml', CHILD)
  write('p.yaml', TEXT)
  await runtime.runs.start({ file: path('p.yaml'), owner: 'ann', id: 'r1' })
  await runtime.idle()
  const own = { owner: 'ann', run: 'r1' }
  expect(seen).toEqual({
    ...{ alone: own, left: own, right: own, prepare: expect.objectContaining({ owner: 'ann' }), undo: own },
    child: { owner: 'ann', run: 'r1.below' },
  })
})

test('a tool of a message learns its owner, conversation, message, goal and agent', async () => {
  const { look, seen } = noting()
  const { runtime, write, path } = await openGoals([call('look', {}), answer('done')], '', { tools: [look] })
  write('clerk.md', '---\ndescription: d\ntools: [look]\n---\nLook.')
  const asked = { conversation: 'talk', id: 'm-1', owner: 'ann', text: 'Look.', agent: path('clerk.md') }
  await runtime.conversations.send(asked)
  const about = { owner: 'ann', conversation: 'talk', message: 'm-1', goal: 'talk.m1', agent: 'clerk' }
  expect(seen.look).toEqual({ ...about, run: 'talk.m1.1' })
  await runtime.tools.call([{ tool: 'look', parameters: { as: 'direct' } }], { owner: 'bob', id: 'c1' })
  await runtime.idle()
  expect(seen.direct).toEqual({ owner: 'bob', run: 'c1' })
})
