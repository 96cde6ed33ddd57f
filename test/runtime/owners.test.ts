import { expect, it } from 'vitest'
import type { ServedRuntime } from '../../src/runtime/ports.ts'
import { until } from '../../src/testing/index.ts'
import { openFolder } from './inspect/folder.ts'

const PARENT = `name: parent
steps:
  - { id: keep, tool: mcp-memory, action: store, parameters: { key: who, value: ann } }
  - { id: below, tool: pipeline-executor, depends_on: [keep], parameters: { pipeline: child } }
`
const CHILD = `name: child
steps:
  - { id: ask, tool: wait-for-signal, parameters: { prompt: How many?, input_type: number } }
`
const LOOK = `name: look
inputs: { run: { type: string, default: none } }
steps:
  - { id: kept, tool: mcp-memory, action: retrieve, on_failure: continue, parameters: { key: who } }
  - { id: runs, tool: checkpoint, action: list }
  - { id: run, tool: checkpoint, action: inspect, on_failure: continue, parameters: { checkpoint_file: "{{ run }}" } }
outputs: { found: "{{ kept.found }}", runs: "{{ runs.result.count }}", run: "{{ run.error }}" }
`
const QUESTION = 'When does the ship leave?'

async function openOwners() {
  const folder = openFolder()
  folder.write('parent.yaml', PARENT)
  folder.write('child.yaml', CHILD)
  folder.write('look.yaml', LOOK)
  folder.write('notes.md', 'The ship leaves at noon.')
  return { ...folder, runtime: await folder.open() }
}

const waiting = (runtime: ServedRuntime, query: object) =>
  until(async () => {
    const items = await runtime.inbox.list(query)
    return items.length > 0 && items
  })

it("a run is its owner's, with what it starts and waits for, also after a restart", async () => {
  const { path, open, runtime: first } = await openOwners()
  const file = path('parent.yaml')
  const { id } = await first.runs.start({ file, owner: 'ann' })
  expect(await first.serving.ownerOfRun(id)).toBe('ann')
  const [item] = await waiting(first, { owner: 'ann' })
  expect(item).toMatchObject({ run: `${id}.below`, owner: 'ann' })
  expect(await first.inbox.list({ owner: 'local' })).toEqual([])
  const local = await first.runs.start({ file: path('child.yaml') })
  await waiting(first, { owner: 'local' })
  await first.stop({ grace: 0 })

  const second = await open()
  expect((await second.inbox.list()).map(({ owner }) => owner)).toEqual(['ann', 'local'])
  expect(await second.serving.ownerOfRun(id)).toBe('ann')
  expect(await second.serving.ownerOfRun(`${id}.below`)).toBe('ann')
  expect(await second.serving.ownerOfRun(local.id)).toBe('local')
  expect(await second.serving.ownerOfRun('run_none')).toBeUndefined()
  expect((await second.runs.list({ owner: 'ann' })).map((run) => run.id)).toEqual([`${id}.below`, id])
  expect(await second.runs.list({ owner: 'local' })).toMatchObject([{ id: local.id, owner: 'local' }])
  expect(await second.runs.list({ owner: 'bob' })).toEqual([])
  expect(await second.runs.list()).toHaveLength(3)
  await second.runs.signal(`${id}.below`, 'ask', 1)
  await second.runs.resume(id)
  await until(async () => (await second.runs.list({ owner: 'ann', status: 'completed' })).length === 2)
  await second.runs.cancel(local.id, 'enough')
  await until(async () => (await second.runs.list({ owner: 'local', status: 'cancelled' })).length === 1)
})

it('an owner sees, forks and goes on from their own runs only, and an id that is taken is not told of', async () => {
  const { path, runtime } = await openOwners()
  const file = path('look.yaml')
  const { id } = await runtime.runs.start({ file, owner: 'ann', id: 'run_a' })
  await runtime.idle()
  for (const owner of ['bob', undefined]) {
    const by = owner === undefined ? {} : { owner }
    await expect(runtime.runs.fork(id, by)).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no run run_a.',
    })
    await expect(runtime.runs.start({ file, reuse: id, ...by })).rejects.toMatchObject({ code: 'not_found' })
    await expect(runtime.runs.start({ file, from: 'runs', ...by })).rejects.toMatchObject({ code: 'not_recorded' })
    await expect(runtime.runs.start({ file, id, ...by })).rejects.toMatchObject({ code: 'id_taken' })
    await expect(runtime.runs.fork(id, { ...by, id })).rejects.toMatchObject({ code: 'id_taken' })
    expect(await runtime.pipelines.plan(file, by)).not.toHaveProperty('taken')
  }
  expect(await runtime.pipelines.plan(file, { owner: 'ann' })).toHaveProperty('taken')
  expect(await runtime.runs.start({ file, owner: 'ann', id })).toEqual({ id })
  const fork = await runtime.runs.fork(id, { owner: 'ann' })
  const again = await runtime.runs.start({ file, owner: 'ann', from: 'runs' })
  await runtime.idle()
  expect(await runtime.serving.ownerOfRun(fork.id)).toBe('ann')
  expect(await runtime.runs.get(again.id)).toMatchObject({ status: 'completed' })
})

it('the steps of a run see the runs and the notes of its owner only', async () => {
  const { path, runtime } = await openOwners()
  const seenBy = async (owner: string, run: string) => {
    const { id } = await runtime.runs.start({ file: path('look.yaml'), owner, inputs: { run } })
    await runtime.idle()
    return (await runtime.runs.get(id)).outputs
  }
  const { id } = await runtime.runs.start({ file: path('parent.yaml'), owner: 'ann' })
  await waiting(runtime, { owner: 'ann' })
  expect(await seenBy('bob', id)).toEqual({ found: false, runs: 1, run: `There is no run ${id}.` })
  expect(await seenBy('local', id)).toEqual({ found: false, runs: 1, run: `There is no run ${id}.` })
  expect(await seenBy('ann', id)).toMatchObject({ found: true, runs: 3 })
  await runtime.runs.cancel(id, 'enough')
})

it('a thread belongs to its first caller; a pipeline asks on threads of its owner', async () => {
  const { path, write, runtime, open } = await openOwners()
  write(
    'ask.yaml',
    `name: ask\nsteps:\n  - { id: ship, action: chain, parameters: { prompt: ${QUESTION}, files: [notes.md], thread: main, owner: ann } }\n`,
  )
  const files = [path('notes.md')]
  const asked = runtime.threads.ask({ thread: 'main', prompt: QUESTION, files, owner: 'ann' })
  await until(async () => (await runtime.serving.ownerOfThread('main')) === 'ann')
  expect((await asked).answer).toContain('noon')
  await expect(runtime.threads.ask({ thread: 'main', prompt: QUESTION })).rejects.toMatchObject({
    code: 'not_found',
    message: 'There is no thread main.',
  })
  await expect(runtime.threads.ask({ thread: 'main', prompt: QUESTION, owner: 'bob' })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await runtime.serving.ownerOfThread('main')).toBe('ann')
  expect(await runtime.serving.ownerOfThread('other')).toBeUndefined()
  const bySteps = async (owner: string) => {
    const { id } = await runtime.runs.start({ file: path('ask.yaml'), owner })
    await runtime.idle()
    return (await runtime.runs.get(id)).steps.ship
  }
  expect(await bySteps('bob')).toMatchObject({ status: 'completed' })
  expect(await bySteps('ann')).toMatchObject({ status: 'completed' })
  expect([await runtime.serving.ownerOfThread('main'), await runtime.serving.ownerOfThread('bob:main')]).toEqual([
    'ann',
    'bob',
  ])
  await runtime.stop()
  expect(await (await open()).serving.ownerOfThread('main')).toBe('ann')
})
