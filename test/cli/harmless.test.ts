import { createColors } from 'picocolors'
import { afterEach, expect, it, vi } from 'vitest'
import { harmless } from '../../src/cli/harmless.ts'
import { processTerminal } from '../../src/cli/terminal.ts'

it.each([
  ['\u001b]0;renamed\u0007', '␛]0;renamed␇'],
  ['\u001b[2J\u001b[1;1H', '␛[2J␛[1;1H'],
  ['\u001b[8mhidden', '␛[8mhidden'],
  ['\u001b[31;40mhidden', '␛[31;40mhidden'],
  ['pay 1000\rpay 1', 'pay 1000␍pay 1'],
  ['a\u0008\u007f\u0000', 'a␈␡␀'],
  ['\u009b2J\u0090q', '�2J�q'],
  ['\u0007[1m', '␇[1m'],
])('%j does nothing to a terminal', (given, shown) => {
  expect(harmless(given)).toBe(shown)
})

it.each(['Ünïcode 👩‍🚀 \u200f', 'two\nlines\r\nand\ta tab', ''])('%j is shown as it is', (text) => {
  expect(harmless(text)).toBe(text)
})

it('leaves the colours of these commands', () => {
  const { bold, dim, red, green, yellow, cyan } = createColors(true)
  const text = bold(`a${dim('b')}${red('c')}`) + green('d') + yellow('e') + cyan('f')
  expect(harmless(text)).toBe(text)
})

afterEach(() => vi.restoreAllMocks())

it.each([
  [true, '␇ rings\n'],
  [undefined, '\u0007 rings\n'],
])('what is for a screen is harmless, and data for programs as it is (screen: %j)', (isTTY, written) => {
  const told: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  const before = process.stdout.isTTY
  Object.assign(process.stdout, { isTTY })
  try {
    const terminal = processTerminal()
    terminal.out('\u0007 rings')
    terminal.say('\u0007 rings')
  } finally {
    Object.assign(process.stdout, { isTTY: before })
  }
  expect(told).toEqual([written, '␇ rings\n'])
})
