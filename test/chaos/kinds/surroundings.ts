import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDouble } from './double.ts'
import type { Surroundings } from './simulate.ts'

/** A folder with the file that is asked about, and a server that stands for models. */
export async function openSurroundings(): Promise<Surroundings & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-kinds-'))
  const file = join(folder, 'resume.md')
  copyFileSync(join(import.meta.dirname, '../flush/resume.md'), file)
  const double = await openDouble()
  return {
    folder,
    file,
    double,
    async close() {
      await double.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
