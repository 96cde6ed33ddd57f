import { describe, expect, it } from 'vitest'
import { parseCondition, parseExpression, parseTemplate, references, render } from '../../src/template/template.ts'
import { holding, scopeOf, skippedStep, stepOf, thrownBy, yielding } from './fixture.ts'

const read = { action: 'read', path: 'in.txt', filepath: 'in.txt', content: 'hi\n', size: 3 }
const inputs = { topic: 'Deep Sea', n: 3, xs: ['a', 'b'] }
const steps = {
  r: stepOf(read, 'hi\n'),
  g: stepOf('high\n', 'high\n'),
  s: skippedStep(),
  t: stepOf({ stdout: 'ok\n', return_code: 0 }, 'ok\n'),
}
const values = {
  ...inputs,
  ...steps,
  inputs,
  parameters: inputs,
  results: steps,
  execution: { timestamp: '2026-03-01T10:00:00+00:00' },
  now: () => '2026-03-01T10:00:00+00:00',
  index: 1,
  'web-search': stepOf('found', 'found'),
}
const names = new Set(['web-search'])

describe('what a text yields', () => {
  it.each([
    ['A1', '{{ topic | slugify }}', 'deep-sea'],
    ['A2', '{{ n }}', 3],
    ['A3', 'n={{ n }}', 'n=3'],
    ['A4', '{{ parameters.n }}', 3],
    ['A4', '{{ inputs.n }}', 3],
    ['A5', '{{ r.result.content }}', 'hi\n'],
    ['A5', '{{ r.content }}', 'hi\n'],
    ['A5', '{{ r }}', 'hi\n'],
    ['A6', '{{ r.size }}', 3],
    ['A6', '{{ r.result.size }}', 3],
    ['A7', '{{ r.path == r.filepath }}', true],
    ['A14', '{% if s %}y{% else %}n{% endif %}', 'n'],
    ['A15', "{{ s | default('N/A') }}", 'N/A'],
    ['A16', '{{ s.status }}', 'skipped'],
    ['A16', '{{ g.status }}', 'completed'],
    ['A17', '{{ t.result.stdout }}', 'ok\n'],
    ['A17', '{{ t.stdout }}', 'ok\n'],
    ['A17', '{{ t.return_code }}', 0],
    ['A18', "{{ xs | join(', ') }}", 'a, b'],
    ['A18', '{{ xs | join }}', 'a, b'],
    ['A19', '{{ xs[-1] }}', 'b'],
    ['A19', '{{ topic[:4] }}', 'Deep'],
    ['A19', "{{ topic.split(' ')[0] }}", 'Deep'],
    ['A19', '{{ topic.lower() }}', 'deep sea'],
    ['A20', "{{ 'no digits' | regex_search('[0-9]+') | default('25') }}", '25'],
    ['A21', "{{ 'not json' | from_json }}", 'not json'],
    ['A22', "{{ {'a': '<b>'} | tojson }}", '{"a": "<b>"}'],
    ['A23', "{{ '{{' }}", '{{'],
    ['A25', '{{ execution.timestamp }}', '2026-03-01T10:00:00+00:00'],
    ['A27', '{{ now() }}', '2026-03-01T10:00:00+00:00'],
    ['A28', '{{ ($index + 1) * 2 }}', 4],
    ['A29', '{{ web-search.result }}', 'found'],
    ['A31', '{{ 800 if n > 2 else 400 }}', 800],
    ['A32', '{%- if n > 2 -%}200{%- endif %}', '200'],
    ['A33', 'a {{ n }}\n', 'a 3\n'],
  ])('%s %s', (_vector, source, expected) => {
    expect(yielding(source, values, { names })).toEqual(expected)
  })

  it('A24: a value that looks like a template stays text', () => {
    expect(yielding('{{ given }}!', { given: '{{ n }}', n: 3 })).toBe('{{ n }}!')
  })

  it('A30: a bare $results.g is an expression', () => {
    expect(render(parseExpression('$results.g'), scopeOf(values))).toBe('high\n')
  })
})

describe('whether a condition holds', () => {
  it.each([
    ['A8', "{{ g == 'high' }}", true],
    ['A9', "{{ 'hig' in g }}", true],
    ['A10', "'a' in {{ parameters.xs }}", true],
    ['A10', "'c' in {{ parameters.xs }}", false],
    ['A11', "n > 2 and 'b' in xs", true],
    ['A12', 'false', false],
    ['A12', '0', false],
    ['A12', '', false],
    ['A12', 'no', false],
  ])('%s %s', (_vector, source, expected) => {
    expect(holding(source, values)).toBe(expected)
  })
})

describe('what a compiler can refuse', () => {
  it.each([
    ['A13', '{{ nosuch > 1 }}', { name: 'nosuch', path: [], called: false }],
    ['A26', '{{ execution.strated_at }}', { name: 'execution', path: ['strated_at'], called: false }],
    ['A27', '{{ now }}', { name: 'now', path: [], called: false }],
    ['A27', '{{ now() }}', { name: 'now', path: [], called: true }],
  ])('%s %s', (_vector, source, expected) => {
    expect(references(parseCondition(source))).toMatchObject([expected])
  })

  it('A13 at run time, if nothing refused it', () => {
    expect(thrownBy(() => render(parseTemplate('{{ nosuch > 1 }}'), scopeOf({})))).toMatchObject({
      code: 'unresolved_template',
    })
  })
})
