import type { RoomSample } from '../rooms/samples.ts'

const NIGHTLY = { cron: '0 3 * * *', agent: 'clerk', goal: 'Sort the letters.' }

export const sample: RoomSample = {
  calls: ({ schedules }) => [
    schedules.put('a/b', NIGHTLY),
    schedules.list(),
    schedules.get('a/b'),
    schedules.pause('a/b'),
    schedules.resume('a/b'),
    schedules.run('a/b'),
    schedules.remove('a/b'),
  ],
  answers: [
    ['put /schedules/{name}', '/schedules/nightly', NIGHTLY],
    ['get /schedules', '/schedules'],
    ['get /schedules/{name}', '/schedules/nightly'],
  ],
  makesOwn: ['put /schedules/{name}'],
  bodies: { 'put /schedules/{name}': NIGHTLY },
  scopes: {
    'schedules.put': 'run',
    'schedules.list': 'read',
    'schedules.get': 'read',
    'schedules.pause': 'run',
    'schedules.resume': 'run',
    'schedules.run': 'run',
    'schedules.remove': 'run',
  },
}
