import { expect, it } from 'vitest'
import { is } from '../../src/errors.ts'
import { CHECKS } from '../../src/template/operations/checks.ts'
import { METHOD_NAMES } from '../../src/template/operations/methods.ts'
import {
  FILTERS,
  listReferences,
  parseCondition,
  parseTemplate,
  renderTemplate,
  testCondition,
} from '../../src/template/template.ts'
import { fc, runs } from '../property.ts'
import { scopeOf, secondsFor, skippedStep, stepOf } from './fixture.ts'

const scope = scopeOf({
  a: 'text with 12 words, and "quotes"\n',
  b: [3, 1, { a: 'x', b: [] }, null, 'z'],
  c: { a: 1, b: { c: [1, 2] }, items: 'own' },
  n: 7,
  z: 0,
  none: null,
  step: stepOf({ a: 1, list: ['p', 'q'] }, 'p q'),
  s: skippedStep(),
  f: () => 'called',
})

/** Every error is ours, and nothing takes long. */
function survives(action: () => unknown): void {
  const seconds = secondsFor(() => {
    try {
      action()
    } catch (error) {
      expect(is(error), String((error as Error).stack)).toBe(true)
      expect((error as Error).message).not.toContain('a value could not be read')
    }
  })
  expect(seconds).toBeLessThan(1)
}

/** All that is wrong with a text is told without a throw, and nothing where nothing is. */
function tryTelling(source: string): void {
  const told = (parse: typeof parseTemplate | typeof parseCondition) => {
    const faults: Error[] = []
    listReferences(parse(source, { onFault: (fault) => faults.push(fault) }))
    return faults.length > 0
  }
  expect([told(parseTemplate), told(parseCondition)]).toEqual([
    thrownBy(() => parseTemplate(source)),
    thrownBy(() => parseCondition(source)),
  ])
}

function thrownBy(action: () => unknown): boolean {
  try {
    action()
    return false
  } catch {
    return true
  }
}

function tryAll(source: string): void {
  tryTelling(source)
  survives(() => {
    const template = parseTemplate(source, { names: new Set(['a-b']) })
    listReferences(template)
    renderTemplate(template, scope)
  })
  survives(() => {
    const condition = parseCondition(source)
    listReferences(condition)
    testCondition(condition, scope)
  })
}

const name = fc.constantFrom('a', 'b', 'c', 'n', 'z', 'none', 'step', 's', 'x', '$n', 'a-b', 'loop.index')
const literal = fc.constantFrom(
  '1',
  '-2.5',
  '10**9',
  "'x'",
  "'1,2'",
  "'%s {}'",
  'true',
  'none',
  '[1, 2]',
  '[]',
  "{'a': 1}",
  '{}',
  "''",
  "'[0-9]+'",
)
const filter = fc.constantFrom(...Object.keys(FILTERS))
const check = fc.constantFrom(...Object.keys(CHECKS))
const method = fc.constantFrom(...METHOD_NAMES)
const operator = fc.constantFrom('+', '-', '*', '/', '//', '%', '**', '~', '==', '<', 'in', 'not in', 'and', 'or')

const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; leaf: string; args: string; made: string }>(
  (tie) => ({
    leaf: fc.oneof(name, literal),
    args: fc.array(tie('any'), { maxLength: 3 }).map((items) => items.join(', ')),
    made: fc.oneof(
      fc
        .tuple(tie('any'), filter, tie('args'))
        .map(([value, by, args]) => `(${value}) | ${by}${args === '' ? '' : `(${args})`}`),
      fc.tuple(tie('any'), method, tie('args')).map(([value, by, args]) => `(${value}).${by}(${args})`),
      fc
        .tuple(tie('any'), check, tie('args'))
        .map(([value, by, args]) => `(${value}) is ${by}${args === '' ? '' : `(${args})`}`),
      fc.tuple(tie('any'), operator, tie('any')).map(([left, by, right]) => `(${left}) ${by} (${right})`),
      fc.tuple(tie('any'), tie('any')).map(([value, index]) => `(${value})[${index}]`),
      fc.tuple(tie('any'), tie('any'), tie('any')).map(([value, from, to]) => `(${value})[${from}:${to}]`),
      fc.tuple(tie('any'), tie('any'), tie('any')).map(([value, on, other]) => `${value} if ${on} else ${other}`),
      fc
        .tuple(fc.constantFrom('range', 'len', 'max', 'dict', 'f', 'sorted'), tie('args'))
        .map(([by, args]) => `${by}(${args})`),
      tie('any').map((value) => `not ${value}`),
    ),
    any: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('leaf'), tie('made')),
  }),
).any

const template: fc.Arbitrary<string> = fc.letrec<{ nodes: string; node: string }>((tie) => ({
  nodes: fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
  node: fc.oneof(
    { maxDepth: 3 },
    fc.string({ maxLength: 5 }),
    expression.map((value) => `{{ ${value} }}`),
    fc
      .tuple(expression, tie('nodes'), tie('nodes'))
      .map(([on, yes, no]) => `{% if ${on} %}${yes}{% else %}${no}{% endif %}`),
    fc
      .tuple(name, expression, tie('nodes'))
      .map(([item, list, body]) => `{% for ${item} in ${list} %}${body}{% endfor %}`),
    fc.tuple(name, expression).map(([target, value]) => `{% set ${target} = ${value} %}`),
  ),
})).nodes

const shard = fc.constantFrom(
  '{{',
  '}}',
  '{%',
  '%}',
  '{#',
  '#}',
  '-',
  'if ',
  'for x in ',
  'endfor',
  'endif',
  'set ',
  "'",
  '"',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '|',
  '.',
  ' ',
  '\n',
  'a',
  '9',
  ':',
  ',',
  '\\',
  '🙂',
  'is ',
)

it('any text is taken or refused, in good time', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), tryAll), runs(500))
})

it('any heap of the language’s own pieces is taken or refused', () => {
  fc.assert(
    fc.property(
      fc.array(shard, { maxLength: 40 }).map((shards) => shards.join('')),
      tryAll,
    ),
    runs(2000),
  )
})

it('any template of filters, methods, checks and operators renders or fails as it should', () => {
  fc.assert(fc.property(template, tryAll), runs(1500))
})

it('any pattern is taken or refused, in good time', () => {
  const pattern = fc.string({ unit: fc.constantFrom(...'ab(|)*+?{1,3}[^-]\\dw.$:<P>='), maxLength: 30 })
  const text = 'aab1 '.repeat(2000)
  fc.assert(
    fc.property(pattern, (given) =>
      survives(() => renderTemplate(parseTemplate("{{ text | regex_replace(given, 'x') }}"), scopeOf({ text, given }))),
    ),
    runs(750),
  )
})

const hostile = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '__class__',
  'hasOwnProperty',
  'valueOf',
)
const anything = fc.anything({
  key: fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 4 })),
  values: [fc.string({ unit: 'binary', maxLength: 20 }), fc.double(), fc.boolean(), fc.constant(null), fc.integer()],
  maxDepth: 4,
})

/** What a template could do harm with, were it to get it. */
const holdsCode = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && Object.values(value as object).some(holdsCode))

it('no template gets at what values inherit, whatever the values', () => {
  const reach = fc
    .tuple(hostile, fc.constantFrom('.', '[', 'attr', 'map', 'get', 'select', 'namespace', 'format'))
    .map(([name, by]) => {
      const ways: { readonly [by: string]: string } = {
        '.': `{{ v.${name} }}`,
        '[': `{{ v['${name}'] }}`,
        attr: `{{ v | attr('${name}') }}`,
        map: `{{ [v] | map(attribute='${name}') }}`,
        get: `{{ v.get('${name}') }}`,
        select: `{{ [v] | selectattr('${name}') }}`,
        namespace: `{% set n = namespace() %}{% set n.${name} = v %}{{ n }}{{ {}.${name} | default('none') }}`,
        format: `{{ '{${name}}{0.${name}}' | format(v) }}`,
      }
      return ways[by]!
    })
  fc.assert(
    fc.property(fc.oneof(reach, template), anything, (source, v) =>
      survives(() => {
        const result = renderTemplate(
          parseTemplate(source),
          scopeOf({ ...Object.fromEntries(NAMES.map((known) => [known, v])), v }),
        )
        expect(holdsCode(result)).toBe(false)
        expect(Object.getPrototypeOf({})).toBe(Object.prototype)
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
    ),
    runs(750),
  )
})
const NAMES = ['a', 'b', 'c', 'n', 'z', 'x', 'step', 's']

it('any nesting is taken or refused', () => {
  const piece = fc.constantFrom(
    '(',
    '[',
    '{"a":',
    '-',
    'not ',
    '{% if 1 %}',
    '{% for a in [1] %}',
    '{{ ',
    'a.',
    'a[',
    '|upper',
    '{% set a %}',
  )
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.constantFrom(10, 100, 3000), (pieces, times) =>
      tryAll(`{{ ${pieces.join('').repeat(times)}`),
    ),
    runs(100),
  )
})
