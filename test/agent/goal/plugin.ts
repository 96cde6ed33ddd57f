import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { UnknownError } from '../../../src/errors.ts'
import { defineTool } from '../../../src/index.ts'

const input = z.object({ v: z.string().default('x') })

/** Nobody knows whether it acted. */
const doubtful = defineTool({
  ...{ name: 'doubtful', description: 'Acts, perhaps', input, effect: 'at-most-once' },
  execute() {
    throw new UnknownError('the connection broke')
  },
})

/** Acts until its process goes. */
const endless = defineTool({
  ...{ name: 'endless', description: 'Acts for long', input, effect: 'at-most-once' },
  async execute(_, { signal }) {
    await sleep(60_000, undefined, { signal })
    return 'done'
  },
})

export default [doubtful, endless]
