import { describe, expect, it } from 'vitest'
import { BusyError, TerminalError } from '../../src/errors.ts'
import { directiveOf } from '../../src/kernel/attempt/supervise.ts'
import { interruptionError, isInterruption } from '../../src/kernel/faults.ts'
import { type EffectTiming, type Journal, journaledEffects } from '../../src/kernel/journal.ts'
import type { Actor, EffectCall, EffectClass, EffectOutcome, Failure } from '../../src/kernel/types.ts'
import { counter, envelope } from './fixtures.ts'

type Recorded = { readonly key: string; readonly timing: EffectTiming }

/** A journal in memory; `outcomes` is what survives a crash. */
function memoryJournal(outcomes = new Map<string, EffectOutcome>()) {
  const log: Recorded[] = []
  const sleeps: number[] = []
  let now = 1_000
  const controller = new AbortController()
  const journal: Journal = {
    signal: controller.signal,
    now: () => now++,
    emit: () => {},
    part: async () => undefined,
    async once(key, attempt, timing) {
      const known = outcomes.get(key)
      if (known) return known
      log.push({ key, timing })
      const outcome = await attempt()
      outcomes.set(key, outcome)
      return outcome
    },
    async sleep(_key, delay) {
      sleeps.push(delay)
    },
  }
  return { journal, outcomes, log, sleeps, controller }
}

const NEVER = new Promise<never>(() => {})
const settle = () => new Promise((resolve) => setImmediate(resolve))
const effectsOn = (journal: Journal, more: Partial<Actor> = {}) =>
  journaledEffects(counter(more), undefined, envelope(), () => journal)
const failing = (times: number, error: () => Error = () => new Error('not yet')) => {
  let calls = 0
  return () => {
    if (++calls <= times) throw error()
    return calls
  }
}

describe('journaledEffects: outcomes', () => {
  it('are recorded under their name and replayed', async () => {
    const first = memoryJournal()
    expect(await effectsOn(first.journal).run('work', () => 'done')).toBe('done')
    const again = memoryJournal(first.outcomes)
    const never = () => {
      throw new Error('must not be called')
    }
    expect(await effectsOn(again.journal).run('work', never)).toBe('done')
    expect(again.log).toEqual([])
  })

  it('of several attempts are kept together with the directives', async () => {
    const { journal, outcomes, sleeps } = memoryJournal()
    const supervise = ({ attempt }: Failure) => ({ type: 'retry', delay: attempt * 10 }) as const
    expect(await effectsOn(journal, { supervise }).run('work', failing(2))).toBe(3)
    expect([...outcomes.keys()]).toEqual(['work', 'work#2', 'work#3'])
    expect(outcomes.get('work#2')).toMatchObject({
      error: { message: 'not yet' },
      directive: { type: 'retry', delay: 20 },
    })
    expect(sleeps).toEqual([10, 20])
  })

  it('replay decides as the first run did, without asking supervision', async () => {
    const first = memoryJournal()
    const stop = { supervise: () => ({ type: 'stop' }) as const }
    const error = await effectsOn(first.journal, stop)
      .run('work', failing(9))
      .catch((thrown) => thrown)
    const other = { supervise: () => ({ type: 'reset' }) as const }
    const replayed = await effectsOn(memoryJournal(first.outcomes).journal, other)
      .run('work', failing(9))
      .catch((e) => e)
    expect(directiveOf(error)).toEqual({ type: 'stop' })
    expect(directiveOf(replayed)).toEqual({ type: 'stop' })
    for (const field of ['name', 'code', 'message', 'terminal']) expect(replayed[field]).toBe(error[field])
  })

  it('that are too large fail for good', async () => {
    const { journal } = memoryJournal()
    await expect(effectsOn(journal).run('work', () => 'x'.repeat(300_000))).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('work'),
    })
  })
})

describe('journaledEffects: attempts', () => {
  it('a busy pool is tried again without counting', async () => {
    const { journal, outcomes } = memoryJournal()
    const attempts: number[] = []
    const busy = failing(3, () => new BusyError('full'))
    const work = ({ attempt }: { attempt: number }) => {
      attempts.push(attempt)
      return busy()
    }
    expect(await effectsOn(journal).run('work', work)).toBe(4)
    expect(attempts).toEqual([1, 1, 1, 1])
    expect([...outcomes.keys()]).toEqual(['work', 'work#2', 'work#3', 'work#4'])
  })

  it('supervision gets the state at the start of the turn', async () => {
    const { journal } = memoryJournal()
    const states: unknown[] = []
    const supervise = ({ state }: Failure) => {
      states.push(state)
      return { type: 'fail' } as const
    }
    await effectsOn(journal, { supervise, initial: () => 41 })
      .run('work', failing(1))
      .catch(() => {})
    expect(states).toEqual([41])
  })
})

describe('journaledEffects: classes', () => {
  it.each<[EffectClass, readonly Recorded[]]>([
    ['pure', [{ key: 'work', timing: { start: 'now', until: 'recorded' } }]],
    ['idempotent', [{ key: 'work', timing: { start: 'durable', until: 'recorded' } }]],
    [
      'at-most-once',
      [
        { key: 'work#begin', timing: { start: 'durable', until: 'durable' } },
        { key: 'work', timing: { start: 'now', until: 'recorded' } },
      ],
    ],
  ])('%s', async (effect, expected) => {
    const { journal, log } = memoryJournal()
    await effectsOn(journal).run('work', () => 1, { effect })
    expect(log).toEqual(expected)
  })

  it('a begin mark without an outcome is unknown, once and for all', async () => {
    const begun = new Map<string, EffectOutcome>([['work#begin', { value: null }]])
    const failures: Failure[] = []
    const supervise = (failure: Failure) => {
      failures.push(failure)
      return { type: 'fail' } as const
    }
    const { journal, outcomes } = memoryJournal(begun)
    const send = effectsOn(journal, { supervise }).run('work', failing(0), { effect: 'at-most-once' })
    const hint = expect.stringContaining('mark it as idempotent')
    await expect(send).rejects.toMatchObject({ name: 'UnknownError', code: 'unknown', hint, terminal: true })
    expect(failures).toMatchObject([{ class: 'at-most-once', problem: { code: 'unknown' } }])
    const again = effectsOn(memoryJournal(outcomes).journal).run('work', failing(0), { effect: 'at-most-once' })
    await expect(again).rejects.toMatchObject({ name: 'UnknownError' })
  })

  it('supervision may have an unknown effect tried again, with a mark of its own', async () => {
    const begun = new Map<string, EffectOutcome>([['work#begin', { value: null }]])
    const { journal, outcomes } = memoryJournal(begun)
    const supervise = () => ({ type: 'retry', delay: 0 }) as const
    expect(await effectsOn(journal, { supervise }).run('work', () => 'sent', { effect: 'at-most-once' })).toBe('sent')
    expect([...outcomes.keys()]).toEqual(['work#begin', 'work', 'work#2#begin', 'work#2'])
  })
})

describe('journaledEffects: an at-most-once effect that begins', () => {
  const ONCE = { effect: 'at-most-once', begins: true } as const

  /** A place that the effect waits for, as in a pool, before it begins. */
  function placeFor(work: () => unknown = () => 'sent') {
    const { promise: free, resolve: give } = Promise.withResolvers<void>()
    const act = async ({ begin }: EffectCall) => {
      await free
      return begin!(work) as Promise<string>
    }
    return { act, give }
  }

  it('waits for its place without a mark, and works when the mark is on disk', async () => {
    const { journal, outcomes } = memoryJournal()
    const seen: unknown[] = []
    const { act, give } = placeFor(() => {
      seen.push([...outcomes.keys()])
      return 'sent'
    })
    const sent = effectsOn(journal).run('work', act, ONCE)
    await settle()
    expect([...outcomes.keys()]).toEqual([])
    give()
    expect(await sent).toBe('sent')
    expect([seen, [...outcomes.keys()]]).toEqual([[['work#begin']], ['work#begin', 'work']])
  })

  it('is made by the next process if a kill cuts its waiting off, and not if it had begun', async () => {
    const waiting = memoryJournal()
    void effectsOn(waiting.journal).run('work', placeFor().act, ONCE)
    await settle()
    const { act, give } = placeFor()
    give()
    expect(await effectsOn(memoryJournal(waiting.outcomes).journal).run('work', act, ONCE)).toBe('sent')
    const begun = memoryJournal()
    const never = placeFor(() => new Promise(() => {}))
    never.give()
    void effectsOn(begun.journal).run('work', never.act, ONCE)
    await settle()
    const again = effectsOn(memoryJournal(begun.outcomes).journal).run('work', act, ONCE)
    await expect(again).rejects.toMatchObject({ code: 'unknown' })
  })

  it('gives its place back when its turn ends before the mark is on disk', async () => {
    const { journal, controller } = memoryJournal()
    const ended: unknown[] = []
    const act = ({ begin }: EffectCall) => begin!(() => 'sent').catch((error: unknown) => void ended.push(error))
    const stopped = { ...journal, once: (_key: string, attempt: () => Promise<unknown>) => attempt().then(() => NEVER) }
    void effectsOn(stopped as Journal).run('work', act, ONCE)
    await settle()
    controller.abort('stop')
    await settle()
    expect(ended).toEqual(['stop'])
  })

  it('does no work after it has ended, as at a time limit', async () => {
    const { journal, outcomes } = memoryJournal()
    const done: string[] = []
    const act = async ({ begin }: EffectCall) => {
      begin!(() => done.push('sent')).catch((error: Error) => done.push(error.message))
      return 'late'
    }
    expect(await effectsOn(journal).run('work', act, ONCE)).toBe('late')
    expect([done, [...outcomes.keys()]]).toEqual([['the effect has ended'], ['work#begin', 'work']])
  })

  it('fails as the others do before it begins, and may begin more than once', async () => {
    const failed = memoryJournal()
    const refused = effectsOn(failed.journal).run('work', failing(1), ONCE)
    await expect(refused).rejects.toThrow('not yet')
    const twice = async ({ begin }: EffectCall) => [await begin!(() => 1), await begin!(() => 2)]
    expect(await effectsOn(memoryJournal().journal).run('work', twice, ONCE)).toEqual([1, 2])
  })
})

describe('journaledEffects: counted attempts', () => {
  const COUNTED = { counted: true }
  const again = { supervise: () => ({ type: 'retry', delay: 0 }) as const }
  const marked = (journal: Journal, left: readonly string[]): Journal => ({
    ...journal,
    mark: (key) => ({ isLeft: left.includes(key), begin: async () => {} }),
  })
  const seen: unknown[] = []
  const work = ({ attempt, counted }: EffectCall) => void seen.push([attempt, counted?.cutOff])

  it('a mark without an outcome is a failed attempt, and the next one knows of it', async () => {
    seen.length = 0
    const { journal, outcomes } = memoryJournal()
    await effectsOn(marked(journal, ['work', 'work#2']), again).run('work', work, COUNTED)
    expect(outcomes.get('work#2')).toMatchObject({ error: { code: 'cut_off' }, directive: { type: 'retry' } })
    expect(seen).toEqual([[3, 2]])
  })

  it('no mark is read for other effects, for at-most-once ones, and by an engine without marks', async () => {
    seen.length = 0
    const { journal } = memoryJournal()
    await effectsOn(marked(memoryJournal().journal, ['work']), again).run('work', work)
    await effectsOn(marked(memoryJournal().journal, ['work'])).run('work', work, {
      ...COUNTED,
      effect: 'at-most-once',
    })
    await effectsOn(journal).run('work', work, COUNTED)
    expect(seen).toEqual([1, 1, 1].map((attempt) => [attempt, undefined]))
  })
})

describe('journaledEffects: interruption', () => {
  it('records nothing', async () => {
    const { journal, outcomes, controller } = memoryJournal()
    const late = effectsOn(journal).run('late', () => {
      controller.abort()
      throw new TerminalError('aborted')
    })
    await expect(late).rejects.toThrow('aborted')
    const ended = effectsOn(journal).run('ended', () => {
      throw interruptionError('stop')
    })
    await expect(ended).rejects.toSatisfy(isInterruption)
    expect(outcomes.size).toBe(0)
  })
})

describe('journaledEffects: time', () => {
  it('is one per turn, however often and together it is asked for', async () => {
    const { journal, outcomes } = memoryJournal()
    const effects = effectsOn(journal)
    const [first, second] = await Promise.all([effects.now(), effects.now()])
    expect([first, second, await effects.now()]).toEqual([1_000, 1_000, 1_000])
    expect(await effectsOn(memoryJournal(outcomes).journal).now()).toBe(1_000)
  })
})
