import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { claimFolder } from '../../src/store/owner.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

it('the doctor waits five seconds for who owns the data folder, and says that it is silent', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const bench = openBench(REAL)
  await ownSilently(bench.path('.antiphon'), () => vi.advanceTimersByTime(5_000))
  const { code, out } = await bench.run('doctor')
  expect(code).toBe(1)
  for (const name of ['model', 'actors', 'kept', 'store'])
    expect(out).toMatch(
      new RegExp(
        `^BAD +${name} +Process ${process.pid} \\(silent\\) owns the data folder and has not answered for 5 s`,
        'm',
      ),
    )
})

/** Owns a folder and takes connections there, and answers nothing: as a process that was stopped does. */
async function ownSilently(folder: string, asked: () => void): Promise<void> {
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
}
