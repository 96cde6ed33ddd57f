import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openDev, STEPS } from './dev-program.ts'

const EDITS = 100
const RUNS = 50
/** After so many edits the program is whole, and loads. */
const GOOD = 9

// dear: 33 programs that do not load and a dozen that do, each a process
test('100 edits, a third of them broken, under 50 runs: no step is lost, and none happens twice', async () => {
  const { dev, edit, breakBy, path, run } = openDev({ RUNS: String(RUNS), PAUSE: '6s' })
  await dev.said('version 0')
  let broken = 0
  for (let number = 1; number <= EDITS; number++) {
    if (number % 3 === 0) {
      breakBy(broken++)
      await expect.poll(() => dev.texts.err.split('The version before goes on.').length - 1).toBe(broken)
    } else {
      edit(number)
      if (number % GOOD === 1 || number === EDITS) await dev.said(`version ${number}\n`)
      else await sleep(60)
    }
  }
  await expect
    .poll(() => JSON.stringify(tally(path('lines.txt'))), { timeout: 200_000 })
    .toBe(JSON.stringify({ lines: RUNS * STEPS, different: RUNS * STEPS }))
  for (let number = 1; number <= RUNS; number++) await dev.said(`r${number} order completed`)
  expect(JSON.parse((await run('inbox', '--json')).out)).toEqual([])
  dev.child.kill('SIGTERM')
  expect(await dev.ended).toMatchObject({ code: 0 })
})

function tally(file: string) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  return { lines: lines.length, different: new Set(lines).size }
}
