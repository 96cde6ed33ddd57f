import { expect, it } from 'vitest'
import { compileText } from '../../src/pipeline/compile.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { secondsFor } from '../template/fixture.ts'
import { tool } from './workshop.ts'

// what somebody sends who may only run pipelines is compiled in the process that works for all

const toolbox = createToolbox([tool('say', () => null)])
const compile = (text: string) => compileText(text, { file: 'p.yaml', toolbox }).findings
const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('')
const STEP = 'name: x\nsteps: [{ id: a, tool: say }]\n'

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

it('of more than a thousand warnings the first error is told all the same', () => {
  const text = `${many(1_500, (at) => `k${at}: 1\n`)}${STEP}inputs: { a: { type: strin } }\n`
  const errors = compile(text).filter(({ severity }) => severity === 'error')
  expect(errors.length).toBeGreaterThan(0)
  expect(compile(text).length).toBeLessThan(1_010)
})
