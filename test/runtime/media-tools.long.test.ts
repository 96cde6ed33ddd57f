import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { Runtime } from '../../src/runtime/ports.ts'
import { useMock } from '../model/mock.ts'
import { openFolder } from './inspect/folder.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const server = useMock()
const { mock } = server

/** A folder with a picture and a recording, and a provider that sees and hears. */
async function openMedia(...config: readonly string[]) {
  const folder = openFolder()
  writeFileSync(folder.path('a.png'), PIXEL, 'base64')
  writeFileSync(folder.path('a.wav'), 'RIFF\x10\0\0\0WAVE', 'latin1')
  const lines = [
    'providers:',
    `  lab: { type: openai-compatible, baseURL: '${server.url}/v1' }`,
    `  mute: { type: anthropic, baseURL: '${server.url}/v1', keyEnv: MEDIA_KEY }`,
    `  ears: { type: openai, baseURL: '${server.url}/v1', keyEnv: MEDIA_KEY }`,
    ...config,
  ]
  folder.write('antiphon.yaml', lines.join('\n'))
  const runtime = await folder.open([], [], { MEDIA_KEY: 'sk-media-key' })
  const run = async (step: string, outputs: string) => {
    folder.write('p.yaml', `name: p\nsteps:\n  - { id: s, ${step} }\noutputs: ${outputs}\n`)
    return ended(runtime, folder.path('p.yaml'))
  }
  return { runtime, run, path: folder.path }
}

async function ended(runtime: Runtime, file: string, more: object = {}) {
  const { id } = await runtime.runs.start({ file, ...more })
  await runtime.idle()
  return runtime.runs.get(id)
}

const SEES = 'models: [{ id: lab/eye, modalities: [vision] }]'

it('a picture is looked at by the model that is known to see', async () => {
  mock.onMessage(/Analyse the picture: color palette. Detail: high./, { content: 'mostly blue' })
  const { run } = await openMedia(SEES)
  const { outputs, steps } = await run(
    'tool: image-analysis, action: analyze, parameters: { image: a.png, analysis_type: color_palette, detail_level: high }',
    '{ said: "{{ s.analysis.result }}", whole: "{{ s }}", by: "{{ s.metadata.model }}" }',
  )
  expect(outputs).toEqual({ said: 'mostly blue', whole: 'mostly blue', by: 'lab/eye' })
  expect(steps.s).toMatchObject({ status: 'completed', model: 'lab/eye' })
  expect(JSON.stringify(mock.getRequests()[0]!.body)).toContain(`data:image/png;base64,${PIXEL}`)
})

it('a picture and a recording are the same values as a step and by tools.call: a path, a reference or an id', async () => {
  mock.onMessage(/Say what the picture shows/, { content: 'a blue pixel' })
  mock.onTranscription({ transcription: { text: 'The tide rises.' } })
  const { runtime, run, path } = await openMedia(SEES)
  const call = async (tool: string, parameters: { [name: string]: Json }) => {
    const { id } = await runtime.tools.call([{ id: 's', tool, parameters }])
    await runtime.idle()
    return (await runtime.runs.get(id)).steps.s!
  }
  for (const [tool, key, name, more, said] of [
    ['image-analysis:analyze', 'image', 'a.png', {}, 'a blue pixel'],
    ['audio-processing:transcribe', 'audio', 'a.wav', { model: 'ears/whisper-1' }, 'The tide rises.'],
  ] as const) {
    const { file } = await runtime.files.add(readFileSync(path(name)), { name })
    for (const value of [name, file, { file }, { path: name }, [name]]) {
      const parameters = { [key]: value, ...more }
      const called = await call(tool, parameters)
      expect(called).toMatchObject({ status: 'completed', error: null })
      const [room, action] = tool.split(':')
      const { steps } = await run(`tool: ${room}, action: ${action}, parameters: ${JSON.stringify(parameters)}`, '{}')
      expect(steps.s!.value).toEqual(called.value)
      expect(JSON.stringify(called.value)).toContain(said)
    }
    expect(await call(tool, { [key]: 'gone.png', ...more })).toMatchObject({ status: 'failed' })
    expect(await call(tool, { [key]: '/etc/hostname', ...more })).toMatchObject({ status: 'failed' })
    expect(await call(tool, { [key]: 5, ...more })).toMatchObject({
      status: 'failed',
      error: `parameters.${key}: expected the path of a file, got 5.`,
    })
  }
})

it('where no model sees, a picture is read by programs', async () => {
  const { run } = await openMedia()
  const { outputs, steps } = await run(
    'tool: image-analysis, parameters: { image: a.png, action: execute }',
    '{ size: "{{ s.readings[0].facts.width }}", kind: "{{ s.analysis.type }}", said: "{{ s }}" }',
  )
  expect(outputs).toMatchObject({ size: 1, kind: 'reading', said: expect.stringContaining('1 × 1 pixels') })
  expect(steps.s!.warnings?.[0]).toMatch(/no model here sees.*`modalities: \[vision\]`/)
  expect(mock.getRequests()).toEqual([])
})

it('a picture that is damaged fails with its name', async () => {
  const { run, path } = await openMedia()
  writeFileSync(path('cut.png'), Buffer.from(PIXEL, 'base64').subarray(0, 18))
  const { steps } = await run('tool: image-analysis, parameters: { image: cut.png }', '{}')
  expect(steps.s).toMatchObject({ status: 'failed', error: 'cut.png: it is damaged: its header has no size' })
})

it('it names the needed capability if the step names a model that does not see', async () => {
  const { run } = await openMedia()
  const { steps } = await run('tool: image-analysis, parameters: { image: a.png, model: offline/extractive }', '{}')
  expect(steps.s).toMatchObject({
    status: 'failed',
    error_code: 'no_eligible_model',
    error: 'Model offline/extractive, as it is described, lacks vision.',
    error_hint: expect.stringContaining('requires_model: vision'),
  })
})

const DRAWS = 'models: [{ id: lab/brush, capabilities: [image-generation], cost: { picture: 0.04 } }]'

it('a model draws pictures, which are files of the owner and stand in a folder', async () => {
  mock.onImage(/a harbour/, { images: [{ b64Json: PIXEL }, { b64Json: PIXEL }] })
  const { runtime, run, path } = await openMedia(DRAWS, 'paidModels: true')
  const { outputs, steps } = await run(
    'tool: image-generation, action: generate, parameters: { prompt: a harbour, style: woodcut, num_images: 2, size: 512x512, output_path: out/a.png }',
    '{ images: "{{ s.images }}" }',
  )
  expect(steps.s).toMatchObject({ status: 'completed' })
  const { images } = outputs as { images: { attachment: { file: string; type: string }; path: string }[] }
  expect(images.map((one) => one.path)).toEqual(['out/a-1.png', 'out/a-2.png'])
  expect(readFileSync(path('out/a-2.png')).toString('base64')).toBe(PIXEL)
  const { file, type } = images[0]!.attachment
  expect(type).toBe('image/png')
  expect(Buffer.from(await runtime.files.read(file, { max: 1000 })).toString('base64')).toBe(PIXEL)
  expect(steps.s).toMatchObject({
    status: 'completed',
    model: 'lab/brush',
    models: [{ model: 'lab/brush', cost: 0.08 }],
  })
  expect(mock.getRequests()[0]!.body).toMatchObject({ messages: [{ content: 'a harbour\n\nStyle: woodcut.' }] })
})

it('a picture that cannot be drawn or stored is not paid for', async () => {
  const { run } = await openMedia(DRAWS, 'paidModels: true')
  const outside = await run('tool: image-generation, parameters: { prompt: x, output_path: ../a.png }', '{}')
  expect(outside.steps.s).toMatchObject({ status: 'failed' })
  const mute = await run('tool: image-generation, parameters: { prompt: x, model: mute/brush }', '{}')
  expect(mute.steps.s).toMatchObject({ status: 'failed', error: expect.stringContaining('offers no pictures') })
  expect(mock.getRequests()).toEqual([])
})

it('a reply that is not a picture fails its step', async () => {
  mock.onImage(/x/, { image: { b64Json: Buffer.from('words').toString('base64') } })
  const { run } = await openMedia(DRAWS, 'paidModels: true')
  const { steps } = await run('tool: image-generation, parameters: { prompt: x }', '{}')
  expect(steps.s).toMatchObject({ status: 'failed', error_code: 'model_invalid_output' })
})

it('a recording is written down by the model that is named, on its worker', async () => {
  mock.onTranscription({ transcription: { text: 'The tide rises.', duration: 3, language: 'english' } })
  const { runtime, run } = await openMedia()
  const { outputs, steps } = await run(
    'tool: audio-processing, action: transcribe, parameters: { audio: a.wav, model: ears/whisper-1 }',
    '{ said: "{{ s.transcription }}", whole: "{{ s }}", seconds: "{{ s.duration }}" }',
  )
  expect(outputs).toMatchObject({ said: 'The tide rises.', whole: 'The tide rises.' })
  expect(steps.s).toMatchObject({ status: 'completed', model: 'ears/whisper-1' })
  const { each } = runtime.inspector.pools().items.find(({ id }) => id === 'text_step_pool')!
  expect(each).toContainEqual(expect.objectContaining({ id: 'ears/whisper-1', done: 1 }))
})

it.each([
  ['audio: a.wav', 'no_eligible_model', 'capability transcription missing'],
  ['audio: a.wav, model: mute/x', 'not_offered', 'Provider mute offers no transcription'],
  ['audio: [a.wav, a.wav], model: ears/x', 'bad_value', 'parameters.audio: expected one recording.'],
  ['audio: a.png, model: ears/x', 'bad_value', 'parameters.audio: expected one recording.'],
  ['audio: b.wav, model: ears/x', 'not_found', 'File not found: b.wav'],
])('a recording that cannot be written down fails by name: %s', async (parameters, code, message) => {
  const { run } = await openMedia()
  const { steps } = await run(`tool: audio-processing, action: transcribe, parameters: { ${parameters} }`, '{}')
  expect(steps.s).toMatchObject({ status: 'failed', error_code: code, error: expect.stringContaining(message) })
})

const MP3 = Buffer.from('\xff\xfb\x90\x00 la la la', 'latin1')
const asMp3 = { audio: MP3.toString('base64'), format: 'mp3' }

/** A server that speaks, and keeps what it was asked: the double does not. */
async function openVoice() {
  const asked: Json[] = []
  const voice = createServer(async (request, response) => {
    asked.push((await json(request)) as Json)
    response.end(MP3)
  })
  await new Promise<void>((resolve) => voice.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void voice.close())
  const { port } = voice.address() as AddressInfo
  return { asked, config: `  voices: { type: openai, baseURL: 'http://127.0.0.1:${port}/v1', keyEnv: MEDIA_KEY }` }
}

it('a text is spoken into a file by the model that is named, on its worker', async () => {
  const { asked, config } = await openVoice()
  const { runtime, run, path } = await openMedia(config)
  const { outputs, steps } = await run(
    'tool: audio-processing, action: speak, parameters: { text: The tide rises., voice: nova, output_path: out/tide.mp3, model: voices/tts-1 }',
    '{ path: "{{ s.path }}", format: "{{ s.format }}", bytes: "{{ s.bytes }}" }',
  )
  expect(outputs).toEqual({ path: 'out/tide.mp3', format: 'mp3', bytes: MP3.length })
  expect(steps.s).toMatchObject({ status: 'completed', model: 'voices/tts-1', models: [{ why: 'named by the step' }] })
  expect(steps.s).not.toHaveProperty('degraded')
  expect(readFileSync(path('out/tide.mp3'))).toEqual(MP3)
  expect(asked).toEqual([{ model: 'tts-1', input: 'The tide rises.', voice: 'nova', response_format: 'mp3' }])
  const { each } = runtime.inspector.pools().items.find(({ id }) => id === 'text_step_pool')!
  expect(each).toContainEqual(expect.objectContaining({ id: 'voices/tts-1', done: 1 }))
})

it('the configuration names the model that speaks, and another format than was asked is reported', async () => {
  mock.onSpeech(/tide/, asMp3)
  const { run, path } = await openMedia('models: [{ id: ears/tts-1, capabilities: [speech], paid: false }]')
  const { outputs, steps } = await run(
    'tool: audio-processing, parameters: { action: speak, text: The tide rises., output_path: tide.wav, format: WAV }',
    '{ format: "{{ s.format }}" }',
  )
  expect(outputs).toEqual({ format: 'mp3' })
  expect(steps.s).toMatchObject({ degraded: true, models: [{ lacks: ['the format wav: it sent audio/mpeg'] }] })
  expect(readFileSync(path('tide.wav'))).toEqual(MP3)
})

it.each([
  ['output_path: a.mp3', 'no_eligible_model', 'capability speech missing'],
  ['output_path: a.mp3, model: mute/x', 'not_offered', 'Provider mute offers no speech'],
  ['output_path: ../a.mp3, model: ears/tts-1', 'outside_root', 'lies outside the folders'],
  [
    'output_path: a.mp3, format: wav, model: ears/tts-1',
    'bad_value',
    'parameters.format is wav, but a.mp3 is named as a',
  ],
])('a request that cannot be spoken or stored is not sent: %s', async (parameters, code, message) => {
  const { run, path } = await openMedia()
  const { steps } = await run(
    `tool: audio-processing, action: speak, parameters: { text: The tide rises., ${parameters} }`,
    '{}',
  )
  expect(steps.s).toMatchObject({ status: 'failed', error_code: code, error: expect.stringContaining(message) })
  expect(mock.getRequests()).toEqual([])
  expect(existsSync(path('a.mp3'))).toBe(false)
})
