import type { RoomSample } from '../rooms/samples.ts'
import { resultOf } from './example.ts'

const { test } = resultOf()
let result = ''

/** The requests with which the tests of all routes try the results of tests. */
export const sample: RoomSample = {
  calls: ({ tests }) => [tests.list(), tests.get('a/b'), tests.result('a/b', 'c/d')],
  async prepare({ tests }) {
    result = (await tests.save(resultOf())).id
  },
  answers: () => [
    ['get /tests', '/tests'],
    ['get /tests/{test}', `/tests/${test}`],
    ['get /tests/{test}/results/{result}', `/tests/${test}/results/${result}`],
  ],
  scopes: { 'tests.list': 'read', 'tests.get': 'read', 'tests.result': 'read' },
}
