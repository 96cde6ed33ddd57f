import { onTestFinished } from 'vitest'
import { linkActor } from '../../src/access/link.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { NoticeHouse } from '../../src/notify/room/needs.ts'
import { noticeRoom } from '../../src/notify/room.ts'
import type { Receiver } from '../../src/notify/settings.ts'
import type { StepItem } from '../../src/run/room/documents.ts'
import type { SimulatedClock } from '../../src/testing/index.ts'
import { PUBLIC, STARTED } from './office.ts'
import { SECRET } from './receiver.ts'

/** A step that waits for an approval. */
export const gate = (run: string, more: Partial<StepItem> = {}): StepItem => ({
  kind: 'approval',
  run,
  step: 'ok',
  signal: 'ok',
  owner: 'local',
  since: STARTED,
  title: 'Send the secret letter?',
  content: { to: 'the king' },
  expects: { type: 'approval', choices: ['approve', 'reject'] },
  ...more,
})

/** Notices of an inbox that a test fills, over the real network, on a clock that stands still. */
export function openDesk(clock: SimulatedClock, notify: readonly Receiver[], secret: string | null = SECRET) {
  const inbox: StepItem[] = []
  const config = { serve: { publicUrl: PUBLIC }, notify, retention: { deadLetterDays: 30 } }
  const engine = inlineEngine({
    actors: [...noticeRoom.actors!(config as never, () => house), linkActor()],
    clock,
  })
  const house = {
    config,
    engine,
    clock,
    inbox: async ({ run }: { readonly run?: string }) => inbox.filter((item) => run === undefined || item.run === run),
    secret: async () => secret ?? undefined,
    shown: <Value>(value: Value) => value,
  } as unknown as NoticeHouse
  const port = noticeRoom.open(house)
  const begin = async () => {
    const work = await noticeRoom.begin!(house)
    onTestFinished(() => work!.end(0))
    return work!
  }
  return { engine, house: house as { -readonly [Name in keyof NoticeHouse]: NoticeHouse[Name] }, inbox, port, begin }
}
