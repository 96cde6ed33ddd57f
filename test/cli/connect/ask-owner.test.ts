import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { callOwner } from '../../../src/cli/connect/ask-owner.ts'
import { claimFolder, findOwner } from '../../../src/store/data-folder/owner.ts'
import type { OwnerRecord } from '../../../src/store/data-folder/owner-record.ts'
import { openBench } from '../commands.ts'
import { REAL } from '../programs.ts'

it('the doctor waits five seconds for the process that holds the data folder, and says that it is silent', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const bench = openBench(REAL)
  await ownSilently(bench.path('.antiphon'), () => vi.advanceTimersByTime(5_000))
  const { code, out } = await bench.run('doctor')
  expect(code).toBe(1)
  for (const name of ['model', 'actors', 'retention', 'store'])
    expect(out).toMatch(
      new RegExp(
        `^BAD +${name} +Process ${process.pid} \\(silent\\) owns the data folder and has not answered for 5.0 s`,
        'm',
      ),
    )
})

it('the holder of the folder has the time of a slow request, and five seconds more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const bench = openBench(REAL)
  const asked = Promise.withResolvers<void>()
  const owner = await ownSilently(bench.path('.antiphon'), asked.resolve)
  let isOver = false
  const answer = callOwner(owner, (client) => client.handOver(7_000), 7_000).catch((error: Error) => error)
  void answer.then(() => (isOver = true))
  await asked.promise
  await vi.advanceTimersByTimeAsync(11_999)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await answer).toMatchObject({ code: 'owned', message: expect.stringContaining('has not answered for 12.0 s') })
})

/** Owns a folder and takes connections there, and answers nothing: as a process that was stopped does. */
async function ownSilently(folder: string, asked: () => void): Promise<OwnerRecord> {
  const owner = await claimFolder(folder, { command: 'silent' })
  if (owner.taken) throw new Error('somebody owns it')
  const socket = `${folder}/socket`
  const server = createServer((connection) => connection.once('data', asked)).listen(socket)
  await once(server, 'listening')
  owner.announce(socket)
  onTestFinished(() => {
    owner.release()
    server.close()
  })
  return (await findOwner(folder))!
}
