// dear: each of 100 lives is a process, a base, and a restored folder
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import { restoreReplica } from '../../src/store/replica/restore.ts'
import { killRepeatedly } from '../../trials/kill/kill.ts'
import { openS3Double } from '../store/replica/s3-double.ts'
import type { Life } from './replica/child.ts'

const KILLS = Number(process.env.ANTIPHON_KILLS ?? 100)

test('a hundred machines are lost at work: no call is made twice, and each doubt is asked', {
  timeout: 900_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-lost-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const bucket = await openS3Double()
  const outside = join(folder, 'outside')
  writeFileSync(outside, '')
  let machine = 0
  const dataOf = () => join(folder, `machine-${machine}`)
  await killRepeatedly({
    program: join(import.meta.dirname, 'replica/child.ts'),
    kills: KILLS,
    seed: 136,
    longest: 1500,
    settings: ({ number, isLast }): Life => ({
      data: dataOf(),
      outside,
      url: bucket.url,
      environment: bucket.environment,
      life: number,
      isLast,
    }),
    async inspect() {
      const old = dataOf()
      const next = join(folder, `machine-${machine + 1}`)
      try {
        await restoreReplica(bucket.address(), { schema: SCHEMA, statements: STATEMENTS, folder: next })
      } catch (error) {
        // the first lives may end before they have a base
        if (machine === 0 && String(error).includes('There is no copy')) return
        throw error
      }
      machine++
      rmSync(old, { recursive: true })
    },
  })
  const lines = readFileSync(outside, 'utf8').trim().split('\n')
  const words = (kind: string) =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1))
  const done = words('done')
  const twice = done.filter((word, at) => done.indexOf(word) !== at)
  process.stdout.write(`${machine} machines lost, ${done.length} calls made, ${words('asked').length} asked\n`)
  expect(twice).toEqual([])
  expect(words('failed')).toEqual([])
  expect(done.length).toBeGreaterThan(KILLS)
  expect(words('asked').length).toBeGreaterThan(KILLS / 4)
})
