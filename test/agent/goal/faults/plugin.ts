import { join } from 'node:path'
import { z } from 'zod'
import { defineTool } from '../../../../src/tool/tool.ts'
import { fileLog, LEDGER } from '../../../chaos/kinds/log.ts'
import { toolsOn } from '../../../chaos/kinds/tools.ts'

const FLOOD = 10 * 1024 * 1024

/** Tools that note their calls outside of antiphon, and one with a result of ten megabytes. */
export default [
  ...toolsOn(({ root }) => fileLog(join(root, LEDGER)), 0),
  defineTool({
    name: 'flood',
    description: 'Gives much',
    input: z.strictObject({}),
    effect: 'pure',
    execute: () => `begin ${'x'.repeat(FLOOD)} end`,
  }),
]
