import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { GoalDocument } from '../../src/agent/room/goals/port.ts'
import type { Kill } from './flush/database.ts'
import { ALL_THOUGHTS, flushesIn, type Lived, LOOKED, live, makeFolder, thoughtsIn } from './goals/life.ts'
import { isKilled } from './killed.ts'
import { callsIn, fileLog, LEDGER } from './kinds/log.ts'

/** Every so many sides of a flush are enough for the short form, in turns before and after; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 27 : 1

const CHILD = join(import.meta.dirname, 'goals/child.ts')

/** Folders for lives of the same goals. */
function openBase() {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-goals-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  return (name: string) => makeFolder(join(base, name))
}

const outcomesOf = ({ rounds }: GoalDocument) => rounds.map(({ calls }) => calls.map(({ outcome }) => outcome))
const briefly = ({ chores, closed, move }: Lived) => [chores, closed, move].map(outcomesOf)

const ledgerOf = (folder: string) => fileLog(join(folder, LEDGER)).read()
const fileIn = (folder: string, name: string) =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined

/** The call of each label whose effect may be repeated, and those that may not. */
const REPEATED = ['seen', 'booked', 'kept', 'fails', 'left', 'right', 'stumbled', 'again', 'closed', 'moved', 'stays']
const ONCE = ['sent', 'told']

const END = {
  chores: { status: 'completed', answer: 'done', handedTo: { agent: 'closer', goal: 'chores.8.hand_off' } },
  closed: { status: 'completed', answer: 'done', parent: { goal: 'chores' } },
  // a call of keep cannot be undone
  move: { status: 'failed', problem: { code: 'model_refused' }, undo: { undone: 3, failed: 1 } },
}

/** The outcomes of a life without a kill: twelve rounds of the two agents, then a goal that fails. */
const CALM = [
  [
    ['succeeded', 'succeeded', 'succeeded'],
    ['succeeded'],
    ['failed', 'refused'],
    ['succeeded', 'succeeded'],
    ['succeeded', 'succeeded'],
    ['succeeded'],
    ['succeeded'],
    ['succeeded'],
  ],
  [['succeeded', 'succeeded'], ['succeeded'], ['succeeded'], []],
  [['succeeded', 'succeeded'], ['succeeded', 'succeeded'], []],
]

/** The calls that may not be repeated, by goal and round: the model learns that the outcome of a cut off one is unknown. */
const FRAGILE = [
  [0, 1],
  [0, 6],
  [1, 2],
] as const

/** Checks that a life with a kill came to the same end, and that a log outside knows of no call that was one too many. */
function checkLife(folder: string, lived: Lived, where: string): void {
  expect(lived, where).toMatchObject(END)
  const outcomes = briefly(lived)
  const unknown = FRAGILE.filter(([goal, round]) => outcomes[goal]![round]![0] === 'unknown')
  for (const [goal, round] of unknown) outcomes[goal]![round]![0] = 'succeeded'
  expect(outcomes, where).toEqual(CALM)
  expect(unknown.length, where).toBeLessThanOrEqual(1)
  const isUnknown = (one: (typeof FRAGILE)[number]) => unknown.includes(one)

  const calls = callsIn(ledgerOf(folder))
  const keysOf = (word: string, label: string) =>
    calls.filter((one) => one.word === word && one.label.startsWith(`goal ${label}`)).map(({ key }) => key)
  for (const [at, label] of ONCE.entries()) {
    const made = keysOf('start', label).length
    expect(made, `${where}: ${label}`).toBeLessThanOrEqual(1)
    if (!isUnknown(FRAGILE[at === 0 ? 0 : 2])) expect(made, `${where}: ${label}`).toBe(1)
  }
  for (const label of REPEATED) {
    const keys = keysOf('start', label)
    expect(new Set(keys).size, `${where}: ${label}`).toBe(1)
    // the kill cuts off one attempt at most
    expect(keys.length, `${where}: ${label}`).toBeLessThanOrEqual(label === 'stumbled' ? 3 : 2)
  }
  const undone = keysOf('undo', 'moved')
  expect([new Set(undone).size, undone.length > 2], `${where}: undo`).toEqual([1, false])
  expect(keysOf('undo', 'booked'), `${where}: undo`).toEqual([])

  expect([fileIn(folder, 'a.txt'), fileIn(folder, 'b.txt')], where).toEqual(['one', 'two'])
  expect(fileIn(folder, 'c.txt'), where).toBeUndefined()
  expect(isUnknown(FRAGILE[1]) ? [undefined, '', 'x'] : ['x'], where).toContain(fileIn(folder, 'log.txt'))

  // at most the thought that the kill cut off is repeated
  const thoughts = thoughtsIn(folder)
  expect(new Set(thoughts), where).toEqual(new Set(ALL_THOUGHTS))
  expect(thoughts.length, where).toBeLessThanOrEqual(ALL_THOUGHTS.length + 1)
}

// dear: each life between two kills is a process
test('goals are killed at their flushes; no finished thought is paid twice, and no call is made twice', async () => {
  const make = openBase()
  const calm = make('calm')
  const expected = await live({ folder: calm })
  expect(briefly(expected)).toEqual(CALM)
  expect(thoughtsIn(calm)).toEqual(ALL_THOUGHTS)
  checkLife(calm, expected, 'calm')
  const flushes = Array.from({ length: flushesIn(calm) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  expect(kills.length).toBeGreaterThan(100)
  const someKills = kills.filter((_, place) => place % STRIDE === 0)
  // the model has replied, and no flush has the reply
  const chosen = [...someKills, { side: 'before', flush: { afterLine: 'thought closer 2' } } satisfies Kill]
  let cut = 0
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`life-${chosen.indexOf(kill)}`)
    if (await isKilled(CHILD, { folder, kill }, 30_000)) killed++
    checkLife(folder, await live({ folder }), `${kill.side} flush ${JSON.stringify(kill.flush)}`)
    cut += thoughtsIn(folder).length - ALL_THOUGHTS.length
  }
  expect(cut).toBeGreaterThan(0)
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}, 600_000)

test('a person is asked about a call that the kill cut off, and the goals end as without it', async () => {
  const make = openBase()
  const folder = make('cut-off')
  // the call has ended outside, and no flush has its outcome yet
  const kill: Kill = { side: 'before', flush: { afterLine: ' goal sent' } }
  expect(await isKilled(CHILD, { folder, asks: true, kill }, 30_000)).toBe(true)
  const lived = await live({ folder, asks: true })
  checkLife(folder, lived, 'cut off')
  expect(lived.chores.rounds[1]!.calls[0]!.result).toBe(LOOKED)
})
