import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'

const input = z.object({ cents: z.coerce.number().default(9000) })

const refundBy = (name: string, effect: 'pure' | 'at-most-once') =>
  defineTool({
    name,
    description: 'Refunds',
    input,
    effect,
    approve: ({ cents }) => cents > 5000,
    execute({ cents }, { root }) {
      appendFileSync(join(root, 'refunds'), `${cents}\n`)
      return { refunded: cents }
    },
  })

/** Refunds that a person approves above 50. One says that it is pure, so that its steps share turns. */
export default [refundBy('refund', 'at-most-once'), refundBy('fast-refund', 'pure')]
