import { describe, expect, it } from 'vitest'
import { createSpokenText, spokenOf } from '../../../src/model/reply/spoken.ts'
import { fc } from '../../property.ts'
import { threadTime } from '../../thread-time.ts'
import { answering, TOOLS } from '../provider/answering.ts'
import { chunk, PROTOCOLS, sse } from '../provider/protocols.ts'

const CASES: readonly (readonly [string, string])[] = [
  ['Seen.', 'Seen.'],
  ['  Seen. ', '  Seen. '],
  ['<think>I look.</think>Seen.', 'Seen.'],
  ['\n<think>\nI look.\n</think>\n\nSeen.\n', 'Seen.\n'],
  ['<thinking>I look.</thinking> Seen.', 'Seen.'],
  ['<think></think>\nSeen.', 'Seen.'],
  ['<think>I `</x>` look.</think>Seen.', 'Seen.'],
  ['I look.</think>Seen.', 'Seen.'],
  ['I look.\n\n</think>\n\nSeen.', 'Seen.'],
  ['</think>Seen.', 'Seen.'],
  ['Well.\n<think>I look.</think>\nSeen.', 'Well.\n\nSeen.'],
  ['<think>I look.</think>One.\n<think>Again.</think>Two.', 'One.\nTwo.'],
  // a thought that has no end
  ['<think>I look', ''],
  ['Write\n<think> before it.', 'Write\n<think> before it.'],
  // words about the tags
  ['Write `</think>` after it.', 'Write `</think>` after it.'],
  ['Write <think> and </b>.', 'Write <think> and </b>.'],
  ['```\n<think>a</think>\n```\nThat is it.', '```\n<think>a</think>\n```\nThat is it.'],
  ['{"text":"a</think>b"}', '{"text":"a</think>b"}'],
  ['<thin>a</thin>', '<thin>a</thin>'],
]

/** What a listener has in the end. */
function heardOf(pieces: readonly string[]): string {
  const spoken = createSpokenText()
  const heard = pieces.reduce((before, piece) => {
    const { text, isAgain } = spoken.push(piece)
    return isAgain ? text : before + text
  }, '')
  return heard + spoken.end()
}

describe('the answer in a text', () => {
  it.each(CASES)('%j is %j', (text, answer) => {
    expect(spokenOf(text)).toBe(answer)
  })

  it('reads each piece of a long thought once', () => {
    const spoken = createSpokenText()
    spoken.push('Well.\n<think>')
    const begun = threadTime()
    for (let piece = 0; piece < 100_000; piece++) spoken.push('I look. ')
    expect(threadTime() - begun).toBeLessThan(1000)
    expect(spoken.push('</thi').text + spoken.push('nk>Seen.').text + spoken.end()).toBe('Seen.')
  })

  it('is the same however the text comes in pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CASES),
        fc.array(fc.nat({ max: 40 }), { maxLength: 8 }),
        ([text, answer], places) => {
          const ends = [...new Set(places)].filter((at) => at < text.length).toSorted((one, other) => one - other)
          const pieces = [0, ...ends].map((at, place) => text.slice(at, ends[place] ?? text.length))
          expect(heardOf(pieces)).toBe(answer)
        },
      ),
    )
    for (const [text, answer] of CASES) expect(heardOf([...text])).toBe(answer)
  })
})

describe('a reply with thoughts between tags', () => {
  const call = { id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }
  const stream = (text: string, ...more: readonly object[]) =>
    sse(...[...text].map((content) => chunk({ content })), ...more, ...PROTOCOLS.chat.finish)

  it('tells its listener and its caller the answer alone', async () => {
    for (const text of ['<think>I look.</think>Seen.', 'I look.</think>Seen.']) {
      const heard: string[] = []
      const { generate } = await answering(stream(text), 'text/event-stream')
      const reply = await generate({}, { onDelta: (piece) => heard.push(piece), onRestart: () => void heard.splice(0) })
      expect([reply.text, heard.join('')]).toEqual(['Seen.', 'Seen.'])
      const { generate: whole } = await answering(PROTOCOLS.chat.whole([{ text }]))
      expect((await whole()).text).toBe('Seen.')
    }
  })

  it('goes back as it came, and shows the answer alone', async () => {
    const text = '<think>I look.</think>I ask.'
    const { generate } = await answering(
      stream(text, chunk({ tool_calls: [{ index: 0, ...call }] })),
      'text/event-stream',
    )
    const { said } = await generate({ tools: TOOLS }, { onDelta() {} })
    expect(said![0]).toEqual({ type: 'text', text: 'I ask.', whole: text })
  })
})
