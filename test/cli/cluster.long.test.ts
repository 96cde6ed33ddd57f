import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeOnRestate } from '../engine/restate/server.ts'
import { openCluster } from './held.ts'

const adminOf = ({ err }: { readonly err: string }) => /admin (\S+),/.exec(err)![1]!

/** The server that a process has started. */
function serverOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return Number(children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('--base-dir')))
}

describeOnRestate('cluster dev', () => {
  it('killed in the middle of a run and started again, it finishes the run', async () => {
    const cluster = openCluster()
    const first = await cluster.dev()
    const { out } = await cluster.run('run', 'held.yaml', '--detach')
    const id = out.trim()
    await expect.poll(cluster.log).toBe('first\nwait\n')
    process.kill(cluster.owner()!.pid, 'SIGKILL')
    const killed = await first.ended

    const second = await cluster.dev()
    await expect.poll(cluster.log).toBe('first\nwait\nwait\n')
    expect((await cluster.run('why', id)).out).toMatch(/running/)
    cluster.write('go')
    const end = await cluster.run('resume', id, '--json')
    expect(JSON.parse(end.out)).toMatchObject({ execution_id: id, status: 'completed' })
    expect(cluster.log()).toBe('first\nwait\nwait\n')

    process.kill(cluster.owner()!.pid, 'SIGINT')
    const stopped = await second.ended
    expect(stopped).toMatchObject({ code: 130, err: expect.stringContaining('To continue:\n  antiphon cluster dev') })
    expect(adminOf(stopped)).toBe(adminOf(killed))
    await expect(fetch(adminOf(stopped))).rejects.toThrow('fetch failed')
    expect(await cluster.run('runs')).toMatchObject({ code: 1, err: expect.stringContaining('antiphon cluster dev') })
  })

  it('says how its server has ended', async () => {
    const cluster = openCluster()
    const running = await cluster.dev()
    process.kill(serverOf(cluster.owner()!.pid), 'SIGKILL')
    const ended = await running.ended
    expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('The Restate server has ended (SIGKILL)') })
    expect(ended.err).toContain('start `antiphon cluster dev` again')
  })

  it('refuses commands that do not exist on Restate, and another server, by name', async () => {
    const cluster = openCluster()
    const running = await cluster.dev()
    expect(await cluster.run('backup', 'all.backup')).toMatchObject({
      code: 2,
      err: expect.stringContaining('backup is not available on the engine restate'),
    })
    expect(await cluster.run('runs', '--restate', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not on http://127.0.0.1:9'),
    })
    const { code, out } = await cluster.run('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(/^ok +store +restate-server [\d.]+ at http/m)
    expect(out).toMatch(/^ok +disk +.* the Restate server decides what survives$/m)
    expect(out).toMatch(/^ok +release +.*: the newest; it answers; 0 open turns$/m)
    process.kill(cluster.owner()!.pid, 'SIGINT')
    expect((await running.ended).code).toBe(130)
  })
})

it('cluster dev leaves a folder alone that is not its own, and a server that is configured', async () => {
  const cluster = openCluster()
  mkdirSync(cluster.path('.antiphon'))
  cluster.write('.antiphon/engine.db')
  const told = await cluster.run('cluster', 'dev')
  expect(told).toMatchObject({ code: 1, err: expect.stringContaining('belongs to the engine libsql') })
  expect(existsSync(cluster.path('.antiphon/restate'))).toBe(false)
  const both = await cluster.run('cluster', 'dev', '--restate', 'http://127.0.0.1:9')
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('already configured, at http://127.0.0.1:9') })
})
