import type { SpeechModelV4, SpeechModelV4CallOptions, TranscriptionModelV4 } from '@ai-sdk/provider'
import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { parseExact } from '../../kernel/json.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** A server of the OpenAI protocol: its address, headers and key. */
export type AudioServer = {
  readonly name: string
  readonly baseURL: string
  readonly headers: { readonly [name: string]: string }
  readonly query: { readonly [name: string]: string }
}

export function speechModel(server: AudioServer, modelId: string): SpeechModelV4 {
  return {
    specificationVersion: 'v4',
    provider: server.name,
    modelId,
    async doGenerate(options) {
      const body = JSON.stringify(speechRequest(modelId, options))
      const headers = { 'content-type': 'application/json' }
      const response = await post(server, '/audio/speech', { body, headers, signal: options.abortSignal ?? null })
      return { audio: new Uint8Array(await response.arrayBuffer()), warnings: [], response: about(modelId) }
    },
  }
}

/** OpenAI requires a voice, and sends MP3 unless told otherwise. The protocol has no field for a language. */
function speechRequest(
  model: string,
  { text, voice = 'alloy', outputFormat, speed, instructions }: SpeechModelV4CallOptions,
) {
  return { model, input: text, voice, response_format: outputFormat ?? 'mp3', speed, instructions }
}

export function transcriptionModel(server: AudioServer, modelId: string): TranscriptionModelV4 {
  return {
    specificationVersion: 'v4',
    provider: server.name,
    modelId,
    async doGenerate({ audio, mediaType, abortSignal }) {
      const bytes = typeof audio === 'string' ? Buffer.from(audio, 'base64') : audio
      const body = new FormData()
      body.append('model', modelId)
      // a server recognises the format of a recording by the file name
      body.append('file', new File([new Uint8Array(bytes)], `audio.${endingOf(mediaType)}`, { type: mediaType }))
      for (const [name, value] of timesWanted(modelId)) body.append(name, value)
      const response = await post(server, '/audio/transcriptions', { body, signal: abortSignal ?? null })
      const { text, segments, language, duration } = readTranscript(await response.text())
      return {
        text,
        segments: (segments ?? []).map(({ text, start, end }) => ({ text, startSecond: start, endSecond: end })),
        language: languageCode(language ?? ''),
        durationInSeconds: duration ?? undefined,
        warnings: [],
        response: about(modelId),
      }
    },
  }
}

/** OpenAI's newer models refuse the format that includes the times of segments. */
function timesWanted(model: string): readonly (readonly [string, string])[] {
  if (/^gpt-/.test(model)) return [['response_format', 'json']]
  return [
    ['response_format', 'verbose_json'],
    ['timestamp_granularities[]', 'segment'],
  ]
}

const transcript = z.object({
  text: z.string(),
  language: z.string().nullish(),
  // some servers send it as text
  duration: z.coerce.number().nullish(),
  segments: z.array(z.object({ text: z.string(), start: z.number(), end: z.number() })).nullish(),
})

function readTranscript(reply: string): z.infer<typeof transcript> {
  try {
    return transcript.parse(parseExact(reply))
  } catch {
    throw new TerminalError('The server sent an unreadable transcript.', { code: 'model_invalid_output' })
  }
}

const FILE_EXTENSIONS: { readonly [subtype: string]: string } = {
  mpeg: 'mp3',
  'x-wav': 'wav',
  mp4: 'm4a',
  quicktime: 'mov',
}

function endingOf(mediaType: string): string {
  const subtype = mediaType.replace(/^[^/]*\//, '').split(';', 1)[0]!
  if (mediaType.startsWith('video/mp4')) return 'mp4'
  return FILE_EXTENSIONS[subtype] ?? subtype
}

async function post({ baseURL, headers, query }: AudioServer, path: string, request: RequestInit): Promise<Response> {
  const url = new URL(`${baseURL.replace(/\/$/, '')}${path}`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const all = { ...(request.headers as AudioServer['headers'] | undefined), ...headers }
  const response = await boundedFetch(url, { ...request, method: 'POST', headers: all })
  if (!response.ok) throw await failed(url, response)
  return response
}

/** A refusal in the same form as that of a text model, so that its fault is reported in the same way. */
async function failed(url: URL, response: Response): Promise<Error> {
  const { APICallError } = await import('@ai-sdk/provider')
  const responseBody = await response.text()
  return new APICallError({
    message: messageIn(responseBody) ?? response.statusText,
    url: url.href,
    requestBodyValues: {},
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody,
  })
}

const refusal = z.object({
  error: z.union([z.string(), z.object({ message: z.string() }).transform((it) => it.message)]),
})

const messageIn = (body: string): string | undefined => attempt(() => refusal.safeParse(parseExact(body)).data?.error)

const about = (modelId: string) => ({ timestamp: new Date(), modelId })

let codes: ReadonlyMap<string, string> | undefined

/** The code of a language: `en` for `English` and for `en`; undefined when unknown. */
export function languageCode(name: string): string | undefined {
  if (/^[a-z]{2}$/.test(name)) return name
  codes ??= namedCodes()
  return codes.get(plain(name))
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']

/** All codes of two letters by their English names. */
function namedCodes(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
  const all = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
  const current = all.filter((code) => Intl.getCanonicalLocales(code)[0] === code)
  return new Map(
    current.flatMap((code) => {
      const name = names.of(code)
      return name === undefined ? [] : [[plain(name), code] as const]
    }),
  )
}

const plain = (name: string) => name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
