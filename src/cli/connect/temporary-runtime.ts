import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Runtime } from '../../runtime/ports.ts'
import { type Cli, loadSetup } from '../cli.ts'

/** Uses a runtime over a temporary empty folder, for commands that read no runs and leave nothing behind. */
export async function withScratchRuntime<T>(cli: Cli, use: (runtime: Runtime) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-'))
  try {
    const setup = await loadSetup(cli, folder, { name: 'libsql' })
    const runtime = await setup.open(undefined, { ...(await setup.program?.()), background: false })
    return await use(runtime).finally(() => runtime.stop())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
