import { createHash } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Replaces a file as a whole: a reader sees the old text or the new one, never a part. `key` names the attempt's temporary file,
 * so that the next attempt of the same call takes over what a killed one left.
 */
export async function replaceFile(path: string, text: string, key: string): Promise<void> {
  const mark = createHash('sha256').update(`${key} ${path}`).digest('hex').slice(0, 12)
  const temporary = join(dirname(path), `.${mark}.tmp`)
  await mkdir(dirname(path), { recursive: true })
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
}
