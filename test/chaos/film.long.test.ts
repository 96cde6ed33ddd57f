import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { film, missingOf } from '../source/media/make.ts'
import { actsIn } from './asks/acts.ts'
import { flushesIn, live, makeFolder } from './film/life.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 20 : 1
const missing = missingOf('ffmpeg', 'tesseract', 'bwrap')

test.skipIf(missing)(
  `an ask over a film is killed at its flushes; nothing that was stored is decoded, asked or paid again${missing ? `, without ${missing}` : ''}`,
  async () => {
    const base = mkdtempSync(join(tmpdir(), 'antiphon-film-'))
    onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
    const make = (name: string) => makeFolder(join(base, name))
    const { path } = film('killed.mp4', ['Total 900 EUR'])
    const calm = make('calm')
    const { answer, decoded } = await live({ folder: calm, film: path })
    expect(answer).toMatchObject({ answer: expect.stringContaining('900 EUR'), files: 1, reserved: 0 })
    expect(answer.spent).toBeCloseTo(0.06)
    const asked = modelsIn(calm)
    expect(asked).toHaveLength(6)
    const kills = Array.from({ length: flushesIn(calm) }, (_, at): readonly Kill[] => [
      { side: 'before', flush: at + 1 },
      { side: 'after', flush: at + 1 },
    ]).flat()
    let [killed, keptReading] = [0, 0]
    for (const kill of kills.filter((_, place) => place % STRIDE === Math.min(3, STRIDE - 1))) {
      const where = `${kill.side}-${kill.flush}`
      const folder = make(where)
      if (await isKilled(join(import.meta.dirname, 'film/child.ts'), { folder, film: path, kill }, 60_000)) killed++
      const second = await live({ folder, film: path })
      expect(second.answer, where).toEqual(answer)
      if (second.wasRead) keptReading++
      expect([0, decoded], where).toContain(second.decoded)
      if (second.wasRead) expect(second.decoded, where).toBe(0)
      // the phases of one stage were in flight together when it was killed
      const models = modelsIn(folder)
      expect(new Set(models), where).toEqual(new Set(asked))
      expect(models.length - asked.length, where).toBeLessThanOrEqual(1)
    }
    expect(killed).toBeGreaterThan(0)
    expect(keptReading).toBeGreaterThan(0)
  },
  900_000,
)

const modelsIn = (folder: string) => actsIn(folder).filter((act) => act.startsWith('model'))
