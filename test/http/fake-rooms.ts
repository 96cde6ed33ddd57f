import { dirname } from 'node:path'
import { type Engine, systemClock } from '../../src/engine/engine.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { TerminalError } from '../../src/errors.ts'
import type { House } from '../../src/rooms/room.ts'
import { openRooms, type RoomPorts, roomActors } from '../../src/rooms/rooms.ts'

const none = async (): Promise<never> => {
  throw new TerminalError('the rooms of a fake runtime have no files, no network and no work')
}

/** All rooms over an engine in memory, also those that are new. */
export function fakeRooms(data: string): RoomPorts {
  const config = { data, folder: dirname(data), roots: [dirname(data)] } as unknown as House['config']
  let house: House
  const engine: Engine = inlineEngine({ actors: roomActors(config, () => house), clock: systemClock })
  house = {
    config,
    engine,
    clock: systemClock,
    trustedNow: systemClock.now,
    inbox: async () => [],
    secret: async () => undefined,
    statusOfAsk: async () => undefined,
    goOn: async () => {},
    owned: () => ({ actors: [], ofRuns: [], forget: async () => ({}) }),
    checkOwner: async () => {},
    resumeErasures: async () => {},
    web: none,
    openPath: none,
    health: none,
  }
  return openRooms(house)
}
