import { describe, expect, it } from 'vitest'
import { parseTemplate, renderTemplate } from '../../../src/template/template.ts'
import { scopeOf, secondsFor, thrownBy, yielding } from '../fixture.ts'

const bomb = (turns: number, make: string) => `{% set x = 'ab' %}${`{% set x = ${make} %}`.repeat(turns)}{{ x }}`

describe('a template that would take too much fails in good time', () => {
  it.each([
    ['repeating text', "{{ 'x' * 10**9 }}"],
    ['repeating a list', '{{ [1] * 10**9 }}'],
    ['doubling text', bomb(60, 'x ~ x')],
    ['doubling a list', bomb(60, '[x, x]')],
    ['doubling a list for tojson', bomb(60, '[x, x] | tojson')],
    ['comparing doubled lists', `${bomb(60, '[x, x]').replace('{{ x }}', '')}{{ x == [x[0], x[0]] }}{{ x | tojson }}`],
    ['a wide range', '{{ range(10**12) | length }}'],
    [
      'loops in loops',
      '{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['much output', `{% for a in range(99999) %}${'x'.repeat(1000)}{% endfor %}`],
    ['padding', "{{ 'x'.ljust(10**9) }}"],
    ['a wide format', "{{ '%999999999d' | format(1) }}"],
    ['replacing nothing', "{{ ('x' * 10**6) | replace('', 'y' * 10**6) }}"],
    ['indenting', "{{ ('\\n' * 10**6) | indent('y' * 1000, blank=true) }}"],
    ['replacing patterns', "{{ ('x' * 10**5) | regex_replace('x', 'y' * 10**4) }}"],
    ['sorting in a loop', '{% for a in range(9999) %}{{ range(9999) | sort | first }}{% endfor %}'],
    ['splitting', "{{ ('a ' * 10**6).split(' ') | length }}"],
    ['a pattern of patterns', "{{ 'a' | regex_search('(((a{99}){99}){99}){99}') }}"],
    ['joining', "{{ ['x' * 10**6] * 1000 | int | list | join }}".replace(' | int | list', '')],
  ])('%s', (_what, source) => {
    const seconds = secondsFor(() => {
      expect(thrownBy(() => yielding(source)).code).toMatch(/^template_(limit|failed|syntax)$/)
    })
    expect(seconds).toBeLessThan(2)
  })
})

describe('limits', () => {
  const { code, message, place } = thrownBy(() => yielding('a\n{{ range(10**9) }}'))
  it('say which and where', () => {
    expect({ code, message, place }).toEqual({
      code: 'template_limit',
      message: 'the template has a list of more than 100000 items',
      place: { line: 2, column: 4 },
    })
  })

  it.each([
    [{ steps: 10 }, '{% for a in [1, 2, 3, 4] %}{{ a }}{% endfor %}'],
    [{ output: 3 }, 'ab{{ 12 }}'],
    [{ items: 2 }, '{% for a in [1, 2, 3] %}{% endfor %}'],
    [{ depth: 2 }, '{{ [[[[1]]]] }}'],
  ])('can be set: %j', (limits, source) => {
    expect(thrownBy(() => renderTemplate(parseTemplate(source), scopeOf({}), limits)).code).toBe('template_limit')
    expect(() => renderTemplate(parseTemplate(source), scopeOf({}))).not.toThrow()
  })

  it.each([
    "['A' * 320000] | sort",
    "[{'k': 'A' * 320000}] | groupby('k')",
    "['a' * 320000] | select('lower')",
    "{'a': 'A' * 320000} | dictsort(by='value')",
  ])('count each text that is put into one case: %s', (expression) => {
    const limited = () =>
      renderTemplate(parseTemplate(`{{ (${expression}) | length }}`), scopeOf({}), { steps: 15_000 })
    expect(thrownBy(limited)).toMatchObject({ code: 'template_limit' })
  })

  it.each([
    ['text[0]', { text: '漢'.repeat(3_000_000) }],
    ['text in [text]', { text: 'a'.repeat(3_000_000) }],
    ["[{}] | map(attribute=path, default='')", { path: 'a.'.repeat(50_000) }],
    ["'a'.strip(text)", { text: '漢'.repeat(100_000) }],
    ["'a'.startswith([text])", { text: 'a'.repeat(100_000) }],
    ["'2026-01-01' | date(format)", { format: '%F'.repeat(3000) }],
    ['text | format(1)', { text: '%%'.repeat(3000) }],
    ["text.format('')", { text: '{0}'.repeat(3000) }],
  ])('count what is read: %s', (expression, values) => {
    const limited = () => renderTemplate(parseTemplate(`{{ ${expression} }}`), scopeOf(values), { steps: 2000 })
    expect(thrownBy(limited).code).toBe('template_limit')
  })

  it.each([
    "([1] * 2000) | join('x' * 400000)",
    "(('{0}' * 2000).format('x' * 400000))",
    "('%(a)s' * 2000) | format(a='x' * 400000)",
    "('x' * 400000) | regex_replace('(x*)', '\\\\1' * 2000)",
    "('a' * 1000) | regex_replace('a', '\\\\g<0>' * 5000)",
  ])('hold before a text is made of many: %s', (expression) => {
    expect(thrownBy(() => yielding(`{{ ${expression} }}`)).code).toBe('template_limit')
  })

  it('a failure is reported in few words', () => {
    expect(String(thrownBy(() => yielding("{{ [1] | map('a' * 100000) }}")).message).length).toBeLessThan(600)
  })

  it('leave room for honest work', () => {
    const rows = Array.from({ length: 10_000 }, (_row, index) => ({ id: index, name: `row ${index}` }))
    const source =
      '{% for row in rows %}{% if row.id % 2 == 0 %}- {{ row.id }}: {{ row.name | title }}\n{% endif %}{% endfor %}'
    expect(String(yielding(source, { rows })).split('\n')).toHaveLength(5001)
  })

  it('a large value passes through whole', () => {
    const large = 'x'.repeat(20_000_000)
    expect(yielding('{{ large }}', { large })).toBe(large)
  })

  it('a value that holds itself fails instead of hanging', () => {
    const ring: { [name: string]: unknown } = {}
    ring.self = ring
    for (const source of ['{{ ring }}', '{{ ring }}.', '{{ ring | tojson }}']) {
      expect(thrownBy(() => yielding(source, { ring })).code).toBe('template_limit')
    }
  })
})
