import type { RoomSample } from '../rooms/samples.ts'

export const sample: RoomSample = {
  calls: ({ notices }) => [notices.list(), notices.test()],
  answers: [
    ['get /notices', '/notices'],
    ['post /notices/test', '/notices/test', {}],
  ],
}
