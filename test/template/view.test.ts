import { describe, expect, it } from 'vitest'
import { VIEW } from '../../src/template/template.ts'
import { skippedStep, stepOf, yielding } from './fixture.ts'

const iterations = {
  [VIEW]: { get: () => undefined, text: () => '2', value: () => [{ a: 1 }, { a: 2 }], truthy: true, defined: true },
}
const values = {
  g: stepOf(' high\n', ' high\n'),
  listed: stepOf('["a", "b"]', '["a", "b"]'),
  rows: stepOf([{ k: 1 }, { k: 2 }], '[{"k":1},{"k":2}]'),
  file: stepOf({ content: 'hi', items: [7], size: 2 }, 'hi'),
  s: skippedStep(),
  l: { iterations },
}

describe('the view of a step', () => {
  it.each([
    ['{{ g }}', ' high\n'],
    ['[{{ g }}]', '[ high\n]'],
    ["{{ g == 'high' }}", true],
    ["{{ 'high' == g }}", true],
    ["{{ g != 'low' }}", true],
    ["{{ g in ['high', 'low'] }}", true],
    ["{{ 'ig' in g }}", true],
    ['{{ g | length }}', 6],
    ['{{ g | trim | upper }}', 'HIGH'],
    ['{{ g.strip() }}', 'high'],
    ['{{ g[1:5] }}', 'high'],
    ["{{ g ~ '!' }}", ' high\n!'],
    ['{{ listed | from_json | last }}', 'b'],
    ['{{ listed | length }}', 10],
    ['{% for row in rows %}{{ row.k }}{% endfor %}', '12'],
    ["{{ rows | map(attribute='k') | sum }}", 3],
    ['{{ rows[-1].k }}', 2],
    ['{{ rows | length }}', 2],
    ['{{ file | length }}', 2],
    ['{{ file | tojson }}', '{"content": "hi", "items": [7], "size": 2}'],
    ['{{ file.items }}', [7]],
    ["{{ file['size'] + 1 }}", 3],
    ['{{ file is defined and file }}', 'hi'],
    ['{{ [g, {"x": file}] }}', [' high\n', { x: { content: 'hi', items: [7], size: 2 } }]],
    ['{{ [g] | join }}', ' high\n'],
  ])('%s', (source, expected) => {
    expect(yielding(source, values)).toEqual(expected)
  })
})

describe('the view of a skipped step', () => {
  it.each([
    ['[{{ s }}]', '[]'],
    ["{{ s | default('N/A') }}", 'N/A'],
    ["{{ s.result | default('N/A') }}", 'N/A'],
    ['{{ s is defined }}', false],
    ['{{ s is none }}', true],
    ['{{ not s }}', true],
    ["{{ s or 'other' }}", 'other'],
    ["{{ s.status != 'completed' }}", true],
    ['{{ s == none }}', true],
  ])('%s', (source, expected) => {
    expect(yielding(source, values)).toEqual(expected)
  })
})

describe('a view that stands for a list but prints something else', () => {
  it.each([
    ['{{ l.iterations }}', '2'],
    ['{{ l.iterations | length }}', 2],
    ['{{ l.iterations[-1].a }}', 2],
    ['{{ l.iterations > 1 and l.iterations == 2 }}', true],
    ['{{ l.iterations + 1 }}', 3],
    ['{{ l.iterations | default(0) }}', '2'],
    ['{{ l.iterations[1:] }}', [{ a: 2 }]],
  ])('%s', (source, expected) => {
    expect(yielding(source, values)).toEqual(expected)
  })
})
