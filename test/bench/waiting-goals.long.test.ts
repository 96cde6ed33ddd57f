import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { measureWaiting } from '../../bench/agent/waiting.ts'

it('200 goals wait for approval, and kill -9 ends the process: the next one lists them and takes an approval', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-waiting-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const { items, inbox, approval, megabytes } = await measureWaiting(folder, 200)
  expect(items).toBe(100)
  // twice the floors of 10 000 goals: the bench holds those on a quiet machine, and the start of a process counts here
  expect(inbox).toBeLessThan(10_000)
  expect(approval).toBeLessThan(10_000)
  expect(megabytes).toBeLessThan(1000)
})
