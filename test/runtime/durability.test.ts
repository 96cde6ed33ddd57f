import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import { openDatabase } from '../../src/store/database/open.ts'

test.each([
  [undefined, 'FULL'],
  ['power', 'FULL'],
  ['process', 'NORMAL'],
] as const)('durability %s writes with synchronous=%s', async (durability, synchronous) => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-durability-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const config = await loadConfig({ folder, environment: {} })
  const opened: string[] = []
  const runtime = await openRuntime(
    { ...config, embedder: 'none', ...(durability && { durability }) },
    {
      openDatabase(options) {
        opened.push(options.synchronous)
        return openDatabase(options)
      },
    },
  )
  await runtime.stop()
  expect(opened).toEqual([synchronous])
})
