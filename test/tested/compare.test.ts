import { expect, it } from 'vitest'
import { withChanges } from '../../src/tested/room/files.ts'
import { caseOf } from './example.ts'

const changes = (...given: Parameters<typeof withChanges>) =>
  withChanges(...given).map(({ name, change, differs = false }) => [name, change, differs])

it('says nothing of a first result', () => {
  expect(changes([caseOf('a')], [])).toEqual([['a', undefined, false]])
})

it('says which case broke, was mended, is new, and has another answer', () => {
  const before = [caseOf('a'), caseOf('b', { passed: false }), caseOf('c'), caseOf('d', { passed: false })]
  const now = [
    caseOf('a', { passed: false }),
    caseOf('b'),
    caseOf('c', { answer: 'Hi.' }),
    caseOf('d', { passed: false }),
    caseOf('e'),
  ]
  expect(changes(now, [{ cases: before }])).toEqual([
    ['a', 'broke', false],
    ['b', 'mended', false],
    ['c', undefined, true],
    ['d', undefined, false],
    ['e', 'new', false],
  ])
})

it('compares with the newest result that has the case, so a filtered one hides nothing', () => {
  const earlier = [
    { cases: [caseOf('b')] },
    { cases: [caseOf('a', { passed: false }), caseOf('b')] },
    { cases: [caseOf('a')] },
  ]
  expect(changes([caseOf('a', { passed: false }), caseOf('b')], earlier)).toEqual([
    ['a', undefined, false],
    ['b', undefined, false],
  ])
})

it('compares answers as far as both are stored', () => {
  const before = [{ cases: [caseOf('a', { answer: 'x'.repeat(100), cut: ['answer'] }), caseOf('b', { answer: 'xy' })] }]
  const now = [caseOf('a', { answer: 'x'.repeat(200) }), caseOf('b', { answer: 'x' })]
  expect(changes(now, before)).toEqual([
    ['a', undefined, false],
    ['b', undefined, true],
  ])
})
