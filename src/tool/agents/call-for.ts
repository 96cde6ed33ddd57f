import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { CallFor } from '../tool.ts'

/**
 * The person and the message that a piece of work is done for, as all work below gets it. The owner and the run are
 * not repeated here. `context` is the hash of a value that the program gave.
 */
export type WorkFor = Omit<CallFor, 'owner' | 'run' | 'context'> & { readonly context?: string }

/** Schema of `WorkFor`. */
export const workForSchema: z.ZodType<WorkFor> = z.object({
  conversation: z.string().exactOptional(),
  message: z.string().exactOptional(),
  goal: z.string().exactOptional(),
  agent: z.string().exactOptional(),
  context: z.string().length(64).exactOptional(),
})

/** The run that makes a call, as far as `callForOf` needs it. */
type RunOfCall = { readonly id: string; readonly owner?: string; readonly workFor?: WorkFor | undefined }

/** Tells a tool for whom a run makes a call. Asynchronous only when a context has to be read. */
export function callForOf(
  { id: run, owner, workFor = NOBODY }: RunOfCall,
  values: { get(hash: string): Promise<Json> },
): CallFor | Promise<CallFor> {
  const { context: hash, ...rest } = workFor
  const known: CallFor = { owner: ownerOf({ owner }), run, ...rest }
  return hash === undefined ? known : values.get(hash).then((context) => ({ ...known, context }))
}

const NOBODY: WorkFor = {}
