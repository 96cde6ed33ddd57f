import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RetryableError, TerminalError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { EffectClass } from '../../../src/kernel/types.ts'
import { defineTool, type Tool, type ToolContext } from '../../../src/tool/tool.ts'

/** A file no engine knows of: each call says `start KEY CLASS` before and `end KEY CLASS` after its work, in one write each. */
export const LEDGER = 'ledger'

const input = z.object({ value: z.json() })

/** Gives back what it is given after `ms`; only then does it count as done. */
function echo(name: string, effect: EffectClass, ms: number, work = (_: ToolContext) => {}): Tool {
  return defineTool({
    name,
    description: 'Gives back what it is given',
    input,
    effect,
    async execute({ value }, context): Promise<Json> {
      sign('start', effect, context)
      await sleep(ms)
      work(context)
      sign('end', effect, context)
      return value as Json
    },
  })
}

function sign(word: string, effect: EffectClass, { root, idempotencyKey }: ToolContext): void {
  appendFileSync(join(root, LEDGER), `${word} ${idempotencyKey} ${effect}\n`)
}

function failOnce({ root, idempotencyKey }: ToolContext): void {
  const starts = readFileSync(join(root, LEDGER), 'utf8').split('\n')
  if (starts.filter((line) => line.startsWith(`start ${idempotencyKey} `)).length > 1) return
  throw new RetryableError('the first call fails', { delay: 1 })
}

function crumble(): void {
  throw new TerminalError('it always fails', { code: 'tool_error' })
}

// long enough for the flush of another step to fall into it
export default [
  echo('look', 'pure', 2),
  echo('keep', 'idempotent', 4),
  echo('post', 'at-most-once', 12),
  echo('stumble', 'idempotent', 1, failOnce),
  echo('crumble', 'idempotent', 1, crumble),
]
