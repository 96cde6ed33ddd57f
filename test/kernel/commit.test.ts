import { describe, expect, it } from 'vitest'
import { buildCommit, cellAfterMessage, deadLetterMessages, deriveId, failureCommit } from '../../src/kernel/commit.ts'
import { poisonCommit, undeliverableMessages } from '../../src/kernel/dead-letter.ts'
import type { Directive, Turn } from '../../src/kernel/types.ts'
import { fc } from '../property.ts'
import { cell, counter, envelope, WATCHERS } from './fixtures.ts'

const ASKER = { kind: 'asker', key: '1' }
const CHILD = { kind: 'child', key: '1' }
const PROBLEM = { code: 'broken', name: 'TerminalError', message: 'broken', terminal: true }
const commit = (turn: Turn, before = cell(), message = envelope()) => buildCommit(counter(), before, message, turn)

describe('buildCommit: the cell', () => {
  it('changes nothing but the count of commits when the turn decided nothing', () => {
    expect(commit({}).cell).toEqual(cell({ seq: 5 }))
  })

  it.each<[string, Turn, object]>([
    ['takes a new state', { state: 8 }, { state: 8 }],
    ['takes null as a state', { state: null }, { state: null }],
    ['counts events', { events: ['a', 'b'] }, { events: 4 }],
    ['takes an index whole', { index: { a: 1 } }, { index: { a: 1 } }],
  ])('%s', (_title, turn, expected) => {
    expect(commit(turn, cell({ index: { b: 2 } })).cell).toMatchObject(expected)
  })

  it('keeps the index when none is given', () => {
    expect(commit({ state: 1 }, cell({ index: { b: 2 } })).cell?.index).toEqual({ b: 2 })
  })

  it('is gone when the turn stops', () => {
    expect(commit({ stop: true, state: 1 }).cell).toBeNull()
  })

  it('passes parts and events on as they are', () => {
    expect(commit({ parts: { a: 1, b: null }, events: ['x'] })).toMatchObject({
      parts: { a: 1, b: null },
      events: ['x'],
    })
  })
})

describe('buildCommit: what is sent', () => {
  it('carries cause and work, and numbers its ids by order', () => {
    const { sends } = commit({
      send: [
        { to: CHILD, body: 1 },
        { to: CHILD, body: 2, correlationId: 'run-2' },
      ],
    })
    expect(sends).toEqual([
      {
        v: 1,
        id: deriveId('message-1', 0),
        type: 'request',
        from: { kind: 'counter', key: 'a' },
        to: CHILD,
        correlationId: 'run-1',
        cause: 'message-1',
        body: 1,
      },
      expect.objectContaining({ id: deriveId('message-1', 1), correlationId: 'run-2', body: 2 }),
    ])
  })

  it('replies only to the caller', () => {
    expect(commit({ reply: 'yes' }).sends).toEqual([])
    expect(commit({ reply: 'yes' }, cell(), envelope({ replyTo: ASKER })).sends).toMatchObject([
      { to: ASKER, type: 'response', body: 'yes' },
    ])
  })

  it('refuses by an error', () => {
    expect(commit({ refuse: PROBLEM }, cell(), envelope({ replyTo: ASKER })).sends).toMatchObject([
      { to: ASKER, type: 'error', body: PROBLEM },
    ])
  })

  it('watches, cancels, and says why', () => {
    const cancel = [{ of: CHILD }, { of: CHILD, correlationId: 'run-2', reason: 'late' }]
    expect(commit({ watch: [CHILD], cancel }).sends).toMatchObject([
      { to: CHILD, type: 'watch' },
      { to: CHILD, type: 'cancel', correlationId: 'run-1', body: { reason: 'cancelled by its parent' } },
      { to: CHILD, type: 'cancel', correlationId: 'run-2', body: { reason: 'late' } },
    ])
  })

  it('tells the watchers when it stops, and sets no timers then', () => {
    const { sends } = commit({ stop: true, timers: { t: { delay: 1, body: 1 } } }, cell({ watchers: WATCHERS }))
    expect(sends).toMatchObject(WATCHERS.map((to) => ({ to, type: 'down', body: { reason: 'stopped' } })))
    expect(sends).toHaveLength(2)
  })
})

describe('buildCommit: an open ask of an actor that stops', () => {
  const errors = (turn: Turn, given: Parameters<typeof envelope>[0] = { replyTo: ASKER }) =>
    commit(turn, cell(), envelope(given)).sends.filter(({ type }) => type === 'error')

  it('gets an error if the turn has no reply', () => {
    expect(errors({ stop: true })).toMatchObject([{ to: ASKER, body: { code: 'actor_stopped' } }])
    expect(errors({ stop: true, send: [{ to: CHILD, body: 1 }] })).toHaveLength(1)
  })

  it.each<[string, Turn]>([
    ['it replies', { stop: true, reply: null }],
    ['it sends the answer itself', { stop: true, send: [{ to: ASKER, body: 1, type: 'response' }] }],
    ['it lets another answer', { stop: true, send: [{ to: CHILD, body: 1, replyTo: ASKER }] }],
    ['it goes on', {}],
  ])('is none where %s', (_title, turn) => {
    expect(errors(turn)).toEqual([])
  })

  it('gets nothing if the message was not an ask', () => {
    expect(errors({ stop: true }, {})).toEqual([])
    expect(errors({ stop: true }, { replyTo: ASKER, type: 'event' })).toEqual([])
  })
})

describe('buildCommit: timers', () => {
  const set = { timers: { bell: { delay: 50, body: 'ring' } } }

  it('are messages to the actor itself, and the token in the cell is their id', () => {
    const { cell: after, sends } = commit(set)
    expect(sends).toMatchObject([{ to: envelope().to, type: 'event', timer: 'bell', delay: 50, body: 'ring' }])
    expect(after?.timers).toEqual({ bell: sends[0]?.id })
  })

  it('are replaced by another token and cancelled by null', () => {
    const before = cell({ timers: { bell: 'old', other: 'kept' } })
    const replaced = commit(set, before).cell?.timers
    expect(replaced).toEqual({ bell: expect.any(String), other: 'kept' })
    expect(replaced?.bell).not.toBe('old')
    expect(commit({ timers: { bell: null } }, before).cell?.timers).toEqual({ other: 'kept' })
  })

  it('drop their token when they fire, unless set again', () => {
    const before = cell({ timers: { bell: 'token', other: 'kept' } })
    const fired = envelope({ id: 'token', timer: 'bell' })
    expect(commit({}, before, fired).cell?.timers).toEqual({ other: 'kept' })
    expect(commit(set, before, fired).cell?.timers).toEqual({ other: 'kept', bell: expect.any(String) })
  })

  it('have one token per message and name', () => {
    const names = fc.uniqueArray(
      fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(names, fc.string(), fc.string(), (timers, first, second) => {
        const turn = { timers: Object.fromEntries(timers.map((name) => [name, { delay: 1, body: name }])) }
        const tokens = (id: string) => Object.values(commit(turn, cell(), envelope({ id })).cell!.timers)
        expect(tokens(first)).toEqual(tokens(first))
        expect(new Set(tokens(first)).size).toBe(timers.length)
        if (first !== second) expect(tokens(first).some((token) => tokens(second).includes(token))).toBe(false)
      }),
    )
  })
})

describe('takenCell', () => {
  it('remembers the last 64 cancellations, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 99 }).map(String), { maxLength: 300 }), (works) => {
        let after = cell()
        for (const correlationId of works) after = cellAfterMessage(after, envelope({ type: 'cancel', correlationId }))
        const different = [...new Set(works)]
        expect(after.cancelled.length).toBe(Math.min(64, different.length))
        if (different.length <= 64) expect(after.cancelled).toEqual(different)
        expect(new Set(after.cancelled).size).toBe(after.cancelled.length)
        if (works.length > 0) expect(after.cancelled).toContain(works.at(-1))
        expect(after.seq).toBe(4 + works.length)
      }),
    )
  })
})

describe('failedTurn', () => {
  const failed = (
    type: Directive['type'],
    before = cell({ watchers: WATCHERS }),
    message = envelope({ replyTo: ASKER }),
  ) =>
    failureCommit(counter({ parent: (key) => ({ kind: 'parent', key }) }), before, true, message, PROBLEM, {
      type,
      delay: 1,
    } as Directive)
  const kept = { to: { kind: 'deadletter', key: 'message-1' }, body: { problem: PROBLEM } }
  const told = { to: ASKER, type: 'error', body: PROBLEM }
  const down = (reason: string) => WATCHERS.map((to) => ({ to, type: 'down', body: { reason } }))

  it.each<[Directive['type'], object | null, readonly object[]]>([
    ['fail', { seq: 5, state: 7, status: 'live' }, []],
    ['retry', { seq: 5, state: 7, status: 'live' }, []],
    ['reset', { seq: 5, state: 0, status: 'live', timers: {} }, []],
    ['stop', null, down('stopped')],
    [
      'escalate',
      { seq: 5, state: 7, status: 'failed' },
      [{ to: { kind: 'parent', key: 'a' }, type: 'error' }, ...down('failed')],
    ],
  ])('%s', (type, after, sends) => {
    const result = failed(type)
    if (after === null) expect(result.cell).toBeNull()
    else expect(result.cell).toMatchObject(after)
    expect(result.sends).toMatchObject([kept, told, ...sends])
    expect(result.sends).toHaveLength(2 + sends.length)
    expect(new Set(result.sends.map(({ id }) => id)).size).toBe(result.sends.length)
  })

  it('leaves no actor where none was', () => {
    expect(failureCommit(counter(), cell(), false, envelope(), PROBLEM, { type: 'fail' }).cell).toBeNull()
  })

  it('spends the timer whose turn failed, and remembers the work whose notice failed', () => {
    const timed = failed('fail', cell({ timers: { bell: 'message-1', other: 'kept' } }), envelope({ timer: 'bell' }))
    expect(timed.cell?.timers).toEqual({ other: 'kept' })
    expect(failed('fail', cell(), envelope({ type: 'cancel' })).cell?.cancelled).toEqual(['run-1'])
  })
})

describe('a dead letter', () => {
  it('holds the message, but neither its timer nor its time: retried, it is a message like any other', () => {
    const [letter] = deadLetterMessages(envelope({ timer: 'bell', due: 5, body: 'ring' }), PROBLEM)
    expect(letter?.body).toEqual({ letter: envelope({ body: 'ring' }), problem: PROBLEM })
  })
})

describe('a message that is given up as poison', () => {
  const message = envelope()
  const back = ({ to, from, type, body }: ReturnType<typeof poisonCommit>['sends'][number]) => ({
    to,
    from,
    type,
    body,
  })
  const notices = (given: Partial<typeof message>) =>
    poisonCommit(cell(), { ...message, ...given }, PROBLEM)
      .sends.filter(({ to }) => to.kind === message.to.kind)
      .map(back)
  const told = (from: typeof ASKER) => ({
    to: message.to,
    from,
    type: 'error',
    body: { ...PROBLEM, undelivered: message.body },
  })

  it('comes back as a notice to an actor that waits for it, or that sent it to itself', () => {
    expect(notices({ type: 'response', from: CHILD })).toEqual([told(CHILD)])
    expect(notices({ type: 'event', from: message.to })).toEqual([told(message.to)])
  })

  it('does not come back if another actor sent it, or nobody is there', () => {
    expect(notices({ type: 'event', from: CHILD })).toEqual([])
    expect(notices({ type: 'request', from: CHILD })).toEqual([])
    expect(poisonCommit(undefined, { ...message, type: 'response', from: CHILD }, PROBLEM).sends).toHaveLength(1)
  })
})

describe('undeliverable', () => {
  const letter = { to: { kind: 'deadletter' }, body: { problem: { code: 'not_found' } } }
  const from = { kind: 'sender', key: '1' }
  it.each([
    ['request', [letter, { to: ASKER, type: 'error' }]],
    ['event', [letter, { to: ASKER, type: 'error' }]],
    ['watch', [{ to: from, type: 'down', body: { reason: 'gone' } }]],
    ['cancel', []],
    ['response', []],
    ['error', []],
    ['down', []],
  ] as const)('%s', (type, sends) => {
    const result = undeliverableMessages(envelope({ type, from, replyTo: ASKER }))
    expect(result).toMatchObject([...sends])
    expect(result).toHaveLength(sends.length)
  })
})

describe('ids', () => {
  it('are the same for the same turn, and no two sends share one', () => {
    const to = fc.record({ kind: fc.constantFrom('child', 'other'), key: fc.string() })
    const turns = fc.record(
      {
        state: fc.integer(),
        send: fc.array(fc.record({ to, body: fc.jsonValue() as fc.Arbitrary<null> }), { maxLength: 20 }),
        reply: fc.string(),
        watch: fc.array(to, { maxLength: 5 }),
        cancel: fc.array(fc.record({ of: to }), { maxLength: 5 }),
        timers: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constant({ delay: 1, body: null })),
        stop: fc.constant(true as const),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(turns, fc.string(), fc.nat(), (turn, id, createdAt) => {
        const run = (at: number) =>
          commit(turn, cell({ watchers: WATCHERS }), envelope({ id, createdAt: at, replyTo: ASKER }))
        const { taken: _, ...first } = run(createdAt)
        const { taken: __, ...again } = run(createdAt + 1)
        expect(again).toEqual(first)
        expect(new Set(first.sends.map((send) => send.id)).size).toBe(first.sends.length)
        expect(first.sends.every((send) => send.cause === id)).toBe(true)
      }),
    )
  })

  it('differ by cause and by part', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.nat(), fc.nat(), (a, b, m, n) => {
        fc.pre(a !== b || m !== n)
        expect(deriveId(a, m)).not.toBe(deriveId(b, n))
        expect(deriveId(a, m)).toMatch(/^[\w-]{22}$/)
      }),
    )
  })
})
