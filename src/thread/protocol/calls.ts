import { z } from 'zod'
import type { Plain } from '../../document.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { workForSchema } from '../../work/origin/call-for.ts'

/** The part of an ask's message that says what its phases may call. Absent: the tools of its domain. */
export const askToolsSchema = z
  .object({
    /** names as agents have them; absent: the tools of the domain, empty: none */
    names: z.array(z.string().min(1).max(200)).max(100).exactOptional(),
    /** the rights of the asker, which its runs have too */
    origin: z
      .object({
        untrusted: z.literal(true).exactOptional(),
        /** the names came from the network: tools of the program are not among them unless they are open there */
        foreign: z.literal(true).exactOptional(),
        denied: z.array(z.string()).exactOptional(),
        workFor: workForSchema.exactOptional(),
      })
      .exactOptional(),
  })
  .exactOptional()

/** The tools that the phases of an ask may call, and the rights of the asker. Without `names`, those of its domain. */
export type AskTools = NonNullable<Plain<typeof askToolsSchema>>

/**
 * How a call ended: its result, or the reason why there is none. `length`: the characters of a result of which only the
 * beginning is here. `edited`: the parameters that a person gave it.
 */
export type EndedCall = {
  readonly status: 'succeeded' | 'made' | 'failed' | 'rejected' | 'unknown' | 'cancelled'
  readonly result: Json
  readonly length?: number
  readonly edited?: JsonObject
}

/** A call that Action made, as later phases see it. */
export type ActionCall = {
  readonly tool: string
  readonly input: string
  readonly status: EndedCall['status'] | 'refused'
  /** the result, or its beginning; or the reason why there is none */
  readonly result: string
  /** the run that made it; absent: it was refused */
  readonly run?: string
}
