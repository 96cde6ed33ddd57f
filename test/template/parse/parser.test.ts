import { describe, expect, it } from 'vitest'
import { parseCondition, parseExpression, parseTemplate } from '../../../src/template/template.ts'
import { thrownBy } from '../fixture.ts'

const syntax = 'template_syntax'

describe('an invalid template is refused where it goes wrong', () => {
  it.each([
    ['a\n  {{ x', syntax, 2, 3, "this '{{' is never closed", "add '}}'"],
    ['{{ x | slugfy }}', 'unknown_filter', 1, 8, 'unknown filter `slugfy`', 'Did you mean `slugify`?'],
    ["{{ x | map('uppper') }}", syntax, 1, 8, 'unknown filter `uppper`', 'Did you mean `upper`?'],
    ["{{ x | select('definde') }}", syntax, 1, 8, 'unknown check `definde`', 'Did you mean `defined`?'],
    ["{{ x | rejectattr('a', 'definde') }}", syntax, 1, 8, 'unknown check `definde`', 'Did you mean `defined`?'],
    ['{{ x is definde }}', syntax, 1, 9, 'unknown check `is definde`', 'Did you mean `defined`?'],
    ['{{ x.lowr() }}', syntax, 1, 6, 'there is no method `lowr`', 'Did you mean `lower`?'],
    ['{{ a }', syntax, 1, 6, "'}' closes nothing", "'{{' is closed by '}}', '{%' by '%}'"],
    ['{{ a && b }}', syntax, 1, 6, "'&&' is not an operator here", 'Write `and`.'],
    ['{{ !a }}', syntax, 1, 4, "'!' is not an operator here", 'Write `not`.'],
    ['{{ a = 1 }}', syntax, 1, 6, "the end is expected here, not '='", 'Write `==` to compare.'],
    ['{{ a <> 1 }}', syntax, 1, 6, "'<>' is not an operator here", 'Write `!=`.'],
    [
      "{{ a contains 'x' }}",
      syntax,
      1,
      6,
      "the end is expected here, not 'contains'",
      "Turn it round: `'part' in text`.",
    ],
    ['{{ a AND b }}', syntax, 1, 6, "the end is expected here, not 'AND'", 'Write `and`.'],
    ['{{ x | strip }}', 'unknown_filter', 1, 8, 'unknown filter `strip`', 'It is a method: write `value.strip()`.'],
    ['{{ x | len }}', 'unknown_filter', 1, 8, 'unknown filter `len`', 'It is a function: write `len(value)`.'],
    ['{{ x | size }}', 'unknown_filter', 1, 8, 'unknown filter `size`', 'Did you mean `length`?'],
    ['{{ x.length() }}', syntax, 1, 6, 'there is no method `length`', 'It is a filter: write `value | length`.'],
    ['{{ x.len() }}', syntax, 1, 6, 'there is no method `len`', 'It is a function: write `len(value)`.'],
    [
      '{{ x | truncate: 5 }}',
      syntax,
      1,
      16,
      "the end is expected here, not ':'",
      'Leave it out. The values of a filter stand in parentheses: `truncate(50)`.',
    ],
    [
      '{{ if x }}',
      syntax,
      1,
      4,
      "a value is expected here, not 'if'",
      'Write `{% if … %}…{% endif %}`, or within `{{ }}` `one if … else another`.',
    ],
    ['{{ x is int }}', syntax, 1, 9, 'unknown check `is int`', 'Did you mean `integer`?'],
    ['{{ x is empty }}', syntax, 1, 9, 'unknown check `is empty`', 'An empty value is false, so write `not`.'],
    ["{{ x.includes('y') }}", syntax, 1, 6, 'there is no method `includes`', "Write `'part' in text`."],
    ['{{ json.loads(x) }}', syntax, 1, 9, 'there is no method `loads`', 'Write `text | from_json`.'],
    ["{{ x | contains('y') }}", 'unknown_filter', 1, 8, 'unknown filter `contains`', "Write `'part' in text`."],
    ["{{ 'abc }}", syntax, 1, 4, 'this text has no closing quote', "add '"],
    ['{{ (a + 1 }}', syntax, 1, 11, "'}' does not close '('", undefined],
    ['{% if (a %}', syntax, 1, 7, "this '(' is never closed", "add ')'"],
    ['{{ }}', syntax, 1, 4, 'a value is expected here, not the end', undefined],
    ['{{ a b }}', syntax, 1, 6, "the end is expected here, not 'b'", undefined],
    ['{{ a ;}}', syntax, 1, 6, "';' is not expected here", undefined],
    [
      'x\n{% if a %}\ny',
      syntax,
      2,
      1,
      "this '{% if %}' is never closed",
      "add '{% endif %}'; in YAML, indent all lines of the text alike",
    ],
    [
      '{% for x in y %}{% endif %}',
      syntax,
      1,
      17,
      "'{% endfor %}' is expected here, not 'endif'",
      "the '{% for %}' is on line 1",
    ],
    ['{% endif %}', syntax, 1, 1, "'endif' closes or continues nothing", undefined],
    ['{% if a %}{% else if b %}{% endif %}', syntax, 1, 19, "'else if' is written 'elif'", undefined],
    ['{% if x %}{% elseif y %}{% endif %}', syntax, 1, 14, 'there is no tag `elseif`', 'Did you mean `elif`?'],
    ['{% fro x in y %}', syntax, 1, 4, 'there is no tag `fro`', 'Did you mean `for`?'],
    [
      "{% include 'x' %}",
      syntax,
      1,
      4,
      'there is no tag `include`',
      "A pipeline's texts stand alone: read another file with `include_file()`.",
    ],
    [
      '{% macro m() %}',
      syntax,
      1,
      4,
      'there is no tag `macro`',
      'write it where it is needed, or go over a list with for',
    ],
    ['{% component %}', syntax, 1, 4, 'there is no tag `component`', 'the tags are if, for, set and raw'],
    ['{% for a in b recursive %}', syntax, 1, 15, 'loops are not recursive', 'write one loop inside another'],
    [
      '{% set a | upper %}',
      syntax,
      1,
      10,
      'what a set collects is not filtered here',
      'filter it behind: {% set a = a | … %}',
    ],
    ['{{ x | replace("a") }}', syntax, 1, 8, 'filter `replace` needs `new`', 'expected (old, new, count?)'],
    ['{{ x is divisibleby }}', syntax, 1, 9, '`is divisibleby` needs `number`', 'expected (number)'],
    [
      '{{ x | random }}',
      'unknown_filter',
      1,
      8,
      'unknown filter `random`',
      'It would yield something else on every replay.',
    ],
    ['{# x', syntax, 1, 1, "this '{#' is never closed", "add '#}'"],
    ['{% raw %}x', syntax, 1, 1, "'{% raw %}' is never closed", "add '{% endraw %}'"],
    [
      '{{ x | join(1, 2, 3) }}',
      syntax,
      1,
      8,
      'filter `join` takes at most 2 arguments, not 3',
      'expected (d?, attribute?)',
    ],
    ['{{ x | join(sep=1) }}', syntax, 1, 8, 'filter `join` has no argument `sep`', 'expected (d?, attribute?)'],
    ['{{ (a)(b) }}', undefined, 0, 0, '', undefined],
  ])('%s', (source, code, line, column, message, hint) => {
    if (code === undefined) return expect(() => parseTemplate(source)).not.toThrow()
    expect(thrownBy(() => parseTemplate(source))).toEqual({
      name: 'InvalidError',
      code,
      message,
      place: { line, column },
      hint,
    })
  })
})

describe('a text that would exhaust the parser is refused', () => {
  it.each([
    ['brackets', `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`],
    ['signs', `{{ ${'- '.repeat(5000)}1 }}`],
    ['not', `{{ ${'not '.repeat(5000)}1 }}`],
    ['sums', `{{ 1${' + 1'.repeat(5000)} }}`],
    ['filters', `{{ 1${' | abs'.repeat(5000)} }}`],
    ['conditions', `{{ 1${' if 1 else 1'.repeat(5000)} }}`],
    ['blocks', '{% if 1 %}'.repeat(5000)],
    ['arguments', `{{ f(${'1,'.repeat(5000)}1) }}`],
    ['length', 'x'.repeat(1_000_001)],
  ])('%s', (_what, source) => {
    expect(thrownBy(() => parseTemplate(source)).code).toBe(syntax)
  })

  it('but long is not deep', () => {
    expect(() => parseTemplate(`{{ [${'1,'.repeat(200_000)}] }}`)).not.toThrow()
    expect(() => parseTemplate(`{{ ${"'a' ~ ".repeat(5000)}'b' }}`)).not.toThrow()
    expect(() => parseTemplate('{% if a %}x{% endif %}'.repeat(10_000))).not.toThrow()
  })
})

describe('other texts are placed too', () => {
  it('an expression', () => {
    expect(thrownBy(() => parseExpression('a +')).place).toEqual({ line: 1, column: 4 })
  })

  it('a condition', () => {
    expect(thrownBy(() => parseCondition('{{ a }} == {{ b | nosuch }}')).place).toEqual({ line: 1, column: 19 })
  })

  it('a template in a text in a condition', () => {
    expect(thrownBy(() => parseCondition("x ==\n '{{ b | nosuch }}'")).place).toEqual({ line: 2, column: 10 })
  })
})
