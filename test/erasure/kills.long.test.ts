import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { until } from '../../src/testing/until.ts'
import { filesWith, openWorkshop } from './workshop.ts'

const GATE = (secret: string) =>
  `name: gate\nsteps:\n  - { id: gate, tool: approval-gate, parameters: { title: "${secret}-title" } }\n`

async function fill(runtime: ServedRuntime, owner: string, secret: string): Promise<void> {
  await runtime.access.keys.create({ name: `${secret}-laptop`, owner, scopes: ['run'] })
  await runtime.memory(owner).add([{ text: `${secret}-record` }])
  await runtime.environments.update(`${owner}:shop`, { note: `${secret}-state` })
  await runtime.threads.open({ id: `${owner}:main`, name: `${secret}-name`, owner })
  await runtime.runs.start({ source: { text: GATE(secret) }, id: `gate-${owner}`, owner })
  await until(async () => (await runtime.inbox.list({ run: `gate-${owner}` })).length > 0)
}

it('after an end at any write, the next process finishes the erasure', async () => {
  const { data, folder, open } = openWorkshop()
  const first = await open()
  await fill(first, 'ada', 'xyloglyph')
  await fill(first, 'bob', 'marimba')
  await first.stop({ grace: 0 })

  let isWhole = false
  // a few of the writes, the first ones closer together
  for (let step = 1, last = 0; !isWhole; last += step, step += 4) {
    const copy = join(folder, `copy${last}`)
    cpSync(data, copy, { recursive: true })
    let left = Number.POSITIVE_INFINITY
    const ended = await open({
      data: copy,
      async openDatabase(options) {
        const database = await openDatabase(options)
        let fail = (_error: Error) => {}
        return {
          ...database,
          onFailed(listener) {
            fail = listener
            database.onFailed(listener)
          },
          write: (write) => (left-- > 0 ? database.write(write) : fail(new Error('the end'))),
        }
      },
    })
    left = last
    const report = await ended.erasures.forget('ada').catch(() => undefined)
    isWhole = report?.status === 'done'
    await ended.stop({ grace: 0 })

    const next = await open({ data: copy })
    if ((await next.access.keys.list({ owner: 'ada' })).length > 0) await next.erasures.forget('ada')
    await until(async () => (await next.engine.view.list('erasure', { where: { status: 'pending' } })).length === 0)
    expect([last, filesWith(copy, 'xyloglyph')]).toEqual([last, []])
    expect(await next.memory('bob').list()).toHaveLength(1)
    expect(await next.inbox.list({ owner: 'bob' })).toHaveLength(1)
    await next.stop({ grace: 0 })
  }
})
