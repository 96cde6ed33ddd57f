import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { FLEETING, marksInParts, withCacheMarks } from '../../../src/model/request/cache-marks.ts'

type Tools = NonNullable<LanguageModelV4CallOptions['tools']>
type Said = Extract<LanguageModelV4Message, { role: 'assistant' }>
const tools: Tools = ['a', 'b'].map((name) => ({ type: 'function', name, inputSchema: {} }))
const system = { role: 'system' as const, content: 'Help.' }
const user = (...texts: readonly string[]): LanguageModelV4Message => ({
  role: 'user',
  content: texts.map((text) => ({ type: 'text', text })),
})
const said = (...content: Said['content']): Said => ({ role: 'assistant', content })
const text = (text: string) => ({ type: 'text' as const, text })
const call = (id: string) => ({ type: 'tool-call' as const, toolCallId: id, toolName: 'a', input: {} })
const result = (id: string) => ({
  type: 'tool-result' as const,
  toolCallId: id,
  toolName: 'a',
  output: { type: 'text' as const, value: 'ok' },
})
const many = <T>(count: number, make: (id: string) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(`c${at}`))

/** The places of the marks: `tool 1`, `system`, and message.part. */
function marksOf(prompt: readonly LanguageModelV4Message[], offered: Tools = tools, kept: '5m' | '1h' = '5m') {
  const marked = withCacheMarks({ prompt: [...prompt], tools: offered }, kept)
  type Noted = { readonly providerOptions?: { readonly anthropic?: { readonly cacheControl?: unknown } } }
  const mark = (value: object) => (value as Noted).providerOptions?.anthropic?.cacheControl
  return [
    ...marked.tools.flatMap((tool, at) => (mark(tool) ? `tool ${at}` : [])),
    ...marked.prompt.flatMap((message, at) => {
      if (message.role === 'system') return mark(message) ? 'system' : []
      return message.content.flatMap((part, place) => (mark(part) ? `${at}.${place}` : []))
    }),
  ]
}

describe('cache marks of a request', () => {
  it('stand at the end of the tools, of the instructions and of the last two messages', () => {
    expect(marksOf([system, user('1')])).toEqual(['tool 1', 'system', '1.0'])
    const messages = [system, user('1', '2'), said(text('well'), call('x')), { role: 'tool', content: [result('x')] }]
    expect(marksOf(messages as LanguageModelV4Message[])).toEqual(['tool 1', 'system', '2.1', '3.0'])
    expect(marksOf([user('1'), said(text('2')), user('3')], [])).toEqual(['1.0', '2.0'])
  })

  it('never stand at a thought, a blank text or a part that only this request shows', () => {
    const now = { type: 'text' as const, text: 'the state', providerOptions: FLEETING }
    const thought = { type: 'reasoning' as const, text: 'hm' }
    const messages: LanguageModelV4Message[] = [
      system,
      user('1'),
      said(text('2'), thought, text(' ')),
      { role: 'user', content: [text('3'), now] },
      { role: 'user', content: [now] },
    ]
    expect(marksOf(messages)).toEqual(['tool 1', 'system', '2.0', '3.0'])
    expect(marksOf([system, user('1'), said(call('x')), { role: 'user', content: [now] }])).toEqual([
      'tool 1',
      'system',
      '1.0',
      '2.0',
    ])
  })

  it('stand at the end of the request before, if the provider would not find it from the others', () => {
    const rounds = (count: number): LanguageModelV4Message[] => [
      system,
      user('1'),
      said(...many(count, call)),
      { role: 'tool', content: many(count, result) },
    ]
    expect(marksOf(rounds(10))).toEqual(['tool 1', 'system', '2.9', '3.9'])
    expect(marksOf(rounds(25))).toEqual(['system', '1.0', '2.24', '3.24'])
  })

  it('stand beside the notes of a provider, and last an hour on request', () => {
    const noted = {
      ...text('2'),
      providerOptions: { anthropic: { signature: 's' }, google: { thoughtSignature: 't' } },
    }
    const [, marked] = withCacheMarks({ prompt: [user('1'), said(noted), user('3')] }, '1h').prompt
    expect(marked).toMatchObject({
      content: [
        {
          providerOptions: {
            anthropic: { signature: 's', cacheControl: { type: 'ephemeral', ttl: '1h' } },
            google: { thoughtSignature: 't' },
          },
        },
      ],
    })
  })
})

it('marks of the chat protocol stand at the parts of a content, and never at a message without text', () => {
  const mark = { type: 'ephemeral' }
  const messages = [
    { role: 'system', content: 'Help.', cache_control: mark },
    { role: 'user', content: [text('1'), text('2')] },
    { role: 'assistant', content: null, tool_calls: [], cache_control: mark },
    { role: 'tool', content: 'ok', cache_control: mark },
  ]
  expect(marksInParts(messages)).toEqual([
    { role: 'system', content: [{ ...text('Help.'), cache_control: mark }] },
    { role: 'user', content: [text('1'), { ...text('2'), cache_control: mark }] },
    { role: 'assistant', content: null, tool_calls: [] },
    { role: 'tool', content: [{ ...text('ok'), cache_control: mark }] },
  ])
  const plain = messages.slice(1, 2)
  expect(marksInParts(plain)).toBe(plain)
})
