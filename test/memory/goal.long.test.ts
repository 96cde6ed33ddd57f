import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryOf } from '../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../src/memory/store/open-store.ts'
import { isKilled } from '../chaos/killed.ts'
import { workIn } from './killed-goal.ts'

const PROGRAM = join(import.meta.dirname, 'killed-goal.ts')

async function killedBefore(flush: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-killed-goal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  expect(await isKilled(PROGRAM, { folder, kill: { side: 'before', flush } }, 60_000)).toBe(true)
  return folder
}

/** The same agent learns something newer while the killed process is away. */
async function learnOslo(folder: string): Promise<void> {
  const store = openMemoryStore(join(folder, 'data', 'memory.db'))
  const source = { type: 'model', ref: 'agents/clerk', run: 'other.1' } as const
  const oslo = { subject: 'home of Eve', text: 'Oslo', space: 'agents/clerk' }
  await memoryOf(store, 'local', () => Date.now()).add([oslo], { source })
  await store.close()
}

const RECORDED = ['goal:g', 'goal:g.1.1']

test('a goal that is killed between a write to memory and its own commit adds and records once', async () => {
  const atCall = async () => {
    const folder = await killedBefore('"rounds":1,"calls":1')
    await learnOslo(folder)
    const { status, result, records, changes, history } = await workIn({ folder })
    expect([status, result]).toEqual(['completed', expect.stringMatching(/"status":"added","change":1/)])
    expect(history.map(({ text }) => text)).toEqual(['Oslo', 'Berlin'])
    expect(records.map(({ id, text }) => (id.startsWith('goal:') ? id : text))).toEqual(['Oslo', ...RECORDED])
    expect(changes.map(({ count }) => count)).toEqual([1, 1, 2])
  }
  const atEnd = async () => {
    const { status, records, changes } = await workIn({
      folder: await killedBefore('["agent/g",[{"status":"completed"'),
    })
    expect(status).toBe('completed')
    expect(records.map(({ id, text }) => (id.startsWith('goal:') ? id : text))).toEqual(['Berlin', ...RECORDED])
    expect(changes.map(({ count }) => count)).toEqual([1, 2])
  }
  await Promise.all([atCall(), atEnd()])
})
