import { expect, test } from 'vitest'
import { type Doubtful, openDoubts } from '../../../src/engine/libsql/log/doubts.ts'

const END = 1_000

/** Threads at work are `running`, their parts are phases, and runs end at a time. */
const doubtful: Doubtful = {
  isAtWork: (name, index) =>
    name.startsWith('chain/')
      ? index === undefined || index.status === 'running'
      : /^(run|phase)\//.test(name) && index?.finishedAt === undefined,
  worksFor: (name) => /^phase\/(.*)\.\w+$/.exec(name)?.[1]?.replace(/^/, 'chain/'),
}

const CELLS: { readonly [name: string]: object | null } = {
  'chain/busy': { status: 'running' },
  'phase/busy.action': null,
  'chain/idle': { status: 'completed' },
  'phase/idle.action': null,
  'run/open': { status: 'running' },
  'run/over': { status: 'completed', finishedAt: 1 },
}

function open(mailTo?: string) {
  const rows: (readonly [string, unknown])[] = []
  const [kind = '', key = ''] = mailTo?.split('/') ?? []
  const doubts = openDoubts(
    {
      all: (sql: string) =>
        sql.includes('from cell')
          ? Object.entries(CELLS).map(([name, index]) => ({ name, fields: index && JSON.stringify(index) }))
          : [],
      first: (sql: string, [name]: readonly string[] = []) =>
        sql.includes('restored') ? { value: END } : name !== undefined && name in CELLS ? {} : undefined,
    } as never,
    {
      activations: new Map(),
      pending: new Map(mailTo === undefined ? [] : [['m', { envelope: { to: { kind, key } } }]]),
    } as never,
    { batch: { rows }, touch: () => {} } as never,
    doubtful,
  )
  return { doubts, rows }
}

test('actors at work at the end of a copy are in doubt once, and the phases of an idle thread are not', () => {
  const { doubts } = open()
  const names = Object.keys(CELLS).filter((name) => doubts.take(name) === END)
  expect(names).toEqual(['chain/busy', 'phase/busy.action', 'run/open'])
  expect(doubts.take('run/open')).toBeUndefined()
})

test('mail to an idle thread begins work that the copy does not know', () => {
  const { doubts } = open('chain/idle')
  expect(doubts.take('phase/idle.action')).toBe(END)
})

test('actors that it starts are in doubt, with the end of the copy, while its work is open', () => {
  const { doubts, rows } = open()
  doubts.take('chain/busy')
  doubts.spread('chain/busy', { kind: 'phase', key: 'busy.yield' })
  doubts.spread('phase/busy.yield', { kind: 'run', key: 'busy.q1' })
  doubts.spread('phase/busy.yield', { kind: 'reply', key: 'r1' })
  expect(doubts.take('run/busy.q1')).toBe(END)
  expect(doubts.take('reply/r1')).toBeUndefined()
  doubts.changed('chain/busy', { index: { status: 'running' } } as never)
  expect(doubts.take('phase/busy.yield')).toBe(END)
  doubts.changed('chain/busy', { index: { status: 'completed' } } as never)
  doubts.spread('phase/busy.yield', { kind: 'run', key: 'busy.q2' })
  doubts.spread('chain/busy', { kind: 'phase', key: 'busy.later' })
  expect([doubts.take('run/busy.q2'), doubts.take('phase/busy.later')]).toEqual([undefined, undefined])
  expect(rows.at(-1)).toEqual([
    'dropMeta',
    [['doubt chain/busy'], ['doubt phase/busy.action'], ['doubt phase/busy.yield']],
  ])
})

test('an actor that is gone leaves no name', () => {
  const { doubts, rows } = open()
  doubts.changed('run/open', undefined)
  expect(rows.at(-1)).toEqual(['dropMeta', [['doubt run/open']]])
})
