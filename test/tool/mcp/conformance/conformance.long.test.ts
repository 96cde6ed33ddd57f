import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BASELINE, REVISIONS, runSuite, skipped } from '../../../http/mcp/conformance/suite.ts'

/** The suite starts all clients at once; the lock lets one after the other work. */
const COMMAND = `flock ${import.meta.dirname} ${process.execPath} ${join(import.meta.dirname, 'client.ts')}`

const SUITE_MS = 600_000

it.skipIf(skipped).each(REVISIONS)(
  `the client passes what the suite requires for %s, but for the baseline${skipped}`,
  async (revision) => {
    const { code, said } = await runSuite(
      ...['client', '--command', COMMAND, '--timeout', String(SUITE_MS)],
      ...['--requirements', revision, '--expected-failures', BASELINE],
    )
    expect(code, said).toBe(0)
  },
  SUITE_MS,
)
