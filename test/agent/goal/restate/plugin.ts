import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defineTool } from '../../../../src/index.ts'
import { dieOnce } from './die.ts'

const input = z.object({ v: z.string() })

/** Tools that write down each call, and one that ends its process in the middle of its first call. */
export default (['pure', 'idempotent', 'at-most-once'] as const).map((effect) =>
  defineTool({
    name: effect,
    description: 'Writes down that it was called',
    ...{ input, effect },
    execute({ v }, { root, idempotencyKey }) {
      appendFileSync(join(root, 'calls'), `${v} ${idempotencyKey}\n`)
      dieOnce(root, v)
      return { v }
    },
  }),
)
