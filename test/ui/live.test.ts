import { expect, test } from 'vitest'
import type { ConversationEvent } from '../../src/client.ts'
import { liveAfter, liveAfterPause, NOTHING_LIVE } from '../../ui/chat/live.ts'
import { shownText } from '../../ui/lib/written.ts'

type Body = ConversationEvent['body']

const piece = (text: string, at: number) => ({ type: 'text-delta', round: 1, text, at }) as Body
const after = (...bodies: readonly Body[]) => bodies.reduce(liveAfter, NOTHING_LIVE)

test('the text of an answer grows, and says when it begins again after its process has ended', () => {
  const half = after(piece('', 0), piece('At ', 0), piece('nine', 3))
  expect(half).toEqual({ text: 'At nine', from: 0, needs: [] })
  // the next process asks the model again
  const begun = liveAfter(half, piece('', 0))
  expect(begun).toMatchObject({ text: '', isAgain: true })
  expect([piece('At ', 0), piece('ten', 3)].reduce(liveAfter, begun)).toMatchObject({ text: 'At ten', isAgain: true })
})

test('behind a piece that was missed, the text goes on, and says that its beginning is missing', () => {
  for (const before of [[], [piece('At ', 0)]]) {
    const late = after(...before, piece('nine ', 8))
    expect([shownText(late), late.isAgain]).toEqual(['… nine ', undefined])
    expect(shownText(liveAfter(late, piece('sharp', 13)))).toBe('… nine sharp')
    expect(liveAfter(late, piece('We ', 0))).toMatchObject({ text: 'We ', from: 0, isAgain: true })
  }
})

test('half of a text is gone when nobody has followed it for a while: another process may write another one', () => {
  const back = liveAfterPause(after(piece('At ', 0), piece('nine', 3)))
  expect(back.text).toBe('')
  // it may also go on: the page shows what it gets, and nothing of before
  const on = liveAfter(back, piece('ten', 3))
  expect([shownText(on), on.isAgain]).toEqual(['… ten', undefined])
  const begun = liveAfter(back, piece('We ', 0))
  expect(begun).toMatchObject({ text: 'We ', isAgain: true })
  expect(liveAfter(begun, piece('open', 3))).toMatchObject({ text: 'We open', isAgain: true })
  // a text that nobody has read does not begin again
  expect(liveAfter(liveAfterPause(after()), piece('We ', 0)).isAgain).toBeUndefined()
  const ended = liveAfter(back, { type: 'round', round: 1, text: 'At ten' } as Body)
  expect(liveAfter(ended, piece('We ', 0)).isAgain).toBe(false)
})

test('it says so when the model was asked again, and no longer when the round has ended', () => {
  const restart = { type: 'text-restart', round: 1, reason: 'the model was asked again' } as Body
  expect(after(restart).isAgain).toBeUndefined()
  const again = after(piece('At', 0), restart)
  expect(again).toMatchObject({ text: '', isAgain: true })
  expect(liveAfter(again, { type: 'round', round: 1, text: 'At ten' } as Body)).toMatchObject({ isAgain: false })
})
