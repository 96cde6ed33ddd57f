import type { RoomSample } from '../rooms/samples.ts'

const DRY = { action: 'cancel', where: { name: 'none' }, dryRun: true } as const

/** The requests with which the tests of all routes try operations on many runs. */
export const sample: RoomSample = {
  calls: ({ bulks }) => [bulks.start(DRY), bulks.list({ limit: 2 }), bulks.get('a/b')],
  answers: [
    ['post /bulks', '/bulks', DRY],
    ['get /bulks', '/bulks'],
  ],
  bodies: { 'post /bulks': DRY },
  makesOwn: ['post /bulks'],
  scopes: { 'bulks.start': 'run', 'bulks.list': 'read', 'bulks.get': 'read' },
}
