import { expect } from 'vitest'
import type { OwnerCalls } from '../../src/memory/duties/calls.ts'
import { erasuresDuty } from '../../src/memory/duties/erasures.ts'
import { expiryDuty } from '../../src/memory/duties/expiry.ts'
import { tiersDuty } from '../../src/memory/duties/tiers.ts'
import type { Memory } from '../../src/memory/memory.ts'
import type { RecordSource } from '../../src/memory/record.ts'
import { tierRules } from '../../src/memory/tier/rules.ts'
import { fc } from '../property.ts'

/** Memories with a clock that the test sets. */
type OpenMemories = {
  readonly clock: { now: number }
  memory(owner: string): Memory
  calls(): OwnerCalls
  reopen(): Promise<void>
  close(): Promise<void>
}

type Op =
  | { readonly type: 'note'; readonly owner: number; readonly text: number; readonly expires?: number }
  | {
      readonly type: 'fact'
      readonly owner: number
      readonly subject: number
      readonly text: number
      readonly back?: number
      readonly isWork: boolean
      readonly length?: number
    }
  | {
      readonly type: 'forget'
      readonly owner: number
      readonly by: 'subject' | 'newest' | 'kind'
      readonly subject: number
    }
  | { readonly type: 'undo'; readonly owner: number }
  | { readonly type: 'upkeep'; readonly owner: number }

const small = fc.nat(2)
const owner = fc.nat(1)
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record(
    { type: fc.constant('note' as const), owner, text: small, expires: fc.integer({ min: 1, max: 9 }) },
    { requiredKeys: ['type', 'owner', 'text'] },
  ),
  fc.record(
    {
      type: fc.constant('fact' as const),
      owner,
      subject: fc.nat(1),
      text: small,
      back: fc.integer({ min: -4, max: 6 }),
      isWork: fc.boolean(),
      length: fc.integer({ min: 1, max: 9 }),
    },
    { requiredKeys: ['type', 'owner', 'subject', 'text', 'isWork'] },
  ),
  fc.record({
    type: fc.constant('forget' as const),
    owner,
    by: fc.constantFrom('subject' as const, 'newest' as const, 'kind' as const),
    subject: fc.nat(1),
  }),
  fc.record({ type: fc.constant('undo' as const), owner }),
  fc.record({ type: fc.constant('upkeep' as const), owner }),
)

/** A fact or a note of the naive model. `ended` has the facts that were erased after they had ended it. */
type Modelled = {
  readonly id: string
  readonly text: string
  readonly subject: string | undefined
  readonly standing: 0 | 1
  readonly isProposed: boolean
  readonly learned: number
  readonly from: number
  readonly to: number
  readonly expires: number
  withdrawn: number
  isGone: boolean
  ended: Modelled[]
}

const beats = (one: Modelled, other: Modelled, order: readonly Modelled[]) =>
  one.standing - other.standing ||
  one.from - other.from ||
  one.learned - other.learned ||
  order.indexOf(one) - order.indexOf(other)

/** The texts that are known at `k` and true at `v`, found by looking at all records one by one. */
function askModel(all: readonly Modelled[], now: number, v: number, k: number): string[] {
  const known = all.filter((one) => !one.isGone && !one.isProposed && one.learned <= k && one.withdrawn > k)
  return known
    .filter((one) => {
      if (one.expires <= now) return false
      if (one.subject === undefined) return true
      if (one.from > v || one.to <= v) return false
      const rivals = [...known, ...one.ended.filter(({ learned }) => learned <= k)]
      return !rivals.some((other) => other.subject === one.subject && other.from <= v && beats(other, one, all) > 0)
    })
    .map(({ text }) => text)
    .sort()
}

function erase(all: readonly Modelled[], gone: readonly Modelled[], now: number): void {
  for (const one of gone) one.isGone = true
  for (const one of all)
    if (!one.isGone && one.subject !== undefined)
      for (const other of gone)
        if (
          other.subject === one.subject &&
          !other.isProposed &&
          other.from <= now &&
          other.withdrawn === Infinity &&
          beats(other, one, all) > 0
        )
          one.ended.push(other)
}

const WORK: RecordSource = { type: 'model', ref: 'agents/clerk' }

/** Records leave `short` after 6 ms, or above two records, and `intermediate` after 10 ms. */
const RULES = tierRules({ short: { limit: 2, ttl: 0.006 }, intermediate: { ttl: 0.01 } })

/** A history, and where the store is opened again. */
export type History = [ops: Op[], restart: number]

/** Random histories. */
export const history: fc.Arbitrary<History> = fc.tuple(fc.array(op, { maxLength: 14 }), fc.nat(13))

/** Does a history with a store and with a naive model, which must agree at each instant. */
export async function checkHistory(file: OpenMemories, ops: readonly Op[], restart: number): Promise<void> {
  const models: readonly Modelled[][] = [[], []]
  const undoable: {
    readonly change: number
    readonly owner: number
    readonly record: Modelled
    readonly adopted: Modelled | undefined
  }[] = []
  for (const [place, one] of ops.entries()) {
    const now = (file.clock.now = 100 + 2 * place)
    if (place === restart) await file.reopen()
    const memory = file.memory(`owner-${one.owner}`)
    const all = models[one.owner]!
    if (one.type === 'note' || one.type === 'fact') {
      erase(
        all,
        all.filter(({ isGone, expires }) => !isGone && expires <= now),
        now,
      )
      const from = one.type === 'fact' && one.back !== undefined ? now - one.back : undefined
      const text = one.type === 'note' ? `note ${one.text}` : `fact ${one.subject} is ${one.text}`
      const to = one.type === 'fact' && one.length !== undefined ? Math.max(now, from ?? now) + one.length : undefined
      const expires = one.type === 'note' && one.expires !== undefined ? now + one.expires : undefined
      const subject = one.type === 'fact' ? `subject ${one.subject}` : undefined
      const source: RecordSource = one.type === 'fact' && one.isWork ? WORK : { type: 'user' }
      const added = {
        text,
        ...(subject !== undefined && { subject }),
        ...(from !== undefined && { validFrom: from }),
        ...(to !== undefined && { validTo: to }),
        ...(expires !== undefined && { expires }),
      }
      const { records, change } = await memory.add([added], { source })
      const { id, status } = records[0]!
      const live = all.filter(({ isGone, withdrawn }) => !isGone && withdrawn === Infinity)
      const same = live.find((other) => other.id === id)
      if (status === 'proposed') {
        expect(source).toBe(WORK)
        expect(live.some((other) => other.subject === subject && other.standing === 1)).toBe(true)
      }
      if (change !== undefined || (status === 'proposed' && !same)) {
        // a person's add takes over the record that work wrote
        if (same) expect(same.standing).toBe(0)
        if (same) same.withdrawn = now
        const record: Modelled = {
          id,
          text,
          subject,
          standing: source === WORK ? 0 : 1,
          isProposed: status === 'proposed',
          learned: now,
          from: from ?? same?.from ?? now,
          to: to ?? Infinity,
          expires: expires ?? Infinity,
          withdrawn: Infinity,
          isGone: false,
          ended: [],
        }
        all.push(record)
        if (change !== undefined) undoable.push({ change, owner: one.owner, record, adopted: same })
      } else if (status === 'same') expect(same).toMatchObject({ text })
    } else if (one.type === 'forget') {
      const visible = all.filter((each) => !each.isGone && !each.isProposed && each.withdrawn === Infinity)
      const newest = visible.at(-1)
      const subject = `subject ${one.subject}`
      const target =
        one.by === 'subject' ? { subject } : one.by === 'kind' ? { kind: 'note' } : { id: newest?.id ?? 'none' }
      const { removed } = await memory.forget(target)
      const hit = all.filter((record) => {
        if (record.isGone) return false
        if (one.by === 'subject') return record.subject === subject
        return one.by === 'kind' ? record.subject === undefined : record.id === newest?.id
      })
      expect(removed.records).toBe(hit.length)
      erase(all, hit, now)
    } else if (one.type === 'upkeep') {
      // answers stay the same: the model erases nothing that it still shows, and knows no tiers
      const { signal } = new AbortController()
      const duties = [expiryDuty(file.calls()), erasuresDuty(file.calls()), tiersDuty(file.calls(), RULES)]
      for (const duty of duties) await duty.run(`owner-${one.owner}`, signal)
      erase(
        all,
        all.filter(({ isGone, expires }) => !isGone && expires <= now),
        now,
      )
      const short = await memory.list({ tier: 'short' })
      expect(short.length).toBeLessThanOrEqual(2)
      expect(short.filter(({ learnedAt }) => now - learnedAt >= 6)).toEqual([])
    } else {
      const last = undoable.filter((each) => each.owner === one.owner).at(-1)
      if (last && !last.record.isGone && last.record.withdrawn === Infinity) {
        await memory.changes.undo(last.change)
        last.record.withdrawn = now
        if (last.adopted && !last.adopted.isGone) last.adopted.withdrawn = Infinity
      }
    }
    for (const who of [0, 1]) {
      const asked = file.memory(`owner-${who}`)
      for (const v of [now, now - 1, now - 5, now + 4])
        for (const k of [now, now - 2, now - 7]) {
          const found = (await asked.list({ asOf: v, knownAt: k })).map(({ text }) => text).sort()
          expect(found).toEqual(askModel(models[who]!, now, v, k))
        }
    }
  }
  await file.close()
}
