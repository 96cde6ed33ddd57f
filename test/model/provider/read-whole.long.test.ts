import { describe, expect, it } from 'vitest'
import type { ModelReply } from '../../../src/model/request/request.ts'
import { fc } from '../../property.ts'
import { answering, TOOLS } from './answering.ts'
import { type Piece, PROTOCOLS, type ReplyProtocol, sse } from './protocols.ts'

const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '"', '\\', 'è', '😀', '{', ':'), minLength: 1 })
/** Thoughts, a text and calls, as models give them. */
const pieces: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(
    fc.option(text, { nil: undefined }),
    fc.option(fc.constant('signed'), { nil: undefined }),
    text.filter((said) => said.trim() !== ''),
    fc.array(fc.record({ city: text, at: fc.nat() }), { maxLength: 2 }),
  )
  .map(([thought, signature, said, inputs]) => [
    ...(thought === undefined ? [] : [{ thought, ...(signature !== undefined && { signature }) }]),
    { text: said },
    ...inputs.map((input, at) => ({ id: `call_${at}`, name: 'weather', input: JSON.stringify(input) })),
  ])

const read = ({ text: said, calls = [], said: parts = [] }: ModelReply) => ({
  text: said,
  thoughts: parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join(''),
  calls,
})
const expected = (all: readonly Piece[]) => {
  const calls = all.flatMap((one) => ('name' in one ? [one] : []))
  return {
    text: all.map((one) => ('text' in one ? one.text : '')).join(''),
    // thoughts go back with calls only
    thoughts: calls.length > 0 ? all.map((one) => ('thought' in one ? one.thought : '')).join('') : '',
    calls: calls.map(({ id, name, input }) => ({ id, name, input: JSON.parse(input) })),
  }
}

describe.each(Object.entries(PROTOCOLS))('a reply of %s', (_, protocol: ReplyProtocol) => {
  const { config, begin, piece, finish, unknown } = protocol

  it('is the same however its stream is cut, and whatever unknown events are in it', async () => {
    const bytes = fc.integer({ min: 1, max: 400 })
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.integer({ min: 1, max: 9 }),
        bytes,
        fc.infiniteStream(fc.nat()),
        async (all, size, cut, dice) => {
          const events = [...begin, ...all.flatMap((one, at) => piece(one, at, size)), ...finish]
          const mixed = events.map((one) => {
            const odd = dice.next().value % (unknown.length + 1)
            return `${unknown[odd] ?? ''}${sse(one)}`
          })
          const { generate, close } = await answering(mixed.join(''), 'text/event-stream', config, cut)
          const reply = await generate({ tools: TOOLS }, { onDelta() {} })
          await close()
          expect(read(reply)).toEqual(expected(all))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('that comes whole is the same, with unknown parts in it', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (all) => {
        const { generate, close } = await answering(protocol.whole(all), undefined, config)
        const reply = await generate({ tools: TOOLS })
        await close()
        expect(read(reply)).toEqual(expected(all))
      }),
      { numRuns: 20 },
    )
  })
})

describe('Anthropic', () => {
  const { config, begin, finish } = PROTOCOLS.anthropic
  const block = (content_block: object, ...deltas: readonly object[]) => [
    { type: 'content_block_start', index: 0, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
  ]
  const ask = async (...events: readonly object[]) => {
    const { generate } = await answering(sse(...begin, ...events, ...finish), 'text/event-stream', config)
    return generate({ tools: TOOLS }, { onDelta() {} })
  }

  it('may say the first words of a block where it begins', async () => {
    const said = await ask(...block({ type: 'text', text: 'Do not ' }, { type: 'text_delta', text: 'open the lock.' }))
    expect(said.text).toBe('Do not open the lock.')
  })

  it.each([
    ['whole, with no delta', { city: 'Oslo' }, []],
    ['whole, and again in deltas', { city: 'Oslo' }, ['{"city":', '"Oslo"}']],
    ['as a text', '{"city":"Oslo"}', []],
    ['in part', '{"city":', ['"Oslo"}']],
    ['not at all', undefined, ['{"city":"Oslo"}']],
  ])('may give the parameters of a call where it begins (%s)', async (_, input, parts) => {
    const deltas = parts.map((partial_json) => ({ type: 'input_json_delta', partial_json }))
    const { calls } = await ask(...block({ type: 'tool_use', id: 'a', name: 'weather', input }, ...deltas))
    expect(calls).toEqual([{ id: 'a', name: 'weather', input: { city: 'Oslo' } }])
  })

  it('may say blocks where the message begins, also if they come again', async () => {
    const early = [{ type: 'text', text: 'Well.' }]
    const message = { id: 'm', type: 'message', role: 'assistant', model: 'small', content: early, usage: {} }
    const start = { type: 'message_start', message }
    for (const events of [[], block({ type: 'text', text: 'Well.' })]) {
      const body = sse(start, ...events, ...finish)
      const { generate } = await answering(body, 'text/event-stream', config)
      expect((await generate({}, { onDelta() {} })).text).toBe('Well.')
    }
  })

  it.each([undefined, null, ''])('gives thoughts without a signature (%j), which do not go back', async (signature) => {
    const content = [
      { type: 'thinking', thinking: 'I look.', signature },
      { type: 'tool_use', id: 'a', name: 'weather', input: {} },
    ]
    const { generate } = await answering({ ...PROTOCOLS.anthropic.whole([]), content }, undefined, config)
    const { said } = await generate({ tools: TOOLS })
    expect(said![0]).toEqual({ type: 'reasoning', text: 'I look.' })
  })
})

describe('Responses', () => {
  const { config, begin, finish, piece } = PROTOCOLS.responses
  const all = [{ thought: 'I look.' }, { text: 'Well.' }, { id: 'a', name: 'weather', input: '{}' }]
  const output = PROTOCOLS.responses.whole(all)
  const completed = { type: 'response.completed', response: output }

  it.each([
    ['its last event alone', [completed]],
    ['its last event as well', [...all.flatMap((one, at) => piece(one, at)), completed]],
    [
      'the end of a text',
      [
        { type: 'response.output_text.done', item_id: 'msg_0', output_index: 0, text: 'Well.' },
        ...piece(all[2]!, 2),
        ...finish,
      ],
    ],
  ])('are read from %s', async (_, events) => {
    const { generate } = await answering(sse(...begin, ...events), 'text/event-stream', config)
    const reply = await generate({ tools: TOOLS }, { onDelta() {} })
    expect(reply).toMatchObject({ text: 'Well.', calls: [{ id: 'a', input: {} }] })
  })
})

it('an event that says an error in another form is an error', async () => {
  for (const error of [
    { object: 'error', message: 'too long', code: 40303 },
    { type: 'error', message: 'too long' },
    { detail: 'too long' },
  ]) {
    const { generate } = await answering(sse(...PROTOCOLS.chat.begin, error), 'text/event-stream')
    await expect(generate({}, { onDelta() {} })).rejects.toThrow('too long')
  }
})
