import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RetryableError, UnknownError } from '../../../src/errors.ts'
import { defineTool } from '../../../src/index.ts'

const input = z.object({ v: z.string().default('x') })

/** Nobody knows whether it acted. */
const doubtful = defineTool({
  ...{ name: 'doubtful', description: 'Acts, perhaps', input, effect: 'at-most-once' },
  execute() {
    throw new UnknownError('the connection broke')
  },
})

/** Acts until its process goes, and counts how often it was called. */
const endless = defineTool({
  ...{ name: 'endless', description: 'Acts for long', input, effect: 'at-most-once' },
  async execute(_, { signal }) {
    const counter = globalThis as { endless?: number }
    counter.endless = (counter.endless ?? 0) + 1
    await sleep(60_000, undefined, { signal })
    return 'done'
  },
})

/** Hears no signal; it acts until the test lets it go. */
const deaf = (name: string, effect: 'idempotent' | 'at-most-once') =>
  defineTool({
    ...{ name, description: 'Acts for long', input, effect },
    async execute({ v }) {
      await (globalThis as { hold?: Promise<void> }).hold
      return v
    },
  })

/** Fails, and counts how often it was called. */
const failing = (effect: 'idempotent' | 'at-most-once') =>
  defineTool({
    ...{ name: `failing-${effect}`, description: 'Fails', input, effect },
    execute() {
      const counter = globalThis as { failed?: number }
      counter.failed = (counter.failed ?? 0) + 1
      throw new RetryableError('not now', { delay: 0 })
    },
  })

const slowFailing = defineTool({
  ...{ name: 'slow-failing', description: 'Fails after a while', input, effect: 'idempotent' },
  async execute() {
    const counter = globalThis as { failed?: number }
    counter.failed = (counter.failed ?? 0) + 1
    await sleep(50)
    throw new RetryableError('not now', { delay: 0 })
  },
})

const nap = defineTool({
  ...{ name: 'nap', description: 'Takes a moment', input, effect: 'idempotent' },
  execute: async (_, { signal }) => sleep(60, 'rested', { signal }),
})

export default [
  slowFailing,
  nap,
  doubtful,
  endless,
  deaf('deaf', 'idempotent'),
  deaf('deaf-once', 'at-most-once'),
  failing('idempotent'),
  failing('at-most-once'),
]
