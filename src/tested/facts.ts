export const testedOperations = {
  'tests.list': { method: 'get', path: '/tests', takes: [] },
  'tests.get': { method: 'get', path: '/tests/{test}', takes: ['test'] },
  'tests.result': { method: 'get', path: '/tests/{test}/results/{result}', takes: ['test', 'result'] },
} as const
