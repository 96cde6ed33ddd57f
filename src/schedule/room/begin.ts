import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../engine/engine.ts'
import { InvalidError, is } from '../../errors.ts'
import type { BackgroundWork } from '../../house/room.ts'
import type { Json } from '../../kernel/json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { DEFINITION_PART, ownerAndName, SCHEDULE_KIND, scheduleRef } from '../actor.ts'
import type { ScheduleDefinition } from '../definition.ts'
import { instantsOf } from '../instants.ts'
import type { ScheduleHouse, WrittenSchedule } from './needs.ts'
import { checkWork } from './starter.ts'

/** Takes up schedules in a serving process: those of antiphon.yaml are stored, and each looks whether it is due. */
export async function beginSchedules(house: ScheduleHouse): Promise<BackgroundWork> {
  const { engine, config } = house
  const { view } = engine
  const written = config.schedules ?? {}
  const definitionOf = async (key: string) =>
    (await readSinglePart((of, page) => view.parts(of, page), { kind: SCHEDULE_KIND, key }, DEFINITION_PART)) as
      | (Json & ScheduleDefinition)
      | undefined
  for (const [name, fields] of Object.entries(written)) {
    const definition = definitionIn(fields, config.folder)
    const ref = scheduleRef(LOCAL_OWNER, name)
    if (isDeepStrictEqual(await definitionOf(ref.key), definition)) continue
    await checkWritten(house, name, definition)
    await engine.ask(ref, { type: 'put', definition })
  }
  for (const { key } of await view.list(SCHEDULE_KIND)) {
    const [owner, name] = ownerAndName(key)
    const isGone = owner === LOCAL_OWNER && !Object.hasOwn(written, name) && (await definitionOf(key))?.ofFile
    await engine.tell({ kind: SCHEDULE_KIND, key }, { type: isGone ? 'remove' : 'due' })
  }
  const off = onClockJump(house.clock, async () => {
    for (const { key } of await view.list(SCHEDULE_KIND))
      await engine.tell({ kind: SCHEDULE_KIND, key }, { type: 'due' })
  })
  return { status: () => ({}), end: async () => off() }
}

/** How often the clock is looked at, and how far it may jump unnoticed. */
const CLOCK_MS = 60_000

/** Calls back after the clock was set, or the machine slept: timers that were set before would ring too late. */
export function onClockJump(clock: Clock, wake: () => Promise<void>): () => void {
  let offset = clock.now() - clock.elapsed()
  let off = clock.after(CLOCK_MS, look)
  function look(): void {
    const before = offset
    offset = clock.now() - clock.elapsed()
    off = clock.after(CLOCK_MS, look)
    // the next look comes to the same schedules
    if (Math.abs(offset - before) >= CLOCK_MS) wake().catch(() => (offset = before))
  }
  return () => off()
}

/** A schedule as antiphon.yaml writes it. Its pipeline lies in the folder of that file. */
const definitionIn = ({ file, ...fields }: WrittenSchedule, folder: string): ScheduleDefinition => ({
  ...fields,
  ...(file !== undefined && { file: resolve(folder, file) }),
  owner: LOCAL_OWNER,
  ofFile: true,
})

async function checkWritten(house: ScheduleHouse, name: string, definition: ScheduleDefinition): Promise<void> {
  try {
    await instantsOf(definition, house.clock.now())
    await checkWork(house, definition)
  } catch (error) {
    if (!is(error)) throw error
    const { code, hint } = error
    throw new InvalidError(`schedules.${name} in antiphon.yaml: ${error.message}`, {
      code,
      cause: error,
      ...(hint !== undefined && { hint }),
    })
  }
}
