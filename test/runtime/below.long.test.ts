import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { openFolder } from './inspect/folder.ts'

const PARENT = `name: parent
steps:
  - { id: sub, tool: pipeline-executor, parameters: { pipeline: below/child } }
outputs: { v: "{{ sub.outputs.v }}" }
`
const CHILD = `name: child
steps:
  - { id: ask, tool: wait-for-signal, parameters: { prompt: How many?, input_type: number } }
outputs: { v: "{{ ask.value }}" }
`

it('a run below another is found beside its file, waited for, taken up with it, shown, and goes with it', async () => {
  const { path, write, open, folder } = openFolder()
  mkdirSync(`${folder}/below`)
  write('parent.yaml', PARENT)
  write('below/child.yaml', CHILD)
  const first = await open()
  const { id } = await first.runs.start({ file: path('parent.yaml') })
  const [item] = await until(async () => {
    const items = await first.inbox.list()
    return items.length > 0 && items
  })
  expect(item).toMatchObject({
    run: `${id}.sub`,
    step: 'ask',
    signal: 'ask',
    title: 'How many?',
    expects: { type: 'number' },
  })
  // nothing but a signal is waited for: nobody needs to stay
  await first.idle()
  const why = await first.inspector.why(id)
  expect(why.waitsFor[0]).toMatchObject({
    of: `step/${id}.sub`,
    waitsFor: [{ of: `run/${id}.sub`, waitsFor: [{ holds: [{ type: 'signal', name: 'ask', run: `${id}.sub` }] }] }],
  })
  const [tree] = await first.inspector.tree(id)
  expect(tree!.branches[0]).toMatchObject({
    of: `step/${id}.sub`,
    branches: [{ of: `run/${id}.sub`, branches: [{ of: `step/${id}.sub.ask` }] }],
  })
  expect(await first.inspector.stranded()).toEqual([])
  await first.stop({ grace: 0 })

  const second = await open()
  await expect(second.runs.signal(`${id}.sub`, 'ask', 'x')).rejects.toMatchObject({ code: 'bad_value' })
  expect(await second.runs.signal(`${id}.sub`, 'ask', 4)).toEqual({ status: 'taken' })
  await second.runs.resume(id)
  await second.idle()
  expect(await second.runs.get(id)).toMatchObject({ status: 'completed', outputs: { v: 4 } })
  expect(await second.inbox.list()).toEqual([])
  await expect(second.runs.signal('run_none', 'ask', 1)).rejects.toMatchObject({ name: 'NotFoundError' })
  await second.stop()
})

const LEFT = `name: parent
steps:
  - id: sub
    tool: pipeline-executor
    parameters:
      wait_for_completion: false
      pipeline:
        name: child
        steps:
          - id: held
            tool: terminal
            action: execute
            effect: idempotent
            parameters: { command: "touch begun; until [ -f go ]; do sleep 0.01; done", shell: true }
`

it('a run that is begun and not waited for goes on when the one above it is over, and is taken up with that', async () => {
  const { path, write, open, folder } = openFolder()
  write('parent.yaml', LEFT)
  const begun = () => until(async () => existsSync(`${folder}/begun`))
  const first = await open()
  const { id } = await first.runs.start({ file: path('parent.yaml') })
  await begun()
  await until(async () => (await first.runs.get(id)).status === 'completed')
  await first.stop({ grace: 0 })
  rmSync(`${folder}/begun`)

  const second = await open()
  expect(await second.runs.get(`${id}.sub`)).toMatchObject({ status: 'running' })
  await second.runs.resume(id)
  await begun()
  const idle = second.idle()
  write('go', '')
  await idle
  expect(await second.runs.get(`${id}.sub`)).toMatchObject({ status: 'completed' })
  await second.stop()
})

it('a run ends only after the child runs that it began without waiting', async () => {
  const { path, write, open, folder } = openFolder()
  write('parent.yaml', LEFT)
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('parent.yaml') })
  const idle = runtime.idle()
  await until(async () => existsSync(`${folder}/begun`))
  write('go', '')
  await idle
  expect(await runtime.runs.get(`${id}.sub`)).toMatchObject({ status: 'completed' })
  await runtime.stop()
})

it.each(['other.sub', 'other.sub.1', 'a.b.each_0_nap'])(
  'no caller begins a run as %s, an id that a step gives its child run',
  async (id) => {
    const { path, write, open } = openFolder()
    write('child.yaml', CHILD)
    const runtime = await open()
    const request = { file: path('child.yaml'), id }
    await expect(runtime.runs.start(request)).rejects.toMatchObject({ name: 'InvalidError', place: { path: 'id' } })
    await runtime.runs.start({ ...request, id: 'one' })
    await expect(runtime.runs.fork('one', { id })).rejects.toMatchObject({
      name: 'InvalidError',
      place: { path: 'id' },
    })
  },
)

it('a dot in the id of a run is free where no step could have put it, and a child run is listed under its own id', async () => {
  const { path, write, open } = openFolder()
  write('parent.yaml', PARENT.replace('below/child', 'child'))
  write('child.yaml', CHILD)
  const runtime = await open()
  const file = path('parent.yaml')
  for (const id of ['2026.11.23', 'v.1', '.sub']) expect(await runtime.runs.start({ file, id })).toEqual({ id })
  await until(async () => (await runtime.inbox.list({ run: '2026.11.23.sub' })).length > 0)
  expect(await runtime.runs.start({ file, id: '2026.11.23.sub' })).toEqual({ id: '2026.11.23.sub' })
})
