import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startChild } from '../../bench/children.ts'

const SCRIPT = join(import.meta.dirname, 'children/script.ts')
const LONG = 120_000

it('a child answers one question after another, with errors, too', async () => {
  const child = startChild(SCRIPT)
  expect(await child.ask({ say: 1 }, LONG)).toBe(1)
  await expect(child.ask({ fail: 'no such thing' }, LONG)).rejects.toThrow('no such thing')
  expect(await child.ask({ say: Number.NaN }, LONG)).toBeNaN()
  await child.end()
})

it('a child that dies reports the cause', async () => {
  const child = startChild(SCRIPT)
  await expect(child.ask({ crash: 'all is lost' }, LONG)).rejects.toThrow('TypeError: all is lost')
  await child.end()
})

it('a child that takes too long is killed', async () => {
  const child = startChild(SCRIPT)
  await child.ask({ say: 1 }, LONG)
  await expect(child.ask({}, 10)).rejects.toThrow('it took longer than 0.01 s')
  await child.end()
})

it('a child cleans up when its parent is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-'))
  const note = join(folder, 'note')
  const child = startChild(SCRIPT)
  const pid = await child.ask<number>({ note }, LONG)
  await child.end()
  expect(await readFile(note, 'utf8')).toBe('left')
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  await rm(folder, { recursive: true })
})
