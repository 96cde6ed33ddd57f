import { expect, test } from 'vitest'
import { GO_ON } from '../../../src/agent/goal/think/await-code.ts'
import { linesOf } from '../../../src/cli/commands/answer/inbox.ts'
import { whyLines } from '../../../src/cli/commands/inspect/why.ts'
import { sealedColors } from '../../../src/cli/terminal/escape.ts'

const command = (...args: readonly string[]) => `npx antiphon ${args.join(' ')}`
const since = Date.now()

test('the inbox tells the command that lets work go on with changed code', () => {
  const expects = { type: 'nothing' } as const
  const goal = { kind: 'goal', goal: 'lamp.m1', agent: 'support', owner: 'local', since, expects } as const
  expect(linesOf({ ...goal, title: `The code has changed. ${GO_ON}` } as never, command, false).slice(1)).toEqual([
    '  The code has changed.',
    '  → npx antiphon agent resume --all --with-new-code',
  ])
  const step = {
    kind: 'code',
    run: 'lamp.m1.1',
    step: 'call_1',
    owner: 'ann',
    agent: 'support',
    since,
    expects,
  } as const
  expect(linesOf({ ...step, title: `The tool has changed. ${GO_ON}` } as never, command, false).slice(1)).toEqual([
    '  The tool has changed.',
    '  agent support, for ann',
    '  → npx antiphon agent resume --all --with-new-code',
    '  to cancel the run: npx antiphon cancel lamp.m1.1',
  ])
})

test('the inbox tells the command that continues a goal that waits for something else', () => {
  const goal = { kind: 'goal', goal: 'lamp.m1', agent: 'support', owner: 'local', since, title: 'It waits.' }
  expect(linesOf(goal as never, command, false).at(-1)).toBe('  → npx antiphon agent resume lamp.m1')
})

test('`why` tells the same command as the inbox, for a step and for a goal', () => {
  const why = (of: string, hold: object) =>
    whyLines(
      { of, status: 'waiting', holds: [hold as never], waitsFor: [], more: 0, letters: [] },
      { now: since, colors: sealedColors(false), command },
    )
  const title = `The tool has changed. ${GO_ON}`
  const adopt = '  → to continue: npx antiphon agent resume --all --with-new-code'
  expect(why('step/lamp.m1.1.call_1', { type: 'code', title, since }).slice(1)).toEqual([
    '  has waited 0 ms for other code',
    '  The tool has changed.',
    adopt,
  ])
  expect(why('goal/lamp.m1', { type: 'goal', reason: 'code', title, since }).slice(1)).toEqual([
    '  waits (for 0 ms): The tool has changed.',
    adopt,
  ])
  expect(why('goal/lamp.m1', { type: 'goal', reason: 'code', title: 'It waits.' }).at(-1)).toBe(
    '  → to continue: npx antiphon agent resume lamp.m1',
  )
})
