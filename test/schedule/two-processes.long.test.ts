import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { start } from '../../src/index.ts'
import { AS_SOURCES } from '../as-sources.ts'

const PROGRAM = join(import.meta.dirname, 'two/program.ts')
const TICK = 'name: tick\nsteps: [{ id: say, action: echo hello }]\n'
const SETTINGS = 'schedules: { tick: { every: 1s, file: tick.yaml, overlap: allow, missed: all } }\n'

/** A program on the folder, in a process of its own. */
async function open(folder: string) {
  const child = spawn(process.execPath, [...AS_SOURCES, PROGRAM, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [role] = (await once(createInterface(child.stdout), 'line')) as [string]
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { role, kill }
}

test('of two processes one starts each instant, and when it is killed the other one makes up for the gap', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-schedules-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  writeFileSync(join(folder, 'tick.yaml'), TICK)
  writeFileSync(join(folder, 'antiphon.yaml'), SETTINGS)
  const first = await open(folder)
  const second = await open(folder)
  expect([first.role, second.role]).toEqual(['owner', 'client'])
  const app = await start({ folder, notice: () => {} })
  onTestFinished(() => app.stop({ grace: 0 }))
  const starts = async () => {
    const { decisions } = await app.schedules.get('tick')
    return decisions.flatMap((one) => (one.type === 'started' ? [one.instant] : []))
  }
  await expect.poll(async () => (await starts()).length).toBeGreaterThan(1)
  const [before = 0] = await starts()
  await first.kill()
  const newest = async () => Math.max(...(await starts().catch(() => [0])))
  await expect.poll(newest).toBeGreaterThan(before + 3000)
  const runs = await app.runs.list({ limit: 1000 })
  const instants = (await starts()).toSorted((a, b) => a - b)
  // the same instant has the same id: each is one run, and none is left out
  expect(new Set(instants).size).toBe(instants.length)
  expect(instants.every((instant, place) => place === 0 || instant - instants[place - 1]! === 1000)).toBe(true)
  const stamps = runs.map(({ id }) => /^tick-(\w+)-/.exec(id)![1])
  expect(new Set(stamps).size).toBe(stamps.length)
  expect(stamps.length).toBeGreaterThanOrEqual(instants.length)
})
