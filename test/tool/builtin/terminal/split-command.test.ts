import { describe, expect, it } from 'vitest'
import { findShellSyntax, splitCommand } from '../../../../src/tool/builtin/terminal/split-command.ts'
import { secondsFor } from '../../../template/fixture.ts'
import { threadTime } from '../../../thread-time.ts'

describe('a command without shell syntax', () => {
  it.each<[string, string[]]>([
    ['echo ok', ['echo', 'ok']],
    ['  echo \t two   words ', ['echo', 'two', 'words']],
    [`echo 'a  b' "c 'd'" e' f'g`, ['echo', 'a  b', "c 'd'", 'e fg']],
    ['echo "say \\"hi\\" \\\\ \\n"', ['echo', 'say "hi" \\ \\n']],
    ['echo a\\ b \\$HOME \\*', ['echo', 'a b', '$HOME', '*']],
    [`echo '$HOME' '*.md' '|' ';' "a|b" "*"`, ['echo', '$HOME', '*.md', '|', ';', 'a|b', '*']],
    [`echo "" ''`, ['echo', '', '']],
    ['echo "\\$HOME costs 5$"', ['echo', '$HOME costs 5$']],
    ['echo 5$ a#b a~ x=1 {a} 100% a^b hi!', ['echo', '5$', 'a#b', 'a~', 'x=1', '{a}', '100%', 'a^b', 'hi!']],
    ['ls \\\n  -la a\\\nb "c\\\nd" \'e\\\nf\'', ['ls', '-la', 'ab', 'cd', 'e\\\nf']],
    ['echo "c\\\\\nd"', ['echo', 'c\\\nd']],
    ['test a[ -f x', ['test', 'a[', '-f', 'x']],
    ['[ -f x ]', ['[', '-f', 'x', ']']],
    [`git commit -m "it's done"`, ['git', 'commit', '-m', "it's done"]],
    ['', []],
  ])('%s', (command, words) => {
    expect(splitCommand(command)).toEqual({ words })
  })
})

describe('a command with shell syntax', () => {
  it.each([
    ['ls | wc', '|'],
    ['a || b', '||'],
    ['a && b', '&&'],
    ['a & b', '&'],
    ['a; b', ';'],
    ['a > b', '>'],
    ['a >> b', '>>'],
    ['a 2>&1', '>'],
    ['a < b', '<'],
    ['(a)', '('],
    ['ls *.md', '*'],
    ['ls a?', '?'],
    ['ls [ab].md', '['],
    ['ls ~/x', '~'],
    ['echo $HOME', '$'],
    [`echo $${'{HOME}'}`, '$'],
    ['echo $(id)', '$'],
    ['echo $?', '$'],
    ['echo "in $HOME"', '$'],
    ['echo "in `id`"', '`'],
    ['echo "\\\\$HOME"', '$'],
    ['echo `id`', '`'],
    ['echo a # note', '#'],
    ['a\nb', 'a line break'],
    ['KEY=1 node x', 'KEY='],
    ['cd x', 'cd'],
    ['exit 3', 'exit'],
    ['for', 'for'],
  ])('%s: %s', (command, syntax) => {
    expect(splitCommand(command)).toEqual({ syntax })
  })
})

it.each([
  [`echo 'a`, 6],
  ['echo "a', 6],
  ['echo "a\\"', 6],
  ['echo a\\', 7],
])('%s is refused at character %i', (command, column) => {
  expect(() => splitCommand(command)).toThrow(
    expect.objectContaining({ name: 'InvalidError', place: { path: 'command', column } }),
  )
})

it.each([
  ['quotes that stay open', '"\\'.repeat(50_000)],
  ['a long quoted text', `"${'a\\"'.repeat(30_000)}"`],
  ['brackets', '['.repeat(100_000)],
  ['backslashes', '\\'.repeat(100_001)],
  ['dollars', '$ '.repeat(50_000)],
])('takes time in proportion to the length: %s', (_, text) => {
  const started = threadTime()
  try {
    splitCommand(`echo ${text}`)
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidError' })
  }
  expect(threadTime() - started).toBeLessThan(1000)
})

it('looks through a command with templates that never end in proportion to its length', () => {
  expect(secondsFor(() => expect(findShellSyntax(`echo ${'{{'.repeat(100_000)}`)).toBeUndefined())).toBeLessThan(0.5)
  expect(findShellSyntax('echo {{ a }} | cat {# a ; b #} {{ c')).toBe('|')
})
