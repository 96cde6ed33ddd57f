import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { surviveKills } from './streams/chaos.ts'
import { createVictim } from './streams/servers.ts'

const KILLS = Number(process.env.ANTIPHON_KILLS ?? 2)
const seed = Math.floor(Math.random() * 2 ** 32)
const TIMEOUT = 240_000 + KILLS * 10_000

const PLUGINS = `plugins: ['${join(import.meta.dirname, 'streams/pace.ts')}']\n`

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-streams-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

test(`clients of a killed server reconnect and get every durable event once, in order (seed ${seed})`, {
  timeout: TIMEOUT,
}, async () => {
  const folder = await openFolder()
  await writeFile(join(folder, 'antiphon.yaml'), PLUGINS)
  const [port] = await findPorts(1)
  const victim = createVictim({ folder, port: port! })
  onTestFinished(() => victim.end())
  const { faults, returns } = await surviveKills({ victims: [victim], folder, kills: KILLS, seed, steps: 25 })
  expect(faults).toEqual([])
  // kills that meet nobody would prove nothing
  expect(returns).toBeGreaterThanOrEqual(KILLS)
})

describeOnRestate('two nodes', () => {
  const server = useRestate()

  test(`clients of killed nodes continue at the other node and get every durable event once, in order (seed ${seed})`, {
    timeout: TIMEOUT,
  }, async () => {
    const folder = await openFolder()
    await mkdir(join(folder, 'common'))
    const ports = await findPorts(4)
    const victims = await Promise.all([0, 1].map((n) => openNode(folder, ports[n]!, ports[n + 2]!)))
    for (const victim of victims) onTestFinished(() => victim.end())
    const { faults, returns } = await surviveKills({ victims, folder, kills: KILLS, seed, steps: 8 })
    expect(faults).toEqual([])
    expect(returns).toBeGreaterThanOrEqual(KILLS)
  })

  async function openNode(folder: string, port: number, endpoint: number) {
    const place = join(folder, `node-${port}`)
    await mkdir(place)
    const { admin } = server.now()
    const restate = `{ admin: '${admin}', port: ${endpoint}, namespace: streams, shared: ../common }`
    await writeFile(join(place, 'antiphon.yaml'), `${PLUGINS}roots: ['${folder}']\nengine: { restate: ${restate} }\n`)
    return createVictim({ folder: place, port })
  }
})
