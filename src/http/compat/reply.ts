import { z } from 'zod'
import { maybe } from '../../document.ts'

/** The wrapper of upstream's responses. */
export const wrapped = <Shape extends z.ZodRawShape>(data: Shape) =>
  z.object({ success: z.literal(true), message: maybe(z.string()), data: z.object(data) })
export const wrap = <Data>(data: Data) => ({ success: true as const, data })

/** A time as upstream writes it; null: not known. */
export const time = z.string().nullable().meta({ description: 'null: not known' })
export const timeOf = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())
