import { describe, expect, it } from 'vitest'
import { parseTemplate, renderTemplate } from '../../../src/template/template.ts'
import { fc, runs } from '../../property.ts'
import { scopeOf } from '../fixture.ts'
import { sensible } from './generate.ts'
import { golden, renderByJinja, templates } from './jinja.ts'
import { VALUES } from './values.ts'

const scope = scopeOf(VALUES)
/** What is printed, null where it fails. */
function printed(template: string): string | null {
  try {
    const { source, body } = parseTemplate(template)
    return renderTemplate({ source, body }, scope) as string
  } catch {
    return null
  }
}

it('templates come out as Jinja2 has them', () => {
  const expected = golden()
  expect(expected).toHaveLength(templates.length)
  expect(templates.map((template) => [template, printed(template)])).toEqual(
    templates.map((template, index) => [template, expected[index]]),
  )
})

/** Where we differ on purpose. */
const DIFFERENT: readonly (readonly [template: string, jinja: string | null, ours: string | null])[] = [
  ['{{ nosuch.a.b | default("y") }}', null, 'y'],
  ['{{ nosuch.a is defined }}', null, 'false'],
  ['{% if map.q %}x{% endif %}', null, ''],
  ["{{ users | selectattr('zip') | list }}", null, '[]'],
  ["{{ none | default('n') }}", '', 'n'],
  ['{{ 1 == true }}', 'true', 'false'],
  ['{{ true is number }}', 'true', 'false'],
  ['{{ 3.0 is integer }}', 'false', 'true'],
  ['{{ map is sequence }}', 'true', 'false'],
  ['{{ none | string }}', 'None', ''],
  ['{{ yes | string }}', 'True', 'true'],
  ["{{ '%s' | format(none) }}", 'None', ''],
  ["{{ '12abc' | int }}", '0', null],
  ['{{ xs | join }}', 'abc', 'a, b, c'],
  ["{{ 'abc' | join('-') }}", 'a-b-c', null],
  ['{% for c in topic %}{{ c }}{% endfor %}', 'Deep Sea', null],
  ['{{ map | tojson }}', '{"C": 3, "a": 1, "b": 2}', '{"b": 2, "a": 1, "C": 3}'],
  ["{{ '<' | tojson }}", '"\\u003c"', '"<"'],
  ['{{ xs | pprint }}', "['a', 'b', 'c']", '[\n  "a",\n  "b",\n  "c"\n]'],
  ["{{ users | map('attr', 'name') | list }}", null, '["Ann","bob","Cid"]'],
  ["{{ cycler('a').next() }}", 'a', null],
  ['{% with a = 1 %}{{ a }}{% endwith %}', '1', null],
  ['{% macro m() %}x{% endmacro %}{{ m() }}', 'x', null],
  ['{% set t | upper %}x{% endset %}{{ t }}', 'X', null],
  ["{{ 'upper' is filter }}", 'true', null],
  ['{{ yes ? 1 : 2 }}', null, '1'],
  ['{{ len(xs) }}', null, '3'],
]

it.each(DIFFERENT)('differs on purpose: %s', (template, _jinja, ours) => {
  expect(printed(template)).toBe(ours)
})

const here = renderByJinja(['{{ n }}']) !== undefined

describe.skipIf(!here)('beside python3 with jinja2, where that is installed', () => {
  it('the supported part of Jinja2 behaves as documented', () => {
    expect(renderByJinja(templates)!.map(({ text = null }) => text)).toEqual(golden())
    expect(renderByJinja(DIFFERENT.map(([template]) => template))!.map(({ text = null }) => text)).toEqual(
      DIFFERENT.map(([, jinja]) => jinja),
    )
  })

  it('any sensible template comes out alike', () => {
    const all = fc.sample(sensible, runs(80))
    const jinja = renderByJinja(all)!.map(({ text = null }) => text)
    const unlike = all.map((template, index) => [template, printed(template), jinja[index]])
    expect(unlike.filter(([, ours, theirs]) => ours !== theirs)).toEqual([])
  })
})
