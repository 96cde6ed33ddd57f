import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../src/index.ts'

/** Pays. Its process dies at the first payment. */
export default defineTool({
  name: 'pay',
  description: 'Pays',
  effect: 'at-most-once',
  input: z.object({ amount: z.number() }),
  async execute(_, { idempotencyKey, root }) {
    const payments = join(root, 'payments')
    appendFileSync(payments, `${idempotencyKey}\n`)
    if (readFileSync(payments, 'utf8').split('\n').length === 2) process.kill(process.pid, 'SIGKILL')
    if (existsSync(join(root, 'slow'))) await sleep(60_000)
    return { receipt: 'again' }
  },
})
