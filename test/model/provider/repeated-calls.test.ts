import { describe, expect, it } from 'vitest'
import { answering, TOOLS } from './answering.ts'
import { chunk, PROTOCOLS, sse } from './protocols.ts'

const OSLO = '{"city":"Oslo","day":1}'
const TURNED = '{ "day": 1, "city": "Oslo" }'
const one = { id: 'call_7', name: 'weather', input: { city: 'Oslo', day: 1 } }
const weather = (input: string, id: string | undefined = 'call_7') => ({
  ...(id !== '' && { id }),
  name: 'weather',
  input,
})

/** A fragment of a call of the chat protocol. */
const part = (index: number | undefined, id: unknown, name: unknown, args: unknown) => ({
  tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }],
})
const whole = (args = OSLO, id = 'call_7', index = 0) => part(index, id, 'weather', args)
const pieces = [part(0, 'call_7', 'weather', '{"city":'), part(0, undefined, undefined, '"Oslo","day":1}')]
const inputsOf = (calls: readonly { readonly input?: unknown }[] = []) => calls.map(({ input }) => input)

async function callsOf(body: string | object, config = PROTOCOLS.chat.config) {
  const isStream = typeof body === 'string'
  const { generate } = await answering(body, isStream ? 'text/event-stream' : undefined, config)
  const { calls, said } = await generate({ tools: TOOLS }, isStream ? { onDelta() {} } : {})
  const ids = said?.flatMap(({ toolCallId }) => (toolCallId === undefined ? [] : [toolCallId]))
  expect(ids ?? []).toEqual((calls ?? []).map(({ id }) => id))
  return calls ?? []
}
const chatStream = (deltas: readonly object[], ...last: readonly object[]) =>
  sse(...deltas.map((delta) => chunk(delta)), chunk({}, { finish_reason: 'tool_calls' }), ...last)

describe('calls that a gateway streams again with their ids', () => {
  it.each<[string, object[], ...object[]]>([
    ['whole in another event', [...pieces, whole()]],
    ['the same event twice', [whole(), whole()]],
    ['with its keys in another order', [...pieces, whole(TURNED)]],
    ['under another index', [...pieces, whole(OSLO, 'call_7', 1)]],
    [
      'under another index, in fragments',
      [...pieces, whole('{"city":', 'call_7', 1), part(1, '', '', '"Oslo","day":1}')],
    ],
    ['without an index', [...pieces, part(undefined, 'call_7', 'weather', OSLO)]],
    ['without a name', [...pieces, part(0, 'call_7', undefined, OSLO)]],
    ['three times', [whole(), whole(TURNED, 'call_7', 1), whole(OSLO, 'call_7', 2)]],
    ['with the event that ends the reply', [...pieces], chunk(whole(), { finish_reason: 'tool_calls' })],
    [
      'with the whole message',
      [...pieces],
      chunk({}, { delta: undefined, message: { role: 'assistant', ...whole() }, finish_reason: 'tool_calls' }),
    ],
    [
      'with the whole message, beside a delta',
      [...pieces],
      chunk({}, { message: { role: 'assistant', ...whole() }, finish_reason: 'tool_calls' }),
    ],
    ['in part', [...pieces, whole('{"city":"O')]],
    ['in part under another index', [...pieces, whole('{"city": "Oslo"', 'call_7', 1)]],
    ['without parameters', [...pieces, whole('', 'call_7', 1)]],
    ['whole after its first fragment', [pieces[0]!, whole()]],
    ['whole under another index after its first fragment', [pieces[0]!, whole(OSLO, 'call_7', 1)]],
    ['whole after it began without parameters', [whole(''), whole(OSLO, 'call_7', 1)]],
    ['in a fragment under another index', [pieces[0]!, part(1, 'call_7', undefined, '"Oslo","day":1}')]],
  ])('%s', async (_, deltas, ...last) => {
    expect(await callsOf(chatStream(deltas, ...last))).toEqual([one])
  })

  it('a call is one call if all its fragments have its id and its name', async () => {
    const fragments = ['{"city":{"name":', '{"a":1},"list":[', '{"b":2}', ',{"c":3}', ']}}']
    const deltas = fragments.map((args) => whole(args))
    expect(inputsOf(await callsOf(chatStream(deltas)))).toEqual([
      { city: { name: { a: 1 }, list: [{ b: 2 }, { c: 3 }] } },
    ])
  })

  it('one id with other parameters is another call, also if both come again', async () => {
    const other = '{"city":"Rome"}'
    const deltas = [whole(), whole(other, 'call_7', 1), whole(TURNED, 'call_7', 2), whole(other, 'call_7', 3)]
    const calls = await callsOf(chatStream(deltas))
    expect(inputsOf(calls)).toEqual([one.input, { city: 'Rome' }])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    expect(inputsOf(await callsOf(chatStream([whole(), whole('{"city":"Ro', 'call_7', 1)])))).toEqual([
      one.input,
      undefined,
    ])
  })

  it('equal calls with two ids, or with none, are two calls', async () => {
    for (const ids of [
      ['a', 'b'],
      ['', ''],
      [null, null],
    ]) {
      const deltas = ids.map((id, index) => part(index, id, 'weather', OSLO))
      expect(inputsOf(await callsOf(chatStream(deltas)))).toEqual([one.input, one.input])
    }
  })

  it('a text that comes again with the whole message is read once', async () => {
    const message = { role: 'assistant', content: 'I look it up.', ...whole() }
    const deltas = [{ content: 'I look' }, ...pieces]
    const body = chatStream(deltas, chunk({}, { delta: undefined, message, finish_reason: 'tool_calls' }))
    const { generate } = await answering(body, 'text/event-stream')
    const { text, calls } = await generate({ tools: TOOLS }, { onDelta() {} })
    expect([text, calls]).toEqual(['I look it up.', [one]])
  })
})

describe('a fragment belongs to the call of its index', () => {
  it.each(['', ' ', null, undefined])('also if its id and its name are %j', async (none) => {
    const deltas = [
      part(0, 'a', 'weather', ''),
      part(1, 'b', 'weather', ''),
      part(0, none, none, '{"city":'),
      part(1, none, none, '{"city":'),
      part(0, none, none, '"Oslo"}'),
      part(1, none, none, '"Rome"}'),
    ]
    expect(await callsOf(chatStream(deltas))).toEqual([
      { id: 'a', name: 'weather', input: { city: 'Oslo' } },
      { id: 'b', name: 'weather', input: { city: 'Rome' } },
    ])
  })

  it('also with another id, and with a name that comes later', async () => {
    const deltas = [part(0, 'a', '', ''), part(0, '', 'weather', '{"city":'), part(0, 'x', undefined, '"Oslo"}')]
    expect(await callsOf(chatStream(deltas))).toEqual([{ id: 'a', name: 'weather', input: { city: 'Oslo' } }])
  })

  it('also if it is empty and its index has no call', async () => {
    const deltas = [whole(), part(1, '', '', ''), part(2, null, null, null)]
    expect(await callsOf(chatStream(deltas))).toEqual([one])
  })
})

describe.each(Object.entries(PROTOCOLS))('in a reply of %s', (name, { config, begin, piece, finish, whole: all }) => {
  const both = (...calls: readonly ReturnType<typeof weather>[]) => [
    sse(...begin, ...calls.flatMap((call, at) => piece(call, at)), ...finish),
    all(calls),
  ]

  it('one id with equal parameters is one call, streamed and whole', async () => {
    for (const body of both(weather(OSLO), weather(TURNED), weather(OSLO)))
      expect(await callsOf(body, config)).toEqual([one])
  })

  it('one id with other parameters, and equal parameters without an id, are two', async () => {
    for (const body of both(weather(OSLO), weather('{"city":"Rome"}')))
      expect(inputsOf(await callsOf(body, config))).toEqual([one.input, { city: 'Rome' }])
    for (const body of both(weather(OSLO, ''), weather(OSLO, '')))
      expect(inputsOf(await callsOf(body, config))).toEqual([one.input, one.input])
  })

  it('a call that has begun without parameters is not another one', async () => {
    for (const calls of [
      [weather('{}'), weather(OSLO)],
      [weather(OSLO), weather('{}')],
    ])
      for (const body of both(...calls)) expect(await callsOf(body, config)).toEqual([one])
    for (const body of both(weather('{}'), weather('{}'))) expect(inputsOf(await callsOf(body, config))).toEqual([{}])
  })

  if (name === 'chat' || name === 'responses')
    it('a repetition that is not complete belongs to the call', async () => {
      for (const body of both(weather(OSLO), weather('{"city":"Os'))) expect(await callsOf(body, config)).toEqual([one])
    })
})

it('an event that begins a message again, and a message after its end, change nothing', async () => {
  const { config, begin, piece, finish } = PROTOCOLS.anthropic
  const message = [...begin, ...piece({ text: 'I look.' }, 0), ...piece(weather(OSLO), 1), ...finish]
  const { generate } = await answering(sse(...message, ...message), 'text/event-stream', config)
  const { text, calls } = await generate({ tools: TOOLS }, { onDelta() {} })
  expect([text, calls]).toEqual(['I look.', [one]])
})
