import { join } from 'node:path'
import { z } from 'zod'
import { defineTool } from '../../../../src/tool/tool.ts'
import { fileLog, LEDGER } from '../../../chaos/kinds/log.ts'
import { toolsOn } from '../../../chaos/kinds/tools.ts'

const FLOOD = 10 * 1024 * 1024

/** Tools that note their calls outside of antiphon, one with a result of ten megabytes, and one that keeps as much beside its result. */
export default [
  ...toolsOn(({ root }) => fileLog(join(root, LEDGER)), 0),
  defineTool({
    name: 'flood',
    description: 'Gives much',
    input: z.strictObject({}),
    effect: 'pure',
    execute: () => `begin ${'x'.repeat(FLOOD)} end`,
  }),
  defineTool({
    name: 'spill',
    description: 'Gives the beginning, and keeps all',
    input: z.strictObject({}),
    effect: 'pure',
    execute(_, { tell }) {
      tell?.({ lacks: 'stdout is cut', whole: { field: 'stdout', text: `begin ${'y'.repeat(FLOOD)} end` } })
      return { stdout: `begin ${'y'.repeat(100)}`, truncated: true, code: 0 }
    },
  }),
]
