import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSeededRandom } from '../../trials/simulation/plan/random.ts'
import { isKilled } from '../chaos/killed.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { checkLife } from './judge.ts'

const seed = Number(process.env.ANTIPHON_SEED ?? Math.floor(Math.random() * 2 ** 32))
const KILLS = Number(process.env.ANTIPHON_KILLS ?? 2)
/** The acts of both graphs; the graph of the tool asks twice. */
const ACTS = 9
/** A kill comes at most so many ms after an act. */
const AFTER_ACT_MS = 100
const CHILD = join(import.meta.dirname, 'kills/child.ts')

describeOnRestate('graphs on a Restate server', () => {
  const server = useRestate()

  test(
    `end as without a kill when their process is killed after acts (seed ${seed})`,
    async () => {
      const base = mkdtempSync(join(tmpdir(), 'antiphon-graphs-'))
      onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
      const random = createSeededRandom(seed)
      for (let kill = 0; kill <= KILLS; kill++) {
        const name = `graphs-${kill}`
        const folder = join(base, name)
        mkdirSync(folder)
        const engine = { restate: { admin: server.now().admin, namespace: name } }
        writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ engine }))
        const dies = { acts: 1 + random.below(ACTS), wait: random.chance(0.5) ? 0 : random.below(AFTER_ACT_MS) }
        // the first one is not killed
        if (kill > 0) expect(await isKilled(CHILD, { folder, dies }, 60_000)).toBe(true)
        await checkLife(folder, `${name}, ${JSON.stringify(dies)} (seed ${seed})`)
      }
    },
    60_000 + KILLS * 30_000,
  )
})
