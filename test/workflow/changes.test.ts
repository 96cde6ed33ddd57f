import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { z as zod } from 'zod'
import { defineWorkflow, type Workflow } from '../../src/index.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { makeContext } from '../../src/workflow/live/make-context.ts'
import { WorkflowExecution } from '../../src/workflow/replay/execution.ts'
import type { TurnRecord } from '../../src/workflow/replay/history.ts'
import type { Outcome } from '../../src/workflow/replay/operation.ts'

type Code = (c: WorkflowContext) => Promise<unknown>
type Played = { readonly turns: TurnRecord[]; readonly outcomes: Map<number, Outcome> }

const act = () => 1
const child = defineWorkflow({ name: 'child', input: zod.any(), run: async () => 1 })
const kid = defineWorkflow({ name: 'kid', input: zod.any(), run: async () => 1 })
const unused = () => {
  throw new Error('a replay has no effects')
}

function contextOf(execution: WorkflowExecution): WorkflowContext {
  const of = {
    id: 'r',
    seed: 'r',
    workflow: 'flow',
    version: 1,
    startedAt: 0,
    order: unused,
    startRun: unused,
    say: unused,
    addressOf: () => '',
  }
  return makeContext(execution, { ...of, tell: () => {} })
}

const isFailing = (id: string) => id.startsWith('bad')

/** Hands out the outcome of the oldest open operation, in a turn of its own. */
async function settleNext(execution: WorkflowExecution, { turns, outcomes }: Played): Promise<void> {
  const [number] = execution.open
  const { id, type } = execution.operations[number!]!
  const outcome: Outcome = isFailing(id)
    ? { number: number!, error: new Error(id) }
    : { number: number!, value: type === 'approve' ? { action: 'approve' } : id }
  outcomes.set(number!, outcome)
  await execution.settle(outcome)
  record(execution, { turns, outcomes }, [number!])
}

function record(execution: WorkflowExecution, { turns }: Played, ended: readonly number[]): void {
  const before = turns.reduce((sum, { operations }) => sum + operations.length, 0)
  const operations = execution.operations.slice(before).map(({ type, id, at }) => [type, id, at] as const)
  turns.push({ now: turns.length, outcomes: ended, operations: operations as unknown as TurnRecord['operations'] })
}

/** A run of code that has had so many outcomes. */
async function play(code: Code, outcomes: number): Promise<Played> {
  const execution = new WorkflowExecution('flow')
  const played: Played = { turns: [], outcomes: new Map() }
  await execution.begin(() => code(contextOf(execution)))
  record(execution, played, [])
  for (let n = 0; n < outcomes; n++) await settleNext(execution, played)
  return played
}

/** Other code takes the run, and a third process takes it after each turn of that. */
async function goOn({ turns, outcomes }: Played, code: Code): Promise<WorkflowExecution> {
  const played = { turns: [...turns], outcomes: new Map(outcomes) }
  const open = async () => {
    const execution = new WorkflowExecution('flow', () => {}, { run: 'r', version: 1 })
    await execution.replay(
      played.turns,
      () => code(contextOf(execution)),
      (number) => played.outcomes.get(number) ?? { number, value: undefined },
    )
    return execution
  }
  let execution = await open()
  for (let n = 0; n < 30 && execution.end.type === 'waits'; n++) {
    const dropped = execution.openDropped.map(({ number }) => number)
    for (const number of dropped) await execution.settle({ number, value: undefined })
    if (dropped.length > 0) record(execution, played, dropped)
    else if (execution.open.length > 0) await settleNext(execution, played)
    const cold = await open()
    const about = 'a cold replay of the next process'
    expect(cold.operations.map(idOf), about).toEqual(execution.operations.map(idOf))
    expect(JSON.stringify(cold.end), about).toBe(JSON.stringify(execution.end))
    execution = cold
  }
  return execution
}

const idOf = ({ type, id }: { readonly type: string; readonly id: string }) => `${type} ${id}`

// code in short: a row does its parts one after another, and all of them at once
const row =
  (...parts: readonly Code[]): Code =>
  async (c) => {
    for (const part of parts) await part(c)
  }
const both =
  (...parts: readonly Code[]): Code =>
  (c) =>
    Promise.all(parts.map((part) => part(c)))
const times = (count: number, ...parts: readonly Code[]) => row(...Array.from({ length: count }, () => row(...parts)))
const step =
  (name: string): Code =>
  (c) =>
    c.step(name, act)
const sleep: Code = (c) => c.sleep('3d')
const ask: Code = (c) => c.approve('ship')
const signal =
  (name: string): Code =>
  (c) =>
    c.signal(name)
const call =
  (target: Workflow): Code =>
  (c) =>
    c.call(target, 1 as never)
const patched =
  (name: string, isNew: Code, isOld: Code = row()): Code =>
  (c) =>
    c.patched(name) ? isNew(c) : isOld(c)
const renamed =
  (before: string, now: string): Code =>
  async (c) =>
    c.renamed(before, now)
const dropped =
  (name: string): Code =>
  (c) =>
    c.dropped(name)
const [a, b, c, x, y, z] = ['a', 'b', 'c', 'x', 'y', 'z'].map(step) as [Code, Code, Code, Code, Code, Code]
const [audit, charge, more] = ['audit', 'charge', 'more'].map(step) as [Code, Code, Code]
const caught: Code = (c) => step('bad')(c).catch(() => more(c))

type Fit = readonly [change: string, old: Code, outcomes: number, now: Code, operations: string]

/** What changed, the old code, the outcomes that the run has had, the new code, and the operations of the whole run. */
const FITS: readonly Fit[] = [
  ['nothing', row(a, b), 1, row(a, b), 'step a, step b'],
  ['a step after the waiting one is new', row(a, b), 1, row(a, b, c), 'step a, step b, step c'],
  ['a step that was not begun has another name', row(a, b, c), 1, row(a, b, z), 'step a, step b, step z'],
  ['a step that was not begun is gone', row(a, b, c), 1, row(a, b), 'step a, step b'],
  ['steps that were not begun have another order', row(a, b, c), 0, row(a, c, b), 'step a, step c, step b'],
  ['a log line is new', row(a, b), 1, row(a, async (c) => c.log('x'), b), 'step a, step b'],
  ['an option of a step', row(a, b), 1, row((c) => c.step('a', act, { retry: 9 }), b), 'step a, step b'],
  ['a catch around a step', step('bad'), 0, caught, 'step bad, step more'],
  ['a row becomes parallel', row(a, b), 1, both(a, b), 'step a, step b'],
  ['a loop has more turns', times(2, a), 1, times(3, a), 'step a, step a#2, step a#3'],
  ['the time limit of a signal', signal('go'), 0, (c) => c.signal('go', { timeout: '1h' }), 'signal wait-go'],
  ['a branch is longer', both(row(a, b), x), 1, both(row(a, b, c), x), 'step a, step x, step b, step c'],
  ['a branch is longer while another one is waited for', both(a, b), 1, both(row(a, c), b), 'step a, step b, step c'],
  ['patched: the run had passed it', row(a, b), 1, row(patched('p', x), a, b), 'step a, step b'],
  ['patched: it is new to the run', row(a, b), 1, row(a, b, patched('p', x)), 'step a, step b, patch patch-p, step x'],
  ['patched: both ways', row(a, b), 1, row(patched('p', x, a), patched('q', y, b)), 'step a, step b'],
  ['patched in a loop', times(2, a), 1, times(2, patched('p', x), a), 'step a, step a#2'],
  ['the mark is gone, its code stays', row(patched('p', x), a), 1, row(x, a), 'patch patch-p, step x, step a'],
  ['the last mark is gone', row(a, patched('p', row()), b), 1, row(a, b), 'step a, patch patch-p, step b'],
  [
    'one of two marks is gone',
    row(patched('p', row()), patched('q', row()), a),
    0,
    row(patched('q', row(), z), a),
    'patch patch-p, patch patch-q, step a',
  ],
  ['renamed', row(a, b), 1, row(renamed('a', 'x'), renamed('b', 'y'), x, y), 'step a, step b'],
  ['renamed in a loop', times(3, a), 1, row(renamed('a', 'x'), times(3, x)), 'step a, step a#2, step x'],
  ['renamed twice', row(a, b), 1, row(renamed('a', 'x'), renamed('x', 'y'), y, b), 'step a, step b'],
  [
    'renamed: a signal',
    row(signal('go'), a),
    1,
    row(renamed('wait-go', 'wait-on'), signal('on'), a),
    'signal wait-go, step a',
  ],
  ['renamed: a call', row(call(child), a), 1, row(renamed('child', 'kid'), call(kid), a), 'call child, step a'],
  ['dropped: it had ended', row(a, b, c), 2, row(a, dropped('b'), c), 'step a, step b, step c'],
  ['dropped: it had failed', caught, 1, row(dropped('bad'), more), 'step bad, step more'],
  ['dropped: a person was asked', row(a, ask, b), 1, row(a, dropped('ship'), b), 'step a, approve ship, step b'],
  ['dropped: a pause', row(a, sleep, b), 1, row(a, dropped('sleep'), b), 'step a, sleep sleep, step b'],
  ['dropped: not begun yet', row(a, b, c), 0, row(a, dropped('b'), c), 'step a, patch dropped-b, step c'],
  [
    'dropped in a loop',
    times(2, audit, charge),
    1,
    times(2, dropped('audit'), charge),
    'step audit, step charge, patch dropped-audit, step charge#2',
  ],
  [
    'dropped in one of two branches',
    both(row(a, b), row(x, y)),
    2,
    both(row(dropped('a'), b), row(x, y)),
    'step a, step x, step b, step y',
  ],
  [
    'dropped, and its name again',
    row(dropped('a'), a, b),
    1,
    row(dropped('a'), a, b),
    'patch dropped-a, step a, step b',
  ],
  ['the line of dropped is gone', row(dropped('a'), b), 0, b, 'patch dropped-a, step b'],
  ['dropped after renamed', row(a, b, c), 2, row(renamed('b', 'z'), a, dropped('z'), c), 'step a, step b, step c'],
]

describe('code that fits lets a run go on', () => {
  it.each(FITS)('%s', async (_, old, outcomes, now, operations) => {
    const ended = await goOn(await play(old, outcomes), now)
    expect(ended.end).toMatchObject({ type: 'done' })
    expect(ended.operations.map(idOf).join(', ')).toBe(operations)
  })
})

type Misfit = readonly [
  change: string,
  old: Code,
  outcomes: number,
  now: Code,
  recorded: string,
  found: string,
  ...remedies: Code[],
]

const fails: Code = async () => {
  throw new TypeError('no good')
}
const other = (name: string): Code => patched('p', step(name), b)
/** Asks a model. */
const model: Code = (c) => c.generate('a', { prompt: 'x' })

/** Beside that: the recorded operation, the code in its place, and code with each remedy. */
const MISFITS: readonly Misfit[] = [
  ['another name', row(a, b, c), 2, row(a, z, c), 'step `b`', 'begins step `z`', row(renamed('b', 'z'), a, z, c)],
  ['a step is new', row(a, b), 1, row(a, x, b), 'step `b`', 'begins step `x`', row(a, patched('new-x', x), b)],
  ['a step is new at the beginning', row(a, b), 1, row(x, a, b), 'step `a`', 'step `x`', row(patched('p', x), a, b)],
  ['a step is gone', row(a, b, c), 2, row(a, c), 'step `b`', 'begins step `c`', row(a, dropped('b'), c)],
  [
    'a step is gone for new runs',
    row(a, b, c),
    2,
    row(a, c),
    'step `b`',
    'step `c`',
    row(a, patched('p', row(), b), c),
  ],
  ['another order', row(a, b), 1, row(b, a), 'step `a`', 'step `b`', patched('p', row(b, a), row(a, b))],
  ['a step became a call', row(step('child'), b), 1, row(call(child), b), 'step `child`', 'call `child`'],
  ['a step became an approval', row(a, b), 1, row(renamed('a', 'ship'), ask, b), 'step `a`', 'approve `ship`'],
  ['an approval became a signal', row(ask, b), 1, row(signal('ship'), b), 'approve `ship`', 'signal `wait-ship`'],
  [
    'a model in place of a step',
    row(a, b),
    1,
    row(model, b),
    'step `a`',
    'generate `a`',
    row(patched('p', model, a), b),
  ],
  ['a pause is new', row(a, b), 1, row(a, sleep, b), 'step `b`', 'sleep `sleep`', row(a, patched('p', sleep), b)],
  ['a pause is gone', row(sleep, b), 1, b, 'sleep `sleep`', 'step `b`', row(dropped('sleep'), b)],
  [
    'parallel steps became a row',
    both(a, b),
    0,
    row(a, b),
    'step `b`',
    'does not begin it',
    patched('p', row(a, b), both(a, b)),
  ],
  ['a branch takes another way', row(a, b), 1, row(a, z), 'step `b`', 'step `z`', row(a, other('z'))],
  [
    'a loop has fewer turns',
    times(3, a),
    2,
    times(2, a),
    'step `a#3`',
    'returns before it',
    row(times(2, a), dropped('a')),
  ],
  ['it returns early', row(a, b, c), 2, row(a, b), 'step `c`', 'returns before it', row(a, b, dropped('c'))],
  ['the new code has a bug', row(a, b), 1, row(a, fails), 'step `b`', 'fails before it: no good', row(a, b)],
  ['the code behind a mark is gone', row(patched('p', x), a), 1, a, 'step `x`', 'step `a`', row(dropped('x'), a)],
  [
    'another workflow',
    row(call(child), b),
    1,
    row(call(kid), b),
    'call `child`',
    'call `kid`',
    row(renamed('child', 'kid'), call(kid), b),
  ],
  [
    'another signal',
    row(signal('go'), b),
    1,
    row(signal('on'), b),
    'signal `wait-go`',
    'signal `wait-on`',
    row(renamed('wait-go', 'wait-on'), signal('on'), b),
  ],
  [
    'a name that renamed gave away',
    row(a, b),
    1,
    row(renamed('a', 'x'), x, a, b),
    '',
    'begins step `a`',
    row(renamed('a', 'x'), x, patched('p', y), b),
  ],
]

describe('code that does not fit stops, and each remedy lets the run go on', () => {
  it.each(MISFITS)('%s', async (...misfit) => {
    const [, old, outcomes, now, recorded, found, ...remedies] = misfit as unknown as Misfit
    const played = await play(old, outcomes)
    const { end, operations } = await goOn(played, now)
    expect(end).toMatchObject({ type: 'stopped', stop: { reason: 'diverged' } })
    const { message } = (end as { readonly stop: { readonly message: string } }).stop
    expect(message).toContain(recorded)
    expect(message).toContain(found)
    // nothing is begun that the run does not have
    expect(played.turns.flatMap((turn) => turn.operations.map(([type, id]) => `${type} ${id}`))).toEqual(
      expect.arrayContaining(operations.map(idOf)),
    )
    // the old code is a remedy for each of them
    for (const remedy of [old, ...remedies]) {
      const ended = await goOn(played, remedy)
      expect(ended.end).toMatchObject({ type: 'done' })
    }
  })
})

test('a mismatch names both lines, and the exact lines and commands that mend it', async () => {
  const old: Code = async (c) => {
    await c.step('a', act)
    await c.step('before', act)
  }
  const effects: string[] = []
  const now: Code = async (c) => {
    await c.step('a', act)
    await c.step('after', act).finally(() => effects.push('it went on'))
  }
  const { end } = await goOn(await play(old, 1), now)
  const { message, hint } = (end as { readonly stop: { readonly message: string; readonly hint: string } }).stop
  const source = readFileSync(import.meta.filename, 'utf8').split('\n')
  const lineOf = (text: string) => source.findIndex((line) => line.includes(`c.step('${text}', act)`)) + 1
  expect(message).toBe(
    `The workflow flow has changed: the run began step \`before\` at changes.test.ts:${lineOf('before')}, and the code now begins step \`after\` at changes.test.ts:${lineOf('after')}.`,
  )
  expect(effects).toEqual([])
  for (const line of [
    "ctx.renamed('before', 'after')",
    `await ctx.dropped('before') in its place, which was changes.test.ts:${lineOf('before')}`,
    "if (ctx.patched('new-after'))",
    'version: 1 for the old one, version: 2 for the new one',
    'antiphon fork r',
    'antiphon cancel r',
  ])
    expect(hint).toContain(line)
})
