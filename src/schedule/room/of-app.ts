import { resolve } from 'node:path'
import type { SchedulesView } from './port.ts'

/** The schedules of a client in a program, which names pipelines by paths of this machine. */
export const schedulesOfApp = (schedules: SchedulesView): SchedulesView => ({
  ...schedules,
  put: (name, request) =>
    schedules.put(name, { ...request, ...(request.file !== undefined && { file: resolve(request.file) }) }),
})
