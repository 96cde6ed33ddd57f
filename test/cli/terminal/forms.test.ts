import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { fitColumns, formsOver } from '../../../src/cli/terminal/forms.ts'
import type { Terminal } from '../../../src/cli/terminal/terminal.ts'

const HEAD = ['TOOL', 'EFFECT', '']
const ROWS = [
  ['filesystem:read', 'pure', 'Reads a file as text'],
  ['terminal', 'at-most-once', 'Runs a command'],
]

function printed(shown: Partial<Terminal>, isFailed?: (row: readonly string[]) => boolean): readonly string[] {
  const lines: string[] = []
  const outColors = picocolors.createColors(false)
  const terminal = { columns: 40, outLive: true, outColors, out: (text: string) => void lines.push(text), ...shown }
  formsOver(terminal).table(HEAD, ROWS, isFailed)
  return lines
}

it('a table fits the width of the screen: the widest columns are cut', () => {
  expect(printed({})).toEqual([
    'TOOL          EFFECT',
    'filesystem:…  pure          Reads a fil…',
    'terminal      at-most-once  Runs a comm…',
  ])
})

it('a file or another program gets the whole table', () => {
  expect(printed({ outLive: false })[1]).toBe('filesystem:read  pure          Reads a file as text')
})

it('only rows that failed are red', () => {
  const outColors = picocolors.createColors(true)
  const lines = printed({ outColors }, ([tool]) => tool === 'terminal')
  expect(lines.map((line) => line.includes('\u001b[31m'))).toEqual([false, false, true])
})

it.each([
  [[10, 20, 30], 100, [10, 20, 30]],
  [[10, 20, 30], 54, [10, 20, 20]],
  [[10, 20, 30], 44, [10, 15, 15]],
  [[30, 30], 10, [8, 8]],
])('columns of %j in %i are %j', (natural, room, widths) => {
  expect(fitColumns(natural, room)).toEqual(widths)
})
