import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { useMock } from '../model/mock.ts'
import { openFolder } from './inspect/folder.ts'

/** A pixel in one colour and in another. */
const [PNG, OTHER] = ['mNk+M9QDwADhgGAWjR9', 'mP8z8BQDwAEhQGAhKmM'].map((pixel) => {
  const end = pixel.endsWith('9') ? 'awAAAABJRU5ErkJggg==' : 'IQAAAABJRU5ErkJggg=='
  const text = `iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42${pixel}${end}`
  return Buffer.from(text, 'base64').toString('latin1')
}) as [string, string]

const server = useMock({ teach: (mock) => void mock.onMessage(/.*/, { content: 'a dot' }) })
const { mock } = server

/** The images that were sent, in order. */
const sent = () =>
  mock.getRequests().flatMap(({ body }) => {
    const told = JSON.stringify(body).matchAll(/data:image\/png;base64,([^"]*)"/g)
    return [...told].map(([, data]) => Buffer.from(data!, 'base64').toString('latin1'))
  })

const LOOK = [
  'name: look',
  'steps:',
  '  - { id: see, action: generate_text, parameters: { prompt: What is it?, files: a.png MORE } }',
  'outputs: { said: "{{ see }}" }',
].join('\n')

function openLook({ more = '', modalities = '[text, vision]', config = '' } = {}) {
  const folder = openFolder()
  writeFileSync(folder.path('a.png'), PNG, 'latin1')
  folder.write('look.yaml', LOOK.replace(' MORE', more))
  const lines = [
    `providers: { lab: { type: openai-compatible, baseURL: '${server.url}/v1' } }`,
    `models: [{ id: lab/eye, modalities: ${modalities} }, { id: lab/blind, modalities: [text] }]`,
    config,
  ]
  folder.write('antiphon.yaml', lines.join('\n'))
  return folder
}

it('an image goes along to the model, and once more, unchanged, where that fails', async () => {
  const folder = openLook({ config: 'model: lab/eye' })
  const runtime = await folder.open()
  mock.nextRequestError(429, { message: 'slow down' })
  const { id } = await runtime.runs.start({ file: folder.path('look.yaml') })
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', outputs: { said: 'a dot' } })
  expect(sent()).toEqual([PNG, PNG])
})

it('a fork reuses the records of a run as long as the file is the same', async () => {
  const folder = openLook({ config: 'model: lab/eye' })
  const runtime = await folder.open()
  const run = async (reuse?: string) => {
    const { id } = await runtime.runs.start({ file: folder.path('look.yaml'), ...(reuse !== undefined && { reuse }) })
    await runtime.idle()
    const { status, steps } = await runtime.runs.get(id)
    return { id, status, reused: steps.see!.reused === true }
  }
  const first = await run()
  expect(await run(first.id)).toMatchObject({ status: 'completed', reused: true })
  writeFileSync(folder.path('a.png'), OTHER, 'latin1')
  expect(await run(first.id)).toMatchObject({ status: 'completed', reused: false })
  expect(sent()).toEqual([PNG, OTHER])
})

it('a kept reply is that to the same file', async () => {
  const folder = openLook({ config: 'model: lab/eye' })
  folder.write('look.yaml', LOOK.replace(' MORE }', ' }, cache: true'))
  const runtime = await folder.open()
  const said = async () => {
    const { id } = await runtime.runs.start({ file: folder.path('look.yaml') })
    await runtime.idle()
    return (await runtime.runs.get(id)).outputs
  }
  expect([await said(), await said()]).toEqual(Array(2).fill({ said: 'a dot' }))
  expect(sent()).toEqual([PNG])
  writeFileSync(folder.path('a.png'), OTHER, 'latin1')
  expect(await said()).toEqual({ said: 'a dot' })
  expect(sent()).toEqual([PNG, OTHER])
})

it.each([
  ['', 'Model offline/extractive, as it is described, lacks vision.'],
  [', model: lab/blind', 'Model lab/blind, as it is described, lacks vision.'],
])('a model that takes no images is not asked%s', async (more, message) => {
  const folder = openLook({ more })
  const runtime = await folder.open()
  const { id } = await runtime.runs.start({ file: folder.path('look.yaml') })
  await runtime.idle()
  expect((await runtime.runs.get(id)).steps.see).toMatchObject({
    status: 'failed',
    error: message,
    error_code: 'no_eligible_model',
    error_hint: expect.stringContaining('requires_model: vision'),
  })
  expect(mock.getRequests()).toEqual([])
})

it('the next one that a step names is asked instead, and one that is chosen by need', async () => {
  const folder = openLook({ more: ', models: [lab/blind, lab/eye]' })
  folder.write('chosen.yaml', LOOK.replace(' MORE }', ' }, requires_model: vision'))
  const runtime = await folder.open()
  for (const name of ['look.yaml', 'chosen.yaml']) {
    const { id } = await runtime.runs.start({ file: folder.path(name) })
    await runtime.idle()
    expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', steps: { see: { model: 'lab/eye' } } })
  }
})
