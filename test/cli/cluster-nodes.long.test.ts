import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeOnRestate } from '../engine/restate/server.ts'
import type { Running } from './commands.ts'
import { openServing } from './held.ts'

/** A folder with a cluster of three servers and two nodes. */
function openCluster() {
  const serving = openServing()
  const dev = async (): Promise<Running> => {
    const running = serving.start(['cluster', 'dev', '--nodes', '3'])
    await running.said('Ctrl-C stops everything')
    return running
  }
  const recordOf = (node: number) =>
    JSON.parse(readFileSync(serving.path(`.antiphon/nodes/${node}/owner.json`), 'utf8'))
  const nodes = (): readonly number[] => [1, 2].map((node) => recordOf(node).pid)
  const servers = () => [1, 2, 3].map((server) => serverOf(serving.path(`.antiphon/restate/${server}`)))
  return { ...serving, dev, nodes, servers }
}

/** The process whose data lies in a folder. */
function serverOf(folder: string): number {
  const isItsOwn = (pid: string) => {
    const [binary = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return binary.endsWith('restate-server') && args.includes(folder)
  }
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => existsSync(`/proc/${pid}`) && isItsOwn(pid))
  return Number(found ?? -1)
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

describeOnRestate('cluster dev --nodes 3', () => {
  it('finishes a run while a server and the node that runs it are killed', async () => {
    const cluster = openCluster()
    const running = await cluster.dev()
    const before = [...cluster.servers(), ...cluster.nodes()]
    const id = await cluster.begin()

    const worker = () => Number(readFileSync(cluster.path('who'), 'utf8'))
    await expect.poll(() => existsSync(cluster.path('who')) && cluster.nodes().includes(worker())).toBe(true)
    process.kill(cluster.servers()[1]!, 'SIGKILL')
    process.kill(worker(), 'SIGKILL')
    expect((await cluster.run('runs')).out).toMatch(new RegExp(`${id} +running`))
    expect((await cluster.run('why', id)).out).toContain('running')
    // interrupted by the node that died; and whatever is under way, again by each server that takes the lead from another
    await expect.poll(cluster.log).toMatch(/^first\n(held\n){2,}$/)
    cluster.write('go')
    expect(await cluster.document(id)).toMatchObject({ execution_id: id, status: 'completed' })
    expect(cluster.log()).toMatch(/^first\n(held\n){2,}(last\n)+$/)

    await running.said('server 2 has ended; starting it again.')
    const all = () => [...cluster.servers(), ...cluster.nodes()].filter(isAlive)
    await expect.poll(() => all().length).toBe(5)
    expect(all().filter((pid) => before.includes(pid)).length).toBe(3)

    const left = all()
    process.kill(cluster.owner()!.pid, 'SIGKILL')
    await running.ended
    await expect.poll(() => left.filter(isAlive)).toEqual([])

    const next = await cluster.dev()
    // a server that comes back lists what it has caught up with
    const runs = async () => (await cluster.run('runs')).out
    await expect.poll(runs).toMatch(new RegExp(`${id} +completed`))
    const last = all()
    process.kill(cluster.owner()!.pid, 'SIGINT')
    expect(await next.ended).toMatchObject({
      code: 130,
      err: expect.stringContaining('To continue:\n  antiphon cluster dev --nodes 3'),
    })
    expect(last.filter(isAlive)).toEqual([])
    expect(await cluster.run('cluster', 'dev')).toMatchObject({
      code: 2,
      err: expect.stringContaining('contains the data of 3 Restate servers'),
    })
  })
})
