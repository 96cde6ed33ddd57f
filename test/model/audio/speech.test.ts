import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { detectAudioType } from '../../../src/model/audio/speech.ts'
import { failedUsageOf } from '../../../src/model/cost/usage.ts'
import { languageCode } from '../../../src/model/provider/openai-audio.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import { useMock } from '../mock.ts'
import { wavOf } from '../wav.ts'

const server = useMock()
const { mock } = server
const KEY = 'sk-key-1'

const options = { signal: new AbortController().signal }
const MP3 = Buffer.from('\xff\xfb\x90\x00 la la la', 'latin1')
const audio = { name: 'a.wav', mediaType: 'audio/wav', data: Buffer.from('RIFF0000WAVE').toString('base64') }
const modelsOf = (config: ProviderConfig, at = server.url) =>
  createModels({ providers: { lab: { ...config, baseURL: `${at}/v1`, keyEnv: 'K' } } }, { K: KEY })

describe('speech', () => {
  it('is written down, with when each piece is said', async () => {
    const rest = { seek: 0, tokens: [], temperature: 0, avg_logprob: 0, compression_ratio: 1, no_speech_prob: 0 }
    const segments = [{ id: 0, text: 'The tide', start: 0, end: 1.5, ...rest }]
    mock.onTranscription({ transcription: { text: 'The tide rises.', language: 'english', duration: 3, segments } })
    expect(await modelsOf({ type: 'openai' }).transcribe({ model: 'lab/whisper-1', audio }, options)).toEqual({
      text: 'The tide rises.',
      model: 'lab/whisper-1',
      language: 'en',
      seconds: 3,
      segments: [{ text: 'The tide', start: 0, end: 1.5 }],
    })
  })

  it('is made of a text', async () => {
    const sound = MP3
    mock.onSpeech(/tide/, { audio: sound.toString('base64'), format: 'mp3' })
    const request = { model: 'lab/tts-1', text: 'The tide rises.', voice: 'alloy', format: 'mp3' }
    expect(await modelsOf({ type: 'openai' }).speak(request, options)).toEqual({
      model: 'lab/tts-1',
      audio: { mediaType: 'audio/mpeg', data: sound.toString('base64') },
    })
  })

  it.each([
    ['nothing', '', 'model_empty_output', 'sent no audio'],
    ['something else', 'not found', 'model_invalid_output', 'sent no audio for the format mp3'],
  ])('has failed if %s comes of it', async (_, sent, code, message) => {
    mock.onSpeech(/tide/, { audio: Buffer.from(sent).toString('base64'), format: 'mp3' })
    const said = modelsOf({ type: 'openai' }).speak({ model: 'lab/a', text: 'The tide.', format: 'mp3' }, options)
    await expect(said).rejects.toMatchObject({ code, message: `Model lab/a ${message}.` })
  })

  it('in a file that may hold a picture, too, is sound', async () => {
    const sound = Buffer.from('\0\0\0\x18ftypisom la la')
    mock.onSpeech(/tide/, { audio: sound.toString('base64'), format: 'mp3' })
    const said = await modelsOf({ type: 'openai' }).speak({ model: 'lab/a', text: 'tide', format: 'm4a' }, options)
    expect(said.audio).toEqual({ mediaType: 'video/mp4', data: sound.toString('base64') })
  })

  it('of a format that has no beginning of its own is taken as it comes', async () => {
    mock.onSpeech(/tide/, { audio: Buffer.from('\0\0\x01').toString('base64'), format: 'pcm' })
    const said = await modelsOf({ type: 'openai' }).speak({ model: 'lab/a', text: 'tide', format: 'pcm' }, options)
    expect(said.audio.mediaType).toBe('application/octet-stream')
  })

  it.each([
    [503, 'model_overloaded'],
    [401, 'model_unauthorized'],
  ])('that is answered by %d fails as a call of a model does', async (status, code) => {
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(status).end(`{"error":{"message":"no: ${KEY}"}}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const models = modelsOf({ type: 'openai' }, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const failures = await Promise.all([
      models.transcribe({ model: 'lab/a', audio }, options).catch((error: unknown) => error),
      models.speak({ model: 'lab/a', text: 'x' }, options).catch((error: unknown) => error),
    ])
    const message = `Model lab/a failed with status ${status}: no: [redacted]`
    expect(failures).toMatchObject([
      { code, message },
      { code, message },
    ])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('is left by an abort', async () => {
    const gone = { signal: AbortSignal.abort(new Error('enough')) }
    await expect(modelsOf({ type: 'openai' }).speak({ model: 'lab/a', text: 'x' }, gone)).rejects.toThrow('enough')
  })

  it('is refused where it is not offered, and where there is no such provider', async () => {
    const models = modelsOf({ type: 'anthropic' })
    await expect(models.transcribe({ model: 'lab/a', audio }, options)).rejects.toMatchObject({
      code: 'not_offered',
      message: 'Provider lab offers no transcription.',
    })
    await expect(models.speak({ model: 'lab/a', text: 'x' }, options)).rejects.toMatchObject({
      code: 'not_offered',
      message: 'Provider lab offers no speech.',
    })
    await expect(models.speak({ model: 'nowhere/a', text: 'x' }, options)).rejects.toMatchObject({
      name: 'InvalidError',
    })
  })
})

describe('sound of a server of the OpenAI protocol', () => {
  type Asked = {
    readonly url: string
    readonly headers: Readonly<Record<string, unknown>>
    readonly body: string
  }

  /** A server that keeps what it is asked, byte by byte, and gives the reply. */
  async function openServer(reply: string | Buffer, status = 200) {
    const asked: Asked[] = []
    const double = createServer(async (request, response) => {
      const { url = '', headers } = request
      asked.push({ url, headers, body: await text(request) })
      response.writeHead(status).end(reply)
    })
    await new Promise<void>((resolve) => double.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void double.close())
    double.keepAliveTimeout = 1
    return { asked, url: `http://127.0.0.1:${(double.address() as AddressInfo).port}` }
  }

  it('is spoken by openai/tts-1 with nothing but its key and its address in the environment', async () => {
    const sound = MP3
    const { asked, url } = await openServer(sound)
    const models = createModels({}, { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url })
    const said = await models.speak({ model: 'openai/tts-1', text: 'The tide rises.', voice: 'nova' }, options)
    expect(said).toEqual({
      model: 'openai/tts-1',
      audio: { mediaType: 'audio/mpeg', data: sound.toString('base64') },
    })
    const [{ url: path, headers, body }] = asked as [Asked]
    expect(path).toBe('/v1/audio/speech')
    expect(headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({
      model: 'tts-1',
      input: 'The tide rises.',
      voice: 'nova',
      response_format: 'mp3',
    })
  })

  it('is written down by openai/whisper-1, with the times of its segments', async () => {
    const segments = [{ id: 0, seek: 0, start: 0, end: 1.5, text: 'The tide', tokens: [1] }]
    const { asked, url } = await openServer(
      JSON.stringify({ task: 'transcribe', language: 'english', duration: 3, text: 'The tide rises.', segments }),
    )
    const models = createModels({}, { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${url}/v1` })
    expect(await models.transcribe({ model: 'openai/whisper-1', audio }, options)).toEqual({
      text: 'The tide rises.',
      model: 'openai/whisper-1',
      language: 'en',
      seconds: 3,
      segments: [{ text: 'The tide', start: 0, end: 1.5 }],
    })
    const [{ url: path, headers, body }] = asked as [Asked]
    expect(path).toBe('/v1/audio/transcriptions')
    expect(headers.authorization).toBe(`Bearer ${KEY}`)
    const form = await new Response(body, { headers: { 'content-type': String(headers['content-type']) } }).formData()
    const file = form.get('file') as File
    expect([file.name, file.type, await file.text()]).toEqual(['audio.wav', 'audio/wav', 'RIFF0000WAVE'])
    form.delete('file')
    expect([...form]).toEqual([
      ['model', 'whisper-1'],
      ['response_format', 'verbose_json'],
      ['timestamp_granularities[]', 'segment'],
    ])
  })

  it('is asked for as plain JSON of models that refuse the times', async () => {
    const { asked, url } = await openServer('{"text":"The tide."}')
    const models = createModels({}, { OPENAI_BASE_URL: url })
    const heard = await models.transcribe({ model: 'openai/gpt-4o-transcribe', audio }, options)
    expect(heard).toEqual({ text: 'The tide.', model: 'openai/gpt-4o-transcribe', segments: [] })
    expect(asked[0]!.headers).not.toHaveProperty('authorization')
    expect(asked[0]!.body).toMatch(/name="response_format"\r\n\r\njson\r\n/)
  })

  it('carries the headers and the query of the configuration, with its secrets', async () => {
    const { asked, url } = await openServer(MP3)
    const lab = {
      type: 'openai-compatible',
      baseURL: url,
      options: { headers: { 'x-api-key': 'secret://lab' }, queryParams: { version: '2' } },
    }
    const models = createModels({ providers: { lab } }, { ANTIPHON_SECRET_LAB: 'a-secret' })
    await models.speak({ model: 'lab/a', text: 'tide' }, options)
    expect(asked).toMatchObject([{ url: '/v1/audio/speech?version=2', headers: { 'x-api-key': 'a-secret' } }])
  })

  it.each([
    [503, '{"error":{"message":"no: sk-key-1"}}', 'model_overloaded', ' with status 503: no: [redacted]'],
    [401, '{"error":"no: sk-key-1"}', 'model_unauthorized', ' with status 401: no: [redacted]'],
    [404, 'nothing here', 'model_url_not_found', ' with status 404: Not Found'],
  ])('fails with %d as a call of a model does', async (status, reply, code, said) => {
    const { url } = await openServer(reply, status)
    const models = createModels({}, { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url })
    const calls = [
      models.transcribe({ model: 'openai/a', audio }, options),
      models.speak({ model: 'openai/a', text: 'x' }, options),
    ]
    for (const call of calls)
      await expect(call).rejects.toMatchObject({ code, message: `Model openai/a failed${said}` })
  })

  it('fails where the reply is not a transcript', async () => {
    const { url } = await openServer('{"words":[]}')
    const models = createModels({}, { OPENAI_BASE_URL: url })
    await expect(models.transcribe({ model: 'openai/a', audio }, options)).rejects.toMatchObject({
      code: 'model_invalid_output',
    })
  })

  it('tells a server that cannot be reached from one that refuses', async () => {
    const models = createModels({}, { OPENAI_BASE_URL: 'http://127.0.0.1:2' })
    const call = models.speak({ model: 'openai/a', text: 'x' }, options)
    await expect(call).rejects.toMatchObject({ name: 'RetryableError', code: 'model_unavailable' })
  })

  it('is left by an abort', async () => {
    const { url } = await openServer(MP3)
    const gone = { signal: AbortSignal.abort(new Error('enough')) }
    const models = createModels({}, { OPENAI_BASE_URL: url })
    await expect(models.speak({ model: 'openai/a', text: 'x' }, gone)).rejects.toThrow('enough')
  })

  it.each([
    ['english', 'en'],
    ['Norwegian', 'no'],
    ['romanian', 'ro'],
    ['maori', 'mi'],
    ['pt', 'pt'],
    ['klingonese', undefined],
  ])('names the language %s as %s', (name, code) => {
    expect(languageCode(name)).toBe(code)
  })
})

describe('the cost of sound', () => {
  const priced = () =>
    createModels(
      {
        providers: { lab: { type: 'openai', baseURL: `${server.url}/v1`, keyEnv: 'K' } },
        models: [
          { id: 'lab/ears', aliases: ['ears'], cost: { minute: 0.6 } },
          { id: 'lab/voice', cost: { characters: 15 } },
        ],
      },
      { K: KEY },
    )
  const minute = { mediaType: 'audio/wav', data: wavOf(480_000).toString('base64') }

  it.each([
    ['as its provider counts them', { duration: 90, segments: [] }, 0.9],
    ['by its length where its provider does not tell', {}, 0.6],
    ['by its length where its provider tells nothing of worth', { duration: 0, segments: [] }, 0.6],
  ])('is a recording by its minutes, %s', async (_, told, cost) => {
    mock.onTranscription({ transcription: { text: 'The tide.', ...told } })
    const heard = await priced().transcribe({ model: 'ears', audio: minute }, options)
    expect(heard.cost).toBeCloseTo(cost, 9)
  })

  it('is what is spoken by its characters, whatever bytes they have', async () => {
    mock.onSpeech(/tide/, { audio: MP3.toString('base64'), format: 'mp3' })
    const spoken = (model: string) => priced().speak({ model, text: 'tide 🌊é' }, options)
    expect((await spoken('lab/voice')).cost).toBeCloseTo((7 * 15) / 1_000_000, 12)
    expect(await spoken('lab/other')).not.toHaveProperty('cost')
  })

  it('counts where it came to nothing that its provider counts, too', async () => {
    mock.onSpeech(/tide/, { audio: '', format: 'mp3' })
    const failure = await priced()
      .speak({ model: 'lab/voice', text: 'tide' }, options)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'model_empty_output' })
    expect(failedUsageOf(failure)).toMatchObject({ model: 'lab/voice', cost: (4 * 15) / 1_000_000 })
  })
})

describe('a sound', () => {
  it.each([
    ['RIFF\x10\0\0\0WAVE', 'audio/wav'],
    [`OggS\0\x02${'\0'.repeat(22)}OpusHead`, 'audio/ogg'],
    ['fLaC\0', 'audio/flac'],
    [`ID3\x04\0\0\0\0\0\x02\0\0\xff\xfb\x90\x00${'\0'.repeat(500)}`, 'audio/mpeg'],
    ['\xff\xfb\x90\x00', 'audio/mpeg'],
    ['\xff\xf1\x50\x80', 'audio/aac'],
    ['', 'application/octet-stream'],
  ])('that begins with %j is %s', async (opening, mediaType) => {
    expect(await detectAudioType(Buffer.from(opening, 'latin1'))).toBe(mediaType)
  })
})
