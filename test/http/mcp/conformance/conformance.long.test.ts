import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openMcpForAll } from '../bench.ts'
import { BASELINE, REVISIONS, runSuite, skipped } from './suite.ts'

const PIPELINES = join(import.meta.dirname, 'pipelines')
const TOOLS = ['test:simple_text', 'test:error_handling', 'test:logging_tool', 'greet', 'slow:compute', 'failing:job']
const OFFERED = [...TOOLS, ...readdirSync(PIPELINES).map((file) => join(PIPELINES, file))]

it.skipIf(skipped).each(REVISIONS)(
  `the server passes what the suite requires for %s, but for the baseline${skipped}`,
  async (revision) => {
    const { url } = await openMcpForAll(
      `plugins: [${join(import.meta.dirname, 'tools.ts')}]`,
      `mcp: { serve: ${JSON.stringify(OFFERED)} }`,
    )
    const { code, said } = await runSuite(
      ...['server', '--url', url, '--requirements', revision, '--expected-failures', BASELINE],
    )
    expect(code, said).toBe(0)
  },
  300_000,
)
