import { dirname, join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { type Engine, systemClock } from '../../src/engine/engine.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { TerminalError } from '../../src/errors.ts'
import { openRooms, type RoomPorts, roomActors, type WholeHouse } from '../../src/rooms/rooms.ts'
import { openBlobs } from '../../src/store/blobs/blobs.ts'
import { listWorkflows } from '../../src/workflow/definition/workflow-list.ts'

const none = async (): Promise<never> => {
  throw new TerminalError('the rooms of a fake runtime have no files, no network and no work')
}

/** All rooms over an engine in memory, also those that are new. */
export function fakeRooms(data: string): RoomPorts {
  const config = { data, folder: dirname(data), roots: [dirname(data)] } as unknown as Config
  let house: WholeHouse
  const engine: Engine = inlineEngine({ actors: roomActors(config, () => house), clock: systemClock })
  house = {
    config,
    bytes: openBlobs(join(data, 'blobs')),
    programs: none,
    workflows: listWorkflows(),
    engine,
    clock: systemClock,
    trustedNow: systemClock.now,
    inbox: async () => [],
    costOfRun: async () => undefined,
    secret: async () => undefined,
    statusOfAsk: async () => undefined,
    goOn: async () => {},
    owned: () => ({ actors: [], ofRuns: [], forget: async () => ({}) }),
    checkOwner: async () => {},
    resumeErasures: async () => {},
    resumeBulks: async () => {},
    linkedRuns: { get: none, resume: none, waiting: async () => [] },
    checkName: () => {},
    workOf: none,
    web: none,
    openPath: none,
    health: none,
    track: () => {},
    shown: (value) => value,
    work: () => ({
      runs: { start: none, list: none, cancel: none, resume: none, fork: none, signal: none },
      goals: { start: none, cancel: none, tools: none },
      pipelines: { plan: none },
    }),
  }
  return openRooms(house)
}
