import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openMcp } from './bench.ts'
import { rawClient } from './raw.ts'

const HOLD = ['mcp: { serve: [hold, say, note, greet.yaml] }', 'tools: { approve: none }'] as const

async function openTasks(...settings: readonly string[]) {
  const bench = await openMcp(...settings)
  const token = await bench.key()
  return {
    ...bench,
    token,
    ...rawClient(bench.url, token),
    client: (more: object) => rawClient(bench.url, token, more),
  }
}

it('a call that takes longer is a task, and the id of the task is that of its run', async () => {
  const { ask, call, get, until, path, runtime } = await openTasks(...HOLD)
  expect(await ask('server/discover')).toMatchObject({
    capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } },
  })
  const task = await call('hold', { file: path('go') }, 'one')
  const [run] = await runtime.runs.list()
  expect(task).toMatchObject({ resultType: 'task', status: 'working', taskId: run!.id, ttlMs: null })
  expect(task).not.toHaveProperty('result')
  expect(await get(run!.id)).toMatchObject({ resultType: 'complete', taskId: run!.id, status: 'working' })
  // the same id is the same task
  expect(await call('hold', { file: path('go') }, 'one')).toMatchObject({ taskId: run!.id })
  writeFileSync(path('go'), '')
  expect(await until(run!.id, 'completed')).toMatchObject({
    result: { resultType: 'complete', structuredContent: { held: true }, _meta: { 'antiphon/run': run!.id } },
  })
  expect(await call('hold', { file: path('go') }, 'one')).toMatchObject({ resultType: 'complete' })
})

it('a call that ends at once is none, and a client that knows no tasks never gets one', async () => {
  const { call, client, path } = await openTasks(...HOLD)
  expect(await call('say', { letters: 2 })).toMatchObject({ resultType: 'complete', structuredContent: { said: 'xx' } })
  const old = client({ tasks: false })
  const held = old.call('hold', { file: path('go') })
  setTimeout(() => writeFileSync(path('go'), ''), 1000)
  expect(await held).toMatchObject({ resultType: 'complete', structuredContent: { held: true } })
  const missing = {
    code: -32_021,
    data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
  }
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
    await expect(old.ask(method, { taskId: 'x' })).rejects.toMatchObject(missing)
})

const FAILING = `name: greet
steps:
  - { id: wait, tool: hold, parameters: { file: GO } }
  - { id: bug, tool: bug, dependencies: [wait] }
`

it('a failed call is a completed task with an error, and a cancelled one is cancelled', async () => {
  const { ask, call, until, path, runtime } = await openTasks(...HOLD, FAILING)
  const { taskId } = await call('hold', { file: path('never') })
  expect(await ask('tasks/cancel', { taskId })).not.toHaveProperty('taskId')
  await until(taskId, 'cancelled')
  expect((await runtime.runs.get(String(taskId))).status).toBe('cancelled')
  // once it is over, to cancel it changes nothing
  await ask('tasks/cancel', { taskId })
  const { taskId: failing } = await call('greet', {})
  writeFileSync(path('go'), '')
  expect(await until(failing, 'completed')).toMatchObject({
    result: { isError: true, structuredContent: { error: { place: { step: 'bug' } } } },
  })
})

it('a task of nobody, or of another owner, is not found', async () => {
  const { call, key, path, url } = await openTasks(...HOLD)
  const { taskId } = await call('hold', { file: path('go') })
  const bob = rawClient(url, await key('bob'))
  for (const id of [taskId, 'run_none'])
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
      await expect(bob.ask(method, { taskId: id, inputResponses: {} })).rejects.toMatchObject({ code: -32_602 })
  writeFileSync(path('go'), '')
})

const FORMS = `name: greet
steps:
  - { id: wait, tool: hold, parameters: { file: GO } }
  - { id: below, tool: pipeline-executor, dependencies: [wait], parameters: { pipeline: "CHILD" } }
  - { id: name, tool: user-prompt, dependencies: [wait], parameters: { prompt: Your name, context: api } }
outputs: { name: "{{ name.value }}", size: "{{ below.outputs.size }}" }
`
const CHILD =
  'name: child\\nsteps: [{ id: size, tool: user-prompt, parameters: { prompt: Size, input_type: number, context: api } }]\\noutputs: { size: \\"{{ size.value }}\\" }'

it('a task asks what its run and the runs below it ask, and takes answers one by one', async () => {
  const { ask, call, client, until, path } = await openTasks(...HOLD, FORMS.replace('CHILD', CHILD))
  const { taskId } = await call('greet', {})
  writeFileSync(path('go'), '')
  const first = await until(taskId, 'input_required')
  const key = Object.keys(first.inputRequests as object)[0]!
  expect(first.inputRequests).toMatchObject({
    [key]: { method: 'elicitation/create', params: { mode: 'form', message: 'Your name' } },
  })
  // a client without forms is told what waits
  expect(await client({ forms: false }).get(taskId)).toMatchObject({
    status: 'working',
    statusMessage: expect.stringMatching(/^It waits for a person: Your name/),
  })
  const answer = (name: string, value: unknown) =>
    ask('tasks/update', { taskId, inputResponses: { [name]: { action: 'accept', content: { value } }, other: 7 } })
  expect(await answer(key, 'Ada')).not.toHaveProperty('status')
  await answer(key, 'Bob')
  let next: { readonly [name: string]: { readonly params: object } } = {}
  await expect
    .poll(async () => {
      const task = await ask('tasks/get', { taskId })
      next = (task.inputRequests ?? {}) as typeof next
      return Object.values(next).map(({ params }) => (params as { message?: string }).message)
    })
    .toEqual(['Size'])
  expect(Object.keys(next)[0]).not.toBe(key)
  await answer(Object.keys(next)[0]!, 7)
  expect(await until(taskId, 'completed')).toMatchObject({ result: { structuredContent: { name: 'Ada', size: 7 } } })
})
