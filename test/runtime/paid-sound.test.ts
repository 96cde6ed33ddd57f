import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { useMock } from '../model/mock.ts'
import { wavOf } from '../model/wav.ts'
import { openFolder } from './inspect/folder.ts'

const server = useMock()
const { mock } = server
const MP3 = Buffer.from('\xff\xfb\x90\x00 la la la', 'latin1')

/** A folder with a minute of sound, and models that hear and speak, of these prices. */
async function openStudio(models: string) {
  const folder = openFolder()
  writeFileSync(folder.path('a.wav'), wavOf(480_000))
  folder.write(
    'antiphon.yaml',
    `providers: { lab: { type: openai, baseURL: '${server.url}/v1', keyEnv: SOUND_KEY } }\nmodels: [${models}]\n`,
  )
  const runtime = await folder.open([], [], { SOUND_KEY: 'sk-sound-key' })
  onTestFinished(() => runtime.stop())
  async function run(step: string, budget: number) {
    folder.write('p.yaml', `name: p\nsteps:\n  - { id: s, tool: audio-processing, ${step} }\n`)
    return (await runtime.runs.start({ file: folder.path('p.yaml'), budget })).id
  }
  return { runtime, run, path: folder.path }
}

const SPEAK = 'action: speak, parameters: { text: The tide rises., output_path: tide.mp3, model: lab/voice }'
const HEAR = 'action: transcribe, parameters: { audio: a.wav, model: lab/ears }'

it('speech waits for its money, which is that of its characters, and costs that', async () => {
  mock.onSpeech(/tide/, { audio: MP3.toString('base64'), format: 'mp3' })
  const { runtime, run, path } = await openStudio('{ id: lab/voice, cost: { characters: 100000 } }')
  const id = await run(SPEAK, 1)
  const waits = async () => (await runtime.runs.get(id).catch(() => undefined))?.steps.s?.status === 'waiting'
  await until(waits)
  expect((await runtime.inbox.list())[0]).toMatchObject({ title: expect.stringContaining('may cost $1.50 alone') })
  expect(mock.getRequests()).toEqual([])
  expect(existsSync(path('tide.mp3'))).toBe(false)
  await runtime.budgets.raise(`run/${id}`, 2)
  await runtime.idle()
  const { status, usage, steps } = await runtime.runs.get(id)
  expect([status, usage?.cost, steps.s?.models?.[0]?.cost]).toEqual(['completed', 1.5, 1.5])
  expect(await runtime.budgets.get(`run/${id}`)).toMatchObject({ spent: 1.5, reserved: 0, calls: 1 })
  expect(readFileSync(path('tide.mp3'))).toEqual(MP3)
})

it.each([
  ['as its provider counts them', { duration: 45, segments: [] }, 0.75],
  ['as its header says, where its provider does not tell', {}, 1],
])('a recording costs its minutes, %s', async (_, told, cost) => {
  mock.onTranscription({ transcription: { text: 'The tide rises.', ...told } })
  const { runtime, run } = await openStudio('{ id: lab/ears, cost: { minute: 1 } }')
  const id = await run(HEAR, 1)
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', usage: { cost } })
  expect(await runtime.budgets.get(`run/${id}`)).toMatchObject({ spent: cost, reserved: 0, calls: 1 })
})

it('a recording whose length at most costs more than there is waits', async () => {
  const { runtime, run } = await openStudio('{ id: lab/ears, cost: { minute: 1 } }')
  const id = await run(HEAR, 0.99)
  await until(async () => (await runtime.runs.get(id).catch(() => undefined))?.steps.s?.status === 'waiting')
  expect((await runtime.inbox.list())[0]).toMatchObject({ title: expect.stringContaining('may cost $1.00 alone') })
  expect(mock.getRequests()).toEqual([])
})

it('a step reports the cost of invalid sound that was paid', async () => {
  mock.onSpeech(/tide/, { audio: Buffer.from('<html>').toString('base64'), format: 'mp3' })
  const { runtime, run } = await openStudio('{ id: lab/voice, cost: { characters: 100000 } }')
  const id = await run(SPEAK, 5)
  await runtime.idle()
  expect((await runtime.runs.get(id)).steps.s).toMatchObject({
    status: 'failed',
    error_code: 'model_invalid_output',
    models: [{ model: 'lab/voice', cost: 1.5, failed: 'model_invalid_output' }],
  })
  expect(await runtime.budgets.get(`run/${id}`)).toMatchObject({ spent: 1.5, reserved: 0 })
})

it.each([
  [SPEAK, 'cost: { characters: 15 }'],
  [HEAR, 'cost: { minute: 0.006 }'],
])('sound without a price is refused with the missing setting: %s', async (step, cost) => {
  const { runtime, run } = await openStudio('{ id: lab/voice, paid: true }, { id: lab/ears, paid: true }')
  const id = await run(step, 5)
  await runtime.idle()
  expect((await runtime.runs.get(id)).steps.s).toMatchObject({
    status: 'failed',
    error_code: 'no_price',
    error_hint: expect.stringContaining(cost),
  })
  expect(mock.getRequests()).toEqual([])
})
