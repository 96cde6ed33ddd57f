import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidError, problemOf, UnknownError } from '../../errors.ts'
import { asJson, type Json } from '../../kernel/json.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { timeSpanSchema } from '../../lib/time/span-schema.ts'
import { badResult, isBadResult } from '../bad-result.ts'
import type { CallContext, ToolContext } from '../tool.ts'
import { keepResult } from './check-json.ts'
import { askWhetherMade, type LookedUp } from './looked-up.ts'
import type { Once, OnceOptions, OncePart } from './once.ts'
import { isEndUnknown } from './unknown-end.ts'

/**
 * The record of a part: its result, or that it began and has no recorded end. `remade`: for the second time, because a
 * look-up did not find the first.
 */
export type OnceRecord =
  | { readonly status: 'ended'; readonly value: Json }
  | { readonly status: 'begun'; readonly remade?: boolean }

/** The records of the parts of one call. All of it is durable when it resolves. */
export interface OnceRecords {
  find(name: string): Promise<OnceRecord | undefined>
  /**
   * Records that a part begins. Resolves with what is known if another attempt has begun it. `looked`: a look-up said
   * that this one did not take place.
   */
  begin(name: string, terms?: { readonly looked?: true }): Promise<OnceRecord | undefined>
  /** Records a result. Resolves with the recorded one: that of the first attempt that ended. */
  end(name: string, value: Json): Promise<Json>
  /** Records that a part that began has failed: it may begin again. */
  fail(name: string): Promise<void>
}

type OnceCall = Pick<ToolContext, 'idempotencyKey' | 'signal'> & {
  readonly tool: string
  readonly effect: EffectClass
}

/** Bounds of the parts of one call: their number, the characters of a name, and of the JSON of a result. */
export const ONCE_LIMITS = { parts: 1000, name: 200, result: 256 * 1024 } as const

const LOOKED = { looked: true } as const

const EFFECTS: readonly unknown[] = ['pure', 'idempotent', 'at-most-once']

/** The parts of one attempt at a call. `once` is what its tool gets; without records, none outlasts the process. */
export class CallParts {
  readonly once: Once
  readonly #call: OnceCall
  readonly #records: OnceRecords | undefined
  readonly #used = new Set<string>()
  readonly #running = new Set<Promise<unknown>>()
  /** the parts that must not be repeated, and have begun and not ended */
  readonly #open = new Map<string, UnknownError>()

  constructor(call: OnceCall, records?: OnceRecords) {
    this.#call = call
    this.#records = records
    this.once = (name, act, options) => {
      const part = this.#make(name, act, options)
      this.#running.add(part)
      const leave = () => void this.#running.delete(part)
      part.then(leave, leave)
      return part
    }
  }

  /** Resolves when no part works any more, or when the call is cancelled. */
  async settled(): Promise<void> {
    const { signal } = this.#call
    if (this.#running.size === 0 || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
    await Promise.race([promise, Promise.allSettled(this.#running)])
    signal.removeEventListener('abort', stop)
  }

  /** Why nobody knows whether a part took place that must not be repeated: it broke off, or still works. */
  get doubt(): UnknownError | undefined {
    return this.#open.values().next().value
  }

  async #make<Result extends Json | void>(
    name: string,
    act: (part: OncePart) => Promise<Result> | Result,
    options?: OnceOptions,
  ): Promise<Result> {
    const { signal, effect: ofCall } = this.#call
    const effect = options?.effect ?? ofCall
    this.#claim(name, act, effect)
    const mustNotRepeat = effect === 'at-most-once'
    const known = await this.#records?.find(name)
    const found = known?.status === 'begun' ? await this.#lookUp(name, known, options) : undefined
    if (found?.type === 'done') return asJson(await this.#records!.end(name, found.result)) as Result
    if (known && !found) return this.#resultOf(name, known) as Result
    signal.throwIfAborted()
    const other = mustNotRepeat ? await this.#records?.begin(name, found && LOOKED) : undefined
    if (other) return this.#resultOf(name, other) as Result
    const value = await this.#valueOf(name, () => this.#act(name, act, mustNotRepeat))
    const recorded = this.#records ? await this.#records.end(name, value) : value
    return (recorded === value ? value : asJson(recorded)) as Result
  }

  /** The finding about a part that was cut off. "Not done": it may begin again. Undefined: it is in doubt. */
  async #lookUp(
    name: string,
    { remade = false }: { readonly remade?: boolean },
    { lookUp, settlesAfter }: OnceOptions = {},
  ): Promise<Exclude<LookedUp, { readonly type: 'unknown' }> | undefined> {
    if (!lookUp) return undefined
    const { signal, idempotencyKey: call } = this.#call
    const inDoubt = { idempotencyKey: keyOf(call, name), since: Date.now(), signal }
    const until = inDoubt.since + (settlesAfter === undefined ? 0 : timeSpanSchema.parse(settlesAfter) * 1000)
    for (;;) {
      const began = Date.now()
      const found = await askWhetherMade(lookUp, inDoubt).catch((error) => {
        throw this.#inDoubt(name, `was interrupted, and its look-up failed: ${problemOf(error).message}`, error)
      })
      if (found.type === 'unknown') return undefined
      if (found.type === 'done') return { type: 'done', result: this.#checked(name, found.result) }
      if (remade || (settlesAfter === undefined && !found.isFinal)) return undefined
      if (found.isFinal || began >= until) return found
      await sleep(until - began, undefined, { signal })
    }
  }

  /** The tool gets the same value whether it is made now or recorded. */
  async #valueOf(name: string, make: () => Promise<unknown>): Promise<Json> {
    try {
      return asJson(this.#checked(name, await make()))
    } catch (error) {
      // it has taken place, so no later attempt may do it again
      if (isBadResult(error)) await this.#records?.begin(name)
      throw error
    }
  }

  async #act<Result>(
    name: string,
    act: (part: OncePart) => Promise<Result> | Result,
    mustNotRepeat: boolean,
  ): Promise<Result> {
    const { signal, idempotencyKey } = this.#call
    if (mustNotRepeat) this.#open.set(name, this.#inDoubt(name, 'still works; whether it took place is not known.'))
    try {
      const result = await act({ idempotencyKey: keyOf(idempotencyKey, name), signal })
      this.#open.delete(name)
      return result
    } catch (error) {
      if (!mustNotRepeat) throw error
      if (isEndUnknown(error, signal)) {
        const doubt = this.#inDoubt(name, `may have taken place: ${problemOf(error).message}`, error)
        this.#open.set(name, doubt)
        throw doubt
      }
      this.#open.delete(name)
      if (!isBadResult(error)) await this.#records?.fail(name)
      throw error
    }
  }

  #claim(name: unknown, act: unknown, effect: unknown): asserts name is string {
    const { tool } = this.#call
    if (typeof name !== 'string' || name === '' || name.length > ONCE_LIMITS.name || !name.isWellFormed())
      throw wrongPart(
        `${tool}: expected a name of 1 to ${ONCE_LIMITS.name} characters for \`once\`, got ${shown(name)}.`,
      )
    if (typeof act !== 'function') throw wrongPart(`${tool}: expected a function for \`once(${shown(name)})\`.`)
    if (!EFFECTS.includes(effect))
      throw wrongPart(`${tool}: expected pure, idempotent or at-most-once as effect, got ${shown(effect)}.`)
    if (this.#used.has(name))
      throw wrongPart(
        `${tool} uses the name ${shown(name)} of \`once\` twice in one call.`,
        'Put a number into the name.',
      )
    if (this.#used.size === ONCE_LIMITS.parts) throw tooManyParts(tool)
    this.#used.add(name)
  }

  #resultOf(name: string, record: OnceRecord): Json {
    if (record.status === 'ended') return asJson(record.value)
    throw this.#inDoubt(name, 'was interrupted; whether it took place is not known.')
  }

  #inDoubt(name: string, what: string, cause?: unknown): UnknownError {
    return new UnknownError(`The part ${name} of ${this.#call.tool} ${what}`, {
      data: { once: name },
      cause,
      hint: 'Check whether it did. If a second time does no harm, mark it as idempotent; then it is repeated by itself.',
    })
  }

  #checked(name: string, made: unknown): Json {
    const part = `The part ${name} of ${this.#call.tool}`
    const value = keepResult(part, made)
    if (isWithinSize(value, ONCE_LIMITS.result)) return value
    throw badResult(part, `it is larger than ${ONCE_LIMITS.result / 1024} KiB`, {
      hint: 'Write it to a file, and return the path.',
    })
  }
}

/** The context of a call that no run makes. Without an `owner` it is made for the user of the data folder. */
export type HereContext = Omit<ToolContext, 'owner'> & Partial<Pick<ToolContext, 'owner'>>

/** The context of a call that no run records: its parts are made, and nothing is kept of them. */
export function contextHere(
  context: HereContext,
  { name: tool, effect }: { readonly name: string; readonly effect: EffectClass } = UNNAMED,
): CallContext {
  const { idempotencyKey, signal } = context
  let parts: CallParts | undefined
  return {
    owner: LOCAL_OWNER,
    ...context,
    once: (...given) => {
      parts ??= new CallParts({ tool, effect, idempotencyKey, signal })
      return parts.once(...given)
    },
  }
}

const UNNAMED = { name: 'the tool', effect: 'idempotent' } as const

/** The error of a call that has more parts than can be recorded. */
export function tooManyParts(tool: string): InvalidError {
  return wrongPart(`${tool} has more than ${ONCE_LIMITS.parts} parts in one call.`, 'Do several things in one part.')
}

/** Whether a problem says that a part of a call may have taken place. */
export const isPartInDoubt = ({ code, data }: ReturnType<typeof problemOf>): boolean =>
  code === 'unknown' && typeof data?.once === 'string'

// a name may have characters that no header takes, and may be longer than services take
const keyOf = (call: string, name: string) =>
  `${call}/${createHash('sha256').update(name).digest('base64url').slice(0, 22)}`

const shown = (value: unknown) =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, ONCE_LIMITS.name)) : `a ${typeof value}`

/** The error of a tool that uses `once` in a wrong way. */
export const wrongPart = (message: string, hint?: string) => new InvalidError(message, { code: 'invalid_once', hint })
