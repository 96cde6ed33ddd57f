import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/engine/engine.ts'
import type { Runtime } from '../../src/runtime/open/create-runtime.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import { until } from '../../src/testing/until.ts'

const DAY = 86_400_000
const HOUR = DAY / 24

/** A data folder, opened again and again by a clock that the test sets. Records are kept for 20 days. */
function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-clock-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  let ahead = 0
  const clock = { ...systemClock, now: () => Date.now() + ahead }
  return {
    now: clock.now,
    setAhead: (by: number) => void (ahead = by),
    async open() {
      const config = await loadConfig({ folder, environment: {} })
      const settings = { ...config, embedder: 'none' as const, memory: { keepDays: 20 } }
      const runtime = await openRuntime(settings, { clock, retentionClock: clock, notice: () => {} })
      onTestFinished(() => runtime.stop({ grace: 0 }))
      await runtime.engine.start()
      return runtime
    },
    /** Ends a runtime. The files then have the times of its clock. */
    async close(runtime: Runtime) {
      await runtime.stop()
      const data = join(folder, '.antiphon')
      for (const name of readdirSync(data)) utimesSync(join(data, name), clock.now() / 1000, clock.now() / 1000)
    },
    /** whether any byte of a text is in a file of the memory */
    has(text: string) {
      const data = join(folder, '.antiphon')
      const files = readdirSync(data).filter((name) => name.startsWith('memory.db'))
      return files.some((name) => readFileSync(join(data, name)).includes(text))
    },
  }
}

test('a start by a clock that is 30 days ahead hides what would be over and erases nothing', async () => {
  const { open, close, now, setAhead, has } = openFolder()
  const first = await open()
  const ada = first.memory('ada')
  const expires = now() + 10 * DAY
  await ada.add([{ text: 'Quokka', expires }, { id: 'door', text: 'Potoroo', expires }, { text: 'Wallaby' }])
  await first.idle()
  await close(first)

  setAhead(30 * DAY)
  const wrong = await open()
  // the id of a hidden record may be used again
  await wrong.memory('ada').add([{ text: 'Numbat' }, { id: 'door', text: 'Dunnart' }])
  await wrong.idle()
  expect((await wrong.memory('ada').list()).map(({ text }) => text)).toEqual(['Dunnart', 'Numbat', 'Wallaby'])
  expect([has('Quokka'), has('Wallaby')]).toEqual([true, true])
  expect(wrong.status().retention).toMatchObject({ code: 'clock_ahead' })
  await close(wrong)

  setAhead(0)
  const right = await open()
  await right.memory('ada').add([{ text: 'Bilby' }])
  await right.idle()
  const texts = (await right.memory('ada').list()).map(({ text }) => text)
  expect(texts.sort()).toEqual(['Bilby', 'Dunnart', 'Numbat', 'Quokka', 'Wallaby'])
})

test('a clock that stays is believed after an hour', async () => {
  const { open, close, now, setAhead, has } = openFolder()
  const first = await open()
  await first.memory('ada').add([{ text: 'Quokka', expires: now() + 10 * DAY }, { text: 'Wallaby' }])
  await first.idle()
  await close(first)

  setAhead(30 * DAY)
  await close(await open())
  setAhead(30 * DAY + HOUR + 1)
  const later = await open()
  await later.memory('ada').add([{ text: 'Numbat' }])
  await until(() => !has('Quokka') && !has('Wallaby'))
  expect((await later.memory('ada').list()).map(({ text }) => text)).toEqual(['Numbat'])
})
