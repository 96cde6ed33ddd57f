import { open } from 'node:fs/promises'
import { defineTool, type Json, type Tool, type ToolContext } from 'antiphon'
import { z } from 'zod'
import { locate } from './place.ts'

/** The input field every tool of the audit takes: a file that proves from outside how often each call was made. */
export const ledger = z.string().nullish().describe('file to append `start KEY` and `end KEY` to')

/**
 * A tool that writes `start KEY` to its ledger before its work and `end KEY` when the work succeeded; KEY is the call's
 * idempotency key. Without a ledger (absent, null or empty) it writes nothing.
 */
export function audited<Input extends { ledger?: string | null | undefined }, Output extends Json>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return defineTool({
    ...tool,
    async execute(input, context) {
      context.signal.throwIfAborted()
      await note(input.ledger, 'start', context)
      const output = await tool.execute(input, context)
      await note(input.ledger, 'end', context)
      return output
    },
  })
}

// One write to a file opened for appending: lines of several processes never mix.
async function note(file: string | null | undefined, mark: 'start' | 'end', context: ToolContext): Promise<void> {
  if (!file) return
  const handle = await open(locate(file, context), 'a')
  try {
    await handle.write(`${mark} ${context.idempotencyKey}\n`)
  } finally {
    await handle.close()
  }
}
