import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type RestateServer, startRestate } from '../../src/engine/restate/server.ts'
import { exerciseEngine } from '../../src/testing/conformance.ts'
import { restateOpener } from '../../src/testing/openers/restate.ts'

let server: RestateServer
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-restate-'))
  server = await startRestate(folder)
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

exerciseEngine({ name: 'restate', open: restateOpener(() => server) })
