import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** The folder of a program whose default model has a price. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-program-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await writeFile(
    join(folder, 'antiphon.yaml'),
    'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n',
  )
  return folder
}
