import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { inspectCommand, parseTemplate, renderCommand, renderTemplate } from '../../../src/template/template.ts'
import { splitCommand } from '../../../src/tool/builtin/terminal/split-command.ts'
import { fc, TIMES } from '../../property.ts'

const scopeOf = (names: object) => ({ get: (name: string) => (names as Record<string, unknown>)[name] })
const command = (text: string, names: object) => renderCommand(parseTemplate(text), scopeOf(names))

const SPECIAL = [
  'a',
  ' ',
  "'",
  '"',
  '\\',
  '$',
  '`',
  '$(exit 7)',
  '\n',
  ';',
  '|',
  '&&',
  '#',
  '*',
  '~',
  '!',
  '{',
  '}',
  '-',
  'é',
  '😀',
]
const PLACES: readonly (readonly [template: string, expected: (value: string) => string])[] = [
  ['{{ v }}', (v) => v],
  ['a{{ v }}b', (v) => `a${v}b`],
  ['"{{ v }}"', (v) => v],
  ["'{{ v }}'", (v) => v],
  ['"it is \\"{{ v }}\\""', (v) => `it is "${v}"`],
  ['x="{{ v }}"\'{{ v }}\'{{ v }}', (v) => `x=${v}${v}${v}`],
  ['{% if true %}"{{ v }}"{% endif %}', (v) => v],
  ['{% set w %}<{{ v }}>{% endset %}{{ w }}', (v) => `<${v}>`],
  ['{{ v | quote }}', (v) => v],
]

describe('a value in a command line', () => {
  test.each(PLACES)('is one argument to a real shell and to our own split: %s', (template, expected) => {
    const value = fc.array(fc.constantFrom(...SPECIAL), { maxLength: 8 }).map((parts) => parts.join(''))
    const values = fc.sample(value, 60 * TIMES)
    const lines = values.map((v) => command(template, { v }))
    // one shell reads all of them: each prints its arguments and a mark
    const script = lines.map((line) => `printf '%s\\0' ${line}; printf 'END\\0'`).join('\n')
    const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
    expect(printed).toBe(values.map((v) => `${expected(v)}\0END\0`).join(''))
    for (const [index, line] of lines.entries())
      expect(splitCommand(`printf ${line}`)).toEqual({ words: ['printf', expected(values[index]!)] })
  })

  test('is several arguments where a list is quoted', () => {
    const line = command('ls {{ files | quote }}', { files: ['a b', "it's", '-l'] })
    expect(splitCommand(line)).toEqual({ words: ['ls', 'a b', "it's", '-l'] })
  })

  test('is an empty argument where it is an empty text', () => {
    expect(splitCommand(command('ls {{ v }}', { v: '' }))).toEqual({ words: ['ls', ''] })
  })

  test.each([
    ['echo `echo {{ v }}`', 'quotes do not protect'],
    ['echo "$(echo {{ v }})"', 'quotes do not protect'],
    ['echo $(( {{ v }} ))', 'quotes do not protect'],
    ['cat <<END\n{{ v }}\nEND', 'quotes do not protect'],
    ['ls # {{ v }}', 'quotes do not protect'],
    ['ls \\{{ v }}', 'quotes do not protect'],
    ['echo "$' + '{{ v }}"', 'quotes do not protect'],
    ["echo $'{{ v }}'", 'quotes do not protect'],
    ['echo "{{ v | quote }}"', '`| quote` is inside quotes'],
    ["echo '{{ v | quote }}'", '`| quote` is inside quotes'],
  ])('is refused where no quoting protects it: %s', (template, message) => {
    expect(() => command(template, { v: '$(id)' })).toThrow(message)
    expect(inspectCommand(parseTemplate(template)).fault?.message).toContain(message)
  })

  test.each(['echo a#{{ v }}', "echo '#' {{ v }}", 'echo \\$ {{ v }}', 'x < a; echo {{ v }}', 'echo $(ls) {{ v }}'])(
    'stands behind what only looks like such a place: %s',
    (template) => expect(command(template, { v: 'w' })).toBe(template.replace('{{ v }}', "'w'")),
  )

  test('is known to be quoted in every branch, or not', () => {
    const isQuoted = (text: string) => inspectCommand(parseTemplate(text)).quoted
    expect(isQuoted('ls -l')).toBe(true)
    expect(isQuoted('{% for x in xs %}{{ x | quote }} {% else %}{{ y | trim | quote }}{% endfor %}')).toBe(true)
    expect(isQuoted('{% if a %}{{ x | quote }}{% else %}{{ x }}{% endif %}')).toBe(false)
    expect(isQuoted('{{ (x | quote) ~ y }}')).toBe(false)
    expect(isQuoted('{{ x | quote | upper }}')).toBe(false)
  })
})

test('quote is a filter of all templates', () => {
  expect(renderTemplate(parseTemplate('{{ "it\'s" | quote }}'), scopeOf({}))).toBe("'it'\\''s'")
})
