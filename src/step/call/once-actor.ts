import { createHash } from 'node:crypto'
import { z } from 'zod'
import { problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Turn } from '../../kernel/types.ts'
import { ONCE_LIMITS, tooManyParts } from '../../tool/once/call-parts.ts'
import { optionalField, refSchema } from '../fields.ts'
import type { ValueRef } from '../values.ts'

export const ONCE_KIND = 'once'

/**
 * The record of a part of a call: its result, or the attempt that began it and has recorded no end. `remade`: a look-up
 * said that an earlier attempt did not do it.
 */
export type StoredPart = { readonly result: ValueRef } | { readonly by: string; readonly remade?: true }

const about = { name: z.string(), run: z.string(), step: z.string(), tool: z.string() }
const message = z.discriminatedUnion('type', [
  /** `over`: a person said that what an earlier attempt began did not take place; `looked`: a look-up said so */
  z.object({
    type: z.literal('begin'),
    ...about,
    by: z.string(),
    over: optionalField(z.literal(true)),
    looked: optionalField(z.literal(true)),
  }),
  z.object({ type: z.literal('end'), ...about, result: refSchema }),
  z.object({ type: z.literal('fail'), ...about, by: z.string() }),
])

/** Messages about one part of a call. `by`: the turn whose attempt it is. */
export type OnceMessage = z.infer<typeof message>

/** How many parts of the call were recorded. */
type OnceState = { readonly count: number }

export function onceRef(run: string, step: string, call: string): ActorRef {
  const id = createHash('sha256').update(call).digest('base64url').slice(0, 22)
  return { kind: ONCE_KIND, key: `${run}.${step}.${id}` }
}

/** The name of the actor's part with the record of a part of the call. */
export const oncePart = (name: string) => `${ONCE_PREFIX}${name}`
export const ONCE_PREFIX = 'once:'

/**
 * `once/RUN.STEP.CALL`: what the parts of a call have come to. The step that makes the call cannot record it itself,
 * because it is in a turn. The first result of a part counts. Retention removes the actor when the step has ended.
 */
export function onceActor(): Actor<OnceState, OnceMessage> {
  return defineActor<OnceState, OnceMessage>({
    kind: ONCE_KIND,
    message,
    initial: () => ({ count: 0 }),
    async receive(state, asked, effects) {
      const stored = await storedPart(asked, effects)
      switch (asked.type) {
        case 'begin': {
          const { by, over, looked } = asked
          const isOver = looked ? isUnmade(stored) : over && stored && 'by' in stored && stored.by !== by
          const begun = { by, ...(looked && { remade: looked }) }
          return !stored || isOver ? record(state, asked, stored, begun, null) : { reply: stored }
        }
        case 'end': {
          const { result } = asked
          return stored && 'result' in stored ? { reply: stored } : record(state, asked, stored, { result }, { result })
        }
        case 'fail':
          return stored && 'by' in stored && stored.by === asked.by ? forget(state, asked) : { reply: null }
      }
    },
  })
}

/** A look-up has a part made at most once more. */
const isUnmade = (stored: StoredPart | undefined) => stored !== undefined && 'by' in stored && !stored.remade

async function storedPart({ name }: OnceMessage, { part }: Effects): Promise<StoredPart | undefined> {
  return ((await part(oncePart(name))) ?? undefined) as StoredPart | undefined
}

function record(
  { count }: OnceState,
  { name, run, step, tool }: OnceMessage,
  known: StoredPart | undefined,
  stored: StoredPart,
  reply: Json,
): Turn<OnceState> {
  if (!known && count >= ONCE_LIMITS.parts) return { refuse: problemOf(tooManyParts(tool)) }
  return {
    state: { count: known ? count : count + 1 },
    parts: { [oncePart(name)]: stored },
    index: { run, step },
    reply,
  }
}

function forget({ count }: OnceState, { name }: OnceMessage): Turn<OnceState> {
  return { state: { count: count - 1 }, parts: { [oncePart(name)]: null }, reply: null }
}
