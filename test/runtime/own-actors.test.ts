import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/config.ts'
import type { Effects } from '../../src/kernel/types.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { until } from '../../src/testing/index.ts'

const SECRET = 'sk-3c9d8e1f77aa'

/** A class with a private field and methods in its prototype, as an actor may be. */
class Billing {
  readonly #address = `https://pay.example/?key=${SECRET}`
  readonly kind = 'billing'
  readonly message = z.enum(['turn', 'effect'])
  initial() {
    return null
  }
  async receive(_: null, message: 'turn' | 'effect', effects: Effects) {
    const fail = (): never => {
      throw new Error('No answer', { cause: new Error(`of ${this.#address}`) })
    }
    if (message === 'effect') await effects.run('pay', fail)
    return fail()
  }
  supervise() {
    return { type: 'fail' } as const
  }
}

it.each(['turn', 'effect'] as const)('a secret in an error of an own actor (%s) is not stored', async (message) => {
  const folder = mkdtempSync(join(tmpdir(), 'own-actors-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = { ...(await loadConfig({ folder, environment: { PAY_API_KEY: SECRET } })), embedder: 'none' } as const
  const runtime = await createRuntime(config, { actors: [new Billing()] })
  onTestFinished(() => runtime.stop())
  await runtime.engine.tell({ kind: 'billing', key: 'a' }, message)
  const letters = () => runtime.inspector.deadLetters.list()
  await until(async () => (await letters()).length === 1)
  const [letter] = await letters()
  expect(letter).toMatchObject({
    problem: { message: 'No answer', stack: expect.stringContaining('of https://pay.example/') },
  })
  expect(JSON.stringify(letter)).not.toContain(SECRET)
})
