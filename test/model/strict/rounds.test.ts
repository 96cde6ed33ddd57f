import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { acceptableRounds } from '../../../src/model/call/acceptable-rounds.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { AssistantPart, ToolRound } from '../../../src/model/request/request.ts'
import { fc } from '../../property.ts'
import { asked, openStrictProvider, type Protocol, type StrictReply, wrote } from './server.ts'

const schema = { type: 'object', properties: { path: { type: 'string' } } }
const tools = ['filesystem_read', 'read_result'].map((name) => ({ name, description: 'Reads.', schema }))
const { signal } = new AbortController()

async function open(protocol: Protocol, replies: readonly StrictReply[] = []) {
  const provider = await openStrictProvider(protocol, replies)
  const type = protocol === 'openai' ? 'openai-compatible' : 'anthropic'
  const models = createModels(
    { model: 'lab/m', providers: { lab: { type, baseURL: provider.url, keyEnv: 'LAB_KEY' } } },
    { LAB_KEY: 'k' },
  )
  const ask = (rounds: readonly ToolRound[]) =>
    models.generate({ task: { kind: 'write' }, documents: [], instruction: 'Go.', tools, rounds }, { signal })
  return { ...provider, ask }
}

const call = (toolCallId: Json, toolName: Json, input: Json): AssistantPart => ({
  type: 'tool-call',
  toolCallId,
  toolName,
  input,
})
const result = (id: string, output: Json = 'ok') => ({ id, name: 'filesystem_read', output })
const refusal = (id: string) => ({ ...result(id, { refused: 'no' }), failed: true as const })

describe('rounds', () => {
  it('keep ids, names and parameters that every provider accepts', () => {
    const said = [{ type: 'text' as const, text: 'Well.' }, call('toolu_01Ab-c', 'filesystem_read', { path: 'a' })]
    const rounds = [{ told: ['Hello.'], said, results: [result('toolu_01Ab-c')] }]
    expect(acceptableRounds(rounds, tools)).toEqual(rounds)
  })

  it('have ids that are unique in the conversation, each with its own result', () => {
    const round = (output: string): ToolRound => ({
      said: [
        call('call_0', 'filesystem_read', {}),
        call('call_0', 'filesystem_read', {}),
        call('', 'filesystem_read', {}),
      ],
      results: [result('call_0', `${output}1`), result('call_0', `${output}2`), result('', `${output}3`)],
    })
    const both = acceptableRounds([round('a'), round('b')], tools)
    const ids = both.flatMap(({ said }) => said.map(({ toolCallId }) => toolCallId))
    expect(new Set(ids).size).toBe(6)
    expect(ids[0]).toBe('call_0')
    expect(both.flatMap(({ results }) => results.map(({ id }) => id))).toEqual(ids)
    expect(both.flatMap(({ results }) => results.map(({ output }) => output))).toEqual([
      'a1',
      'a2',
      'a3',
      'b1',
      'b2',
      'b3',
    ])
    // what was sent before stays as it was, so that a provider finds it in its cache
    expect(acceptableRounds([round('a')], tools)).toEqual(both.slice(0, 1))
  })

  it.each<[string, string]>([
    ['functions.filesystem_read', 'filesystem_read'],
    ['functions:filesystem_read', 'filesystem_read'],
    ['filesystem read', 'filesystem_read'],
    ['filesystem.read', 'filesystem_read'],
    ['Filesystem_Read', 'filesystem_read'],
    ['read_results', 'read_result'],
    ['', 'filesystem_read'],
    ['rm -rf / && ☃', 'filesystem_read'],
    ['__proto__', 'filesystem_read'],
  ])('name a tool that was offered where the model named %j', (name, meant) => {
    const [round] = acceptableRounds([{ said: [call('1', name, {})], results: [refusal('1')] }], tools)
    expect([round?.said[0]?.toolName, round?.results[0]?.name]).toEqual([meant, meant])
  })

  it('keep the name of a tool that was offered earlier', () => {
    const [round] = acceptableRounds([{ said: [call('1', 'gone', {})], results: [result('1')] }], tools)
    expect(round?.said[0]?.toolName).toBe('gone')
  })

  it('have no empty text, no message of thoughts alone, and no call or result alone', () => {
    const reasoning = { type: 'reasoning' as const, text: 'Hm.', providerOptions: { anthropic: { signature: 's' } } }
    const empty = { type: 'text' as const, text: ' \n' }
    expect(acceptableRounds([{ told: ['', ' '], said: [empty, reasoning], results: [result('9')] }], tools)).toEqual([
      { said: [], results: [] },
    ])
    const signed = { ...empty, providerOptions: { google: { thoughtSignature: 'x' } } }
    const said = [reasoning, signed, call('1', 'read_result', {})]
    const [kept] = acceptableRounds([{ said: [...said, call('2', 'read_result', {})], results: [result('1')] }], tools)
    expect(kept?.said).toEqual(said)
  })
})

const OFFERED = ['filesystem_read', 'read_result']
const anyJson = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
const anyText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'call_0',
    'filesystem_read',
    'functions.filesystem_read',
    'gone',
    '__proto__',
    '\ud83d',
    'ü'.repeat(90),
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
)
const anyPart = fc.oneof(
  fc.record({ type: fc.constantFrom('text' as const, 'reasoning' as const), text: anyText }),
  fc.record({
    type: fc.constant('tool-call' as const),
    toolCallId: anyText,
    toolName: anyText,
    input: fc.oneof(anyJson, fc.record({ path: anyText }), fc.constant(JSON.parse('{"__proto__":{"a":1}}') as Json)),
  }),
)
const anyRound = fc
  .record({ told: fc.array(anyText, { maxLength: 2 }), said: fc.array(anyPart, { maxLength: 4 }) })
  .chain(({ told, said }) =>
    fc.subarray(said.filter(({ type }) => type === 'tool-call')).chain((answered) =>
      fc.tuple(...answered.map(() => fc.tuple(anyJson, fc.boolean()))).map((outcomes) => ({
        told,
        said,
        results: answered.map((part, at) => {
          const [output, isRefused] = outcomes[at]!
          const id = (part as { toolCallId: string }).toolCallId
          // only tools that were offered at some time have made a call
          return isRefused || !OFFERED.includes((part as { toolName: string }).toolName)
            ? { ...refusal(id), output: { refused: output } }
            : result(id, output)
        }),
      })),
    ),
  )

describe.each(['openai', 'anthropic'] as const)('a strict provider that speaks as %s', (protocol) => {
  it('accepts whatever was recorded', async () => {
    const { ask, refusals } = await open(protocol)
    await fc.assert(
      fc.asyncProperty(fc.array(anyRound, { maxLength: 3 }), async (rounds) => {
        // a conversation ends with a person or a result
        await ask([...rounds, { said: [], results: [], told: ['Go on.'] }] as unknown as ToolRound[])
      }),
    )
    expect(refusals).toEqual([])
  })
})

describe('replies of a model', () => {
  const wrong: readonly (readonly [string, StrictReply])[] = [
    ['nothing as parameters', asked([{ id: 'a', name: 'filesystem_read', args: 'null' }])],
    ['a list', asked([{ id: 'a', name: 'filesystem_read', args: '["a.txt"]' }])],
    ['a text', asked([{ id: 'a', name: 'filesystem_read', args: '"a.txt"' }])],
    ['a number', asked([{ id: 'a', name: 'filesystem_read', args: '7' }])],
    ['broken JSON', asked([{ id: 'a', name: 'filesystem_read', args: '{"path":' }])],
    ['two objects', asked([{ id: 'a', name: 'filesystem_read', args: '{"path":"a"}{"path":"b"}' }])],
    ['no parameters', asked([{ id: 'a', name: 'filesystem_read', args: '' }])],
    ['a key twice', asked([{ id: 'a', name: 'filesystem_read', args: '{"path":"a","path":"b"}' }])],
    ['a prototype', asked([{ id: 'a', name: 'filesystem_read', args: '{"__proto__":{"x":1},"constructor":1}' }])],
    [
      '50,000 levels',
      asked([{ id: 'a', name: 'filesystem_read', args: `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}` }]),
    ],
    ['half a character', asked([{ id: 'a', name: 'filesystem_read', args: '{"path":"\\ud83d"}' }])],
    [
      'equal ids',
      asked(['x', 'y'].map((path) => ({ id: 'a', name: 'filesystem_read', args: JSON.stringify({ path }) }))),
    ],
    ['empty ids', asked([1, 2].map(() => ({ id: '', name: 'filesystem_read', args: '{}' })))],
    ['no ids', asked([1, 2].map(() => ({ name: 'filesystem_read', args: '{}' })))],
    ['an id that is null', asked([{ id: null, name: 'filesystem_read', args: '{}' }])],
    ['a long id', asked([{ id: 'x'.repeat(300), name: 'filesystem_read', args: '{}' }])],
    ['an odd id', asked([{ id: 'functions.filesystem_read:0 ☃', name: 'filesystem_read', args: '{}' }])],
    ['an empty name', asked([{ id: 'a', name: '', args: '{}' }])],
    ['a name with a prefix', asked([{ id: 'a', name: 'functions.filesystem_read', args: '{}' }])],
    ['a name with spaces', asked([{ id: 'a', name: 'read the file', args: '{}' }])],
    ['an empty text', asked([{ id: 'a', name: 'filesystem_read', args: '{}' }], 'tool_calls', '')],
  ]

  it.each(wrong)('with %s goes back twice in a form that is accepted', async (_, reply) => {
    const { ask, refusals, bodies } = await open('openai', [reply, reply])
    const rounds: ToolRound[] = []
    for (let round = 1; round <= 3; round++) {
      const { calls = [], said = [] } = await ask(rounds)
      rounds.push({
        said,
        results: calls.map(({ id, name }) => (name === 'filesystem_read' ? { id, name, output: 'ok' } : refusal(id))),
      })
    }
    expect(refusals).toEqual([])
    const { messages } = JSON.parse(bodies[2]!) as { messages: { role: string }[] }
    expect(messages.filter(({ role }) => role === 'tool').length).toBeGreaterThanOrEqual(2)
  })

  it('to Anthropic with an odd input goes back in a form that is accepted', async () => {
    const use = (input: unknown, id = 'toolu_1') =>
      wrote([{ type: 'tool_use', id, name: 'filesystem_read', input }], 'tool_use')
    const { ask, refusals } = await open('anthropic', [use({}), use({ path: '\ud83d' }), use(['a'])])
    const rounds: ToolRound[] = []
    for (let round = 1; round <= 4; round++) {
      const { calls = [], said = [] } = await ask(rounds)
      rounds.push({ said, results: calls.map(({ id, name }) => ({ id, name, output: 'x\ud83d'.slice(0, 2) })) })
    }
    expect(refusals).toEqual([])
  })

  it('is cut in no call whose parameters are whole', async () => {
    const whole = { id: 'a', name: 'filesystem_read', args: '{"path":"a"}' }
    const calls = async (reply: StrictReply, protocol: Protocol = 'openai') =>
      (await (await open(protocol, [reply])).ask([])).calls?.map(({ cut = false }) => cut)
    expect(await calls(asked([whole, { ...whole, id: 'b', args: '{"path":"a' }], 'length'))).toEqual([false, true])
    expect(await calls(asked([whole, { ...whole, id: 'b', args: '' }], 'length'))).toEqual([false, true])
    expect(await calls(asked([{ ...whole, id: 'b', args: '' }, whole], 'length'))).toEqual([false, false])
    expect(await calls(asked([whole, { ...whole, id: 'b', args: '{"path":"a' }]))).toEqual([false, false])
    // Anthropic gives the parameters that it has as an object
    const use = { type: 'tool_use', name: 'filesystem_read', input: { path: 'a' } }
    expect(
      await calls(
        wrote(
          [
            { ...use, id: 'a' },
            { ...use, id: 'b' },
          ],
          'max_tokens',
        ),
        'anthropic',
      ),
    ).toEqual([false, true])
  })
})
