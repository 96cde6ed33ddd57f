import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { openTests } from '../../src/tested/room/files.ts'
import { resultOf } from './example.ts'

it('processes that are killed while they save leave whole results, and every one that they acknowledged', async () => {
  const data = mkdtempSync(join(tmpdir(), 'antiphon-tests-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const { test } = resultOf()
  let acknowledged = 0
  for (const kills of [3, 1, 4, 2]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'saver.ts'), data], {
      stdio: ['ignore', 'pipe', 2],
    })
    for await (const line of createInterface({ input: child.stdout! })) {
      acknowledged++
      if (Number(line) === kills) break
    }
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const { results } = await openTests(data).get(test)
    const files = readdirSync(join(data, 'tests', test)).filter((name) => name.endsWith('.json'))
    // a file that is not whole would be left out of the results
    expect(results).toHaveLength(Math.min(20, files.length))
    expect(results.length).toBeGreaterThanOrEqual(Math.min(20, acknowledged))
  }
})
