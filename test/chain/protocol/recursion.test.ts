import { expect, test } from 'vitest'
import {
  type CycleJudgement,
  decideCycle,
  type RecursionState,
  toLoopEntry,
} from '../../../src/chain/protocol/recursion.ts'
import type { CycleDecision } from '../../../src/thread/protocol/cycle-decision.ts'

const limits = { maxCycles: 3 }
const wants: CycleJudgement = { loop: true, confidence: 0.5, gaps: ['x'] }
const first: RecursionState = { cycle: 1, convergence: null, history: [] }
const loop = (judgement: CycleJudgement) =>
  decideCycle(judgement, first, limits) as Extract<CycleDecision, { decision: 'loop' }>

test('rules apply in their order: an earlier rule wins', () => {
  const history = [toLoopEntry(1, loop(wants))]
  const sure = { ...wants, confidence: 0.95 }
  const all: RecursionState = { cycle: 3, convergence: 0.05, history, spent: 'budget' }
  const { spent, ...unspent } = all
  const early: RecursionState = { ...unspent, cycle: 2 }
  const reasons = [
    decideCycle(undefined, all, limits),
    decideCycle(undefined, unspent, limits),
    decideCycle(undefined, early, limits),
    decideCycle(sure, early, limits),
    decideCycle(wants, early, limits),
    decideCycle(wants, { ...early, convergence: 0.5 }, limits),
    decideCycle({ ...wants, loop: false, gaps: [] }, { ...early, convergence: 0.5 }, limits),
    decideCycle({ ...wants, gaps: ['y'] }, { ...early, convergence: 0.5 }, limits),
  ].map(({ decision, reason }) => `${decision} ${reason}`)
  expect(reasons).toEqual([
    'yield budget',
    'yield max_cycles',
    'yield degraded',
    'yield confident',
    'yield converged',
    'yield loop_detected',
    'yield complete',
    'loop not answered yet',
  ])
  expect(spent).toBe('budget')
})

test('convergence counts only from the second cycle on', () => {
  expect(decideCycle(wants, { ...first, convergence: 0 }, limits).decision).toBe('loop')
})

test.each<[string, Partial<CycleJudgement>, string]>([
  ['too little is known', { infoSufficiency: 0.3, unclearIntent: true, needsTools: true }, 'experience'],
  ['enough is known but not what for', { infoSufficiency: 0.8, unclearIntent: true, needsTools: true }, 'intention'],
  ['tools are needed', { needsTools: true }, 'action'],
  ['nothing is said', {}, 'action'],
  ['a target is named', { target: 'observation', infoSufficiency: 0.3 }, 'observation'],
  ['Understanding names itself', { target: 'understanding', infoSufficiency: 0.3 }, 'experience'],
])('when %s', (_, said, target) => {
  expect(loop({ ...wants, ...said }).target).toBe(target)
})

test('the next round reads what is missing', () => {
  expect(loop({ ...wants, gaps: ['the price', 'the date'] }).prompt).toBe('Still open: the price; the date')
})

test.each([[[]], [['']], [[' ', '\n']]])('with the gaps %j, nothing is said to be open', (gaps) => {
  expect(loop({ ...wants, gaps }).prompt).toBe('Look again, more closely.')
})

test('a loop is recognised in any spacing and case, and loops differ by their target', () => {
  const history = [toLoopEntry(1, loop({ ...wants, gaps: ['The  Price'] }))]
  const second: RecursionState = { cycle: 2, convergence: 1, history }
  expect(decideCycle({ ...wants, gaps: ['the price'] }, second, limits)).toMatchObject({ reason: 'loop_detected' })
  expect(decideCycle({ ...wants, gaps: ['the price'], target: 'intention' }, second, limits)).toMatchObject({
    decision: 'loop',
  })
})
