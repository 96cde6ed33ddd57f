import { z } from 'zod'
import type { Plain } from '../../../document.ts'
import type { ValueRef } from '../../../step/values.ts'

const namespace = z.string().min(1).max(200)
const key = z.string().min(1).max(200)

/** The operations on an owner's notes. `value` may refer to the value store; `ttl` is in ms. */
export type NotesMessage = Plain<typeof notesMessage>

export const notesMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('store'),
    namespace,
    key,
    value: z.custom<ValueRef>(),
    ttl: z.number().positive().exactOptional(),
  }),
  z.object({ type: z.enum(['retrieve', 'delete']), namespace, key }),
  z.object({ type: z.enum(['list', 'clear']), namespace }),
])
