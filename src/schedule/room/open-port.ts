import { resolve } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { encodeCursor, placeOf } from '../../house/paging.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { parse } from '../../kernel/schema.ts'
import { LOCAL_OWNER, ownerFilter } from '../../lib/owner.ts'
import { DEFINITION_PART, noSchedule, ownerAndName, SCHEDULE_KIND, scheduleRef } from '../actor.ts'
import { type ScheduleDefinition, scheduleSchema } from '../definition.ts'
import { instantsAfter, instantsOf } from '../instants.ts'
import { type ScheduleState, shownDecisions } from '../state.ts'
import type { ScheduleHouse } from './needs.ts'
import type { Schedule, SchedulesPort } from './port.ts'
import { checkWork } from './starter.ts'

const SHOWN_INSTANTS = 10

/** Decisions that a list shows of each schedule. */
const LISTED_DECISIONS = 20

export function openSchedules(house: ScheduleHouse): SchedulesPort {
  const { engine, clock, checkOwner } = house
  const { view } = engine

  async function find(owner: string, name: string): Promise<Schedule | undefined> {
    const of = scheduleRef(owner, name)
    const state = (await view.peek(of)) as ScheduleState | undefined
    const part = await readSinglePart((ref, page) => view.parts(ref, page), of, DEFINITION_PART)
    if (!state || !part) return undefined
    return documentOf(name, part as ScheduleDefinition, state, clock.now())
  }

  async function get(name: string, { owner = LOCAL_OWNER }: { readonly owner?: string } = {}): Promise<Schedule> {
    const found = await find(owner, name)
    if (!found) throw noSchedule(name)
    return found
  }

  async function ask(type: string, name: string, owner: string): Promise<unknown> {
    const { ofFile } = await get(name, { owner })
    if (ofFile && type === 'remove') throw ofFileError(name)
    return engine.ask(scheduleRef(owner, name), { type })
  }

  async function change(type: 'pause' | 'resume', name: string, owner = LOCAL_OWNER): Promise<Schedule> {
    await ask(type, name, owner)
    return get(name, { owner })
  }

  return {
    get,
    async put(name, { owner = LOCAL_OWNER, trusted = true, offered, context, ...request }) {
      await checkOwner(owner)
      const { file, ...fields } = await parse(scheduleSchema, request, 'schedule')
      if ((await find(owner, name))?.ofFile) throw ofFileError(name)
      const definition: ScheduleDefinition = {
        ...fields,
        ...(file !== undefined && { file: resolve(house.config.folder, file) }),
        owner,
        ...(!trusted && { trusted: false as const }),
        ...(offered && { offered: true as const }),
        ...(context !== undefined && { context }),
      }
      await instantsOf(definition, clock.now())
      await checkWork(house, definition)
      await engine.ask(scheduleRef(owner, name), { type: 'put', definition })
      return get(name, { owner })
    },
    async list({ owner, after, limit = 100 } = {}) {
      const place = after === undefined ? {} : { after: placeOf(after).key }
      const found = await view.list(SCHEDULE_KIND, { where: ownerFilter(owner), limit, ...place })
      const documents = await Promise.all(found.map(({ key }) => find(...ownerAndName(key))))
      return documents
        .filter((one) => one !== undefined)
        .map((one) => ({ ...one, decisions: one.decisions.slice(0, LISTED_DECISIONS) }))
    },
    pause: (name, { owner } = {}) => change('pause', name, owner),
    resume: (name, { owner } = {}) => change('resume', name, owner),
    run: async (name, { owner = LOCAL_OWNER } = {}) => (await ask('run', name, owner)) as { readonly id: string },
    async remove(name, { owner = LOCAL_OWNER } = {}) {
      await ask('remove', name, owner)
    },
  }
}

export const cursorOfSchedule = ({ owner, name }: Pick<Schedule, 'owner' | 'name'>): string =>
  encodeCursor(undefined, scheduleRef(owner, name).key)

const ofFileError = (name: string) =>
  new InvalidError(`The schedule ${name} is written in antiphon.yaml.`, {
    code: 'schedule_of_file',
    hint: 'Change it there, and restart. `pause` works until then.',
  })

async function documentOf(
  name: string,
  definition: ScheduleDefinition,
  { anchor, isPaused, seen, waiting, decisions }: ScheduleState,
  now: number,
): Promise<Schedule> {
  const { trusted: _, offered: __, context: ___, ...shown } = definition
  const next = isPaused ? [] : instantsAfter(await instantsOf(definition, anchor), Math.min(seen, now), SHOWN_INSTANTS)
  return {
    ...shown,
    name,
    status: isPaused ? 'paused' : next.length === 0 ? 'ended' : 'active',
    next,
    waiting,
    decisions: shownDecisions(decisions),
  }
}
