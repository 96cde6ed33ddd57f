import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { STEPS } from './load-actors.ts'
import type { Ack } from './load-child.ts'

const KILLS = Number(process.env.ANTIPHON_KILLS ?? 20)
const folder = mkdtempSync(join(tmpdir(), 'antiphon-load-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)
const acks = () => read('acks').map((line) => JSON.parse(line) as Ack)

/** Starts the child; kills it `after` ms once it is up, or lets it finish up to `last`. */
function life(after: number | undefined, last?: number): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [
    join(import.meta.dirname, 'load-child.ts'),
    folder,
    ...(last ? [String(last)] : []),
  ])
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += chunk))
  if (after !== undefined) child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), after))
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, errors })))
}

test(`${KILLS} kills at random instants under load lose nothing and repeat nothing that was acknowledged`, {
  timeout: 300_000,
}, async () => {
  writeFileSync(join(folder, 'acks'), '')
  writeFileSync(join(folder, 'ledger'), '')
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acks().length
    expect(await life(20 + Math.random() * 400)).toEqual({ code: null, errors: '' })
    expect(acks().length).toBeGreaterThanOrEqual(before)
  }
  const last = Math.max(...acks().map(({ n }) => n)) + 1
  expect(await life(undefined, last)).toEqual({ code: 0, errors: '' })
  checkCounters(last)
  checkRuns(last)
})

function checkCounters(last: number): void {
  for (let key = 0; key < 4; key++) {
    const replies = acks()
      .filter(({ client }) => client.startsWith('counter') && Number(client.slice(7)) % 4 === key)
      .map(({ reply }) => reply as number)
    expect(replies.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2 * last }, (_, index) => index + 1))
  }
}

function checkRuns(last: number): void {
  const effects = Map.groupBy(
    read('ledger').map((line) => line.split(' ')),
    ([step]) => step!,
  )
  const runs = acks().filter(({ client }) => client.startsWith('run'))
  expect(runs).toHaveLength(8 * last)
  for (const { client, n, reply } of runs) {
    const values = reply as string[]
    expect(values).toHaveLength(STEPS)
    values.forEach((value, index) => {
      const tries = effects.get(`${client}-${n}.${index}`)!
      // what was committed is what the last try gave: a finished step never ran again
      expect(tries.at(-1)![1]).toBe(value)
      expect(new Set(tries.map(([, , key]) => key)).size).toBe(1)
      // and no try saw a value that a crash took back
      for (const [, , , given] of tries) expect(given).toBe(values[index - 1] ?? 'null')
    })
  }
  expect(effects.size).toBe(8 * last * STEPS)
}
