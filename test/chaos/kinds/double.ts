import { LLMock } from '@copilotkit/aimock'
import type { Config } from '../../../src/config.ts'

/** A server that stands for models, and what it would bill for: the word in brackets of each request it got. */
export interface Double {
  readonly config: Pick<Config, 'models' | 'providers'>
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
}

export async function openDouble(): Promise<Double> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' })
  mock.on({ model: 'broken' }, { error: { message: 'out of order', type: 'invalid_request_error' }, status: 400 })
  for (const [word, content] of Object.entries(ANSWERS))
    mock.onMessage(`[${word}]`, { content, usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } })
  const url = await mock.start()
  return {
    config: {
      providers: { lab: { type: 'openai-compatible', baseURL: `${url}/v1` } },
      models: [{ id: 'lab/coder', expertise: ['code'], size: '7b' }],
    },
    billed: () => mock.getRequests().map(({ body }) => wordIn(JSON.stringify(body))),
    forget: () => mock.clearRequests(),
    stop: async () => {
      await mock.stop()
    },
  }
}

function wordIn(request: string): string {
  const model = /"model":"(\w+)"/.exec(request)?.[1]
  return `${/\[(\w+)\]/.exec(request)?.[1]} ${model}`
}
