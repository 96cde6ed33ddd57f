import type { ObjectContext } from '@restatedev/restate-sdk'
import { interruption } from '../../../kernel/interrupt.ts'
import type { Journal } from '../../../kernel/journal.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { Envelope, Outcome } from '../../../kernel/types.ts'
import { restateJournal } from './journal.ts'
import type { Node } from './node.ts'

/** The journal of a turn in the invocation of another actor, who sent it its message. */
export type AlongJournal = Journal & {
  /** what its effects came to here */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** it is to go on apart, in an invocation of its own */
  readonly isLeft: boolean
  /** it was called off */
  readonly ended: boolean
  readonly time: number
}

/**
 * Asks before each effect whether that may begin here, and keeps the answer with the effect's outcome, so that a replay goes the same way.
 * What must not be repeated never begins here, and no turn pauses here.
 */
export function alongJournal(
  node: Node,
  ctx: ObjectContext,
  envelope: Envelope,
  mayBegin: () => boolean,
): AlongJournal {
  const journal = restateJournal(node, ctx, NEW, envelope, new Map())
  const outcomes = new Map<string, Outcome>()
  let isLeft = false

  function leave(): Error {
    isLeft = true
    return interruption('the turn goes on apart')
  }

  async function isBrief(): Promise<boolean> {
    if (!mayBegin()) return false
    if (outcomes.size > 0) return true
    try {
      return await node.actors.get(envelope.to.kind)!.brief!(envelope.body)
    } catch {
      // what is wrong shows in its own turn
      return false
    }
  }

  return {
    outcomes,
    get isLeft() {
      return isLeft
    },
    get ended() {
      return journal.ended !== undefined
    },
    get time() {
      return journal.time
    },
    signal: journal.signal,
    now: journal.now,
    emit: journal.emit,
    part: journal.part,
    async once(key, attempt, timing) {
      if (isLeft || key.endsWith('#begin')) throw leave()
      const act = async () => ((await isBrief()) ? attempt() : APART)
      const outcome = await journal.once(`${nameOf(envelope.to)} ${key}`, act, timing)
      if ('apart' in outcome) throw leave()
      outcomes.set(key, outcome)
      return outcome
    },
    async sleep() {
      throw leave()
    },
  }
}

/** A new actor has no parts. */
const NEW = { part: async () => undefined }

/** In the place of an outcome: it did not begin here. */
const APART = { value: null, apart: true } as const
