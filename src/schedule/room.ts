/**
 * Schedules: runs and goals that start by themselves, at the instants of a cron expression or after a time span. An
 * actor for each schedule starts the work of an instant once, under an id made of both. Use one for work that nobody
 * starts, such as a report each morning.
 */

import type { House } from '../house/house.ts'
import type { Room } from '../house/room.ts'
import { SCHEDULE_KIND, scheduleActor } from './actor.ts'
import { SCHEDULES } from './room/contract.ts'
import type { ScheduleNeeds } from './room/needs.ts'
import { openSchedules } from './room/open-port.ts'
import type { SchedulesPort, SchedulesView } from './room/port.ts'
import { workStarter } from './room/starter.ts'

/** The houses whose process works in the background. */
const serving = new WeakSet<House>()

export const scheduleRoom: Room<SchedulesPort, SchedulesView, ScheduleNeeds> = {
  contract: SCHEDULES,
  actors: (_config, house) => [
    scheduleActor({ starter: () => workStarter(house()), serves: () => serving.has(house()) }),
  ],
  owns: [{ kind: SCHEDULE_KIND, place: 'schedules' }],
  open: openSchedules,
  async begin(house) {
    serving.add(house)
    return (await import('./room/begin.ts')).beginSchedules(house)
  },
}
