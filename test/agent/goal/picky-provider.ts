import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import type { RuntimeParts } from '../../../src/runtime/open/parts.ts'

type Block = { readonly type: string; readonly [field: string]: unknown }
type Body = { readonly messages: readonly { readonly content: string | readonly Block[] }[] }
/** A request that a provider got: its server, its body, and the status of the answer. */
export type Got = { readonly server: 'pa' | 'po'; readonly body: Body; readonly text: string; status: number }
/** The status and the words of a refusal; undefined: the request is accepted. */
export type Refuse = (got: Got) => { readonly status?: number; readonly words: string } | undefined
/** What the model answers: a text, or a call of a tool. */
export type Reply = string | { readonly name: string; readonly input: object }

/** The base64 of a content, as a request has it. */
export const base64 = (content: Uint8Array) => Buffer.from(content).toString('base64')
export const has = ({ text }: Got, content: Uint8Array) => text.includes(base64(content))

/** The place of a picture or a PDF in a request of Anthropic, as its refusals name it. */
export function placeIn({ body }: Got, content: Uint8Array): string {
  const found = (blocks: readonly Block[], path: string): string | undefined => {
    for (const [at, block] of blocks.entries()) {
      const { type, content: inner } = block
      if (type === 'tool_result' && Array.isArray(inner)) {
        const place = found(inner, `${path}.content.${at}.tool_result`)
        if (place) return place
      } else if (JSON.stringify(block).includes(base64(content)))
        return `${path}.content.${at}.${type}.source.base64.data`
    }
    return undefined
  }
  for (const [at, { content: blocks }] of body.messages.entries()) {
    const place = typeof blocks === 'string' ? undefined : found(blocks, `messages.${at}`)
    if (place) return place
  }
  throw new Error('The request does not have the file.')
}

/** Two providers on loopback, `pa` as Anthropic and `po` by the chat protocol, whose refusals a test decides. */
export async function openPicky(refuse: Refuse, replies: readonly Reply[] = []) {
  const got: Got[] = []
  let accepted = 0
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one: Got = { server: request.url!.startsWith('/pa') ? 'pa' : 'po', body: JSON.parse(text), text, status: 200 }
    got.push(one)
    const refusal = refuse(one)
    one.status = refusal ? (refusal.status ?? 400) : 200
    const error = { type: 'invalid_request_error', message: refusal?.words }
    const answer = refusal
      ? one.server === 'pa'
        ? { type: 'error', error }
        : { error }
      : RENDER[one.server](replies[accepted++] ?? 'Fine.')
    response.writeHead(one.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, got }
}

const RENDER = {
  pa: (reply: Reply) => ({
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      typeof reply === 'string' ? { type: 'text', text: reply } : { type: 'tool_use', id: `t${++calls}`, ...reply },
    ],
    stop_reason: typeof reply === 'string' ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
  }),
  po: (reply: Reply) => ({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: String(reply) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  }),
}
let calls = 0
const ENVIRONMENT = { PICKY_KEY: 'k' }

/** An agent of a model of one of the providers. */
export const seeing = (model: 'pa/m' | 'po/m', tools: readonly string[] = []): AgentDefinition => ({
  name: 'seer',
  description: 'Looks at files',
  instructions: 'You look at files.',
  tools,
  skills: [],
  model,
})

/** A folder with both providers, whose runtime opens as often as a test wants. */
export async function openSeeing(
  refuse: Refuse,
  replies: readonly Reply[] = [],
  program: Pick<RuntimeParts, 'tools'> = {},
) {
  const { url, got } = await openPicky(refuse, replies)
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-picky-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const sees = 'context: 200k, tools: true, modalities: [text, image, pdf], cost: { input: 1, output: 10 }'
  writeFileSync(
    join(folder, 'antiphon.yaml'),
    `model: po/m
providers:
  pa: { type: anthropic, baseURL: "${url}/pa/v1", keyEnv: PICKY_KEY }
  po: { type: openai-compatible, baseURL: "${url}/po/v1", keyEnv: PICKY_KEY }
models: [{ id: pa/m, ${sees} }, { id: po/m, ${sees} }]
`,
  )
  const open = async () => {
    const config = await loadConfig({ folder, environment: ENVIRONMENT })
    const runtime = await createRuntime({ ...config, embedder: 'none' }, program)
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  return { got, open }
}
