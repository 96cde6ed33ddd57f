import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deltaChannelHistoryTests, specTest } from '@langchain/langgraph-checkpoint-validation'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkpointer } from '../../packages/langgraph/src/checkpointer.ts'
import { type App, start } from '../../src/index.ts'

/** Each set of tests begins with an empty folder. */
const apps = new Map<object, App>()
const suite = {
  checkpointerName: 'antiphon',
  async createCheckpointer() {
    const data = mkdtempSync(join(tmpdir(), 'antiphon-spec-'))
    const app = await start({ data, folder: data })
    const saver = await checkpointer(app)
    apps.set(saver, app)
    return saver
  },
  async destroyCheckpointer(saver: object) {
    const app = apps.get(saver)!
    await app.stop()
    await rm(app.data, { recursive: true })
  },
}

// the suite takes the words of vitest from the global object
const words = { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it }
Object.assign(globalThis, words)
afterAll(() => {
  for (const word of Object.keys(words)) Reflect.deleteProperty(globalThis, word)
})
specTest(suite)
deltaChannelHistoryTests(suite)
