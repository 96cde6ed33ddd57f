import { join } from 'node:path'
import { expect } from 'vitest'
import { callsIn, fileLog, LEDGER } from '../kinds/log.ts'
import { type Lived, partsIn, thoughtsIn } from './life.ts'

/** The calls of the model in a life without a kill. */
export const THOUGHTS = ['round 1', 'round 2', 'round 3', 'round 3', 'last']

const PARTS = ['fold', 'seal', 'stamp']

/** The events of a conversation in which no kill makes a call wait once more. */
export const EVENTS = [
  ...['ask-start', 'ask-goal', 'goal-start', 'round', 'goal-needs', 'goal-message', 'round-end'],
  ...['round', 'round-end', 'round', 'goal-end'],
  ...['ask-join', 'ask-end', 'ask-end', 'ask-start', 'ask-goal', 'goal-start', 'round', 'goal-end', 'ask-end'],
  ...['ask-start', 'ask-goal', 'goal-start', 'round', 'goal-end', 'ask-end'],
]

/** Checks that no message is lost or answered twice, no call is made twice, and no event is lost or repeated. */
export function checkLife(
  folder: string,
  { replies, names, events, followed }: Lived,
  where: string,
  kills: number,
): void {
  const posted = { status: 'completed', answer: 'Posted, thanks.', goal: 'talk.m1' }
  const last = { status: 'completed', answer: 'I posted it, thanks.', goal: 'talk.m4' }
  expect(replies, where).toMatchObject([posted, posted, last])
  // the picture of the second message, once
  expect(names, where).toEqual(['photo.png', 'photo.png'])
  expect(new Set(events.map(({ cursor }) => cursor)).size, where).toBe(events.length)
  // a call that a kill cut off waits for a person once more, before or after the next message
  // a new goal waits while the machine is too busy
  const types = events.map(({ type }) => type).filter((type) => type !== 'goal-wait' && type !== 'goal-resume')
  const isOther = (type: string) => type !== 'goal-needs'
  const needs = types.filter((type) => !isOther(type)).length
  expect(needs, where).toBeGreaterThanOrEqual(1)
  expect(needs, where).toBeLessThanOrEqual(1 + kills)
  // the thread may tell the result to the goal that has just ended, which refuses it: then it begins a goal of its own
  const ordered = types.filter(isOther).filter((type, at, all) => type !== 'ask-join' || all[at - 1] !== 'ask-join')
  expect(types.filter((type) => type === 'ask-join').length, where).toBeLessThanOrEqual(2)
  expect(ordered, where).toEqual(EVENTS.filter(isOther))
  // a follower that goes on after its last event in each process has no gap and no repetition
  expect(followed, where).toEqual(events)
  const parts = partsIn(folder)
  expect(new Set(parts), where).toEqual(new Set(PARTS))
  // at most the parts that kills cut off are repeated
  expect(parts.length, where).toBeLessThanOrEqual(PARTS.length + kills)
  const made = callsIn(fileLog(join(folder, LEDGER)).read()).filter((one) => one.word === 'start')
  expect(made.length, where).toBe(1)
  const thoughts = thoughtsIn(folder)
  expect(new Set(thoughts), where).toEqual(new Set(THOUGHTS))
  // at most the thoughts that kills cut off are repeated
  expect(thoughts.length, where).toBeLessThanOrEqual(THOUGHTS.length + kills)
}
