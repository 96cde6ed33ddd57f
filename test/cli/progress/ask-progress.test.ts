import { createColors } from 'picocolors'
import { expect, it } from 'vitest'
import { applyAskEvent, INITIAL_ASK_PROGRESS } from '../../../src/cli/progress/ask-progress.ts'
import { draftLines, drawAsk } from '../../../src/cli/render/draw.ts'

it('follows the phases of an ask, cycle by cycle', () => {
  const end = { type: 'phase-end', phase: 'action', cycle: 1, status: 'degraded', text: 't', model: 'm', ms: 5 }
  const progress = [
    { type: 'ask-start', prompt: 'Why?' },
    { type: 'phase-start', phase: 'action', cycle: 1 },
    { ...end, problem: { code: 'x', name: 'E', message: 'no model' } },
    { type: 'decision', decision: 'loop', target: 'action', reason: 'thin', cycle: 1 },
    { type: 'phase-start', phase: 'action', cycle: 2 },
  ].reduce(applyAskEvent, INITIAL_ASK_PROGRESS)
  expect(progress).toMatchObject({ prompt: 'Why?', status: 'running' })
  expect(progress.phases).toEqual([
    { phase: 'action', cycle: 1, status: 'degraded', model: 'm', ms: 5, problem: expect.anything() },
    { phase: 'action', cycle: 2, status: 'running' },
  ])
  expect(applyAskEvent(progress, { type: 'ask-end', status: 'completed' }).status).toBe('completed')
})

it('shows the proposal until it is decided', () => {
  const proposal = { type: 'decision-wait', decision: 'yield', reason: 'complete', mayLoop: true }
  const waiting = applyAskEvent(INITIAL_ASK_PROGRESS, proposal)
  expect(waiting).toMatchObject({ proposal })
  expect(applyAskEvent(waiting, { type: 'decision', decision: 'yield', reason: 'decided' })).not.toHaveProperty(
    'proposal',
  )
  expect(applyAskEvent(waiting, { type: 'ask-end', status: 'cancelled' })).not.toHaveProperty('proposal')
})

it('shows the questions to the user, and no changes that need no consent', () => {
  const prune = { operation: 'PRUNE', target: 2, reason: 'low_relevance' }
  const asks = { operation: 'TRANSFORM', target: 1, originalLength: 1500, requiresConsent: true }
  const change = (...operations: object[]) =>
    applyAskEvent(INITIAL_ASK_PROGRESS, { type: 'context-change', operations } as never)
  expect(change(prune)).toEqual(INITIAL_ASK_PROGRESS)
  expect(change(prune, asks).consent).toBe(
    'may prompts have a summary of message 1 (1500 characters)? To answer: antiphon inbox',
  )
})

it('shows the answer as it is written, until it is checked', () => {
  const delta = (phase: string, text: string, at: number) => ({ type: 'text-delta', phase, text, at })
  const start = { type: 'phase-start', phase: 'yield', cycle: 1 }
  const events = [start, delta('action', 'A guess', 0), delta('yield', 'The old', 0), delta('yield', 'The ', 0)]
  const writing = [...events, delta('yield', 'ship <vi', 4)].reduce(applyAskEvent, INITIAL_ASK_PROGRESS)
  expect(writing.draft).toBe('The ship <vi')
  const frame = { colors: createColors(false), elapsed: 0, now: 0, rows: 20, columns: 80 }
  expect(drawAsk(writing, frame).slice(-2)).toEqual(['', 'The ship'])
  const end = { type: 'phase-end', phase: 'yield', cycle: 1, status: 'completed', text: 't', model: 'm', ms: 5 }
  expect(applyAskEvent(writing, end)).not.toHaveProperty('draft')
  expect(applyAskEvent(writing, { type: 'ask-end', status: 'failed' })).not.toHaveProperty('draft')
})

it('shows the last lines of a long answer, and no citations', () => {
  const text = 'one two three <vid>v1</vid>, four <vid>v2</v'
  expect(draftLines(text, 10, 5)).toEqual(['', 'one two', 'three,', 'four'])
  expect(draftLines(text, 10, 2)).toEqual(['', 'four'])
  expect(draftLines('abcdefghijklmnop', 10, 5)).toEqual(['', 'abcdefghi', 'jklmnop'])
  expect([draftLines(text, 10, 1), draftLines(undefined, 10, 5)]).toEqual([[], []])
})
