import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

async function open() {
  const folder = openFolder()
  const runtime = await folder.open()
  const end = async (id: string) => {
    await runtime.idle()
    return runtime.runs.get(id)
  }
  return { ...folder, runtime, end }
}

test('a call waits for a person over a restart, and is made once', async () => {
  const { runtime, path, open: openAgain } = await open()
  const file = path('note.txt')
  const write = { id: 'note', tool: 'filesystem:append', parameters: { path: file, content: 'x' } }
  const { id } = await runtime.tools.call([write], { id: 'run_1', approve: ['filesystem'] })
  await runtime.idle()
  await runtime.stop()
  const next = await openAgain()
  const [item] = await next.inbox.list({ run: id })
  expect(item).toMatchObject({
    signal: 'approve_note',
    content: write.parameters,
    title: 'Call filesystem:append? content "x"',
  })
  // the same id starts no second run
  expect(await next.tools.call([write], { id: 'run_1', approve: ['filesystem'] })).toEqual({ id })
  await next.runs.signal(id, 'approve_note', 'approve')
  await next.idle()
  expect(await next.runs.get(id)).toMatchObject({
    status: 'completed',
    outputs: { note: { action: 'append', size: 1 } },
  })
})

test('changed arguments are checked by the schema of the tool when the person answers', async () => {
  const { runtime, path, end } = await open()
  const write = { id: 'note', tool: 'filesystem:append', parameters: { path: path('note.txt'), content: 'x' } }
  const { id } = await runtime.tools.call([write], { approve: ['filesystem'] })
  await runtime.idle()
  const modify = (content: Json) => runtime.runs.signal(id, 'approve_note', { action: 'modify', content })
  const wrong = { code: 'bad_value' }
  await expect(modify({ path: 7 })).rejects.toMatchObject({
    ...wrong,
    message: expect.stringMatching(/^content\.(path|content): /),
  })
  await expect(modify('b.txt')).rejects.toMatchObject({ ...wrong, message: 'content: expected a map of parameters.' })
  expect(await runtime.inbox.list({ run: id })).toHaveLength(1)
  await modify({ path: path('other.txt'), content: 'yy' })
  expect(await end(id)).toMatchObject({ status: 'completed', outputs: { note: { size: 2 } } })
})

test('files of antiphon are closed to calls that a model chose', async () => {
  const { runtime, path, write, end } = await open()
  write('a.txt', 'ebb')
  const read = (name: string) => ({ tool: 'filesystem:read', parameters: { path: path(name) } })
  const calls = [read('a.txt'), read('antiphon.yaml'), read('agents/x.md'), read('AGENTS.md')]
  const { id } = await runtime.tools.call(calls, { chosenByModel: true, onFailure: 'continue' })
  const { steps } = await end(id)
  expect(steps.call_1).toMatchObject({ status: 'completed' })
  for (const step of ['call_2', 'call_3', 'call_4'])
    expect(steps[step]).toMatchObject({ status: 'failed', error_code: 'outside_root' })
})

test('files of phases are closed to calls that a model chose; their imports and the files of domains cannot be changed', async () => {
  const { path, write, open: openRuntime } = openFolder()
  mkdirSync(path('lease'))
  write('lease/flat.md', 'The tenant pays the rent.\n')
  write('terms.csv', 'tenant,renter\n')
  write('words.mts', `export const answer = 'yes'\n`)
  const result = `output: { answer, citations: [], invalidCitations: [] }, text: answer, status: 'completed'`
  write(
    'phase.mts',
    `import { definePhase } from 'antiphon'
export default definePhase({ name: 'yield', modality: 'text', initial: () => 0, run: async (state) => ({ state, ${result} }) })
`,
  )
  write(
    'antiphon.yaml',
    `phases: [./phase.mts]
domains: { legal: { sources: [lease], terms: terms.csv, notice: No legal advice. } }
writes: ['.']
tools: { approve: none }
`,
  )
  const runtime = await openRuntime()
  const call = (action: string, name: string, more = {}) => ({
    tool: `filesystem:${action}`,
    parameters: { path: path(name), ...more },
  })
  const closed = ['phase.mts', 'antiphon.yaml'].map((name) => call('read', name))
  const fixed = ['phase.mts', 'words.mts', 'antiphon.yaml', 'terms.csv', 'lease/flat.md', 'lease/new.md'].map((name) =>
    call('write', name, { content: 'x' }),
  )
  const calls = [...closed, ...fixed, call('write', 'other.txt', { content: 'x' })]
  const { id } = await runtime.tools.call(calls, { chosenByModel: true, onFailure: 'continue' })
  await runtime.idle()
  const ends = Object.values((await runtime.runs.get(id)).steps)
  expect(ends.map(({ status }) => status)).toEqual([...Array(8).fill('failed'), 'completed'])
  expect(new Set(ends.slice(0, 8).map(({ error_code }) => error_code))).toEqual(new Set(['outside_root']))
})

test.each([
  [[], /Expected 1 to 100 calls, got 0/],
  ['say' as never, /^tools\.call: expected a list of calls as `calls`, got a string\.$/],
  [{ tool: 'say', parameters: {} } as never, /^tools\.call: expected a list of calls as `calls`, got a map\.$/],
  [[{ tool: 'filesystem:raed' }], /^calls\[0\]\.tool: there is no tool filesystem:raed/],
  [[{ tool: 'echo', id: 'no good' }], /^calls\[0\]\.id: expected letters/],
  [[{ tool: 'echo', id: 'outputs' }], /is reserved/],
  [[{ tool: 'filesystem:read' }], /^calls\[0\]\.parameters\.path: /],
  [
    [
      { tool: 'debug', id: 'a', parameters: { message: '' } },
      { tool: 'debug', id: 'a', parameters: { message: '' } },
    ],
    /two calls with the id a/,
  ],
])('%j starts nothing', async (calls, message) => {
  const { runtime } = await open()
  await expect(runtime.tools.call(calls)).rejects.toThrow(message)
  expect(await runtime.runs.list()).toEqual([])
})

test.each([
  [{ approve: ['filesystem:wirte'] }, /^approve\[0\]: there is no tool filesystem:wirte/],
  [{ approve: 'debug' as unknown as string[] }, /options\.also: expected a list/],
  [{ onFailure: 'stop' as 'fail' }, /options\.onFailure: expected one of fail, continue, undo/],
])('the options %j start nothing', async (options, message) => {
  const { runtime } = await open()
  const call = { tool: 'debug', parameters: { message: '' } }
  await expect(runtime.tools.call([call], options)).rejects.toThrow(message)
  expect(await runtime.runs.list()).toEqual([])
})
