import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openPersistentServer } from '../../../../src/engine/restate/server/persistent.ts'
import { describeOnRestate } from '../server.ts'

it('the file of ports is complete at every moment, and the same for simultaneous starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-kept-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'ports.json')
  const seen = new Set<string>()
  let isOver = false
  const opening = Promise.all([openPersistentServer(folder), openPersistentServer(folder)]).finally(
    () => (isOver = true),
  )
  for (; !isOver; await setImmediate()) if (existsSync(path)) seen.add(readFileSync(path, 'utf8'))
  const [one, other] = await opening
  expect(one.admin).toBe(other.admin)
  expect([...seen].map((text) => JSON.parse(text).length)).toEqual([3])
  expect(await readdir(folder)).toEqual(['ports.json'])
})

describeOnRestate('a server', () => {
  it('that cannot continue with its old data says why', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-kept-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const kept = await openPersistentServer(folder)
    const server = await kept.start()
    await server.stop()
    const files = await readdir(folder, { recursive: true })
    const current = files.filter((file) => file.endsWith('/CURRENT'))
    for (const file of current) await writeFile(join(folder, file), 'no name of a manifest')
    const problem = () => kept.start().then(() => 'none', String)
    // on a busy machine restate-server itself loses its last log lines now and then
    await expect.poll(problem).toMatch(/ ended with code 1: .*ERROR.*CURRENT file/)
  })
})
