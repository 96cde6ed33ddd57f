import { expect, it } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import type { Finding } from '../../src/run/finding.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { secondsFor } from '../template/fixture.ts'
import { tool } from './workshop.ts'

// what somebody sends who may only run pipelines is compiled in the process that works for all

const toolbox = createToolbox([tool('say', () => null)])
const compile = (text: string) => compileText(text, { file: 'p.yaml', toolbox }).findings
const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('')
const STEP = 'name: x\nsteps: [{ id: a, tool: say }]\n'
const TEXT = 'name: x\nsteps:\n- id: a\n  tool: say\n  parameters:\n    t: '

it.each([
  ['keys', `${STEP}${many(30_000, (at) => `k${at}: 1\n`)}`],
  ['keys that all stand twice', `${STEP}${many(30_000, (at) => `k${at % 15_000}: 1\n`)}`],
  [
    'types that are none',
    `name: x\nsteps: [{ id: a, tool: say }]\ninputs:\n${many(10_000, (at) => `  i${at}: { type: strin }\n`)}`,
  ],
  [
    'steps that wait for none',
    `name: x\nsteps:\n${many(3_000, (at) => `- { id: s${at}, tool: say, depends_on: [t${at}] }\n`)}`,
  ],
])('a pipeline with very many %s is compiled in seconds, and tells at most a thousand of them', (_what, text) => {
  const told: unknown[] = []
  expect(secondsFor(() => told.push(...compile(text)))).toBeLessThan(6)
  expect(told.length).toBeGreaterThan(0)
})

it("a model's choice among the last of many steps does not search all of them", () => {
  const text = (asked: number) =>
    `name: x\nsteps:\n${many(2_000, (at) => `- id: s${at}\n  tool: say\n${at >= 2_000 - asked && at < 1_999 ? '  goto: <AUTO>where?</AUTO>\n' : ''}`)}`
  compile(text(0))
  const plain = secondsFor(() => compile(text(0)))
  expect(secondsFor(() => expect(compile(text(60))).toEqual([]))).toBeLessThan(plain * 4)
})

it('the first error is reported even after more than a thousand warnings', () => {
  const text = `${many(1_500, (at) => `k${at}: 1\n`)}${STEP}inputs: { a: { type: strin } }\n`
  const errors = compile(text).filter(({ severity }) => severity === 'error')
  expect(errors.length).toBeGreaterThan(0)
  expect(compile(text).length).toBeLessThan(1_010)
})

const lines = (most: number, line: (at: number) => string) => many(Math.floor(most / line(most).length), line)
const FULL = 1_000_000

it.each<[what: string, text: string, code: string, says: RegExp]>([
  ['lists', '['.repeat(FULL), 'too_large', /deeper than 100/],
  ['aliases', `a: &a 1\nb: [${'*a,'.repeat(FULL / 3)}1]\n${STEP}`, 'too_large', /more than 500000/],
  ['aliases of so many anchors', `b:\n${lines(FULL, (at) => `- &a${at} 1\n- *a${at}\n`)}${STEP}`, 'unknown_key', /`b`/],
  ['aliases that are fewer', `a: &a 1\nb: [${'*a,'.repeat(60_000)}1]\n${STEP}`, 'unknown_key', /`a`/],
  ['merges', `a: &a { q: 1 }\nb:\n${'- { <<: *a }\n'.repeat(30_000)}${STEP}`, 'unknown_key', /`a`/],
  [
    'outputs of nothing',
    `${STEP}outputs:\n${many(20_000, (at) => `  o${at}: "{{ u${at} }}"\n`)}`,
    'undefined_variable',
    /`u0`/,
  ],
  [
    'outputs of each other',
    `${STEP}outputs:\n${many(9_000, (at) => `  o${at}: "{{ outputs.o${at + 1} }}"\n`)}`,
    'too_large',
    /have too many references/,
  ],
  ['outputs', `${STEP}outputs:\n${many(10_001, (at) => `  o${at}: "{{ a }}"\n`)}`, 'too_large', /10000 outputs/],
  ['inputs', `${STEP}inputs:\n${many(10_001, (at) => `  i${at}: 1\n`)}`, 'too_large', /10000 inputs/],
  ['escapes', `${STEP}b: "${'\\q'.repeat(FULL / 2)}"\n`, 'yaml_syntax', /\\q is not an escape/],
  [
    'texts that are no whole values',
    `${STEP}${many(9_000, (at) => `k${at}: "a" b #${'-'.repeat(80)}\n`)}`,
    'yaml_syntax',
    /nothing may follow/,
  ],
  ['tags without an end', `${STEP}b: [c: d,${'<AUTO,'.repeat(FULL / 8)}1]\n`, 'yaml_syntax', /./],
  ['tags without an end on their lines', `${STEP}b: <AUTO>c: d\n${'   e <AUTO>\n'.repeat(14_000)}`, 'yaml_syntax', /./],
  [
    'templates without an end',
    `${TEXT}"${`<AUTO>{{ a${'-'.repeat(50)}`.repeat(14_000)}"\n`,
    'auto_unclosed_ambiguous',
    /<AUTO>/,
  ],
  [
    'tags in each other',
    `${TEXT}${'<AUTO>'.repeat(29_000)}a${'</AUTO>'.repeat(29_000)}\n`,
    'auto_unclosed_ambiguous',
    /nested deeper than 20/,
  ],
  ['letters in a tag', `${TEXT}"<AUTO ${'a'.repeat(900_000)}>x</AUTO>"\n`, '', /./],
  [
    'comments before a tag in a template',
    `${TEXT}"${'{#'.repeat(400_000)}} {{ <AUTO>x</AUTO> }}"\n`,
    'auto_unclosed_ambiguous',
    /inside .* 6:80001/,
  ],
  [
    'spaces in the size of a file',
    `name: x\nsteps: [{ id: a, tool: say, location: a.md, size_limit: "1${' '.repeat(900_000)}x" }]\n`,
    'bad_value',
    /size_limit/,
  ],
  [
    'spaces in a number of tokens',
    `name: x\nsteps: [{ id: a, tool: say, requires_model: { context: "1${' '.repeat(900_000)}x" } }]\n`,
    'bad_value',
    /a number of tokens/,
  ],
  ['templates', `${TEXT}"${'{{ a }}'.repeat(30_001)}"\n`, 'too_large', /30000 templates/],
  ['spaces between tags', `${TEXT}"${`<AUTO>a</AUTO>${' '.repeat(100)}`.repeat(9_000)}"\n`, '', /./],
  ['spaces where a file is named', `${TEXT}"{{ file:${' '.repeat(900_000)}"\n`, 'template_syntax', /./],
  ['words that may be a path', `${TEXT}"<< ${'.a'.repeat(450_000)}"\n`, '', /./],
  [
    'dots where a file is named',
    `name: x\nsteps: [{ id: a, action: "write a to ${'.'.repeat(900_000)} x" }]\n`,
    'unknown_action',
    /./,
  ],
  [
    'steps in loops',
    `name: x\nsteps:\n${many(170, (at) => `- id: l${at}\n  for_each: [1]\n  steps:\n${many(60, (n) => `  - { id: s${n}, tool: say }\n`)}`)}`,
    'too_large',
    /10000 steps in total/,
  ],
  [
    'steps that read all',
    `name: x\nsteps:\n${many(2_000, (at) => `- id: s${at}\n  tool: say\n  parameters: { t: "{{ steps }}" }\n${at > 0 ? `  depends_on: s${at - 1}\n` : ''}`)}`,
    'too_large',
    /have too many references/,
  ],
  [
    'patterns',
    `name: x\nsteps:\n${many(120, (at) => `- id: s${at}\n  tool: say\n  on_error: { handler_action: a, error_patterns: [${many(10, (n) => `"(a{1,50}|b){1,20}${at}x${n}",`)}] }\n`)}`,
    'too_large',
    /patterns of this pipeline are too large/,
  ],
  [
    'questions about all steps',
    `name: x\nall: &all [${many(1_000, (at) => `s${at},`)}]\nsteps:\n${many(1_000, (at) => `- { id: s${at}, tool: say }\n`)}${many(20, (at) => `- { id: t${at}, tool: say, depends_on: *all, parameters: { t: [${'<AUTO>x</AUTO>, '.repeat(60)}] } }\n`)}`,
    'too_large',
    /have too many references/,
  ],
])('a text full of %s is judged soon', (_what, text, code, says) => {
  const told: Finding[] = []
  expect(secondsFor(() => told.push(...compile(text)))).toBeLessThan(4)
  expect(told.length).toBeLessThan(1_010)
  const found = told.find((finding) => finding.code === code)
  if (code !== '') expect(`${found?.message} ${found?.line}:${found?.column}`).toMatch(says)
})

const including = (text: string) => {
  const read = () => ({ file: 'x.md', text })
  return compileText(`${TEXT}"{{ file:x.md }}"\n`, { file: 'p.yaml', toolbox, read }).findings
}

it('a fault in a large included text is reported soon, with its place there', () => {
  const told: Finding[] = []
  const text = many(20_000, (at) => `${'-'.repeat(30)}{{ u${at} }}\n`)
  expect(secondsFor(() => told.push(...including(text)))).toBeLessThan(2)
  expect(told).toHaveLength(1_000)
  expect(told.at(-1)).toMatchObject({ file: 'x.md', line: 1_000, column: 34 })
})

it('a text that is included has no more templates than a pipeline', () => {
  expect(including('{{ a }}'.repeat(30_001))).toMatchObject([{ code: 'include_too_large', line: 6, column: 9 }])
})
