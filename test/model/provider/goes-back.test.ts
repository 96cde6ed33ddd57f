import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ONE_LINE, roundInForm } from '../../../src/agent/context/round-forms.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { AssistantPart, ToolRound } from '../../../src/model/request/request.ts'
import { TOOLS } from './answering.ts'
import { chunk, PROTOCOLS, sse } from './protocols.ts'

type Answer = { readonly status?: number; readonly body: string | object }
/** A message, an item or a part in a request, of any protocol. */
type Sent = {
  readonly role?: string
  readonly type?: string
  readonly id?: string
  readonly text?: string
  readonly reasoning_content?: string
  readonly encrypted_content?: string
  readonly thoughtSignature?: string
  readonly functionCall?: object
  readonly parts?: readonly Sent[]
  readonly content?: readonly Sent[]
}
type Body = {
  readonly messages: readonly Sent[]
  readonly contents: readonly Sent[]
  readonly input: readonly Sent[]
  readonly store?: boolean
  readonly include?: readonly string[]
}

const { signal } = new AbortController()

/** A conversation in which each call gets a result. The server gives its answers in order, or by the request. */
async function talking(config: ProviderConfig, answer: (asked: Body, place: number) => Answer, model = 'small') {
  const bodies: Body[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    const { status = 200, body } = answer(JSON.parse(text), bodies.length)
    bodies.push(JSON.parse(text))
    const isStream = typeof body === 'string'
    response.writeHead(status, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
    response.end(isStream ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const notices: string[] = []
  const models = createModels(
    { model: `lab/${model}`, providers: { lab: { ...config, baseURL, keyEnv: 'K' } } },
    { K: 'sk-12345678' },
    {},
    undefined,
    (line) => void notices.push(line),
  )
  const rounds: ToolRound[] = []
  const ask = async (isStream: boolean) => {
    const request = { task: { kind: 'write' as const }, documents: [], instruction: 'Go.', tools: TOOLS, rounds }
    const reply = await models.generate(request, { signal, ...(isStream && { onDelta() {} }) })
    const results = (reply.calls ?? []).map(({ id, name }) => ({ id, name, output: 'rain' }))
    // a goal stores rounds as JSON
    if (results.length > 0) rounds.push(JSON.parse(JSON.stringify({ said: reply.said, results })))
    return reply
  }
  return { ask, bodies, rounds, notices }
}

const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }
const chat = (message: object) => ({
  ...(PROTOCOLS.chat.whole([]) as object),
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, tool_calls: [call], ...message },
      finish_reason: 'tool_calls',
    },
  ],
})
const chatStream = (deltas: readonly object[]) =>
  sse(...[...deltas, { tool_calls: [{ index: 0, ...call }] }].map((one) => chunk(one)), ...PROTOCOLS.chat.finish)
const done = { body: chat({ content: 'Done.', tool_calls: undefined }) }
const spoken = (body: Body) => body.messages.filter(({ role }: Sent) => role === 'assistant')

describe.each([false, true])('thoughts of the chat protocol (streamed: %s)', (isStream) => {
  const config: ProviderConfig = { type: 'openai-compatible' }
  const saying = (message: object, ...pieces: readonly object[]) => ({
    body: isStream ? chatStream(pieces.length > 0 ? pieces : [message]) : chat(message),
  })
  const sent = async (...answers: readonly Answer[]) => {
    const { ask, bodies, rounds } = await talking(config, (_, place) => answers[place] ?? done)
    for (const _ of answers) await ask(isStream)
    await ask(false)
    return { messages: spoken(bodies.at(-1)!), rounds }
  }

  it('go back with each call once a server has given them, also if they are empty or absent', async () => {
    const said = ['', 'I look.', '', undefined].map((thought) =>
      saying(thought === undefined ? {} : { reasoning_content: thought }),
    )
    const { messages } = await sent(saying({ reasoning_content: null }), ...said)
    expect(messages.map(({ reasoning_content: thought }: Sent) => thought)).toEqual([undefined, '', 'I look.', '', ''])
  })

  it('go back in the field in which they came', async () => {
    const { messages } = await sent(saying({ reasoning: 'I look.' }))
    expect(messages[0]).toMatchObject({ reasoning: 'I look.' })
    expect(messages[0]).not.toHaveProperty('reasoning_content')
  })

  it('go back with their details as they came', async () => {
    const details = [
      { type: 'reasoning.text', text: 'I look.', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.summary', summary: 'A look.', index: 1 },
      { type: 'reasoning.encrypted', data: 'enc', id: 'call_1', index: 1 },
    ]
    const { messages } = await sent(
      saying(
        { reasoning: 'I look.', reasoning_details: details },
        {
          reasoning: 'I ',
          reasoning_details: [{ type: 'reasoning.text', text: 'I ', format: 'anthropic-claude-v1', index: 0 }],
        },
        { reasoning: 'look.', reasoning_details: [{ type: 'reasoning.text', text: 'look.', index: 0 }] },
        { reasoning_details: [{ type: 'reasoning.text', text: '', signature: 'sig', index: 0 }] },
        { reasoning_details: [{ type: 'reasoning.summary', summary: 'A look.', index: 1 }] },
        { reasoning_details: [details[2]!] },
      ),
    )
    expect(messages[0]).toMatchObject({ reasoning: 'I look.', reasoning_details: details })
  })

  it('leave the field and what is encrypted if their round is shortened', async () => {
    const encrypted = { type: 'reasoning.encrypted', data: 'enc', index: 1 }
    const details = [{ type: 'reasoning.text', text: 'I look.', index: 0 }, encrypted]
    const { rounds } = await sent(saying({ reasoning_content: 'I look.', reasoning_details: details }))
    const calls = rounds[0]!.results.map(({ id, name }) => ({ id, name, parameters: {} }))
    const short = roundInForm({ ...rounds[0]!, calls } as unknown as Parameters<typeof roundInForm>[0], 1, ONE_LINE)
    const { ask, bodies } = await talking(config, () => done).then((talk) => {
      talk.rounds.push(short)
      return talk
    })
    await ask(false)
    expect(spoken(bodies[0]!)[0]).toMatchObject({ reasoning_content: '', reasoning_details: [encrypted] })
  })
})

describe.each([false, true])('Google (streamed: %s)', (isStream) => {
  it.each([
    ['after a call', [{ functionCall: { name: 'weather', args: {} }, thoughtSignature: 'A' }]],
    [
      'after a text and a call',
      [{ text: 'I look.' }, { functionCall: { name: 'weather', args: {} }, thoughtSignature: 'A' }],
    ],
    ['before a call', []],
  ])('gets the signature of an empty text back where it stood, %s', async (_, before) => {
    const parts: readonly Sent[] = [
      ...before,
      { text: '', thoughtSignature: 'B' },
      ...(before.length > 0 ? [] : [{ functionCall: { name: 'weather', args: {} } }]),
    ]
    const event = (all: readonly object[], more: object = {}) => ({
      candidates: [{ content: { role: 'model', parts: all }, ...more }],
    })
    const whole = event(parts, { finishReason: 'STOP' })
    const body = isStream ? sse(...parts.map((part) => event([part])), event([], { finishReason: 'STOP' })) : whole
    const { ask, bodies } = await talking({ type: 'google' }, (_, place) => ({
      body: place === 0 ? body : event([{ text: 'Done.' }], { finishReason: 'STOP' }),
    }))
    await ask(isStream)
    await ask(false)
    const said = bodies[1]!.contents.find(({ role }: Sent) => role === 'model')
    expect(
      said!.parts!.map(({ text, thoughtSignature, functionCall }: Sent) => [
        functionCall ? 'call' : text,
        thoughtSignature,
      ]),
    ).toEqual(
      parts.map(({ text, thoughtSignature, functionCall }: Sent) => [functionCall ? 'call' : text, thoughtSignature]),
    )
  })
})

describe.each([false, true])('OpenAI, by its Responses (streamed: %s)', (isStream) => {
  const reasoning = (place: number, encrypted?: string) => ({
    type: 'reasoning',
    id: `rs_${place}`,
    summary: [{ type: 'summary_text', text: 'I look.' }],
    ...(encrypted !== undefined && { encrypted_content: encrypted }),
  })
  const items = (place: number, encrypted?: string) => [
    reasoning(place, encrypted),
    {
      type: 'function_call',
      id: `fc_${place}`,
      call_id: `call_${place}`,
      name: 'weather',
      arguments: '{}',
      status: 'completed',
    },
  ]
  const reply = (output: readonly object[]) => ({ ...PROTOCOLS.responses.whole([]), output })
  const answer = (output: readonly object[]): Answer => ({
    body: isStream
      ? sse(...PROTOCOLS.responses.begin, { type: 'response.completed', response: reply(output) })
      : reply(output),
  })
  const last = [
    {
      type: 'message',
      role: 'assistant',
      id: 'msg_9',
      content: [{ type: 'output_text', text: 'Done.', annotations: [] }],
    },
  ]
  const gone = (id: string): Answer => ({
    status: 404,
    body: { error: { message: `Item with id '${id}' not found.`, type: 'invalid_request_error', code: null } },
  })
  /** A server that keeps nothing, and gives encrypted thoughts to those who ask. */
  const forgetting = (asked: Body, place: number): Answer => {
    const named = asked.input.find(
      ({ type, encrypted_content }: Sent) => type === 'item_reference' || (type === 'reasoning' && !encrypted_content),
    )
    if (named) return gone(String(named.id))
    if (place > 4) return answer(last)
    return answer(items(place, asked.include?.includes('reasoning.encrypted_content') ? `enc_${place}` : undefined))
  }
  const thoughts = ({ input }: Body) => input.filter(({ type }: Sent) => type === 'reasoning')

  it('stores nothing if the provider says so, and gets encrypted thoughts back whole', async () => {
    const config = { type: 'openai', options: { store: false } }
    const { ask, bodies, notices } = await talking(config, forgetting)
    for (let round = 0; round < 3; round++) await ask(isStream)
    expect(bodies.map(({ store, include }) => [store, include])).toEqual(
      Array(3).fill([false, ['reasoning.encrypted_content']]),
    )
    expect(thoughts(bodies[2]!)).toEqual([reasoning(0, 'enc_0'), reasoning(1, 'enc_1')])
    expect(notices).toEqual([])
  })

  it('gets encrypted thoughts back whole after it has lost them, and is asked once more once', async () => {
    const { ask, bodies, notices } = await talking({ type: 'openai' }, forgetting, 'gpt-5')
    const replies = [await ask(isStream), await ask(isStream), await ask(isStream)]
    expect(bodies.map(({ store }) => store)).toEqual([undefined, undefined, false, false])
    expect(thoughts(bodies[3]!).map(({ encrypted_content }: Sent) => encrypted_content)).toEqual(['enc_0', 'enc_2'])
    expect(replies.flatMap(({ lacks = [] }) => lacks)).toEqual([])
    expect(notices).toEqual([expect.stringContaining('has not kept an earlier reply')])
  })

  it('does not get thoughts that only it had, and the reply says so', async () => {
    const { ask, bodies } = await talking({ type: 'openai' }, forgetting)
    const replies = [await ask(isStream), await ask(isStream), await ask(isStream)]
    expect(thoughts(bodies[2]!)).toEqual([])
    expect(replies.map(({ lacks = [] }) => lacks)).toEqual([
      [],
      ['the provider of lab/small has not kept 1 of its earlier thoughts, so the model did not get them'],
      [],
    ])
    expect(bodies[2]!.input.map(({ type }: Sent) => type)).toContain('function_call')
  })

  it('is asked once if the item is gone for another reason, and includes what the provider wants', async () => {
    const config = { type: 'openai', options: { include: ['message.output_text.logprobs'] } }
    const { ask, bodies } = await talking(config, () => ({
      status: 404,
      body: { error: { message: 'no such model' } },
    }))
    await expect(ask(isStream)).rejects.toThrow('no such model')
    expect(bodies.map(({ include }) => include)).toEqual([['message.output_text.logprobs']])
  })
})

it('parts that say how thoughts came go to no other protocol', async () => {
  const said: AssistantPart[] = [
    { type: 'reasoning', text: '', providerOptions: { openaiCompatible: { thoughtsIn: 'reasoning_content' } } },
    { type: 'reasoning', text: 'I look.' },
    { type: 'tool-call', toolCallId: 'a', toolName: 'weather', input: {} },
  ]
  const { ask, bodies, rounds } = await talking({ type: 'anthropic' }, () => ({
    body: PROTOCOLS.anthropic.whole([{ text: 'Done.' }]),
  }))
  rounds.push({ said, results: [{ id: 'a', name: 'weather', output: 'rain' }] })
  await ask(false)
  expect(JSON.stringify(bodies[0])).not.toContain('reasoning_content')
  expect(spoken(bodies[0]!)[0]!.content!.map(({ type }: Sent) => type)).toEqual(['tool_use'])
})
