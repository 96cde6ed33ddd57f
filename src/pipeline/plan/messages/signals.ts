import { z } from 'zod'
import type { Json } from '../../../kernel/schema.ts'

/** Something from outside that a step waits for, or will; it is answered with `taken` or `kept`. */
export type Signal = { readonly type: 'signal'; readonly name: string; readonly value: Json }

/** A step waits for a signal. */
export type Await = { readonly type: 'await'; readonly step: string; readonly name: string; readonly title: string }

/** A step of a run below waits for a signal. */
export type Below = Omit<Await, 'type'> & { readonly type: 'below'; readonly run: string }

/** What a signal may be called. */
export const signalName = z.string().min(1, 'a name is expected').max(200, 'up to 200 characters are expected')

const awaited = { step: z.string(), name: z.string(), title: z.string() }

/** Signals and what waits for them, as they are checked. */
export const signal = z.object({ type: z.literal('signal'), name: signalName, value: z.json() as z.ZodType<Json> })
export const awaitSignal = z.object({ type: z.literal('await'), ...awaited })
export const below = z.object({ type: z.literal('below'), run: z.string(), ...awaited })
