import { listOf } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { testedOperations } from '../facts.ts'
import { testDocument, testResult, testSummary } from './documents.ts'

/** Results of tests of agents. */
export const TESTS = describe(testedOperations, {
  'tests.list': {
    scope: 'read',
    summary: 'List the tests of agents that have results, the one that ran last first',
    description: 'Results are those of `antiphon agent test`. The user of the data folder and an admin see them.',
    answer: { about: 'the tests with their last results', schema: listOf(testSummary) },
  },
  'tests.get': {
    scope: 'read',
    summary: 'Show the last results of a test, side by side',
    answer: { about: 'the last 20 results, the newest first', schema: testDocument },
    errors: ['not_found'],
  },
  'tests.result': {
    scope: 'read',
    summary: 'Show a result of a test with its answers and calls',
    answer: { about: 'the result', schema: testResult },
    errors: ['not_found'],
  },
})
