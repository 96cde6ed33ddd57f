import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TerminalError } from '../../src/errors.ts'
import { withDirective } from '../../src/kernel/attempt/supervise.ts'
import { interruptionError, isInterruption } from '../../src/kernel/faults.ts'
import { cancelledCommit, defineActor, runTurn } from '../../src/kernel/turn.ts'
import type { Actor, Cell, Envelope } from '../../src/kernel/types.ts'
import { cell, counter, envelope, NO_EFFECTS, WATCHERS } from './fixtures.ts'

const ASKER = { kind: 'asker', key: '1' }
const run = async (actor: Actor, before: Cell | undefined, message: Envelope = envelope()) =>
  runTurn(actor, before, message, NO_EFFECTS)
const untouched = (before: Cell | undefined) => ({ cell: before ?? null, parts: {}, sends: [], events: [] })

describe('defineActor', () => {
  it.each(['', 'Counter', '1counter', 'counter/2', 'my_counter', 'reply', 'deadletter'])(
    'refuses the kind %j',
    (kind) => {
      expect(() => defineActor(counter({ kind }))).toThrow(TypeError)
    },
  )
  it.each(['counter', 'my-counter2'])('takes the kind %j', (kind) => {
    expect(defineActor(counter({ kind })).kind).toBe(kind)
  })
})

describe('runTurn: an ordinary message', () => {
  it('starts an actor from its initial state', async () => {
    const commit = await run(counter({ initial: (key) => key.length }), undefined)
    expect(commit.cell).toEqual(cell({ seq: 1, events: 0, state: 2 }))
    expect(commit.taken).toEqual(envelope())
  })

  it('is over at once when the actor waits for nothing, and later when it or its schema does', async () => {
    const slow = counter({ receive: async (count) => ({ state: count + 1 }) })
    const checked = z.json().refine(async () => true) as never
    for (const [actor, isLater] of [
      [counter(), false],
      [slow, true],
      [counter({ message: checked }), true],
    ] as const) {
      const commit = runTurn(actor, cell(), envelope(), NO_EFFECTS)
      expect(commit instanceof Promise).toBe(isLater)
      expect((await commit).cell?.state).toBe(8)
    }
  })

  it('waits for whatever can be waited for', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another kind is what is tested
    const foreign = { then: (resolve: (turn: object) => void) => resolve({ state: 9 }) }
    expect((await run(counter({ receive: () => foreign as never }), cell())).cell?.state).toBe(9)
  })

  it('goes on from the state it had', async () => {
    expect((await run(counter(), cell())).cell).toEqual(cell({ seq: 5, state: 8 }))
  })

  it('is parsed by the schema, which may change it', async () => {
    const actor = defineActor({
      kind: 'counter',
      message: z.object({ add: z.coerce.number().default(1) }),
      initial: () => 0,
      receive: (count, { add }) => ({ state: count + add }),
    })
    expect((await run(actor, cell(), envelope({ body: { add: '3' } }))).cell?.state).toBe(10)
    expect((await run(actor, cell(), envelope({ body: {} }))).cell?.state).toBe(8)
  })

  it('of a wrong form is a dead letter that names the field', async () => {
    const strict = defineActor({ ...counter(), message: z.object({ add: z.number() }) as never })
    const commit = await run(strict, cell(), envelope({ body: { add: 'x' }, replyTo: ASKER }))
    expect(commit.cell).toEqual(cell({ seq: 5 }))
    expect(commit.sends).toMatchObject([
      { to: { kind: 'deadletter' } },
      { to: ASKER, type: 'error', body: { code: 'invalid_input', message: expect.stringContaining('add') } },
    ])
  })
})

describe('runTurn: what is taken without asking the actor', () => {
  const deaf = counter({
    receive() {
      throw new Error('must not be called')
    },
    notice() {
      throw new Error('must not be called')
    },
  })
  const failed = cell({ status: 'failed' })
  const knowing = cell({ cancelled: ['run-1'] })

  it.each<[string, Cell | undefined, Partial<Envelope>]>([
    ['a response for one that is gone', undefined, { type: 'response' }],
    ['an error for one that is gone', undefined, { type: 'error' }],
    ['a down for one that is gone', undefined, { type: 'down' }],
    ['a timer for one that is gone', undefined, { type: 'event', timer: 'bell' }],
    ['a timer that was cancelled', cell(), { type: 'event', timer: 'bell' }],
    ['a timer that was replaced', cell({ timers: { bell: 'newer' } }), { type: 'event', timer: 'bell' }],
    ['a cancellation of one that is not there', undefined, { type: 'cancel', body: { reason: '' } }],
    ['a cancellation of one that has failed', failed, { type: 'cancel', body: { reason: '' } }],
    ['a cancellation that is known', knowing, { type: 'cancel', body: { reason: '' } }],
    ['a watch from nobody', cell(), { type: 'watch' }],
  ])('%s changes nothing', async (_title, before, message) => {
    expect(await run(deaf, before, envelope(message))).toMatchObject(untouched(before))
  })

  it('late mail of cancelled work is dropped, and its asker told', async () => {
    const commit = await run(deaf, knowing, envelope({ replyTo: ASKER }))
    expect(commit.cell).toBe(knowing)
    expect(commit.sends).toMatchObject([{ to: ASKER, type: 'error', body: { code: 'cancelled', terminal: true } }])
  })

  it('a timer of cancelled work is dropped with its token', async () => {
    const before = cell({ cancelled: ['run-1'], timers: { bell: 'message-1', other: 'kept' } })
    const commit = await run(deaf, before, envelope({ type: 'event', timer: 'bell' }))
    expect(commit.cell).toEqual({ ...before, seq: 5, timers: { other: 'kept' } })
  })

  it('mail for a failed actor is a dead letter', async () => {
    const commit = await run(deaf, failed, envelope({ replyTo: ASKER }))
    expect(commit.cell).toBe(failed)
    expect(commit.sends).toMatchObject([
      { to: { kind: 'deadletter' }, body: { problem: { code: 'actor_failed' } } },
      { to: ASKER, type: 'error' },
    ])
  })
})

describe('runTurn: watch', () => {
  const [first, second] = WATCHERS
  const watch = envelope({ type: 'watch', from: first! })

  it('adds a watcher, once, and leaves the version as it is stored', async () => {
    const newer = counter({ version: 2 })
    const { cell: after } = await run(newer, cell({ watchers: [second!] }), watch)
    expect(after).toEqual(cell({ seq: 5, version: 1, watchers: [second!, first!] }))
    expect((await run(newer, after!, watch)).cell).toBe(after)
  })

  it.each([
    ['gone', undefined],
    ['failed', cell({ status: 'failed' })],
  ])('is answered at once when the watched is %s', async (reason, before) => {
    const commit = await run(counter(), before, watch)
    expect(commit.cell).toBe(before ?? null)
    expect(commit.sends).toMatchObject([{ to: first, type: 'down', body: { reason } }])
  })
})

describe('runTurn: notices', () => {
  const noticing = counter({ notice: (_count, notice) => ({ events: [{ ...notice }] }) })
  const from = { kind: 'child', key: '1' }
  const problem = { code: 'broken', name: 'Error', message: 'broken' }

  it.each<[string, Partial<Envelope>, object]>([
    ['error', { type: 'error', from, body: problem }, { type: 'error', from, problem }],
    ['down', { type: 'down', from, body: { reason: 'stopped' } }, { type: 'down', of: from, reason: 'stopped' }],
    ['cancelled', { type: 'cancel', body: { reason: 'enough' } }, { type: 'cancelled', reason: 'enough' }],
  ])('%s is passed as data', async (_title, message, notice) => {
    expect((await run(noticing, cell(), envelope(message))).events).toEqual([notice])
  })

  it('without a handler error and down change nothing, cancelled stops', async () => {
    const unhandled = async (message: Partial<Envelope>) => (await run(counter(), cell(), envelope(message))).cell
    expect(await unhandled({ type: 'error', from, body: problem })).toEqual(cell({ seq: 5 }))
    expect(await unhandled({ type: 'down', from, body: { reason: 'gone' } })).toEqual(cell({ seq: 5 }))
    expect(await unhandled({ type: 'cancel', body: { reason: 'enough' } })).toBeNull()
  })

  it('a cancellation is remembered', async () => {
    const commit = await run(noticing, cell(), envelope({ type: 'cancel', body: { reason: 'enough' } }))
    expect(commit.cell?.cancelled).toEqual(['run-1'])
  })
})

describe('runTurn: versions', () => {
  const newer = (more: Partial<Actor> = {}) => counter({ version: 2, ...more })

  it('an old state is upgraded before it is used', async () => {
    const actor = newer({ upgrade: (state, from) => (state as number) * 10 + from })
    expect((await run(actor, cell())).cell).toEqual(cell({ version: 2, seq: 5, state: 72 }))
  })

  it.each([
    ['there is no upgrade', newer()],
    ['the upgrade makes of it what is not JSON', newer({ upgrade: () => new Date() as never })],
    [
      'the upgrade throws',
      newer({
        upgrade() {
          throw new Error('cannot')
        },
      }),
    ],
  ])('when %s the cell is quarantined as it is, and its watchers are notified', async (_title, actor) => {
    const before = cell({ watchers: WATCHERS })
    const commit = await run(actor, before, envelope({ replyTo: ASKER }))
    expect(commit.cell).toMatchObject({ ...before, status: 'quarantined', seq: 5, watchers: [] })
    expect(commit.sends).toMatchObject([
      { to: { kind: 'deadletter' } },
      { to: ASKER, type: 'error' },
      ...WATCHERS.map((to) => ({ to, type: 'down', body: { reason: 'failed' } })),
    ])
  })
})

describe('runTurn: errors', () => {
  const throwing = (error: unknown, more: Partial<Actor> = {}) =>
    counter({
      receive() {
        throw error
      },
      ...more,
    })

  it('a bug is a dead letter, and the actor goes on', async () => {
    const commit = await run(throwing(new TypeError('a bug')), cell())
    expect(commit.cell).toEqual(cell({ seq: 5 }))
    expect(commit.sends).toMatchObject([{ body: { problem: { name: 'TypeError', message: 'a bug' } } }])
  })

  it('an uncaught directive is carried out', async () => {
    const error = withDirective(new TerminalError('broken'), { type: 'stop' })
    expect((await run(throwing(error), cell())).cell).toBeNull()
  })

  it.each([
    ['not JSON', { seen: new Map() }, 'the state of counter contains a Map, which is not JSON.'],
    ['too large', 'x'.repeat(70_000), 'the state of counter is larger than 64 KiB.'],
  ])('an actor does not begin with a state that is %s', async (_what, state, message) => {
    const commit = await run(counter({ initial: () => state as never }), undefined)
    expect(commit).toMatchObject({ cell: null, sends: [{ body: { problem: { message } } }] })
  })

  it('a decision beyond a limit is a dead letter', async () => {
    const commit = await run(counter({ receive: () => ({ state: 'x'.repeat(70_000) as never }) }), cell())
    expect(commit.cell).toEqual(cell({ seq: 5 }))
    expect(commit.sends).toMatchObject([{ body: { problem: { code: 'too_large' } } }])
  })

  it.each([[[]], ['done'], [7], [null], [new Map()]])('%o instead of a turn fails its caller', async (value) => {
    for (const turn of [value, Promise.resolve(value)]) {
      const { cell: after, sends } = await run(
        counter({ receive: () => turn as never }),
        cell(),
        envelope({ replyTo: ASKER }),
      )
      expect(after).toMatchObject({ state: 7, status: 'live' })
      const { body } = sends.find(({ to }) => to.kind === ASKER.kind)!
      expect(body).toMatchObject({ name: 'InvalidError', message: expect.stringContaining('returned no turn') })
    }
  })

  it('an actor that cannot begin leaves no cell', async () => {
    const stillborn = counter({
      initial() {
        throw new Error('no such key')
      },
    })
    expect(await run(stillborn, undefined)).toMatchObject({ cell: null, sends: [{ to: { kind: 'deadletter' } }] })
  })

  it('an actor that fails to be reset or to name its parent fails only its message', async () => {
    const broken = () => {
      throw new Error('this too')
    }
    for (const type of ['reset', 'escalate'] as const) {
      const error = withDirective(new TerminalError('broken'), { type })
      const commit = await run(throwing(error, { initial: broken, parent: broken }), cell())
      expect(commit.cell).toEqual(cell({ seq: 5 }))
      expect(commit.sends).toMatchObject([{ body: { problem: { message: 'broken' } } }])
    }
  })

  it('only an interruption rejects', async () => {
    await expect(run(throwing(interruptionError('stop')), cell())).rejects.toSatisfy(isInterruption)
  })
})

describe('dropTurn', () => {
  it('takes a message, changes nothing, and tells why', () => {
    const before = cell()
    expect(cancelledCommit(before, envelope({ replyTo: ASKER }), 'enough')).toMatchObject({
      cell: before,
      sends: [{ to: ASKER, body: { code: 'cancelled', message: 'enough' } }],
    })
    expect(cancelledCommit(undefined, envelope(), 'enough')).toMatchObject({ cell: null, sends: [] })
  })
})
