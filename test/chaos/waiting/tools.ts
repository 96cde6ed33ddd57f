import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openLedger } from '../../../src/testing/index.ts'
import { defineTool } from '../../../src/tool/tool.ts'

/** Says in a log that no engine knows of that it begins, and that it is done. */
export default defineTool({
  name: 'count',
  description: 'Counts its calls outside',
  effect: 'idempotent',
  input: z.object({ ledger: z.string(), v: z.number() }),
  async execute({ ledger, v }, { idempotencyKey }) {
    const log = openLedger(ledger)
    log.write({ began: idempotencyKey })
    await sleep(5)
    log.write({ ended: idempotencyKey })
    return { v }
  },
})
