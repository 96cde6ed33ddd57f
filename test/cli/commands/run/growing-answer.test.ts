import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { growingAnswer } from '../../../../src/cli/commands/run/chat/growing-answer.ts'
import { formsOver } from '../../../../src/cli/terminal/forms.ts'

const colors = picocolors.createColors(false)

/** A terminal that records what it shows: lines, and the text above the keyboard. */
function recorded(outLive = true) {
  const shown: string[] = []
  const write = (text: string) => void shown.push(text)
  const screen = {
    folder: '/',
    environment: {},
    live: true,
    rows: 4,
    columns: 20,
    colors,
    outLive,
    outColors: colors,
    out: write,
    data: write,
    say: write,
    preview: (text: string) => void shown.push(`^${text}`),
  }
  return { terminal: { ...screen, ...formsOver(screen) }, shown }
}

const delta = (text: string, at: number) => ({ type: 'text-delta', round: 1, text, at })
const round = (text: string) => ({ type: 'round', round: 1, text, calls: [] })

it('prints each line when it is complete, and the answer only once', () => {
  const { terminal, shown } = recorded()
  const growing = growingAnswer(terminal)
  for (const [text, at] of [['Good ', 0] as const, ['day.\nIt ', 5] as const, ['rains.', 13] as const])
    growing.take(delta(text, at))
  expect(growing.take(round('Good day.\nIt rains.'))).toEqual(round(''))
  expect(shown).toEqual(['^Good ', '^', 'Good day.', '^It ', '^It rains.', '^', 'It rains.'])
  expect(growing.wasShown('Good day.\nIt rains.')).toBe(true)
  // the same answer to another message
  expect(growing.wasShown('Good day.\nIt rains.')).toBe(false)
})

it('begins again with a text that begins again', () => {
  const { terminal, shown } = recorded()
  const growing = growingAnswer(terminal)
  growing.take(delta('One\nTw', 0))
  growing.take({ type: 'text-restart', round: 1, reason: 'the stream broke' })
  growing.take(delta('Three', 0))
  growing.take(round('Three'))
  expect(shown).toEqual(['^', 'One', '^Tw', 'The model begins this answer again.', '^', '^Three', '^', 'Three'])
})

it.each([
  ['came too late for the beginning', delta('end.', 8)],
  ['differs from the recorded one', delta('Begun', 0)],
])('leaves the whole answer to its reply if the text %s', (_, body) => {
  const { terminal } = recorded()
  const growing = growingAnswer(terminal)
  growing.take(body)
  expect(growing.take(round('Begin to end.'))).toEqual(round('Begin to end.'))
  expect(growing.wasShown('Begin to end.')).toBe(false)
})

it('shows the end of a line that is longer than half of the screen', () => {
  const { terminal, shown } = recorded()
  growingAnswer(terminal).take(delta(`${'x'.repeat(60)}end`, 0))
  expect(shown).toEqual([`^…${'x'.repeat(35)}end`])
})

it('shows nothing if answers go into a file', () => {
  const { terminal, shown } = recorded(false)
  const growing = growingAnswer(terminal)
  growing.take(delta('Good day.\n', 0))
  expect(growing.take(round('Good day.\n'))).toEqual(round('Good day.\n'))
  expect(shown).toEqual([])
})
