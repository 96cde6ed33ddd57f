import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { speakInPool, transcribeInPool } from '../../../src/model/audio/audio-in-pool.ts'
import { createModels } from '../../../src/model/registry.ts'
import { stepPool } from '../../worker/pools.ts'
import { useMock } from '../mock.ts'

const provider = useMock()
const { mock } = provider

const { signal } = new AbortController()
const audio = { name: 'a.wav', mediaType: 'audio/wav', data: Buffer.from('RIFF0000WAVE').toString('base64') }
const modelsAt = (baseURL: string) =>
  createModels(
    {
      providers: { lab: { type: 'openai', baseURL, keyEnv: 'K' } },
      models: [{ id: 'lab/whisper-1', aliases: ['ears'] }],
    },
    { K: 'sk-key-1' },
  )

it('recordings are written down, and texts spoken, on the worker of the model that a name means', async () => {
  mock.onTranscription({ transcription: { text: 'The tide rises.' } })
  mock.onSpeech(/tide/, { audio: Buffer.from('\xff\xfb\x90\x00 la la', 'latin1').toString('base64'), format: 'mp3' })
  const [pool, models] = [stepPool(2, 10), modelsAt(`${provider.url}/v1`)]
  expect(await transcribeInPool(pool, models, { model: 'ears', audio }, { signal })).toMatchObject({
    text: 'The tide rises.',
    model: 'lab/whisper-1',
  })
  expect(await speakInPool(pool, models, { model: 'lab/tts-1', text: 'The tide' }, { signal })).toMatchObject({
    audio: { mediaType: 'audio/mpeg' },
  })
  expect(pool.report().each).toMatchObject([
    { id: 'hands', done: 0 },
    { id: 'lab/whisper-1', done: 1 },
    { id: 'lab/tts-1', done: 1 },
  ])
})

it('a model that has failed too often is left alone', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    request.resume()
    response.writeHead(503).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [pool, models] = [stepPool(2, 10), modelsAt(at)]
  const hear = () => transcribeInPool(pool, models, { model: 'lab/whisper-1', audio }, { signal })
  for (let times = 0; times < 3; times++) await expect(hear()).rejects.toMatchObject({ code: 'model_overloaded' })
  await expect(hear()).rejects.toMatchObject({ name: 'BusyError', code: 'workers_unhealthy' })
  expect(asked).toBe(3)
})
