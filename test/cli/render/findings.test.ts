import { expect, test } from 'vitest'
import { findingsToShow } from '../../../src/cli/render/verdict.ts'
import type { Finding } from '../../../src/run/finding.ts'

const at = (line: number, column: number, more: Partial<Finding> = {}): Finding => ({
  code: 'bad_value',
  severity: 'error',
  message: `${more.file ?? 'p'}:${line}:${column}`,
  file: 'p',
  line,
  column,
  ...more,
})
const told = (...findings: readonly Finding[]) => findingsToShow(findings).map(({ message }) => message)

const EDGE = at(1, 1, { code: 'implicit_dependency', severity: 'info' })

test.each<[what: string, findings: readonly Finding[], told: readonly string[]]>([
  ['from the top down', [at(9, 1), at(2, 7), at(2, 3)], ['p:2:3', 'p:2:7', 'p:9:1']],
  ['a file after the other', [at(9, 1), at(1, 1, { file: 'q' }), at(2, 1)], ['p:2:1', 'p:9:1', 'q:1:1']],
  ['without what the lists of needs say', [at(2, 1), EDGE], ['p:2:1']],
  ['with it where steps wait for each other', [at(2, 1, { code: 'dependency_cycle' }), EDGE], ['p:1:1', 'p:2:1']],
])('findings are printed %s', (_, findings, expected) => {
  expect(told(...findings)).toEqual(expected)
})
