import type { LanguageModelV4Message } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { FLEETING } from '../../../src/model/request/cache-marks.ts'
import { acceptedMessages } from '../../../src/model/wire/accept.ts'
import { createCallIds } from '../../../src/model/wire/call-ids.ts'
import { AS_IT_IS, rulesOf, type Wire } from '../../../src/model/wire/rules.ts'

const user = (...texts: readonly string[]): LanguageModelV4Message => ({
  role: 'user',
  content: texts.map((text) => ({ type: 'text', text })),
})
const answer = (text: string): LanguageModelV4Message => ({ role: 'assistant', content: [{ type: 'text', text }] })
const call = (thoughts?: string): LanguageModelV4Message => ({
  role: 'assistant',
  content: [
    ...(thoughts === undefined ? [] : [{ type: 'reasoning' as const, text: thoughts }]),
    { type: 'tool-call', toolCallId: 'a', toolName: 'look', input: {} },
  ],
})
const result: LanguageModelV4Message = {
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'look', output: { type: 'text', value: 'ok' } }],
}
const system: LanguageModelV4Message = { role: 'system', content: 'Be brief.' }
const rolesOf = (messages: readonly LanguageModelV4Message[]) => messages.map(({ role }) => role).join(' ')
const on = (wire: Wire, ...messages: readonly LanguageModelV4Message[]) => acceptedMessages(messages, rulesOf(wire))

describe('the messages of a request', () => {
  const all = [system, user('Go.'), user('Note.', 'Another.'), call('Hm.'), result, user('And this.')]

  it('are sent as they are without rules', () => {
    expect(acceptedMessages(all, AS_IT_IS)).toEqual(all)
    expect(on('anthropic', ...all)).toEqual(all)
  })

  it.each<Wire>(['mistral', 'compatible', 'strict'])('of %s alternate between user and assistant', (wire) => {
    const made = on(wire, ...all, user('More.'), answer('One.'), answer('Two.'), user('Bye.'))
    expect(rolesOf(made)).toBe('system user assistant tool assistant user assistant user')
    expect(made[1]).toEqual(user('Go.\n\nNote.\n\nAnother.'))
    expect(made[4]).toEqual(answer('I have the results.'))
    expect(made[5]).toEqual(user('And this.\n\nMore.'))
    expect(made[6]).toEqual(answer('One.\n\nTwo.'))
  })

  it('keep files when they become one', () => {
    const file = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AA==' } }
    const shown: LanguageModelV4Message = { role: 'user', content: [file, { type: 'text', text: 'Look.' }] }
    expect(on('compatible', shown, user('Well?'))).toEqual([
      { role: 'user', content: [file, { type: 'text', text: 'Look.\n\nWell?' }] },
    ])
  })

  it('become one text also if only this request shows one of them, but not if one has a mark for its provider', () => {
    const now = { type: 'text' as const, text: 'Now.', providerOptions: FLEETING }
    const marked = { type: 'text' as const, text: 'End.', providerOptions: { anthropic: { cacheControl: {} } } }
    const [made] = on('deepseek', { role: 'user', content: [{ type: 'text', text: 'Go.' }, now, marked] })
    expect(made?.content).toEqual([{ ...now, text: 'Go.\n\nNow.' }, marked])
  })

  it('begin as those of the request before', () => {
    const before = on('strict', ...all)
    expect(on('strict', ...all, call('Well.'), result).slice(0, before.length)).toEqual(before)
  })
})

describe('thoughts', () => {
  it('are left out where a server refuses them', () => {
    const noted: LanguageModelV4Message = {
      ...(call('Hm.') as Extract<LanguageModelV4Message, { role: 'assistant' }>),
      providerOptions: { openaiCompatible: { reasoning_content: 'Hm.', name: 'bot' } },
    }
    const thought: LanguageModelV4Message = { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm.' }] }
    expect(on('groq', thought, noted)).toEqual([{ ...call(), providerOptions: { openaiCompatible: { name: 'bot' } } }])
    expect(JSON.stringify(on('mistral', user('Go.'), call('Hm.')))).not.toContain('Hm.')
  })

  it('go back with each call where a server demands them, also if there were none', () => {
    const [, thinking, , silent] = on('deepseek', user('Go.'), call('Hm.'), result, call(), result)
    expect(thinking).toEqual(call('Hm.'))
    expect(silent).toEqual({ ...call(), providerOptions: { openaiCompatible: { reasoning_content: '' } } })
    expect(on('deepseek', answer('Done.'))).toEqual([answer('Done.')])
  })
})

describe('ids of calls', () => {
  it('have nine letters and digits where a server demands it, and stay the same', () => {
    const made = ['abcdefghi', 'toolu_01ABC', 'call_0', 'call_0', ''].map(createCallIds('nine'))
    expect(made[0]).toBe('abcdefghi')
    expect(made.every((id) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true)
    expect(new Set(made).size).toBe(5)
    expect(['abcdefghi', 'toolu_01ABC', 'call_0'].map(createCallIds('nine'))).toEqual(made.slice(0, 3))
  })

  it.each<[wire: Wire | undefined, model: string, form: string]>([
    ['mistral', 'lab/m', 'nine'],
    ['compatible', 'lab/m', 'nine'],
    ['openrouter', 'openrouter/mistralai/devstral-2', 'nine'],
    ['groq', 'groq/mistral-saba-24b', 'nine'],
    [undefined, 'bedrock/mistral.mistral-large', 'nine'],
    ['openrouter', 'openrouter/google/gemini-3', 'any'],
    ['deepseek', 'kimi/kimi-k2', 'any'],
  ])('on %s for %s are of the form %s', (wire, model, form) => {
    expect(rulesOf(wire, model).callIds).toBe(form)
  })
})
