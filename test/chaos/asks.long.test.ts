import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../web/server.ts'
import { flushesIn, live, sentIn } from './asks/life.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 19 : 1

const PAGES = [
  { title: 'Ferry', url: 'https://ferry.example/', content: 'The ferry leaves at 9:40.' },
  { title: 'Pier', url: 'https://pier.example/', content: 'the pier is old, and the ferry leaves from it' },
]

test('an ask with two searches and a call is killed at its flushes; it ends as without kills, and the call is made once', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-asks-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const { url } = await startServer(({ url: asked }, response) =>
    response.end(JSON.stringify({ results: asked!.includes('pier') ? PAGES : PAGES.slice(0, 1) })),
  )
  const calm = mkdtempSync(join(base, 'calm-'))
  const expected = await live({ folder: calm, url })
  expect(expected).toMatchObject({
    status: 'completed',
    citations: [{ file: 'https://ferry.example/' }, { file: 'https://pier.example/' }],
    degraded: [],
  })
  expect(sentIn(calm)).toEqual(['ann'])
  const kills = Array.from({ length: flushesIn(calm) }, (_, at): readonly Kill[] => [
    { side: 'before', flush: at + 1 },
    { side: 'after', flush: at + 1 },
  ]).flat()
  expect(kills.length).toBeGreaterThan(30)
  const chosen = kills.filter((_, place) => place % STRIDE === Math.min(3, STRIDE - 1))
  let killed = 0
  for (const kill of chosen) {
    const folder = mkdtempSync(join(base, 'kill-'))
    if (await isKilled(join(import.meta.dirname, 'asks/child.ts'), { folder, url, kill }, 60_000)) killed++
    const where = `${kill.side} flush ${kill.flush}`
    expect(await live({ folder, url }), where).toEqual(expected)
    expect(sentIn(folder), where).toEqual(['ann'])
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.6 * chosen.length)
}, 600_000)
