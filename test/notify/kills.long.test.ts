import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from '../chaos/flush/database.ts'
import { isKilled } from '../chaos/killed.ts'
import { flushesIn, live, makeFolder } from './kills/life.ts'
import { PUBLIC } from './office.ts'
import { openReceiver } from './receiver.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 5 : 1
const CHILD = join(import.meta.dirname, 'kills/child.ts')

test('an approval is announced although its process is killed at any commit', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-notices-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  let killed = 0

  async function tryKill(kill: Kill | undefined): Promise<number> {
    const where = kill ? `${kill.side}-${kill.flush}` : 'calm'
    const { received, url } = await openReceiver()
    const folder = makeFolder(join(base, where), url)
    if (kill && (await isKilled(CHILD, { folder, kill }, 60_000))) killed++
    const { runtime, stop } = await live({ folder })
    // at least once, always the same message with the same link, which answers
    expect(received.length, where).toBeGreaterThanOrEqual(1)
    expect(received.length, where).toBeLessThanOrEqual(2)
    expect(new Set(received.map(({ id, body }) => `${id} ${body.data.link.url}`)).size, where).toBe(1)
    const token = received[0]!.body.data.link.url.slice(`${PUBLIC}v1/links/`.length)
    expect(await runtime.access.links.use(token, { action: 'approve' }), where).toMatchObject({ status: 'taken' })
    await stop()
    return flushesIn(folder)
  }

  const flushes = Array.from({ length: await tryKill(undefined) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  for (const kill of chosen) await tryKill(kill)
  // the flushes after the announcement come only in the calm life
  expect(killed).toBeGreaterThan(0.4 * chosen.length)
})
