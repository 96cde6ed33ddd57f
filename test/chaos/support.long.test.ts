import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { killAt, momentsIn } from './support/kills.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 25 : 1

test.each([
  ['each refund is paid once, for the right person', {}],
  ['customers write again before staff decide, and each result comes once', { talks: true }],
] as const)(
  'a support agent is killed at its flushes: %s',
  async (_, talks) => {
    const base = mkdtempSync(join(tmpdir(), 'antiphon-support-'))
    onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
    const chosen = (await momentsIn(base, talks)).filter((_, place) => place % STRIDE === 0)
    let killed = 0
    for (const kill of chosen) if (await killAt(base, kill, talks)) killed++
    // the number of flushes differs from life to life: the last ones may not come
    expect(killed).toBeGreaterThan(0.7 * chosen.length)
  },
  900_000,
)
