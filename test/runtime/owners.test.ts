import { expect, it } from 'vitest'
import type { Runtime } from '../../src/runtime/ports.ts'
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

const waiting = (runtime: Runtime, query: object) =>
  until(async () => {
    const items = await runtime.inbox(query)
    return items.length > 0 && items
  })

it("a run is its owner's, with what it starts and waits for, also after a restart", async () => {
  const { path, open, runtime: first } = await openOwners()
  const file = path('parent.yaml')
  const { id } = await first.startRun({ file, owner: 'ann' })
  expect(await first.ownerOf(id)).toBe('ann')
  const [item] = await waiting(first, { owner: 'ann' })
  expect(item).toMatchObject({ run: `${id}.below`, owner: 'ann' })
  expect(await first.inbox({ owner: 'local' })).toEqual([])
  const local = await first.startRun({ file: path('child.yaml') })
  await waiting(first, { owner: 'local' })
  await first.stop({ grace: 0 })

  const second = await open()
  expect((await second.inbox()).map(({ owner }) => owner)).toEqual(['ann', 'local'])
  expect(await second.ownerOf(id)).toBe('ann')
  expect(await second.ownerOf(`${id}.below`)).toBe('ann')
  expect(await second.ownerOf(local.id)).toBe('local')
  expect(await second.ownerOf('run_none')).toBeUndefined()
  expect((await second.runs({ owner: 'ann' })).map((run) => run.id)).toEqual([`${id}.below`, id])
  expect(await second.runs({ owner: 'local' })).toMatchObject([{ id: local.id, owner: 'local' }])
  expect(await second.runs({ owner: 'bob' })).toEqual([])
  expect(await second.runs()).toHaveLength(3)
  await second.signal(`${id}.below`, 'ask', 1)
  await second.resume(id)
  await until(async () => (await second.runs({ owner: 'ann', status: 'completed' })).length === 2)
  await second.cancel(local.id, 'enough')
  await until(async () => (await second.runs({ owner: 'local', status: 'cancelled' })).length === 1)
})

it('an owner sees, forks and goes on from their own runs only, and an id that is taken is not told of', async () => {
  const { path, runtime } = await openOwners()
  const file = path('look.yaml')
  const { id } = await runtime.startRun({ file, owner: 'ann', id: 'run_a' })
  await runtime.idle()
  for (const owner of ['bob', undefined]) {
    const by = owner === undefined ? {} : { owner }
    await expect(runtime.fork(id, by)).rejects.toMatchObject({ code: 'not_found', message: 'there is no run run_a' })
    await expect(runtime.startRun({ file, reuse: id, ...by })).rejects.toMatchObject({ code: 'not_found' })
    await expect(runtime.startRun({ file, from: 'runs', ...by })).rejects.toMatchObject({ code: 'not_recorded' })
    await expect(runtime.startRun({ file, id, ...by })).rejects.toMatchObject({ code: 'id_taken' })
    await expect(runtime.fork(id, { ...by, id })).rejects.toMatchObject({ code: 'id_taken' })
    expect(await runtime.plan(file, by)).not.toHaveProperty('taken')
  }
  expect(await runtime.plan(file, { owner: 'ann' })).toHaveProperty('taken')
  expect(await runtime.startRun({ file, owner: 'ann', id })).toEqual({ id })
  const fork = await runtime.fork(id, { owner: 'ann' })
  const again = await runtime.startRun({ file, owner: 'ann', from: 'runs' })
  await runtime.idle()
  expect(await runtime.ownerOf(fork.id)).toBe('ann')
  expect(await runtime.run(again.id)).toMatchObject({ status: 'completed' })
})

it('the steps of a run see the runs and the notes of its owner only', async () => {
  const { path, runtime } = await openOwners()
  const seenBy = async (owner: string, run: string) => {
    const { id } = await runtime.startRun({ file: path('look.yaml'), owner, inputs: { run } })
    await runtime.idle()
    return (await runtime.run(id)).outputs
  }
  const { id } = await runtime.startRun({ file: path('parent.yaml'), owner: 'ann' })
  await waiting(runtime, { owner: 'ann' })
  expect(await seenBy('bob', id)).toEqual({ found: false, runs: 1, run: `there is no run ${id}` })
  expect(await seenBy('local', id)).toEqual({ found: false, runs: 1, run: `there is no run ${id}` })
  expect(await seenBy('ann', id)).toMatchObject({ found: true, runs: 3 })
  await runtime.cancel(id, 'enough')
})

it('a thread is whose who asks first on it; a pipeline asks on those of its owner', async () => {
  const { path, write, runtime, open } = await openOwners()
  write(
    'ask.yaml',
    `name: ask\nsteps:\n  - { id: ship, action: chain, parameters: { prompt: ${QUESTION}, files: [notes.md], thread: main, owner: ann } }\n`,
  )
  const files = [path('notes.md')]
  const asked = runtime.ask({ thread: 'main', prompt: QUESTION, files, owner: 'ann' })
  await until(async () => (await runtime.ownerOfThread('main')) === 'ann')
  expect((await asked).answer).toContain('noon')
  await expect(runtime.ask({ thread: 'main', prompt: QUESTION })).rejects.toMatchObject({
    code: 'not_found',
    message: 'there is no thread main',
  })
  await expect(runtime.ask({ thread: 'main', prompt: QUESTION, owner: 'bob' })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await runtime.ownerOfThread('main')).toBe('ann')
  expect(await runtime.ownerOfThread('other')).toBeUndefined()
  const bySteps = async (owner: string) => {
    const { id } = await runtime.startRun({ file: path('ask.yaml'), owner })
    await runtime.idle()
    return (await runtime.run(id)).steps.ship
  }
  expect(await bySteps('bob')).toMatchObject({ status: 'completed' })
  expect(await bySteps('ann')).toMatchObject({ status: 'completed' })
  expect([await runtime.ownerOfThread('main'), await runtime.ownerOfThread('bob:main')]).toEqual(['ann', 'bob'])
  await runtime.stop()
  expect(await (await open()).ownerOfThread('main')).toBe('ann')
})
