import { InvalidError, TerminalError } from '../errors.ts'
import type { Json } from './schema.ts'
import type { Actor, Turn } from './types.ts'

/** Sizes in characters of JSON, and counts, that no actor may pass. */
export const LIMITS = { body: 256 * 1024, cell: 64 * 1024, sends: 256, index: 8 } as const

const KIND = /^[a-z][a-z0-9-]*$/

/** Throws a TypeError when the kind is not a legal name. */
export function checkActor(actor: Actor): void {
  if (!KIND.test(actor.kind)) throw new TypeError(`actor kind ${JSON.stringify(actor.kind)} does not match ${KIND}`)
}

/** Throws what is wrong with a decision before an engine sees it. */
export function checkTurn(kind: string, turn: Turn): void {
  if (turn.state !== undefined) checkSize(turn.state, LIMITS.cell, `the state of ${kind}`)
  for (const [name, part] of Object.entries(turn.parts ?? {})) checkSize(part, LIMITS.body, `part ${name} of ${kind}`)
  for (const send of turn.send ?? []) checkSize(send.body, LIMITS.body, `a message from ${kind} to ${send.to.kind}`)
  for (const event of turn.events ?? []) checkSize(event, LIMITS.body, `an event of ${kind}`)
  if (turn.reply !== undefined) checkSize(turn.reply, LIMITS.body, `the reply of ${kind}`)
  checkCount(turn.send?.length ?? 0, LIMITS.sends, `messages sent by one turn of ${kind}`)
  checkCount(Object.keys(turn.index ?? {}).length, LIMITS.index, `index fields of ${kind}`)
}

/** Throws `too_large`, naming what, when the JSON of `value` is longer than `limit`; stops counting there. */
export function checkSize(value: Json, limit: number, what: string): void {
  if (measure(value, limit) > limit)
    throw new TerminalError(`${what} is larger than ${limit / 1024} KiB`, { code: 'too_large' })
}

function checkCount(count: number, limit: number, what: string): void {
  if (count > limit) throw new InvalidError(`${what}: ${count}, at most ${limit}`)
}

/** About how many characters the JSON of a value has; gives up counting once past `limit`. */
function measure(value: Json | undefined, limit: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  for (const [key, item] of Object.entries(value)) {
    size += key.length + 4 + measure(item, limit - size)
    if (size > limit) break
  }
  return size
}
