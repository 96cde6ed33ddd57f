import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const here = (name: string) => new URL(name, import.meta.url).pathname

/** The messages of a program in which somebody types: each text to wait for, and the keys to press then. */
function typed(steps: readonly (readonly [until: string, keys: string])[]): unknown {
  const program = [process.execPath, here('keyboard-child.ts')]
  const { stdout, stderr } = spawnSync('python3', [here('keyboard.py'), JSON.stringify(steps), ...program], {
    encoding: 'utf8',
    timeout: 110_000,
  })
  const [, result] = /RESULT (.*)\r/.exec(stdout) ?? []
  if (result === undefined) throw new Error(`${stdout}\n${stderr}`)
  return JSON.parse(result)
}

const paste = (text: string) => `\u001b[200~${text}\u001b[201~`

it('reads a pasted text as one message, and lines that were typed ahead as messages of their own', () => {
  expect(
    typed([
      ['say> ', `${paste('one\rtwo\r\rthree')}!\r`],
      ['say> ', 'four\rfive\rsi'],
      ['say> ', 'x\r'],
      ['say> ', 'end\r'],
    ]),
  ).toEqual(['one\ntwo\n\nthree!', 'four', 'five', 'six'])
})

it('keeps what was typed before an interruption', () => {
  expect(
    typed([
      ['say> ', 'wait\r'],
      ['interrupted> ', paste('one\rtw')],
      // it is echoed, and shown again at the next reading
      ['w', ''],
      ['w', 'o\r'],
      ['say> ', 'end\r'],
    ]),
  ).toEqual(['wait', 'interrupted', 'one\ntwo'])
})
