import type { TestCaseResult, TestResult } from '../../src/tested/room/documents.ts'

/** A case of a result, which passes. */
export const caseOf = (name: string, changes: Partial<TestCaseResult> = {}): TestCaseResult => ({
  name,
  passed: true,
  ms: 5,
  rounds: 1,
  tokens: 2,
  cost: 0.001,
  status: 'completed',
  failures: [],
  notes: [],
  messages: ['Hi.'],
  answer: 'Hello.',
  calls: [],
  models: ['test/model'],
  ...changes,
})

/** A result without its id. */
export const resultOf = (changes: Partial<TestResult> = {}): Omit<TestResult, 'id'> => ({
  test: '0123456789abcdef',
  file: 'support.test.ts',
  agent: 'support',
  at: 1_764_300_000_000,
  passed: true,
  ms: 10,
  tokens: 2,
  cost: 0.001,
  fileHash: 'f0',
  notes: [],
  cases: [caseOf('greets')],
  ...changes,
})
