import { expect, it } from 'vitest'
import type { Runtime } from '../../src/runtime/ports.ts'
import { until } from '../../src/testing/index.ts'
import { useMock } from '../model/mock.ts'
import { openFolder } from './inspect/folder.ts'

const server = useMock({ teach: (mock) => mock.onMessage(/.*/, { content: 'Ebb and flow.' }) })

const PIPELINE = (more = '') => `name: p
inputs: { n: 1 }
steps:
  - { id: own, action: generate, parameters: { prompt: Which tide? } }
  - { id: named, action: generate, parameters: { prompt: Which tide?, model: lab/one } }
  - { id: needed, action: generate, requires_model: { expertise: [tides] }, parameters: { prompt: Which tide? } }
${more}`

/** A folder whose default model is that one; `lab/one` and `lab/two` are the same server. */
function openLab(text = PIPELINE()) {
  const folder = openFolder()
  folder.write('p.yaml', text)
  const open = (model: string, expert = 'lab/one') => {
    folder.write(
      'antiphon.yaml',
      [
        `model: ${model}`,
        `providers: { lab: { type: openai-compatible, baseURL: '${server.url}/v1' } }`,
        `models: [{ id: ${expert}, expertise: [tides], paid: false }]`,
      ].join('\n'),
    )
    return folder.open()
  }
  return { ...folder, open }
}

async function ended(runtime: Runtime, { id }: { readonly id: string }) {
  await runtime.idle()
  const { status, steps } = await runtime.runs.get(id)
  expect(status).toBe('completed')
  return Object.values(steps).flatMap(({ id, reused }) => (reused ? [] : [id]))
}

it('a reply of the old default model is asked for again, except in a replay', async () => {
  const { open, path } = openLab()
  const first = await open('lab/one')
  const { id } = await first.runs.start({ file: path('p.yaml') })
  expect(await ended(first, { id })).toEqual(['own', 'named', 'needed'])
  expect(await ended(first, await first.runs.start({ file: path('p.yaml'), reuse: id }))).toEqual([])
  await first.stop()

  const second = await open('lab/two')
  expect(await ended(second, await second.runs.fork(id))).toEqual([])
  expect(await ended(second, await second.runs.start({ file: path('p.yaml'), reuse: id }))).toEqual(['own'])
  expect(await ended(second, await second.runs.fork(id, { set: { n: 2 } }))).toEqual(['own'])
  await second.stop()

  const third = await open('lab/one', 'lab/two')
  expect(await ended(third, await third.runs.start({ file: path('p.yaml'), reuse: id }))).toEqual(['needed'])
})

it('a step whose model has only a near name of what is asked is degraded, and its plan says why', async () => {
  const { open, path } = openLab(`name: p
steps:
  - { id: near, action: generate, requires_model: { expertise: [spring-tides] }, parameters: { prompt: Which tide? } }
  - id: tag
    action: generate
    requires_model: { expertise: [spring-tides] }
    parameters: { prompt: Which tide?, model: <AUTO>the best</AUTO> }
  - { id: exact, action: generate, requires_model: { expertise: [tides] }, parameters: { prompt: Which tide? } }`)
  const runtime = await open('lab/two')
  const lacks = ['expertise tides, one of spring-tides asked']
  const { levels } = await runtime.pipelines.plan(path('p.yaml'))
  expect(levels.flat()).toContainEqual(
    expect.objectContaining({ id: 'near', model: { id: 'lab/one', why: `the nearest: ${lacks[0]}` } }),
  )
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await runtime.idle()
  const { steps } = await runtime.runs.get(id)
  for (const step of ['near', 'tag']) expect(steps[step]).toMatchObject({ status: 'completed', degraded: true, lacks })
  expect(steps.exact).not.toHaveProperty('lacks')
})

it('a run that was interrupted says that the default model is another one now', async () => {
  const { open, path } = openLab(
    PIPELINE(`  - { id: held, tool: hold, dependencies: [own], parameters: { file: nowhere } }`),
  )
  const first = await open('lab/one')
  const { id } = await first.runs.start({ file: path('p.yaml') })
  await until(async () => {
    const { steps } = await first.runs.get(id).catch(() => ({ steps: {} }))
    return Object.values(steps).filter(({ status }) => status === 'completed').length === 3
  })
  expect(await first.pipelines.changes(id)).toEqual({ file: path('p.yaml'), steps: [] })
  await first.stop({ grace: 0 })
  const second = await open('lab/two')
  expect(await second.pipelines.changes(id)).toEqual({
    file: path('p.yaml'),
    steps: ['own'],
    model: { was: 'lab/one', is: 'lab/two' },
  })
})
