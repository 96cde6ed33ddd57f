import { describe, expect, test } from 'vitest'
import { stepView } from '../../../../src/pipeline/step/view/step-view.ts'
import type { StepValue } from '../../../../src/step/record/outcome.ts'
import { parseTemplate, renderTemplate } from '../../../../src/template/template.ts'

const see = (value: StepValue, text: string) =>
  renderTemplate(parseTemplate(text), { get: (name) => (name === 's' ? stepView(value) : undefined) })
const done = (result: StepValue['result'], more: Partial<StepValue> = {}): StepValue => ({
  status: 'completed',
  result,
  ...more,
})

describe('a step as templates see it', () => {
  test.each<[what: string, value: StepValue, text: string, expected: unknown]>([
    ['a text is itself', done('hi'), '{{ s }}', 'hi'],
    ['a file is its content', done({ content: 'c', size: 1 }), '{{ s }}', 'c'],
    ['a command is what it wrote', done({ stdout: 'o', return_code: 0 }), '{{ s }}', 'o'],
    ['data is itself where it stands alone', done({ a: [1] }), '{{ s }}', { a: [1] }],
    ['and compact JSON in a text', done({ a: [1] }), '-{{ s }}', '-{"a":[1]}'],
    ['a list can be gone over', done([1, 2]), '{% for i in s %}{{ i }},{% endfor %}', '1,2,'],
    ['and indexed, and measured', done([1, 2]), '{{ s[1] }}{{ s | length }}', '22'],
    ['a list has the fields of the envelope', done([1]), '{{ s.status }} {{ s.result | length }}', 'completed 1'],
    ['a number stands for its text', done(5), '{{ s + 1 }}', 6],
    ['no error is none, and not missing', done({ a: 1 }), "{{ s.error or 'well' }}", 'well'],
    ['as for a text', done('hi'), "{{ s.error or 'well' }}", 'well'],
    ['an error that it told is that', done({ error: 'mine' }), '{{ s.error }}', 'mine'],
    ['success is told', done({ a: 1 }), '{{ s.success }}', true],
    [
      'the envelope goes before the result',
      done({ status: 200, a: 1 }),
      '{{ s.status }} {{ s.result.status }}',
      'completed 200',
    ],
    ['a text of its own goes before the envelope', done({ text: 'mine' }), '{{ s.text }}', 'mine'],
    ['what it was called with comes last', done({ a: 1 }, { parameters: { a: 2, b: 3 } }), '{{ s.a }}{{ s.b }}', '13'],
    [
      'paths have other names',
      done({ path: 'p' }),
      '{{ s.file_path }}{{ s.filepath }}{{ s.result.output_path }}',
      'ppp',
    ],
    ['inherited names are not fields', done({ a: 1 }), "{{ s.constructor | default('none') }}", 'none'],
    ['a word for no is no', done('no'), '{{ 1 if s else 0 }}', 0],
    ['null is no', done(null), '{{ 1 if s else 0 }}', 0],
  ])('%s', (_what, value, text, expected) => expect(see(value, text)).toEqual(expected))

  test('that failed is false, and tells why; what it had to show is there', () => {
    const value: StepValue = { status: 'failed', result: { stdout: 'half' }, error: 'exit 1' }
    expect(see(value, '{{ 1 if s else 0 }} {{ s.status }} {{ s.error }} {{ s.stdout }} {{ s.success }}')).toBe(
      '0 failed exit 1 half false',
    )
  })

  test('that was skipped is as good as undefined, but for its status', () => {
    const value: StepValue = { status: 'skipped', result: null, reason: 'condition_false' }
    expect(see(value, "{{ 1 if s else 0 }}[{{ s }}]{{ s | default('d') }} {{ s.status }} {{ s is defined }}")).toBe(
      '0[]d skipped false',
    )
    expect(() => see(value, '{{ s.result }}')).toThrow(/s.result/)
  })
})

describe('a loop as templates see it', () => {
  const row = { data: done({ a: 1 }), text: done('t'), failed: { status: 'failed', result: null, error: 'e' } }
  const value = {
    status: 'completed',
    result: { iterations: 1, results: [row] },
    text: 'Completed 1 iterations',
    loop: 'for_each',
  } as unknown as StepValue
  const seen = (text: string) => renderTemplate(parseTemplate(text), { get: () => stepView(value) })

  test('shows what its steps came to, as data', () => {
    expect(seen('{{ l.results }}')).toEqual([{ data: { a: 1 }, text: 't' }])
    expect(seen('{{ l }}')).toBe('Completed 1 iterations')
  })

  test('and all about each of them by name', () => {
    expect(seen('{{ l.results[0].data.status }} {{ l.results[0].data.result.a }} {{ l.results[0].data.a }}')).toBe(
      'completed 1 1',
    )
    expect(
      seen('{{ l.results[0].text.result }} {{ l.results[0].failed.status }} {{ l.results[0].failed.error }}'),
    ).toBe('t failed e')
  })
})
