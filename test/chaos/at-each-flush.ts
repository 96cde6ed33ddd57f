import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 5 : 1

/**
 * Lives a program once without a kill, and then once for each side of a flush, where it is killed. `check` lives on in
 * the folder that is left; `where` names the kill.
 */
export async function killAtEachFlush(
  child: string,
  check: (folder: string, where: string) => Promise<void>,
): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-kills-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const calm = join(base, 'calm')
  await isKilled(child, { folder: calm }, 60_000)
  const flushes = flushesIn(calm)
  await check(calm, 'calm')
  const kills = Array.from({ length: flushes }, (_, n): readonly Kill[] => [
    { side: 'before', flush: n + 1 },
    { side: 'after', flush: n + 1 },
  ])
  const chosen = kills.flat().filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const where = `${kill.side}-${kill.flush}`
    const folder = join(base, where)
    if (await isKilled(child, { folder, kill }, 60_000)) killed++
    await check(folder, where)
  }
  // flushes join differently under load, so that the last ones may not come
  expect(killed).toBeGreaterThan(0.4 * chosen.length)
}

function flushesIn(folder: string): number {
  const file = join(folder, 'witness')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0
}
