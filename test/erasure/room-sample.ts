import type { RoomSample } from '../rooms/samples.ts'

/** The requests with which the tests of all routes try erasures. */
export const sample: RoomSample = {
  calls: (client) => [client.erasures.forget('nobody', { dryRun: true }), client.erasures.get('a/b')],
  answers: [['post /owners/{owner}/forget', '/owners/nobody/forget', { dryRun: true }]],
  bodies: { 'post /owners/{owner}/forget': { dryRun: true } },
}
