import { afterEach, expect, it, vi } from 'vitest'
import { escapeControls, indentLines, jsonText, sealedColors, singleLine } from '../../../src/cli/terminal/escape.ts'
import { formsOver } from '../../../src/cli/terminal/forms.ts'
import { processTerminal } from '../../../src/cli/terminal/terminal.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { runHere } from '../here.ts'
import { REAL } from '../programs.ts'

it.each([
  ['\u001b]0;renamed\u0007', '␛]0;renamed␇'],
  ['\u001b[2J\u001b[1;1H', '␛[2J␛[1;1H'],
  ['\u001b[8mhidden', '␛[8mhidden'],
  ['\u001b[31;40mhidden', '␛[31;40mhidden'],
  ['pay 1000\rpay 1', 'pay 1000␍pay 1'],
  ['a\u0008\u007f\u0000', 'a␈␡␀'],
  ['\u009b2J\u0090q', '�2J�q'],
  ['\u0007[1m', '␇[1m'],
  ['a\u202efdp.exe', 'a\\u202efdp.exe'],
  ['rm\u2066 -rf\u2069', 'rm\\u2066 -rf\\u2069'],
  ['pay\u200bpal', 'pay\\u200bpal'],
  ['a\u2028b', 'a\\u2028b'],
  ['a\u{e0041}', 'a\\u{e0041}'],
  ['\u001b[32mcompleted\u001b[39m', '␛[32mcompleted␛[39m'],
])('%j does nothing to a terminal', (given, shown) => {
  expect(escapeControls(given)).toBe(shown)
})

it.each(['Ünïcode 👩‍🚀 שלום', 'two\nlines\r\nand\ta tab', ''])('%j is shown as it is', (text) => {
  expect(escapeControls(text)).toBe(text)
})

it('leaves the colours of these commands', () => {
  const { bold, dim, red } = sealedColors(true)
  expect(escapeControls(`${bold(`a${red('b')}`)}${dim('c')}`)).toBe(
    '\u001b[1ma\u001b[31mb\u001b[39m\u001b[22m\u001b[2mc\u001b[22m',
  )
  expect(escapeControls(dim(`a${dim('b')}c`))).toBe('\u001b[2ma\u001b[2mb\u001b[22m\u001b[2mc\u001b[22m')
  expect(sealedColors(false).red('a')).toBe('a')
})

it('foreign text cannot begin a line', () => {
  expect(singleLine('evil\r\n  Run x completed\u2028now')).toBe('evil Run x completed now')
  expect(indentLines('failed: a\nRun x completed\r\n  at b')).toBe('failed: a\n      Run x completed\n        at b')
})

it('JSON has no control character but the ends of its lines, and says the same', () => {
  const value = { a: '\u001b[2J\u009b2J\u007f\n\u202e\u200b', 'b\u0090\u2028': '\u{e0041}👩\u200d🚀' }
  const text = jsonText(value, 2)
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u200b\u2028\u{e0041}]/u)
  expect(JSON.parse(text)).toEqual(value)
})

afterEach(() => vi.restoreAllMocks())

it.each([
  [true, '␇ rings\\u202e\n'],
  [undefined, '\u0007 rings\u202e\n'],
])('lines are harmless also behind a pipe, and data for programs is as it is (screen: %j)', (isTTY, written) => {
  const told: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  const before = process.stdout.isTTY
  Object.assign(process.stdout, { isTTY })
  try {
    const terminal = processTerminal()
    terminal.data('\u0007 rings\u202e')
    terminal.out('\u0007 rings\u202e')
    terminal.say('\u0007 rings\u202e')
  } finally {
    Object.assign(process.stdout, { isTTY: before })
  }
  expect(told).toEqual([written, '␇ rings\\u202e\n', '␇ rings\\u202e\n'])
})

const screenOf = (lines: string[]) => {
  const out = (text: string) => void lines.push(text)
  return { out, outLive: false, outColors: sealedColors(false), columns: 80 }
}

it('rows of a table stay rows', () => {
  const lines: string[] = []
  formsOver(screenOf(lines)).table(['ID', 'NAME'], [['a\nFAKE', 'b']])
  expect(lines).toEqual(['ID      NAME', 'a FAKE  b'])
  const wide: string[] = []
  formsOver(screenOf(wide)).table(['ID', 'NAME'], [['a\u202e', 'b']])
  expect(wide).toEqual(['ID       NAME', 'a\\u202e  b'])
})

const EVIL = 'evil\\u001b]0;x\\u0007\\rFAKE one\\nFAKE two'

it('no command begins a line with a foreign name, title or message', async () => {
  const { folder, path, write, open } = openFolder()
  write(
    'evil.yaml',
    `name: "${EVIL}"\nsteps: [{ id: gate, tool: approval-gate, parameters: { title: "${EVIL}", content: "${EVIL}" } }]\n`,
  )
  const runtime = await open()
  await runtime.runs.start({ file: path('evil.yaml'), id: 'run_evil' })
  await until(async () => (await runtime.inbox.list()).length === 1)
  await runtime.runs.start({ file: path('evil.yaml'), id: 'run_bad' })
  await runtime.runs.cancel('run_bad', 'evil\u001b]0;x\u0007\rFAKE one\nFAKE two')
  await until(async () => (await runtime.runs.get('run_bad')).status === 'cancelled')
  await runtime.stop()
  const lines: string[] = []
  for (const args of COMMANDS) {
    const { out, err } = await runHere(REAL, args, { folder, environment: { ANTIPHON_MODEL: 'offline/extractive' } })
    lines.push(...`${out}${err}`.split(/[\r\n]+/))
  }
  expect(lines.filter((line) => line.includes('FAKE two')).length).toBeGreaterThan(4)
  expect(lines.filter((line) => /^\s{0,4}FAKE/.test(line))).toEqual([])
})

const COMMANDS = [
  ...[['runs'], ['inbox'], ['tree'], ['top'], ['actors', 'list'], ['resume', 'run_bad']],
  ...['run_evil', 'run_bad'].flatMap((run) => [
    ['why', run],
    ['logs', run],
  ]),
]
