import { expect, test } from 'vitest'
import type { ConversationEvent } from '../../src/client.ts'
import { type Live, liveAfter, liveAfterPause } from '../../ui/chat/live.ts'

type Body = ConversationEvent['body']

const piece = (text: string, at: number) => ({ type: 'text-delta', round: 1, text, at }) as Body
const after = (...bodies: readonly Body[]) => bodies.reduce<Live>(liveAfter, { text: '', needs: [] })

test('the text of an answer grows, and says when it begins again after its process has ended', () => {
  const half = after(piece('', 0), piece('At ', 0), piece('nine', 3))
  expect(half).toEqual({ text: 'At nine', needs: [] })
  // the next process asks the model again
  const begun = liveAfter(half, piece('', 0))
  expect(begun).toMatchObject({ text: '', isAgain: true })
  expect([piece('At ', 0), piece('ten', 3)].reduce(liveAfter, begun)).toMatchObject({ text: 'At ten', isAgain: true })
})

test('no piece is shown behind one that was missed', () => {
  expect(after(piece('At ', 0), piece('sharp', 8)).text).toBe('At ')
  expect(after(piece('sharp', 8)).text).toBe('')
})

test('half of a text is gone when nobody has followed it for a while: another process may write another one', () => {
  const back = liveAfterPause(after(piece('At ', 0), piece('nine', 3)))
  expect([back.text, liveAfter(back, piece('ten', 3)).text]).toEqual(['', ''])
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
