import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { LLMock } from '@copilotkit/aimock'
import type { Config } from '../../../src/config/config.ts'

/** A server that stands for models, and what it would bill for: the words in brackets of each request it got, those of files with them. */
export interface Double {
  readonly config: Pick<Config, 'models' | 'providers' | 'fallbackModels'>
  readonly environment: { readonly [name: string]: string }
  billed(): readonly string[]
  /** Counts anew. */
  forget(): void
  stop(): Promise<void>
}

/** What it says to whom by that word; `lab/broken` never answers. */
const ANSWERS: { readonly [word: string]: string } = {
  text: 'the text',
  value: '{"n":5}',
  lifted: '{"n":6}',
  seen: ' the seen',
  needs: 'the needs',
  worse: 'the worse',
  listed: 'the listed',
  auto: 'the auto',
  yes: '{"answer":true}',
  route: '{"answer":"right"}',
  hue: 'the hue',
  more: '{"answer":true}',
  where: 'auto.txt',
  no: '{"answer":false}',
  list: '{"answer":["1","2"]}',
  needed: '{"answer":["a"]}',
  filed: 'the filed',
  drawn: '{"n":7}',
  picture: 'the picture',
  pinned: 'the pinned',
  kept: 'the kept',
  costly: 'the costly',
  frail: 'the frail',
  dear: 'the dear',
}

const USUAL = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const DEAR = { prompt_tokens: 300, completion_tokens: 300, total_tokens: 600 }

export async function openDouble(): Promise<Double> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' })
  // what is asked a second time is answered
  mock.on(
    { userMessage: '[pinned]', sequenceIndex: 0 },
    { error: { message: 'not now', type: 'server_error' }, status: 503 },
  )
  mock.on({ model: 'broken' }, { error: { message: 'out of order', type: 'invalid_request_error' }, status: 400 })
  for (const [word, content] of Object.entries(ANSWERS))
    mock.onMessage(`[${word}]`, { content, usage: word === 'dear' ? DEAR : USUAL })
  mock.onSpeech(/spoken/, { audio: Buffer.from('\xff\xfb\x90\x00 la la', 'latin1').toString('base64'), format: 'mp3' })
  mock.onTranscription({ transcription: { text: 'the heard' } })
  const url = await mock.start()
  const forgo = keepConnections()
  const baseURL = `${url}/v1`
  return {
    config: {
      providers: { lab: { type: 'openai-compatible', baseURL }, ears: { type: 'openai', baseURL, keyEnv: 'EARS_KEY' } },
      models: [
        { id: 'lab/coder', expertise: ['code'], size: '7b' },
        { id: 'lab/eyes', modalities: ['vision'] },
        { id: 'lab/broken', capabilities: ['frailty'] },
        { id: 'lab/paid', cost: { input: 1000, output: 1000 } },
        { id: 'lab/small', capabilities: ['frailty'] },
        { id: 'ears/whisper-1', capabilities: ['transcription'] },
        { id: 'ears/tts-1', capabilities: ['speech'] },
      ],
      fallbackModels: ['lab/small'],
    },
    environment: { EARS_KEY: 'a-key-of-nobody' },
    billed: () => mock.getRequests().map(({ body }) => wordIn(JSON.stringify(body))),
    forget() {
      mock.clearRequests()
      mock.resetMatchCounts()
    },
    stop: async () => {
      forgo()
      await mock.stop()
    },
  }
}

/** No connection is closed for being idle: a process that is slow, beside other work, would ask on it, fail and ask again, by no kill. */
function keepConnections(): () => void {
  const keep = (message: unknown) => {
    ;(message as { readonly server: Server }).server.keepAliveTimeout = 0
  }
  subscribe(REQUEST, keep)
  return () => unsubscribe(REQUEST, keep)
}

const REQUEST = 'http.server.request.start'

function wordIn(request: string): string {
  const model = /"model":"([\w-]+)"/.exec(request)?.[1]
  const words = [...request.matchAll(/\[([a-z]+)\]/g)].map(([, word]) => word!)
  return `${[...new Set(words)].sort().join('+') || 'sound'} ${model}`
}
