import type { ErrorCodes } from '../errors.ts'

export const scheduleCodes = {
  schedule_never_due: { as: 'InvalidError', means: 'the schedule names no instant in the future' },
  schedule_of_file: { as: 'InvalidError', means: 'the schedule is written in antiphon.yaml, and is changed there' },
} as const satisfies ErrorCodes

export const scheduleOperations = {
  'schedules.put': { method: 'put', path: '/schedules/{name}', takes: ['name', '...'] },
  'schedules.list': { method: 'get', path: '/schedules', takes: ['...'], gives: 'items' },
  'schedules.get': { method: 'get', path: '/schedules/{name}', takes: ['name'] },
  'schedules.pause': { method: 'post', path: '/schedules/{name}/pause', takes: ['name'] },
  'schedules.resume': { method: 'post', path: '/schedules/{name}/resume', takes: ['name'] },
  'schedules.run': { method: 'post', path: '/schedules/{name}/run', takes: ['name'] },
  'schedules.remove': { method: 'delete', path: '/schedules/{name}', takes: ['name'], gives: 'nothing' },
} as const
